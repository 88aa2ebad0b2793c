import type { View } from '../../../src/wire/answer-fields.ts';
import type { NOTICE } from '../../../src/wire/notices.ts';

/** Something that people are told once, as `GET /postern/v1/notices` has it. */
export type Notice = View<typeof NOTICE>;

const WORDS: Readonly<Record<Exclude<Notice['code'], 'test'>, string>> = {
  lock_open: 'A lock is open',
  lock_broken: 'A lock is broken',
  lock_unseen: 'Nobody can tell whether a lock holds',
  lock_not_yet: 'A lock is being set up',
  lock_holds: 'A lock holds now',
  looks_paused: 'Looks are paused',
  certificate_ending: 'An uploaded certificate ends',
  managed_ending: 'A managed certificate was not renewed',
  shared_identity_ending: 'The shared certificate was not renewed',
  shared_identity_changed: 'The shared certificate changed',
  authority_ending: 'An authority is due, and its root is away',
  visitor_certificate_ending: 'An edge certificate ends',
  visitor_authority_ending: "A visitors' authority ends",
  origin_ca_ending: 'A trusted origin CA ends',
  origin_certificate_ending: 'An origin certificate ends',
  root_list_ending: 'A revocation list of a root ends',
  revocation_list_ending: 'A revocation list was not renewed',
  bundle_manifest_ending: 'The signature of a bundle ends',
  rotation_begun: 'A rotation began',
  rotation_ended: 'A rotation ended',
  rotation_undone: 'A rotation was undone',
  proof_missing: 'An origin holds a rotation back',
  origin_refuses: 'An origin refuses the new certificate',
  origin_switched_back: 'An origin was switched back',
  old_ca_trusted: 'An old CA is still trusted',
};

/** What notices are about, in the words by which they are filtered. */
export const NOTICE_CODES: readonly { readonly value: string; readonly text: string }[] = Object.entries(WORDS).map(
  ([value, text]) => ({ value, text }),
);
