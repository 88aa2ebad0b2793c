import { z } from 'zod';
import {
  type AddressSights,
  type Evidence,
  FINDINGS,
  judge,
  type OriginName,
  originKey,
  type ProofFinding,
  type Sight,
} from '../domain/proof.ts';
import {
  CAUSES,
  type OriginFact,
  ROTATED,
  type Rotation,
  type Standing,
  WAITS,
  type WaitCode,
} from '../domain/rotation.ts';
import { EMERGENCY_PACE, type Pace, USUAL_PACE } from '../domain/rotation-pace.ts';
import { CERTIFICATE_ID, HOST, ID, TIME, type View } from './answer-fields.ts';
import { MADE_LIKE } from './managed-certificates.ts';
import { FLAG, list, NAME, oneOf, text, wholeNumber } from './schemas.ts';
import { moment } from './views.ts';

/** Rotations, as they are asked for and as the API shows them. */

export const REASON = text(500)
  .optional()
  .meta({ examples: ['yearly exchange'] });
const DAYS = 86_400;
const SECONDS = wholeNumber(0, 365 * DAYS).optional();
const PERCENT = wholeNumber(1, 100).optional();

export const PACE_BODY = z
  .strictObject(
    {
      canary_percent: PERCENT.meta({ description: 'The part of the origins that goes first; one at least.' }),
      canary_seconds: SECONDS.meta({ description: 'How long only those show the new certificate.' }),
      watch_seconds: SECONDS.meta({ description: 'How long all show it before the old one is given up.' }),
      drain_seconds: SECONDS.meta({ description: 'How long connections with the old one may last then.' }),
      notice_seconds: SECONDS.meta({ description: 'How long the bundle holds the old CA then.' }),
      refused_percent: PERCENT.meta({ description: 'Above this part of refused pulls an origin is switched back.' }),
      retry_seconds: SECONDS.meta({
        description: 'How long one that was switched back waits; twice as long each time.',
      }),
    },
    { error: 'must be an object such as {"watch_seconds": 600}' },
  )
  .optional();

export const ROTATION_BODY = z.strictObject({
  what: oneOf(ROTATED),
  emergency: FLAG.optional().meta({ description: 'As fast as the origins allow, and the old CA leaves at once.' }),
  rehearsal: FLAG.optional().meta({ description: 'As far as the proof, and no origin is switched.' }),
  revoke_first: FLAG.optional().meta({
    description:
      'Revokes what leaves before anything else, because its key is known to be stolen. Origins that do not accept the new certificate yet get no pulls until they do.',
  }),
  ...MADE_LIKE,
  pace: PACE_BODY,
  reason: REASON,
});

const ROTATION_WISHES = ['pause', 'resume', 'undo', 'force'] as const;

const MOST_FORCED = 1_000;

export const ROTATION_EDIT = z.strictObject({
  action: oneOf(ROTATION_WISHES),
  reason: REASON,
  hostnames: list(NAME, '["www.example.test"]', MOST_FORCED).optional().meta({
    description: 'With force: whose origins are switched without proof. All that are held back where it is left out.',
  }),
});

/** The pace that a body asks for: what it leaves out is as usual. */
export function paceOf({
  pace = {},
  emergency = false,
}: {
  readonly pace?: z.output<typeof PACE_BODY>;
  readonly emergency?: boolean | undefined;
}): Pace {
  const usual = emergency ? EMERGENCY_PACE : USUAL_PACE;
  const time = (seconds: number | undefined, otherwise: number) =>
    seconds === undefined ? otherwise : seconds * 1_000;
  const share = (percent: number | undefined, otherwise: number) => (percent === undefined ? otherwise : percent / 100);
  return {
    canaryShare: share(pace.canary_percent, usual.canaryShare),
    canaryFor: time(pace.canary_seconds, usual.canaryFor),
    watchFor: time(pace.watch_seconds, usual.watchFor),
    drainFor: time(pace.drain_seconds, usual.drainFor),
    noticeFor: time(pace.notice_seconds, usual.noticeFor),
    refusals: share(pace.refused_percent, usual.refusals),
    retryAfter: time(pace.retry_seconds, usual.retryAfter),
  };
}

const FINDING_CODES = Object.keys(FINDINGS) as [ProofFinding, ...ProofFinding[]];
const WAIT_CODES = Object.keys(WAITS) as [WaitCode, ...WaitCode[]];

const ADDRESS = z.string().meta({ examples: ['203.0.113.7'] });
const PORT = z.int().meta({ examples: [443] });

const CALLED = {
  server_name: HOST.nullable().meta({ description: 'The name in the handshake; null for the hostname itself.' }),
  host_header: z.string().nullable().meta({ description: 'The Host of the pull; null for the hostname itself.' }),
};

/** One origin by its name. */
export const ORIGIN_NAME = z
  .strictObject({ hostname: HOST, address: ADDRESS, port: PORT, ...CALLED })
  .meta({ id: 'OriginName', description: 'A hostname, where its origin listens, and by which names it is called.' });

