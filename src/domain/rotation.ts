import type { CertificateId, Instant, Revision, RotationId } from './ids.ts';
import { type Evidence, type OriginName, originKey, originOf, type ProofFinding, type ProofTask } from './proof.ts';
import type { Pace } from './rotation-pace.ts';

/** What is replaced: the certificates that are presented alone, or with them the CA that signs them, or its root too. */
export const ROTATED = ['leaf', 'intermediate', 'root'] as const;
export type Rotated = (typeof ROTATED)[number];

/** Why a rotation was begun. */
export const CAUSES = ['asked', 'due', 'emergency'] as const;

/** The certificate that takes the place of another one. */
export interface Succession {
  readonly from: CertificateId;
  readonly to: CertificateId;
}

/** How far a rotation has come. Trust comes first, then what is presented; what is old goes last. */
export type Phase =
  /** The new certificate is at the edges and its CA in the bundle. No origin is shown it but to prove it. */
  | { readonly kind: 'proving'; readonly since: Instant }
  | { readonly kind: 'canary'; readonly since: Instant }
  | { readonly kind: 'switching'; readonly since: Instant }
  | { readonly kind: 'watching'; readonly since: Instant }
  /** Everything shows the new one. Connections that show the old one come to their end. */
  | { readonly kind: 'draining'; readonly since: Instant }
  /** The old CA is still in the bundle, until then. */
  | { readonly kind: 'retiring'; readonly since: Instant; readonly until: Instant }
  /** The old CA is out of the bundle: each origin is to be seen refusing what it signed. */
  | { readonly kind: 'confirming'; readonly since: Instant }
  /** Everything shows the old one again. */
  | { readonly kind: 'undoing'; readonly since: Instant; readonly because: string }
  | { readonly kind: 'ended'; readonly at: Instant; readonly outcome: Outcome; readonly because: string };

export type Outcome = 'done' | 'undone' | 'rehearsed';

/** What was decided about one origin. One without an entry shows the old certificate. */
export type Standing =
  | {
      readonly kind: 'switched';
      readonly origin: OriginName;
      readonly at: Instant;
      readonly how: SwitchReason;
      readonly evidence: Evidence | null;
    }
  /** It was shown the new certificate and then the old one again. */
  | {
      readonly kind: 'reverted';
      readonly origin: OriginName;
      readonly at: Instant;
      readonly because: string;
      readonly times: number;
      readonly evidence: Evidence | null;
    };

/** `lapsed`: the old certificate had ended, so that there was nothing to lose. */
type SwitchReason = 'proved' | 'forced' | 'lapsed';

/** One line of a rotation's history, for who audits it. */
export interface HistoryEntry {
  readonly at: Instant;
  readonly did: string;
  readonly by: string;
  readonly because: string;
  readonly origins: readonly OriginName[];
}

/** One rotation of a zone: what was decided so far. What is seen of origins comes anew with each tick. */
export interface Rotation {
  readonly id: RotationId;
  readonly what: Rotated;
  readonly cause: (typeof CAUSES)[number];
  /** It goes as far as proving, and ends there. */
  readonly rehearsal: boolean;
  readonly startedAt: Instant;
  readonly pace: Pace;
  readonly successions: readonly Succession[];
  readonly phase: Phase;
  readonly paused: { readonly at: Instant; readonly because: string } | null;
  readonly standings: ReadonlyMap<string, Standing>;
  /** Seen last, when it ended. */
  readonly lastly: readonly { readonly origin: OriginName; readonly evidence: Evidence | null }[];
  readonly history: readonly HistoryEntry[];
  /** Of its last step: the next one waits until that is in force. */
  readonly revision: Revision;
}

/** What is known of one origin at a tick. */
export interface OriginFact {
  readonly task: ProofTask;
  /** What this tick's look at it says; `null` where nobody looked. */
  readonly finding: ProofFinding | null;
  /** What the newest look says, whenever that was. */
  readonly lately: ProofFinding | null;
  readonly evidence: Evidence | null;
  /** Whether the newest look saw the old certificate refused, and the new one not. */
  readonly oldRefused: boolean;
  /** Pulls that showed the new certificate since it was switched. */
  readonly pulls: { readonly answered: number; readonly refused: number };
  /** When the old certificate stops being of use: its end, or its revocation. */
  readonly oldUntil: Instant;
}

