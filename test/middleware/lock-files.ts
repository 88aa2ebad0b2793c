import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instant } from '../../src/domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import type { Credential } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { scratchDirectory } from '../support/scratch.ts';

/** The files of a lock, in a directory of their own, and everybody who may knock. */
export interface LockFiles extends Disposable {
  readonly pulls: PullCredentials;
  readonly directory: string;
  /** Paths: the zone's bundle, and a CA of the owner's. */
  readonly bundle: string;
  readonly own: string;
  /** Somebody under that CA. */
  readonly ownCaller: Credential;
  /** Writes a file there and gives its path. */
  readonly write: (name: string, content: string | Uint8Array) => string;
}

const DAY = 86_400_000;

/** A new set of them. */
export async function lockFiles(): Promise<LockFiles> {
  const scratch = scratchDirectory();
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(scratch.path, name);
    writeFileSync(path, content);
    return path;
  };
  const now = instant(Date.now());
  const pulls = await pullCredentials('example.test', now);
  const own = createAuthority({
    profile: PROFILES.pullRoot,
    subject: { commonName: 'Own' },
    key: await generateKey(),
    validity: validFor(now, DAY),
  });
  const key = await generateKey();
  const caller = issueLeaf(own, {
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'monitor' },
    key,
    validity: validFor(now, DAY),
    names: [],
  });
  return {
    pulls,
    directory: scratch.path,
    bundle: write('bundle.pem', pulls.bundle),
    own: write('own.pem', own.certificate.pem),
    ownCaller: { cert: caller.certificate.pem, key: key.reveal() },
    write,
    [Symbol.dispose]: () => scratch[Symbol.dispose](),
  };
}
