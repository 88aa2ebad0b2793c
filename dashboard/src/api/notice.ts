import type { Severity, ZoneName } from './overview.ts';

/** Something that people are told once, as `GET /postern/v1/notices` has it. */
export interface Notice {
  readonly id: string;
  readonly at: string;
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
  readonly detail: string;
  readonly fix: string;
  readonly zone: ZoneName | null;
  readonly about: { readonly hostnames: readonly string[]; readonly rotation: string | null };
}

/** What notices are about, in the words by which they are filtered. */
export const NOTICE_CODES: readonly { readonly value: string; readonly text: string }[] = [
  { value: 'lock_open', text: 'A lock is open' },
  { value: 'lock_broken', text: 'A lock is broken' },
  { value: 'lock_unseen', text: 'Nobody can tell whether a lock holds' },
  { value: 'lock_holds', text: 'A lock holds again' },
  { value: 'looks_paused', text: 'Looks are paused' },
  { value: 'certificate_ending', text: 'An uploaded certificate ends' },
  { value: 'managed_ending', text: 'A managed certificate was not renewed' },
  { value: 'shared_identity_ending', text: 'The shared certificate was not renewed' },
  { value: 'shared_identity_changed', text: 'The shared certificate changed' },
  { value: 'authority_ending', text: 'An authority is due, and its root is away' },
  { value: 'visitor_certificate_ending', text: 'An edge certificate ends' },
  { value: 'visitor_authority_ending', text: "A visitors' authority ends" },
  { value: 'origin_ca_ending', text: 'A trusted origin CA ends' },
  { value: 'origin_certificate_ending', text: 'An origin certificate ends' },
  { value: 'root_list_ending', text: 'A revocation list of a root ends' },
  { value: 'revocation_list_ending', text: 'A revocation list was not renewed' },
  { value: 'bundle_manifest_ending', text: 'The signature of a bundle ends' },
  { value: 'rotation_begun', text: 'A rotation began' },
  { value: 'rotation_ended', text: 'A rotation ended' },
  { value: 'rotation_undone', text: 'A rotation was undone' },
  { value: 'proof_missing', text: 'An origin holds a rotation back' },
  { value: 'origin_refuses', text: 'An origin refuses the new certificate' },
  { value: 'origin_switched_back', text: 'An origin was switched back' },
  { value: 'old_ca_trusted', text: 'An old CA is still trusted' },
];