const SIGHT = z
  .strictObject({
    saw: z.enum(['answered', 'refused', 'failed']),
    status: z
      .int()
      .optional()
      .meta({ description: 'Of the answer.', examples: [200] }),
    how: z.enum(['alert', 'closed', 'page']).optional().meta({ description: 'How it was refused.' }),
    alert: z.int().nullable().optional().meta({ description: 'The TLS alert (RFC 8446 §6).' }),
    because: z.string().optional().meta({ description: 'Why nothing was seen.' }),
  })
  .meta({ id: 'Sight', description: 'What one knock at an origin saw.' });

const EVIDENCE = z
  .strictObject({
    at: TIME,
    edges: z.array(
      z.strictObject({
        edge: z.string().meta({ examples: ['worker-1'] }),
        fault: z.string().nullable().meta({ description: 'Why this edge could not look.' }),
        addresses: z.array(
          z.strictObject({ ip: ADDRESS, old_certificate: SIGHT, new_certificate: SIGHT, no_certificate: SIGHT }),
        ),
      }),
    ),
  })
  .nullable()
  .meta({ id: 'ProofEvidence', description: 'What each edge saw with the old certificate, the new one, and none.' });

const ROTATED_ORIGIN = z
  .strictObject({
    hostname: HOST,
    address: ADDRESS,
    port: PORT,
    ...CALLED,
    shows: z.enum(['old', 'new']).meta({ description: 'Which certificate pulls show it now.' }),
    how: z.enum(['proved', 'forced', 'lapsed']).nullable().meta({ description: 'What it was switched by.' }),
    switched_on: TIME.nullable(),
    finding: z.enum(FINDING_CODES).meta({ description: 'What was seen last.' }),
    text: z.string(),
    fix: z.string().meta({ description: 'What to do; empty where there is nothing to do.' }),
    reverted: z.string().nullable().meta({ description: 'Why it was given the old certificate back.' }),
    pulls: z.strictObject({ answered: z.int(), refused: z.int() }),
    evidence: EVIDENCE,
  })
  .meta({ id: 'RotatedOrigin', description: 'How far one origin is.' });

const HISTORY = z.strictObject({
  at: TIME,
  did: z.string().meta({ examples: ['switch'] }),
  by: z.string().meta({ examples: ['postern'] }),
  because: z.string(),
  origins: z.array(ORIGIN_NAME),
});

export const ROTATION = z
  .strictObject({
    id: ID,
    what: z.enum(ROTATED),
    cause: z.enum(CAUSES),
    rehearsal: z.boolean(),
    phase: z
      .enum(['proving', 'canary', 'switching', 'watching', 'draining', 'retiring', 'confirming', 'undoing', 'ended'])
      .meta({ description: 'Trust first, present second, retire last.' }),
    outcome: z.enum(['done', 'undone', 'rehearsed']).nullable().meta({ description: 'Once it has ended.' }),
    because: z.string().meta({ description: 'What there is to say about its end.' }),
    waits_for: z.enum(WAIT_CODES).meta({ description: 'What it waits for.' }),
    waits_text: z.string(),
    paused: z.boolean(),
    started_on: TIME,
    phase_since: TIME,
    old_ca_until: TIME.nullable().meta({ description: 'When the old CA leaves the bundle, as soon as that is known.' }),
    ended_on: TIME.nullable(),
    certificates: z.array(z.strictObject({ old_id: CERTIFICATE_ID, new_id: CERTIFICATE_ID })),
    pace: z.strictObject({
      canary_percent: z.number(),
      canary_seconds: z.number(),
      watch_seconds: z.number(),
      drain_seconds: z.number(),
      notice_seconds: z.number(),
      refused_percent: z.number(),
      retry_seconds: z.number(),
    }),
    counts: z.strictObject({ origins: z.int(), switched: z.int(), held: z.int() }),
    origins: z.array(ROTATED_ORIGIN),
    history: z.array(HISTORY),
  })
  .meta({ id: 'Rotation', description: 'The exchange of certificates, with proof before each switch.' });

/** What is seen of a rotation that is under way. */
export interface Sighted {
  readonly waits: WaitCode;
  readonly origins: readonly OriginFact[];
  /** The edges that serve. */
  readonly edges: readonly string[];
}

