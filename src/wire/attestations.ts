import { z } from 'zod';
import { type Attestation, summary, type ZoneLocks, type Unattested } from '../domain/attestation.ts';
import { instant } from '../domain/ids.ts';
import { VERDICTS, type Verdict, worst } from '../domain/verdict.ts';
import type { Zone } from '../domain/zone.ts';
import { HOST, ID, TIME, type View } from './answer-fields.ts';
import { LOOK_PAUSE, lookPauseView } from './look-settings.ts';
import { ORIGIN_NAME, originNameView } from './rotations.ts';
import { few, NAME, PEM } from './schemas.ts';
import { moment } from './views.ts';

/** What was seen of locks, as the API shows it. */

export const VERDICT = z.enum(VERDICTS).meta({
  description:
    'locked: strangers are refused. open: one gets in without the certificate of the edge. broken: the edge itself cannot pull: it is refused, or does not believe the origin. unknown: it could not be found out.',
});

const WHEN = TIME.nullable();
const COUNT = z.int().meta({ examples: [1] });

const LOCK = {
  origin: ORIGIN_NAME,
  verdict: VERDICT,
  since: TIME.meta({ description: 'Since when it is so.' }),
  seen_on: TIME.meta({ description: 'When it was looked at last.' }),
  examined_on: WHEN.meta({ description: 'When it was looked at in every way; null where it never was.' }),
  locked_since: WHEN.meta({ description: 'Since when it was never seen otherwise; null where it does not hold.' }),
  last_open: WHEN,
  last_broken: WHEN,
  findings: z.array(z.string()).meta({ description: 'Codes of docs/findings.md.', examples: [['no_revocation']] }),
  found: z.array(z.string()).meta({ description: 'The same in sentences.' }),
};

export const ATTESTATION = z
  .strictObject(LOCK)
  .meta({ id: 'Attestation', description: 'What was seen of the lock of one origin.' });

const WHY: Readonly<Record<Unattested, string>> = {
  no_pull_identity: 'its pulls present no certificate',
  plain_http: 'the SSL mode of the zone pulls over plain HTTP, which carries no certificate',
  paused: 'the zone is paused',
};

export const LOCKS = z
  .strictObject({
    zone: z.strictObject({ id: ID, name: HOST }),
    verdict: VERDICT.nullable().meta({ description: 'The worst of its origins; null where none is looked at.' }),
    locked_since: WHEN.meta({ description: 'Since when all of them were never seen otherwise.' }),
    counts: z.strictObject({ locked: COUNT, open: COUNT, broken: COUNT, unknown: COUNT }),
    paused: LOOK_PAUSE.nullable().meta({
      description: 'While nobody looks: what held before is not known to hold. null where somebody looks.',
    }),
    unattested: z
      .array(z.strictObject({ hostname: HOST, because: z.string() }))
      .meta({ description: 'Hostnames without a lock that could hold, the first 100 of them.' }),
  })
  .meta({ id: 'Locks', description: 'How the locks of a zone are.' });

const SEEN = z.strictObject({ probe: z.string(), saw: z.string() });

export const ATTESTATION_EVIDENCE = z
  .looseObject({
    findings: z.array(
      z.looseObject({
        code: z.string(),
        severity: z.string(),
        title: z.string(),
        detail: z.string().optional(),
        fix: z.string(),
        server: z
          .string()
          .nullable()
          .optional()
          .meta({ description: 'Whose syntax the fix is in; null where it is a sentence.' }),
        target: z.string().nullable().optional(),
        decides: z.boolean().optional().meta({ description: 'Whether it makes the verdict what it is.' }),
        refs: z.array(z.string()),
        evidence: z.array(SEEN),
      }),
    ),
    checked: z.array(z.looseObject({ probe: z.string(), target: z.string(), saw: z.string() })),
    notChecked: z.array(z.looseObject({ what: z.string(), why: z.string() })),
  })
  .nullable()
  .meta({
    id: 'AttestationEvidence',
    description: 'What the newest full look saw, as postern doctor --format json has it.',
  });

const CHANGE = z.strictObject({ at: TIME, verdict: VERDICT, findings: LOCK.findings, found: LOCK.found });

