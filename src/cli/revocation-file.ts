import { readFileSync } from 'node:fs';
import type { X509Facts } from '../domain/certificate.ts';
import { type CrlFacts, listedBy, loadCrls } from '../pki/crl-read.ts';
import { PkiError } from '../pki/pki-error.ts';
import { EXIT, Failure } from './failure.ts';

/** Which flag named the file, and where a better one comes from. */
interface Source {
  readonly flag: string;
  readonly fix: string;
}

const OF_THE_ZONE: Source = { flag: '--crl', fix: 'Fetch it: postern ca crl --zone ZONE --out FILE.' };

/**
 * Looks at the file of revocation lists that a server is to use. A server would not start with another file, and would
 * refuse everybody with one that has ended or that lacks the list of a CA on the path.
 */
export function checkLists(path: string, cas: readonly X509Facts[], source: Source = OF_THE_ZONE): void {
  const lists = listsIn(path, source);
  const { fix } = source;
  const ended = lists.find(({ nextUpdate }) => nextUpdate !== null && nextUpdate <= Date.now());
  if (ended !== undefined) {
    const end = new Date(ended.nextUpdate ?? 0).toISOString();
    throw new Failure(`A list in ${path} has ended (${end}), so everybody would be refused.`, fix, EXIT.notGood);
  }
  const missing = cas.find((ca) => !listedBy(lists, ca));
  if (missing === undefined) return;
  throw new Failure(
    `${path} holds no revocation list of ${missing.subject}, so its certificates would be refused.`,
    `${fix} Of a CA of your own, append its list.`,
    EXIT.notGood,
  );
}

function listsIn(path: string, { flag, fix }: Source): readonly CrlFacts[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new Failure(`${flag} ${path} cannot be read (${code}).`, fix, EXIT.notGood);
  }
  try {
    return loadCrls(text);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(`${flag} ${path} holds no revocation lists in PEM: ${error.message}.`, fix, EXIT.notGood);
  }
}
