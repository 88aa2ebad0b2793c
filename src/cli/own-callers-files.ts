import { resolve } from 'node:path';
import type { X509Facts } from '../domain/certificate.ts';
import { sharedCa } from '../origin/policy.ts';
import { readBytes } from '../origin/policy-files.ts';
import { POLICY_PROBLEMS } from '../origin/policy-problems.ts';
import { readBundle } from '../pki/bundle.ts';
import { PkiError } from '../pki/pki-error.ts';
import { EXIT, Failure } from './failure.ts';
import { checkLists } from './revocation-file.ts';

interface OwnCallersFlags {
  readonly alsoTrust?: string;
  readonly alsoTrustCrl?: string;
}

const MOST_BYTES = 256 * 1024;

/**
 * Looks at the CA of the owner's own callers, and at its lists. Answers what its reader should know; throws Failure where
 * the edge's CAs and it have one in common, since the two listeners would then let in the same callers.
 */
export function checkOwnCallers(flags: OwnCallersFlags, edge: readonly X509Facts[]): readonly string[] {
  if (flags.alsoTrust === undefined) return [];
  const path = resolve(flags.alsoTrust);
  const own = casIn(path);
  if (flags.alsoTrustCrl !== undefined)
    checkLists(resolve(flags.alsoTrustCrl), own ?? [], {
      flag: '--also-trust-crl',
      fix: 'Fetch the lists from the CA of your callers.',
    });
  if (own === null)
    return [`${path} is not on this machine: look that it holds no CA of the bundle, and the root of your own.`];
  const both = sharedCa(edge, own);
  if (both !== null)
    throw new Failure(
      `--also-trust ${path}: ${both.subject} is in the bundle of the edge, too.`,
      'Use a CA of your own that certifies your callers and nobody else.',
      EXIT.notGood,
    );
  return [];
}

/** `null` where there is no such file: the configuration may be meant for another machine. */
function casIn(path: string): readonly X509Facts[] | null {
  const bytes = readBytes('alsoTrust', path, MOST_BYTES);
  if (!Buffer.isBuffer(bytes)) {
    if (bytes.code === 'missing') return null;
    throw new Failure(
      `--also-trust ${path}: ${POLICY_PROBLEMS[bytes.code].text}.`,
      'Give a file of CA certificates in PEM.',
      EXIT.notGood,
    );
  }
  try {
    return readBundle(bytes.toString('utf8'));
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(
      `--also-trust ${path} holds no CA certificates in PEM: ${error.message}.`,
      'Give the CA of your callers, and nothing else.',
      EXIT.notGood,
    );
  }
}
