/** The problems of CAs and their keys, provoked from outside: see problems.test.ts. */

import { instant } from '../../src/domain/ids.ts';
import type { ProblemCode } from '../../src/domain/problems.ts';
import { createAuthority, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import type { Answer, Control } from './control.ts';

interface Ground {
  readonly call: Control['call'];
  /** Path of the zone. */
  readonly at: string;
}

type Provocation = (ground: Ground) => Promise<Pick<Answer, 'status' | 'errors'>>;

const passphrase = 'correct horse battery staple';

function root({ call, at }: Ground, what: string, body: object) {
  return call<{ readonly encrypted_key: string }>('POST', `/postern/v1${at}/authority/root_key/${what}`, body);
}

async function exported(ground: Ground) {
  const { encrypted_key } = (await root(ground, 'export', { passphrase })).result;
  return { encrypted_key, passphrase };
}

export const AUTHORITY_PROVOKED = {
  authority_unfit: async ({ call, at }) => {
    const key = await generateKey();
    const request = { profile: PROFILES.pullRoot, subject: { commonName: 'alone' }, key };
    const { certificate } = createAuthority({ ...request, validity: validFor(instant(Date.now()), 86_400_000) });
    const body = { certificate: certificate.pem, private_key: key.reveal() };
    return call('POST', `/postern/v1${at}/authority`, body);
  },
  root_key_away: async (ground) => {
    await root(ground, 'forget', await exported(ground));
    return root(ground, 'export', { passphrase });
  },
  root_key_here: async (ground) => root(ground, 'restore', await exported(ground)),
  root_key_unopened: async (ground) =>
    root(ground, 'forget', { ...(await exported(ground)), passphrase: 'another passphrase' }),
  root_key_too_often: async (ground) => {
    for (;;) {
      const answer = await root(ground, 'export', { passphrase });
      if (answer.status !== 200) return answer;
    }
  },
} as const satisfies Readonly<Partial<Record<ProblemCode, Provocation>>>;
