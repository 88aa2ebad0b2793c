/** The names a certificate is for: GeneralName of RFC 5280 §4.2.1.6, as far as TLS uses them. */

import { isIP } from 'node:net';
import { hostnamePattern } from '../domain/ids.ts';
import { contextPrimitive } from './der.ts';
import { PkiError } from './pki-error.ts';

export interface GeneralName {
  readonly kind: 'dns' | 'uri' | 'ip';
  readonly value: string;
}

/** The context tags of GeneralName's choices. */
export const GENERAL_NAME_TAG = { dns: 2, uri: 6, ip: 7 } as const;

/** The name in DER. Throws `PkiError` where the text is no such name. */
export function generalName({ kind, value }: GeneralName): Buffer {
  return contextPrimitive(GENERAL_NAME_TAG[kind], generalNameContent(kind, value));
}

/** An IP address in network order, 4 or 16 octets; `null` for other text. */
function addressOctets(address: string): Buffer | null {
  switch (isIP(address)) {
    case 4:
      return Buffer.from(address.split('.').map(Number));
    case 6:
      return address.includes('%') ? null : ipv6Octets(address);
    default:
      return null;
  }
}

function generalNameContent(kind: GeneralName['kind'], value: string): Buffer {
  switch (kind) {
    case 'dns': {
      const name = hostnamePattern(value);
      if (name === null) throw new PkiError('name_invalid', `not a DNS name: ${value}`);
      return Buffer.from(name, 'latin1');
    }
    case 'uri':
      if (!/^[\x21-\x7e]+$/.test(value) || !URL.canParse(value)) {
        throw new PkiError('name_invalid', `not a URI: ${value}`);
      }
      return Buffer.from(value, 'latin1');
    case 'ip': {
      const octets = addressOctets(value);
      if (octets === null) throw new PkiError('name_invalid', `not an IP address: ${value}`);
      return octets;
    }
  }
}

function ipv6Octets(address: string): Buffer {
  // The URL parser writes the canonical form of RFC 5952 without a dotted tail.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  const octets = Buffer.alloc(16);
  for (const [index, group] of [...head, ...zeros, ...tail].entries()) {
    octets.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  }
  return octets;
}
