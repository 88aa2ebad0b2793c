import type { Admission } from '../../domain/admit.ts';
import { DENIALS } from '../../domain/admit.ts';
import type { X509Facts } from '../../domain/certificate.ts';
import { type Fields, get, count } from '../../http1/fields.ts';
import { fieldLine } from '../../http1/write.ts';
import type { Forwarding } from '../../pull/origin-request.ts';
import { reread } from '../../pki/read.ts';
import type { VerifiedHeader } from '../verified-header.ts';
import { VIA_HEADER } from '../via-header.ts';

/** Who came, as far as an application is told. */
export interface Caller {
  readonly admission: Exclude<Admission, { kind: 'deny' }>;
  /** What it showed; `null` for nothing. */
  readonly leaf: X509Facts | null;
  /** Address of the far end. */
  readonly address: string;
}

// nginx takes lines of 8 KiB, and so do many applications.
const MOST_BYTES = 6_000;

/** The fields by which an application is told who came. All that a caller could have chosen is in base64 or hexadecimal. */
export function tellingFields(header: VerifiedHeader, { admission, leaf, address }: Caller): Forwarding {
  const fields: (readonly [name: string, value: string])[] = [[header, verdict(admission, leaf)]];
  if (admission.kind === 'admit' && leaf !== null) {
    fields.push([VIA_HEADER, admission.via], ['X-Postern-Certificate', leaf.fingerprint], ...clientCert(leaf));
  }
  // The edge says of visitors itself; of everybody else the guard says what it sees.
  if (admission.kind !== 'admit' || admission.via !== 'edge') {
    fields.push(['X-Forwarded-For', address], ['X-Forwarded-Proto', 'https']);
  }
  return { fields, lines: fields.map(([name, value]) => fieldLine(name, value)).join('') };
}

function verdict(admission: Caller['admission'], leaf: X509Facts | null): string {
  if (admission.kind === 'admit') return 'SUCCESS';
  return leaf === null ? 'NONE' : `FAILED:${DENIALS[admission.because].text}`;
}

// RFC 9440 §2.2: a byte sequence (RFC 8941 §3.3.5) of the certificate in DER, only where it was verified.
function clientCert(leaf: X509Facts): readonly (readonly [string, string])[] {
  const { raw } = reread(leaf).x509;
  return raw.length > MOST_BYTES ? [] : [['Client-Cert', `:${raw.toString('base64')}:`]];
}

const BYTE_SEQUENCE = /^:[A-Za-z0-9+/]+={0,2}:$/;

/**
 * The certificate that a visitor showed to the edge, which the edge passes on as Client-Cert. Between guard and application
 * that field is the edge's own, so this one has another name.
 */
export function visitorCertLine(fields: Fields): string {
  const value = get(fields, 'client-cert');
  if (value === undefined || count(fields, 'client-cert') !== 1 || !BYTE_SEQUENCE.test(value)) return '';
  return fieldLine('X-Postern-Visitor-Cert', value);
}
