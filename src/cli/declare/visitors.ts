import { PkiError } from '../../pki/pki-error.ts';
import { loadCertificates } from '../../pki/read.ts';
import { Failure } from '../failure.ts';
import type { AskedState } from './state.ts';

/** A list of visitors' CAs in a form that can be compared: how its PEM was written does not matter. */
export function askedState(
  { certificates, name }: { readonly certificates: string; readonly name?: string | null | undefined },
  at: string,
): AskedState {
  try {
    const unique = new Map(loadCertificates(certificates).map((ca) => [ca.fingerprint, ca]));
    return {
      name: name ?? null,
      certificates: [...unique.values()].map(({ fingerprint, subject, pem }) => ({ fingerprint, subject, pem })),
    };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(`${at}: ${error.message}.`, 'Write the CA certificates in PEM, one after the other.');
  }
}
