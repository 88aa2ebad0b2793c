import type { AccountId, Hostname, Instant, NoticeId, RotationId, ZoneId } from './ids.ts';
import type { OriginName } from './proof.ts';

/** How much a notice matters, the least first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * What people are told of without asking: what ends and nobody else renews, and how rotations go. `severity` is the
 * least that a notice of this kind has.
 */
export const NOTICE_KINDS = {
  certificate_ending: {
    severity: 'warning',
    text: 'An uploaded client certificate nears its end',
    fix: 'Upload its successor, and see that the origins accept that one. After the end the edge pulls no more with it.',
  },
  visitor_authority_ending: {
    severity: 'warning',
    text: 'A CA that hostnames ask their visitors for nears its end',
    fix: 'Put its successor beside it: postern visitors require. After the end nobody gets in with its certificates.',
  },
  visitor_certificate_ending: {
    severity: 'warning',
    text: 'An uploaded certificate that visitors are shown nears its end',
    fix: 'Upload its successor (PATCH custom_certificates). After the end browsers warn.',
  },
  origin_ca_ending: {
    severity: 'warning',
    text: 'A CA by which origins of the zone are verified nears its end',
    fix: 'Upload its successor to the trust store of the zone. After the end strict pulls of its origins fail.',
  },
  origin_certificate_ending: {
    severity: 'warning',
    text: 'A certificate that the Origin CA made nears its end',
    fix: 'Request another one and install it at the origin. After the end strict pulls fail.',
  },
  managed_ending: {
    severity: 'warning',
    text: 'A certificate that Postern renews by itself was not renewed in time',
    fix: 'See what its rotation waits for (postern rotations show), or what the log says of renewal_failed.',
  },
  authority_ending: {
    severity: 'warning',
    text: 'A CA of the zone is due for renewal, and the key of its root is away',
    fix: 'Bring the key back and rotate (postern ca root import), or rotate to a new root.',
  },
  root_list_ending: {
    severity: 'warning',
    text: 'The revocation list of a root whose key is away nears its end',
    fix: 'Hold a ceremony: postern ca root import, then forget. After the end servers that check lists refuse everybody.',
  },
  revocation_list_ending: {
    severity: 'warning',
    text: 'A revocation list was not signed anew in time',
    fix: 'See what the log says of revocation_list_failed. After the end servers that check lists refuse everybody.',
  },
  bundle_manifest_ending: {
    severity: 'warning',
    text: 'What origins believe the bundle of the zone by nears its end, and the key of the root is away',
    fix: 'Hold a ceremony: postern ca root import, then forget. After the end origins take no new bundle by themselves.',
  },
  shared_identity_ending: {
    severity: 'warning',
    text: 'The identity that all zones may share was not renewed in time',
    fix: 'See what the log says of renewal_failed.',
  },
  shared_identity_changed: {
    severity: 'warning',
    text: 'The shared identity, which the global level of this zone presents, is another one now',
    fix: 'Origins that pin its fingerprint must have the new one. The zone level needs no pin.',
  },
  rotation_begun: { severity: 'info', text: 'A rotation has begun', fix: '' },
  rotation_ended: { severity: 'info', text: 'A rotation has come to its end', fix: '' },
  rotation_undone: {
    severity: 'warning',
    text: 'A rotation was undone: everything shows the old certificate again',
    fix: 'See why (postern rotations show), and start another one before the old certificate ends.',
  },
  proof_missing: {
    severity: 'warning',
    text: 'An origin holds a rotation back: it was not seen accepting the new certificate',
    fix: 'See what was seen of it: postern rotations show.',
  },
  origin_refuses: {
    severity: 'warning',
    text: 'An origin holds a rotation back: it refuses the new certificate',
    fix: 'Install the present bundle of the zone there and reload the server: postern ca bundle.',
  },
  origin_switched_back: {
    severity: 'warning',
    text: 'An origin was given the old certificate back',
    fix: 'See what was seen of it (postern rotations show). It is tried again by itself, later each time.',
  },
  old_ca_trusted: {
    severity: 'warning',
    text: 'An origin still accepts what the old CA signed',
    fix: 'Install the present bundle of the zone there in place of the old one, and reload the server.',
  },
  lock_open: {
    severity: 'critical',
    text: 'A lock is open: whoever knows the address of the origin gets in without the certificate of the edge',
    fix: 'See how one gets in and what to do (postern attestations show, or postern doctor on the spot).',
  },
  lock_broken: {
    severity: 'critical',
    text: 'The edge cannot pull from an origin: it is refused there, or does not believe the certificate of the origin. Visitors get errors',
    fix: 'See which of the two it is, and what to do: postern attestations show.',
  },
  lock_unseen: {
    severity: 'warning',
    text: 'Nobody can tell for an hour whether a lock holds',
    fix: 'See what was seen of it (postern attestations show): a firewall may let the edges in and not the control plane.',
  },
  lock_not_yet: {
    severity: 'warning',
    text: 'Not locked yet, as far as is known: its set-up is under way',
    fix: 'Go on with the set-up.',
  },
  looks_paused: {
    severity: 'warning',
    text: 'Nobody looks at the locks of this zone for a while, because somebody wished so',
    fix: 'Nothing to do: it ends by itself, or when somebody has them looked at again (postern attestations resume).',
  },
  lock_holds: { severity: 'info', text: 'A lock that did not hold holds now', fix: '' },
  test: {
    severity: 'info',
    text: 'Somebody tests whether this arrives',
    fix: 'Nothing to do.',
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly text: string; readonly fix: string }>;

export type NoticeCode = keyof typeof NOTICE_KINDS;

/** Those that tell something: nobody filters for tests. */
export const TOLD_CODES = Object.keys(NOTICE_KINDS).filter((code) => code !== 'test') as [NoticeCode, ...NoticeCode[]];

/** Where something is that a notice is about; `null` for what belongs to the whole installation. */
export interface NoticeZone {
  readonly id: ZoneId;
  readonly account: AccountId;
  readonly name: Hostname;
}

/** What a notice is about, as far as there is something to name. */
export interface NoticeSubject {
  /** The id of a certificate; of the Origin CA's the serial number. */
  readonly certificate: string | null;
  readonly fingerprint: string | null;
  readonly subject: string | null;
  readonly hostnames: readonly Hostname[];
  readonly origin: OriginName | null;
  readonly rotation: RotationId | null;
  readonly endsAt: Instant | null;
}

export const NO_SUBJECT: NoticeSubject = {
  certificate: null,
  fingerprint: null,
  subject: null,
  hostnames: [],
  origin: null,
  rotation: null,
  endsAt: null,
};

/** Something that people are told, once. */
export interface Notice {
  readonly id: NoticeId;
  readonly at: Instant;
  readonly code: NoticeCode;
  readonly severity: Severity;
  readonly zone: NoticeZone | null;
  readonly about: NoticeSubject;
  /** What there is to say of this case. */
  readonly detail: string;
}

/**
 * A state of things that is worth a word. It is said when it is there for the first time, and again whenever `stage` is
 * higher than when it was said last; it is forgotten when it is there no more.
 */
export interface Concern {
  /** Tells the concerns of one zone apart. */
  readonly key: string;
  readonly stage: number;
  readonly code: NoticeCode;
  readonly severity: Severity;
  readonly about: NoticeSubject;
  readonly detail: string;
}

/** What was said last of each concern of one zone: its stage by its key. */
export type Marks = ReadonlyMap<string, number>;

/** What is to be said now, and what to remember of it. */
export interface Due {
  readonly say: readonly Concern[];
  readonly put: readonly { readonly key: string; readonly stage: number }[];
  readonly dropped: readonly string[];
}

/** Compares the concerns of a zone with what was said of them. `unknown` says of which ones nothing is known now. */
export function due(concerns: readonly Concern[], marks: Marks, unknown: (key: string) => boolean): Due {
  const say = concerns.filter(({ key, stage }) => stage > (marks.get(key) ?? 0));
  const present = new Set(concerns.map(({ key }) => key));
  return {
    say,
    put: say.map(({ key, stage }) => ({ key, stage })),
    dropped: [...marks.keys()].filter((key) => !present.has(key) && !unknown(key)),
  };
}

/** Whether a severity is at least another one. */
export function atLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}
