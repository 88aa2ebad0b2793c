import type { ProblemRow } from './request-problems.ts';

/** Problems with the CAs of a zone and their keys. */
export const AUTHORITY_PROBLEMS = {
  authority_unfit: {
    code: 10480,
    status: 400,
    text: 'This CA cannot issue the identities of the zone',
    fix: 'Mend what is named, or have your root sign another intermediate (postern ca import --help says what is needed).',
  },
  root_key_away: {
    code: 10481,
    status: 400,
    text: 'The key of the root is not here',
    fix: 'Bring it for the time of the ceremony (postern ca root import), or bring an intermediate that it has signed (postern ca import).',
  },
  root_key_here: {
    code: 10482,
    status: 400,
    text: 'The key of the root is here already',
    fix: 'Nothing to do. Forget it once the work is done (postern ca root forget).',
  },
  root_key_unopened: {
    code: 10483,
    status: 400,
    text: 'The encrypted key does not open',
    fix: 'Send what was exported, whole, with its passphrase: PKCS#8 in PEM, PBES2 with PBKDF2 and AES-256-CBC.',
  },
  root_key_too_often: {
    code: 10484,
    status: 429,
    text: 'The key of this root was exported or opened too often',
    fix: 'Wait an hour. Look in the audit log for who did that.',
  },
} as const satisfies Record<string, ProblemRow>;