export const ATTESTATION_DETAIL = z
  .strictObject({
    ...LOCK,
    evidence: ATTESTATION_EVIDENCE,
    changes: z.array(CHANGE).meta({ description: 'The newest first.' }),
  })
  .meta({ id: 'AttestationDetail', description: 'What was seen of the lock of one origin, with what shows it.' });

const MOST_ASKED = 100;

export const ATTESTATION_BODY = z.strictObject({
  hostnames: few(NAME, MOST_ASKED)
    .optional()
    .meta({ description: 'Whose origins as well: those of several names.', examples: [['example.test']] }),
  hostname: NAME.optional().meta({
    description: 'Whose origins; all of the zone where it is left out.',
    examples: ['www.example.test'],
  }),
});

export const ATTESTATION_RUN = z
  .strictObject({
    waiting: z.int().meta({ description: 'Origins that had not been looked at when the time was over.' }),
    attestations: z.array(ATTESTATION),
  })
  .meta({ id: 'AttestationRun', description: 'What a look on request came to.' });

export type AttestationEvidence = View<typeof ATTESTATION_EVIDENCE>;

export const PROBE_BODY = z.strictObject({
  hostname: NAME.meta({ examples: ['www.example.test'] }),
  csr: PEM.meta({
    description: 'PKCS#10 in PEM: says the public key, and proves that one has the other half.',
  }),
});

const CHAIN = z.string().min(1).meta({ description: 'PEM, the leaf first.' });

export const PROBE_CREDENTIALS = z
  .strictObject({
    ends_on: TIME.meta({ description: 'Until then the right one opens the lock: five minutes.' }),
    certificates: z.strictObject({
      right: CHAIN,
      expired: CHAIN,
      not_yet_valid: CHAIN,
      server_only: CHAIN,
      no_purpose: CHAIN,
      neighbour: CHAIN,
      revoked: CHAIN.optional().meta({
        description:
          'With a number that the list of the zone names: there is one while something revoked has not ended.',
      }),
    }),
  })
  .meta({
    id: 'ProbeCredentials',
    description: 'Certificates to try a lock with, for a key that never leaves its owner.',
  });

/** A change as the API shows it. */
interface Changed {
  readonly at: Attestation['at'];
  readonly verdict: Verdict;
  readonly findings: readonly string[];
}

/** The words for the code of a finding. */
type Title = (code: string) => string;

export function attestationView(attestation: Attestation, title: Title): View<typeof ATTESTATION> {
  const { origin, verdict, since, at, fullAt, lockedSince, lastOpen, lastBroken, findings } = attestation;
  const when = (time: Attestation['lastOpen']) => (time === null ? null : moment(time));
  return {
    origin: originNameView(origin),
    verdict,
    since: moment(since),
    seen_on: moment(at),
    examined_on: when(fullAt),
    locked_since: when(lockedSince),
    last_open: when(lastOpen),
    last_broken: when(lastBroken),
    findings: [...findings],
    found: findings.map(title),
  };
}

const MOST_UNATTESTED = 100;

/** How the locks of a zone are, as the API shows it. */
export function locksView(
  { id, name }: Pick<Zone, 'id' | 'name'>,
  { attestations, unattested, pause }: ZoneLocks,
): View<typeof LOCKS> {
  const verdict = attestations.length === 0 ? null : worst(attestations.map((one) => one.verdict));
  const since = attestations.map(({ lockedSince }) => lockedSince).filter((time) => time !== null);
  return {
    zone: { id, name },
    verdict,
    locked_since: verdict === 'locked' ? moment(instant(Math.max(...since))) : null,
    counts: summary(attestations),
    paused: pause === null ? null : lookPauseView(pause),
    unattested: unattested.slice(0, MOST_UNATTESTED).map(unattestedView),
  };
}

export function unattestedView({ hostname, because }: ZoneLocks['unattested'][number]) {
  return { hostname, because: WHY[because] };
}

/** One lock with what shows it. */
export function attestationDetail(
  attestation: Attestation,
  evidence: AttestationEvidence,
  changes: readonly Changed[],
  title: Title,
): View<typeof ATTESTATION_DETAIL> {
  return {
    ...attestationView(attestation, title),
    evidence,
    changes: changes.map(({ at, verdict, findings }) => {
      return { at: moment(at), verdict, findings: [...findings], found: findings.map(title) };
    }),
  };
}