/** What a rotation must know to go on. */
export interface RotationFacts {
  /** The newest revision in force at every edge. */
  readonly applied: Revision;
  /** Whether there is an edge that serves. */
  readonly edges: number;
  /** The origins that the rotation is about, as the zone is now. */
  readonly origins: readonly OriginFact[];
}

/** What a rotation waits for. */
export const WAITS = {
  operator: 'It is paused, until somebody resumes it',
  edges: 'Not every edge has the last step in force yet',
  no_edge: 'There is no edge that could look at the origins',
  proof: 'Origins have to be seen accepting the new certificate first',
  canary: 'The first origins show the new certificate, and are watched',
  watch: 'All origins show the new certificate, and are watched',
  drain: 'Connections made with the old certificate come to their end',
  notice: 'The old CA stays in the bundle until its date',
  confirmation: 'Origins have to be seen refusing what the old CA signed',
  nothing: 'It is over',
} as const satisfies Record<string, string>;

export type WaitCode = keyof typeof WAITS;

/** What to do next. Everything but waiting is one change of the zone. */
export type RotationStep =
  | { readonly kind: 'wait'; readonly for: WaitCode }
  | { readonly kind: 'switch'; readonly origins: readonly Switched[] }
  | { readonly kind: 'revert'; readonly origins: readonly Reverted[] }
  /** The zone does not have them any more. */
  | { readonly kind: 'forget'; readonly origins: readonly OriginName[] }
  | { readonly kind: 'enter'; readonly phase: 'proving' | 'switching' | 'watching' | 'retiring' | 'confirming' }
  /** The new certificate, and its CA, are what the zone has from now on. */
  | { readonly kind: 'promote' }
  | {
      readonly kind: 'finish';
      readonly outcome: Outcome;
      readonly because: string;
      readonly lastly: Rotation['lastly'];
    };

interface Switched {
  readonly origin: OriginName;
  readonly how: SwitchReason;
  readonly evidence: Evidence | null;
}

interface Reverted {
  readonly origin: OriginName;
  readonly because: string;
  readonly evidence: Evidence | null;
}

/** While it lasts no other rotation begins, also not that of a certificate which comes to its end. */
const LONGEST_REHEARSAL = 86_400_000;

/** Pulls that were refused must be more than a few before their share means something. */
const LEAST_REFUSALS = 3;

/**
 * What a rotation does next, from what was decided so far and what is seen now: the answer to the product's third
 * question. Trust first, present second, retire last; an origin that is not proved holds back nobody but itself.
 */
export function nextStep(rotation: Rotation, facts: RotationFacts, now: Instant): RotationStep {
  const { phase } = rotation;
  if (phase.kind === 'ended') return wait('nothing');
  if (rotation.rehearsal && now - rotation.startedAt >= LONGEST_REHEARSAL) {
    return finish('rehearsed', facts, 'not every origin was proved within a day');
  }
  // Neither a pause nor canaries are worth an outage: what these origins are shown now is of no use any more.
  const lapsed = PRESENTING.has(phase.kind) ? lapsedOrigins(rotation, facts, now) : [];
  if (rotation.paused !== null && lapsed.length === 0) return wait('operator');
  if (facts.applied < rotation.revision) return wait('edges');
  const gone = forgotten(rotation, facts);
  if (gone.length > 0) return { kind: 'forget', origins: gone };
  if (lapsed.length > 0) return { kind: 'switch', origins: lapsed };
  switch (phase.kind) {
    case 'proving':
    case 'canary':
    case 'switching':
    case 'watching':
      return presentNext(rotation, phase, facts, now);
    case 'draining':
      if (!passed(phase.since, rotation.pace.drainFor, now)) return wait('drain');
      return rotation.what === 'leaf' ? finish('done', facts) : { kind: 'enter', phase: 'retiring' };
    case 'retiring':
      if (now < phase.until) return wait('notice');
      return { kind: 'enter', phase: 'confirming' };
    case 'confirming':
      return confirm(rotation, phase.since, facts, now);
    case 'undoing':
      return finish('undone', facts, phase.because);
  }
}

