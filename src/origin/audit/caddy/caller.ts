import type { Freedom, Shown } from '../stranger.ts';
import { fixed, gap, type Text } from '../text.ts';

/** Somebody who asks for a name at a server of Caddy. */
export interface CaddyCaller {
  readonly shown: Shown;
  readonly freedom: Freedom;
  readonly host: string;
  readonly serverName: string;
  readonly tls: boolean;
  readonly local: boolean;
}

/** A placeholder that is not set is no empty text: in an expression it equals none at all. */
const UNSET = '\u0000';
const OTHER_FINGERPRINT = '0'.repeat(64);

/** What a placeholder stands for, without its braces; those of the Caddyfile in their short form too. */
export function placeholder(name: string, caller: CaddyCaller, asks: boolean): Text {
  const { freedom, host, serverName, tls } = caller;
  const certificate = /^(?:http\.request\.tls\.client\.|tls_client_)(.+)$/.exec(name)?.[1];
  if (certificate !== undefined) return ofCertificate(certificate, caller, asks);
  if (/^(?:http\.request\.(?:header|cookie|uri\.query)|header|cookie|query|http\.request\.method|method)\b/.test(name))
    return freedom.fields ? gap('caller') : fixed(/method/.test(name) ? 'GET' : '');
  if (/remote|client_ip/.test(name)) return freedom.address ? gap('caller') : fixed('203.0.113.7');
  if (/^(?:http\.request\.(?:orig_)?uri|path|uri|file|dir|http\.request\.orig_uri)/.test(name)) return gap('path');
  if (name === 'host' || name === 'http.request.host') return fixed(host);
  if (name === 'http.request.tls.server_name') return fixed(tls ? serverName : '');
  if (name === 'scheme' || name === 'http.request.scheme') return fixed(tls ? 'https' : 'http');
  return gap('unknown');
}

function ofCertificate(field: string, { shown, freedom, tls }: CaddyCaller, asks: boolean): Text {
  const seen = tls && asks ? shown : 'none';
  if (seen === 'none') return fixed(UNSET);
  if (seen === 'edge') return gap('caller');
  if (field === 'fingerprint') return fixed(OTHER_FINGERPRINT);
  if (/certificate|public_key/.test(field)) return fixed('another certificate');
  return freedom.names && seen === 'self_made' ? gap('caller') : fixed('CN=somebody else');
}