/** A rotation as the API shows it; `sight` is `null` where it is over. */
export function rotationView(rotation: Rotation, sight: Sighted | null): View<typeof ROTATION> {
  const { id, what, cause, rehearsal, phase, paused, startedAt, successions, history } = rotation;
  const ended = phase.kind === 'ended' ? phase : null;
  const waits = ended !== null ? 'nothing' : paused !== null ? 'operator' : (sight?.waits ?? 'edges');
  const origins = ended === null && sight !== null ? current(rotation, sight) : recorded(rotation);
  const switched = origins.filter(({ shows }) => shows === 'new').length;
  return {
    id,
    what,
    cause,
    rehearsal,
    phase: phase.kind,
    outcome: ended?.outcome ?? null,
    because: 'because' in phase ? phase.because : '',
    waits_for: waits,
    waits_text: WAITS[waits],
    paused: paused !== null,
    started_on: moment(startedAt),
    phase_since: moment(phase.kind === 'ended' ? phase.at : phase.since),
    old_ca_until: phase.kind === 'retiring' ? moment(phase.until) : null,
    ended_on: ended === null ? null : moment(ended.at),
    certificates: successions.map(({ from, to }) => ({ old_id: from, new_id: to })),
    pace: paceView(rotation.pace),
    counts: { origins: origins.length, switched, held: origins.length - switched },
    origins,
    history: history.map(({ at, did, by, because, origins: about }) => {
      return { at: moment(at), did, by, because, origins: about.map(originNameView) };
    }),
  };
}

type OriginView = View<typeof ROTATED_ORIGIN>;

function current(rotation: Rotation, { origins, edges }: Sighted): readonly OriginView[] {
  return origins.map(({ task, evidence, pulls }) => {
    const finding = judge(evidence ?? undefined, edges);
    return originView(rotation, task, { finding, evidence, pulls });
  });
}

/** What is left of the origins of a rotation that is over. */
function recorded(rotation: Rotation): readonly OriginView[] {
  const known = new Map<string, { readonly origin: OriginName; readonly evidence: Evidence | null }>();
  for (const { origin, evidence } of rotation.standings.values()) known.set(originKey(origin), { origin, evidence });
  for (const { origin, evidence } of rotation.lastly) {
    known.set(originKey(origin), { origin, evidence: evidence ?? known.get(originKey(origin))?.evidence ?? null });
  }
  return [...known.values()].map(({ origin, evidence }) => {
    const finding = judge(evidence ?? undefined, evidence?.edges.map(({ edge }) => edge) ?? []);
    return originView(rotation, origin, { finding, evidence, pulls: { answered: 0, refused: 0 } });
  });
}

function originView(
  rotation: Rotation,
  origin: OriginName,
  { finding, evidence, pulls }: Pick<OriginFact, 'pulls' | 'evidence'> & { readonly finding: ProofFinding },
): OriginView {
  const standing = rotation.standings.get(originKey(origin));
  const switched = standing?.kind === 'switched' ? standing : null;
  const { text: words, fix } = FINDINGS[finding];
  return {
    ...originNameView(origin),
    shows: showsNew(rotation, standing) ? 'new' : 'old',
    how: switched?.how ?? null,
    switched_on: switched === null ? null : moment(switched.at),
    finding,
    text: words,
    fix,
    reverted: standing?.kind === 'reverted' ? standing.because : null,
    pulls: { answered: pulls.answered, refused: pulls.refused },
    evidence: evidence === null ? null : evidenceView(evidence),
  };
}

function showsNew({ phase }: Rotation, standing: Standing | undefined): boolean {
  if (phase.kind === 'undoing') return false;
  if (phase.kind === 'ended') return phase.outcome === 'done';
  return (
    standing?.kind === 'switched' ||
    phase.kind === 'draining' ||
    phase.kind === 'retiring' ||
    phase.kind === 'confirming'
  );
}

function evidenceView({ at, edges }: Evidence): OriginView['evidence'] {
  return {
    at: moment(at),
    edges: edges.map(({ edge, seen }) => ({ edge, fault: seen.fault, addresses: seen.sights.map(addressView) })),
  };
}

function addressView({ ip, from, to, none }: AddressSights) {
  // What a name leads to inside is not for everybody who may write a record.
  const hidden = none.kind === 'failed' && none.because === 'address_forbidden';
  const shown = { old_certificate: sightView(from), new_certificate: sightView(to), no_certificate: sightView(none) };
  return { ip: hidden ? 'not shown' : ip, ...shown };
}

function sightView(sight: Sight): View<typeof SIGHT> {
  switch (sight.kind) {
    case 'answered':
      return { saw: 'answered', status: sight.status };
    case 'refused':
      return { saw: 'refused', how: sight.how, alert: sight.alert };
    case 'failed':
      return { saw: 'failed', because: sight.because };
  }
}

/** An origin's name as the API shows it. */
export function originNameView(origin: OriginName): View<typeof ORIGIN_NAME> {
  const { hostname, address, port, serverName, hostHeader } = origin;
  return { hostname, address, port, server_name: serverName, host_header: hostHeader };
}

function paceView(pace: Pace): View<typeof ROTATION>['pace'] {
  return {
    canary_percent: pace.canaryShare * 100,
    canary_seconds: pace.canaryFor / 1_000,
    watch_seconds: pace.watchFor / 1_000,
    drain_seconds: pace.drainFor / 1_000,
    notice_seconds: pace.noticeFor / 1_000,
    refused_percent: pace.refusals * 100,
    retry_seconds: pace.retryAfter / 1_000,
  };
}
