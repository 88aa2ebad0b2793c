import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { X509Facts } from '../domain/certificate.ts';
import type { EdgeAuthorities } from '../domain/edge-zone.ts';
import { type Fingerprint, fingerprint, type Instant } from '../domain/ids.ts';
import { type PathFailure, verifyPath } from '../pki/chain.ts';
import { PkiError } from '../pki/pki-error.ts';
import { loadCertificates, readCertificate } from '../pki/read.ts';

/** Whether a visitor is one of those whom a hostname lets in, and the value of Client-Cert that says who it is. */
export type VisitorVerdict =
  | { readonly kind: 'accepted'; readonly field: string }
  /** `because` is a code of `PATH_FAILURES`, of OpenSSL in lower case, or `too_large`. */
  | { readonly kind: 'refused'; readonly because: string };

interface Judged {
  readonly by: EdgeAuthorities;
  readonly verdict: VisitorVerdict;
  /** While all certificates of the path are valid. */
  readonly from: number;
  readonly until: number;
}

// nginx takes lines of 8 KiB, and so do many.
const MOST_BYTES = 6_000;

/**
 * The certificate that a visitor showed in the handshake of its connection, and proved to hold the key of. Whether it
 * counts is asked anew for each request: the list may have changed since, or the certificate may have ended.
 */
export class ShownCertificate {
  readonly fingerprint: Fingerprint | null;
  readonly #der: Buffer;
  /** What OpenSSL said against it in the handshake. */
  readonly #fault: string | null;
  #judged: Judged | null = null;

  constructor({ raw, fingerprint256 }: Pick<X509Certificate, 'raw' | 'fingerprint256'>, fault: string | null) {
    this.fingerprint = fingerprint(fingerprint256);
    this.#der = raw;
    this.#fault = fault;
  }

  judge(by: EdgeAuthorities, now: Instant): VisitorVerdict {
    const known = this.#judged;
    if (known !== null && known.by === by && now >= known.from && now <= known.until) return known.verdict;
    this.#judged = this.#look(by, now);
    return this.#judged.verdict;
  }

  #look(by: EdgeAuthorities, now: Instant): Judged {
    const refused = (because: string): Judged => {
      return { by, verdict: { kind: 'refused', because }, from: -Infinity, until: Infinity };
    };
    if (this.#fault !== null) return refused(this.#fault);
    if (this.#der.length > MOST_BYTES) return refused('too_large');
    // OpenSSL looked at the list of the handshake. This is the list of now, at the time of now, and a second opinion.
    const path = pathOf(this.#der, by, now);
    if (typeof path === 'string') return refused(path);
    return {
      by,
      verdict: { kind: 'accepted', field: `:${this.#der.toString('base64')}:` },
      from: Math.max(...path.map(({ notBefore }) => notBefore)),
      until: Math.min(...path.map(({ notAfter }) => notAfter)),
    };
  }
}

/**
 * What a connection showed of its visitor; `null` where nobody was asked, nothing was shown, or the session is one from
 * before: a resumption proves nothing anew.
 */
export function shownBy(socket: TLSSocket): ShownCertificate | null {
  if (socket.isSessionReused()) return null;
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return null;
  return new ShownCertificate(leaf, socket.authorized ? null : faultOf(socket));
}

function faultOf({ authorizationError }: TLSSocket): string {
  return String(authorizationError ?? 'not_authorized').toLowerCase();
}

const anchorsOf = new WeakMap<EdgeAuthorities, readonly X509Facts[]>();

function anchors(by: EdgeAuthorities): readonly X509Facts[] {
  const known = anchorsOf.get(by) ?? by.certificates.flatMap(({ pem }) => loadCertificates(pem));
  anchorsOf.set(by, known);
  return known;
}

// Of what a visitor sends beside its leaf Node shows nothing once it has verified it, so intermediates count only where
// they stand in the list.
function pathOf(der: Buffer, by: EdgeAuthorities, now: Instant): readonly X509Facts[] | PathFailure {
  try {
    const rules = { offered: [], anchors: anchors(by), purpose: 'client' } as const;
    const found = verifyPath(readCertificate(der), rules, now);
    return found.kind === 'verified' ? found.path : found.because;
  } catch (error) {
    if (error instanceof PkiError) return 'unparsable';
    throw error;
  }
}
