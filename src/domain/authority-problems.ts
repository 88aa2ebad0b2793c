import type { ProblemRow } from './request-problems.ts';

/** Why something about a zone's authority was refused: its rotations, its CAs and their keys, and what it revokes. */
export const AUTHORITY_PROBLEMS = {
  rotation_running: {
    code: 10470,
    status: 400,
    text: 'A rotation of this zone is under way',
    fix: 'Wait for its end, or undo it first (postern rotations undo).',
  },
  rotation_not_found: {
    code: 10471,
    status: 404,
    text: 'No such rotation in this zone',
    fix: 'List the rotations of the zone.',
  },
  rotation_over: {
    code: 10472,
    status: 400,
    text: 'This rotation is over',
    fix: 'Start another one: what it replaced is not kept.',
  },
  rotation_beyond_undo: {
    code: 10473,
    status: 400,
    text: 'This rotation cannot be undone any more',
    fix: 'Let it end, then start another one.',
  },
  rotation_beyond_force: {
    code: 10474,
    status: 400,
    text: 'There is nothing to force: no origin shows the old certificate any more',
    fix: 'Wait: GET shows what it waits for.',
  },
  rotation_rehearsal: {
    code: 10475,
    status: 400,
    text: 'A rehearsal switches no origin',
    fix: 'Undo the rehearsal, then start a rotation.',
  },
  rotation_moved_on: {
    code: 10476,
    status: 400,
    text: 'The rotation has moved on meanwhile',
    fix: 'Look at it again.',
  },
  rotation_nothing: {
    code: 10477,
    status: 400,
    text: 'There is nothing to rotate',
    fix: 'Name what the zone has: its managed certificates, intermediate or root. Uploaded ones are replaced by an upload.',
  },
  rotation_origin_unknown: {
    code: 10478,
    status: 400,
    text: 'No origin of this rotation is called so',
    fix: 'Name a hostname whose origins still show the old certificate: GET lists them.',
  },
  revoke_presented: {
    code: 10460,
    status: 400,
    text: 'The zone presents this certificate now',
    fix: 'Replace it first, or send "force": true: then pulls that would present it are refused until there is another one.',
  },
  not_issued_here: {
    code: 10461,
    status: 400,
    text: 'No CA of this zone can revoke this certificate',
    fix: 'Have the CA revoke it that issued it, and delete it here so that the edge presents it no more.',
  },
  certificate_revoked: {
    code: 10462,
    status: 400,
    text: 'The certificate is revoked, and never comes back into use',
    fix: 'Use another certificate, with another key.',
  },
  authority_in_use: {
    code: 10463,
    status: 400,
    text: 'This is the certificate of a CA that the zone uses',
    fix: 'Replace the CA first; what it issued can be revoked one by one.',
  },
  list_unavailable: {
    code: 10505,
    status: 503,
    text: 'There is no revocation list that could be published',
    fix: 'Look at the log for the cause (the key of the CA is lost, disk full), then try again. Servers keep the list that they have.',
  },
  opening_not_found: {
    code: 10485,
    status: 404,
    text: 'This lock is not open',
    fix: 'List the openings of the zone.',
  },
  opening_no_origin: {
    code: 10486,
    status: 400,
    text: 'No proxied record leads to an origin of this hostname',
    fix: 'Name a hostname that the edge serves.',
  },
  bundle_unsigned: {
    code: 10506,
    status: 503,
    text: 'The bundle cannot be signed, because the key of its root is not to be had',
    fix: 'The bundle itself is served as ever: compare its SHA-256 by another way. The log says why (bundle_not_signed).',
  },
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