/** Whether it is still under way. */
export function isRunning(rotation: Rotation | null): rotation is Rotation {
  return rotation !== null && rotation.phase.kind !== 'ended';
}

/** Some origins show the new certificate, or shall; the zone has the old one. */
const PRESENTING: ReadonlySet<Phase['kind']> = new Set(['proving', 'canary', 'switching', 'watching']);

const PROMOTED: ReadonlySet<Phase['kind']> = new Set(['draining', 'retiring', 'confirming']);

/** Whether the new certificate is what the zone presents, to all of its origins. */
export function isPromoted({ phase }: Rotation): boolean {
  return phase.kind === 'ended' ? phase.outcome === 'done' : PROMOTED.has(phase.kind);
}

/** The certificates that wait for their time: at the edges, and presented nowhere but where their rotation says so. */
export function awaited(rotation: Rotation | null, certificate: CertificateId): boolean {
  if (rotation === null || isPromoted(rotation)) return false;
  return rotation.successions.some(({ to }) => to === certificate);
}

/** The certificate that an origin is shown in place of `certificate`; `null` for that one itself. */
export function successor(
  rotation: Rotation | null,
  origin: OriginName,
  certificate: CertificateId,
): CertificateId | null {
  if (!isRunning(rotation) || isPromoted(rotation)) return null;
  if (rotation.standings.get(originKey(origin))?.kind !== 'switched') return null;
  return rotation.successions.find(({ from }) => from === certificate)?.to ?? null;
}

/** Whether a certificate is on its way into its place, or out of it: then nobody but the rotation says who shows it. */
export function isMoving(rotation: Rotation | null, certificate: CertificateId): boolean {
  if (!isRunning(rotation)) return false;
  const promoted = isPromoted(rotation);
  return rotation.successions.some(({ from, to }) => (promoted ? from : to) === certificate);
}

function presentNext(
  rotation: Rotation,
  phase: Extract<Phase, { kind: 'proving' | 'canary' | 'switching' | 'watching' }>,
  facts: RotationFacts,
  now: Instant,
): RotationStep {
  const troubled = facts.origins.flatMap((fact) => trouble(rotation, fact, now));
  if (troubled.length > 0) return { kind: 'revert', origins: troubled };
  const held = facts.origins.filter((fact) => !isSwitched(rotation, fact));
  const ready = held.flatMap((fact) => readiness(rotation, fact, now));
  if (facts.edges === 0 && held.length > 0) return wait('no_edge');
  switch (phase.kind) {
    case 'proving':
      return prove(rotation, facts, { held, ready });
    case 'canary':
      if (held.length === facts.origins.length && held.length > 0) return { kind: 'enter', phase: 'proving' };
      if (!passed(phase.since, rotation.pace.canaryFor, now)) return wait('canary');
      return { kind: 'enter', phase: 'switching' };
    case 'switching':
      if (ready.length > 0) return { kind: 'switch', origins: ready };
      return held.length > 0 ? wait('proof') : { kind: 'enter', phase: 'watching' };
    case 'watching':
      if (held.length > 0) return { kind: 'enter', phase: 'switching' };
      return passed(phase.since, rotation.pace.watchFor, now) ? { kind: 'promote' } : wait('watch');
  }
}

interface Waiting {
  readonly held: readonly OriginFact[];
  readonly ready: readonly Switched[];
}

function prove(rotation: Rotation, facts: RotationFacts, { held, ready }: Waiting): RotationStep {
  if (rotation.rehearsal) {
    return facts.origins.every(({ lately }) => lately === 'proved') ? finish('rehearsed', facts) : wait('proof');
  }
  // Nothing shows the old one, so nobody can be harmed.
  if (facts.origins.length === 0) return { kind: 'promote' };
  // A rotation comes back here when all its canaries were taken back: those that hold must not be taken for canaries.
  if (held.length === 0) return { kind: 'enter', phase: 'watching' };
  if (ready.length === 0) return wait('proof');
  const canaries = Math.max(1, Math.ceil(facts.origins.length * rotation.pace.canaryShare));
  return { kind: 'switch', origins: ready.slice(0, canaries) };
}

