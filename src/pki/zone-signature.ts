import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { verifyPath } from './chain.ts';
import { verifyDetached } from './cms.ts';
import { readPem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { signsBundlesOf } from './zone-authority.ts';

/** For which zone somebody signed who may; `ahead` where that was while the key of the root was away. */
export interface ZoneSignature {
  readonly kind: 'believed';
  readonly zone: string;
  readonly ahead: boolean;
}

/** Why a signature is not believed. */
export interface SignatureFault {
  readonly kind: 'fault';
  readonly code: 'unreadable' | 'of_other_text' | 'not_yet_valid' | 'unknown_signer';
  readonly detail: string;
}

/** What was signed, and whom somebody believes. */
export interface SignedText {
  readonly text: string;
  /** PEM. */
  readonly signature: string;
  readonly trusted: readonly X509Facts[];
}

/** Who signed a text, from nothing but the signature and the CAs that are believed already. */
export function zoneSignature({ text, signature, trusted }: SignedText, now: Instant): ZoneSignature | SignatureFault {
  try {
    const [block] = readPem(signature);
    if (block?.label !== 'CMS') return fault('unreadable');
    const signed = verifyDetached(Buffer.from(text, 'utf8'), block.der);
    if (signed === null) return fault('of_other_text');
    // A bundle also holds intermediates: only roots vouch for signers, as the last of a path.
    const path = verifyPath(signed.signer, { offered: signed.offered, anchors: trusted, purpose: 'document' }, now);
    if (path.kind !== 'verified') {
      return fault(path.because === 'not_yet_valid' ? 'not_yet_valid' : 'unknown_signer', path.because);
    }
    const signs = signsBundlesOf(signed.signer);
    return signs === null ? fault('unknown_signer', 'it signs for no zone') : { kind: 'believed', ...signs };
  } catch (error) {
    if (error instanceof PkiError) return fault('unreadable', error.message);
    throw error;
  }
}

function fault(code: SignatureFault['code'], detail = ''): SignatureFault {
  return { kind: 'fault', code, detail };
}
