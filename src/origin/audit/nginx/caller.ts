import type { Freedom, Shown } from '../stranger.ts';
import { fixed, gap, type Text } from '../text.ts';

/** Somebody who asks for a name at a socket. */
export interface Caller {
  readonly shown: Shown;
  readonly freedom: Freedom;
  /** The name in Host, in lower case. */
  readonly host: string;
  /** The name in the handshake, where that is fixed. */
  readonly serverName: string | null;
  readonly tls: boolean;
  readonly port: number;
  /** The socket is reached from this machine alone, so whoever comes has a private address. */
  readonly local: boolean;
}

const OTHER_FINGERPRINT = '0'.repeat(40);
const OTHER_ADDRESS = '203.0.113.7';

/** A variable that nginx itself fills; `null` for one that it does not. */
export function callersVariable(name: string, caller: Caller, verifies: boolean): Text | null {
  if (name.startsWith('ssl_client_')) return certificateVariable(name, caller, verifies);
  const { freedom } = caller;
  if (FIELDS.test(name)) return freedom.fields ? gap('caller') : fixed('');
  if (ADDRESSES.has(name)) return freedom.address ? gap('caller') : fixed(OTHER_ADDRESS);
  if (PATHS.has(name)) return gap('path');
  switch (name) {
    case 'host':
      return fixed(caller.host);
    case 'http_host':
      return freedom.fields ? gap('caller') : fixed(caller.host);
    case 'ssl_server_name':
      return caller.serverName === null ? gap('caller') : fixed(caller.serverName);
    case 'scheme':
      return fixed(caller.tls ? 'https' : 'http');
    case 'https':
      return fixed(caller.tls ? 'on' : '');
    case 'server_port':
      return fixed(String(caller.port));
    case 'request_method':
      return freedom.fields ? gap('caller') : fixed('GET');
    case 'server_protocol':
    case 'ssl_protocol':
    case 'ssl_cipher':
      return gap('caller');
    default:
      return null;
  }
}

const FIELDS =
  /^(?:http_(?!host$)|cookie_|arg_|args$|query_string$|is_args$|content_type$|content_length$|remote_user$)/;
const ADDRESSES: ReadonlySet<string> = new Set([
  'remote_addr',
  'binary_remote_addr',
  'realip_remote_addr',
  'proxy_protocol_addr',
]);
const PATHS: ReadonlySet<string> = new Set(['uri', 'document_uri', 'request_uri', 'request_filename', 'request']);

function certificateVariable(name: string, { shown, freedom, tls }: Caller, verifies: boolean): Text {
  if (!tls) return fixed('');
  // Where nothing is asked for, nothing is seen.
  const seen = verifies ? shown : 'none';
  if (name === 'ssl_client_verify') {
    const words = { none: 'NONE', self_made: 'FAILED:self-signed certificate', neighbour: 'SUCCESS', edge: 'SUCCESS' };
    return fixed(words[seen]);
  }
  if (seen === 'none') return fixed('');
  if (seen === 'edge') return gap('caller');
  if (name === 'ssl_client_fingerprint') return fixed(OTHER_FINGERPRINT);
  if (name.endsWith('cert')) return fixed('another certificate');
  // An authority that others use gives nobody a name that is the edge's: only who makes his own chooses freely.
  return freedom.names && seen === 'self_made' ? gap('caller') : fixed('CN=somebody else');
}