/** The origins of a rotation that is under way which are shown the old certificate still. */
export function heldOrigins(rotation: Rotation, origins: readonly OriginFact[]): readonly OriginName[] {
  return origins.filter((fact) => !isSwitched(rotation, fact)).map(({ task }) => originOf(task));
}

function isSwitched(rotation: Rotation, { task }: OriginFact): boolean {
  return rotation.standings.get(originKey(task))?.kind === 'switched';
}

function lapsedOrigins(rotation: Rotation, { origins }: RotationFacts, now: Instant): readonly Switched[] {
  const held = origins.filter((fact) => now >= fact.oldUntil && !isSwitched(rotation, fact));
  return held.flatMap((fact) => readiness(rotation, fact, now));
}

/** Whether an origin that shows the old certificate may have the new one now: none or one. */
function readiness(rotation: Rotation, { task, finding, evidence, oldUntil }: OriginFact, now: Instant): Switched[] {
  const origin = originOf(task);
  if (now >= oldUntil) return rotation.rehearsal ? [] : [{ origin, how: 'lapsed', evidence }];
  if (finding !== 'proved') return [];
  const standing = rotation.standings.get(originKey(task));
  if (standing?.kind === 'reverted') {
    const pause = rotation.pace.retryAfter * 2 ** Math.min(standing.times - 1, 10);
    if (now - standing.at < pause) return [];
  }
  return [{ origin, how: 'proved', evidence }];
}

/** What speaks for giving an origin the old certificate back: none or one. */
function trouble(rotation: Rotation, fact: OriginFact, now: Instant): Reverted[] {
  const standing = rotation.standings.get(originKey(fact.task));
  // What was forced is its operator's decision, and what has ended cannot come back.
  if (standing?.kind !== 'switched' || standing.how !== 'proved' || now >= fact.oldUntil) return [];
  const { answered, refused } = fact.pulls;
  const { evidence } = fact;
  const origin = originOf(fact.task);
  if (fact.finding === 'refused') {
    return [{ origin, because: 'it refuses the new certificate, which it accepted before', evidence }];
  }
  if (refused < LEAST_REFUSALS || refused <= (answered + refused) * rotation.pace.refusals) return [];
  return [
    { origin, because: `${refused} of ${answered + refused} pulls with the new certificate were refused`, evidence },
  ];
}

function confirm(rotation: Rotation, since: Instant, facts: RotationFacts, now: Instant): RotationStep {
  // Whoever has the root takes what its old intermediate signed: only a revocation ends that.
  if (rotation.what === 'intermediate') {
    return finish('done', facts, 'what the old intermediate signed stays good at origins until it ends or is revoked');
  }
  // What was seen before may have been for another reason: the old CA was in the bundle still.
  const open = facts.origins.filter(({ oldRefused, evidence }) => !oldRefused || (evidence?.at ?? 0) < since);
  if (open.length === 0) return finish('done', facts);
  // One that has ended proves nothing by being refused.
  if (open.every(({ oldUntil }) => now >= oldUntil)) {
    const names = open.map(({ task }) => originKey(task)).join(', ');
    return finish('done', facts, `the old certificate ended before it was seen being refused by ${names}`);
  }
  return wait(facts.edges === 0 ? 'no_edge' : 'confirmation');
}

function forgotten({ standings }: Rotation, { origins }: RotationFacts): readonly OriginName[] {
  if (standings.size === 0) return [];
  const known = new Set(origins.map(({ task }) => originKey(task)));
  return [...standings].filter(([key]) => !known.has(key)).map(([, { origin }]) => origin);
}

function finish(outcome: Outcome, facts: RotationFacts, because = ''): RotationStep {
  const lastly = facts.origins.map(({ task, evidence }) => ({ origin: originOf(task), evidence }));
  return { kind: 'finish', outcome, because, lastly };
}

// What began in a future further away than it is long began by a clock that was wrong: it is not to be waited for.
function passed(since: Instant, span: number, now: Instant): boolean {
  return Math.abs(now - since) >= span;
}

function wait(code: WaitCode): RotationStep {
  return { kind: 'wait', for: code };
}
