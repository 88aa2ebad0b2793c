import { resolve } from 'node:path';
import type { X509Facts } from '../domain/certificate.ts';
import { readsTrustFiles } from '../origin/generate/generate.ts';
import { type ServerName, serverFacts } from '../origin/generate/server-facts.ts';
import { sharedCa, strayText } from '../origin/policy.ts';
import { readBytes } from '../origin/policy-files.ts';
import { POLICY_PROBLEMS } from '../origin/policy-problems.ts';
import { readBundle } from '../pki/bundle.ts';
import { withoutRoot } from '../pki/chain.ts';
import { PkiError } from '../pki/pki-error.ts';
import { EXIT, Failure } from './failure.ts';
import type { BundlePlace } from './origin-bundle.ts';
import { checkLists } from './revocation-file.ts';

interface OwnCallersFlags {
  readonly alsoTrust?: string;
  readonly alsoTrustCrl?: string;
}

const MOST_BYTES = 256 * 1024;

/** What was found of the owner's own callers. */
interface OwnCallersFound {
  /** What its reader should know. */
  readonly notes: readonly string[];
  /** The file with their CA, where there is one. */
  readonly trusted: readonly BundlePlace[];
}

/**
 * Looks at the CA of the owner's own callers, and at its lists. Throws Failure where the edge's CAs and it have one in
 * common, since the two listeners would then let in the same callers, and where a server could not use the file.
 */
export function checkOwnCallers(
  flags: OwnCallersFlags,
  edge: readonly X509Facts[],
  server: ServerName,
): OwnCallersFound {
  if (flags.alsoTrust === undefined) return { notes: [], trusted: [] };
  const path = resolve(flags.alsoTrust);
  const own = casIn(path);
  if (flags.alsoTrustCrl !== undefined)
    checkLists(resolve(flags.alsoTrustCrl), own?.cas ?? [], {
      flag: '--also-trust-crl',
      fix: 'Fetch the lists from the CA of your callers.',
    });
  if (own === null) return absent(path, server);
  const both = sharedCa(edge, own.cas);
  if (both !== null)
    throw new Failure(
      `--also-trust ${path}: ${both.subject} is in the bundle of the edge, too.`,
      'Use a CA of your own that certifies your callers and nobody else.',
      EXIT.notGood,
    );
  checkRoots(path, own.cas);
  return { notes: [], trusted: [{ path, text: own.text, isNew: false }] };
}

/** The configuration may be meant for another machine, unless the server wants the CA in a form that is made here. */
function absent(path: string, server: ServerName): OwnCallersFound {
  if (readsTrustFiles(server))
    throw new Failure(
      `--also-trust ${path} is not on this machine, and ${serverFacts(server).label} reads its certificates from a file that is made of it.`,
      'Put the CA of your callers there first.',
      EXIT.notGood,
    );
  return {
    notes: [`${path} is not on this machine: look that it holds no CA of the bundle, and the root of your own.`],
    trusted: [],
  };
}

/** Throws Failure where a CA's root is missing: a server that ends paths at roots would let none of its callers in. */
function checkRoots(path: string, own: readonly X509Facts[]): void {
  const stray = withoutRoot(own);
  if (stray === null) return;
  const { text, fix } = POLICY_PROBLEMS.no_root;
  throw new Failure(`--also-trust ${path}: ${text} (${strayText(stray)}).`, fix, EXIT.notGood);
}

/** `null` where there is no such file. */
function casIn(path: string): { readonly text: string; readonly cas: readonly X509Facts[] } | null {
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
    const text = bytes.toString('utf8');
    return { text, cas: readBundle(text) };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(
      `--also-trust ${path} holds no CA certificates in PEM: ${error.message}.`,
      'Give the CA of your callers, and nothing else.',
      EXIT.notGood,
    );
  }
}
