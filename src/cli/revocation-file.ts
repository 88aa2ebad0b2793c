import { readFileSync } from 'node:fs';
import type { X509Facts } from '../domain/certificate.ts';
import { type CrlFacts, listedBy, loadCrls } from '../pki/crl-read.ts';
import { PkiError } from '../pki/pki-error.ts';
import { EXIT, Failure } from './failure.ts';

const FETCH = 'Fetch it: postern ca crl --zone ZONE --out FILE.';

/**
 * Looks at the file of revocation lists that a server is to use. A server would not start with another file, and would
 * refuse everybody with one that has ended or that lacks the list of a CA on the path.
 */
export function checkLists(path: string, cas: readonly X509Facts[]): void {
  const lists = listsIn(path);
  const ended = lists.find(({ nextUpdate }) => nextUpdate !== null && nextUpdate <= Date.now());
  if (ended !== undefined) {
    const end = new Date(ended.nextUpdate ?? 0).toISOString();
    throw new Failure(`A list in ${path} has ended (${end}), so everybody would be refused.`, FETCH, EXIT.notGood);
  }
  const missing = cas.find((ca) => !listedBy(lists, ca));
  if (missing === undefined) return;
  throw new Failure(
    `${path} holds no revocation list of ${missing.subject}, so its certificates would be refused.`,
    `${FETCH} Of a CA of your own, append its list.`,
    EXIT.notGood,
  );
}

function listsIn(path: string): readonly CrlFacts[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new Failure(`--crl ${path} cannot be read (${code}).`, FETCH, EXIT.notGood);
  }
  try {
    return loadCrls(text);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(`--crl ${path} holds no revocation lists in PEM: ${error.message}.`, FETCH, EXIT.notGood);
  }
}
