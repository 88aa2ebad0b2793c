import type { ClientCertificate } from './certificate.ts';
import { arrived, type CertificateDraft } from './certificate-changes.ts';
import type { Circumstances } from './circumstances.ts';
import { type CertificateId, type Instant, instant, type Revision, type RotationId } from './ids.ts';
import { type Problem, problem } from './problems.ts';
import { type OriginName, originKey } from './proof.ts';
import {
  type HistoryEntry,
  isPromoted,
  isRunning,
  type Outcome,
  type Phase,
  type Rotation,
  type RotationStep,
  type Standing,
  type Succession,
} from './rotation.ts';
import type { Pace } from './rotation-pace.ts';
import { pairOf } from './root-key.ts';
import { revokeCertificate, revokeIntermediate } from './revocation.ts';
import type { Association, CaPair, Zone, ZoneAuthority } from './zone.ts';

/** A rotation as it begins: what takes whose place. Keys of the new certificates and CAs come along. */
export interface RotationDraft {
  readonly id: RotationId;
  readonly what: Rotation['what'];
  readonly cause: Rotation['cause'];
  readonly rehearsal: boolean;
  /** What leaves is revoked before anything else: until origins accept the new certificate they get no pulls. */
  readonly revokeFirst: boolean;
  readonly pace: Pace;
  readonly because: string;
  readonly by: string;
  readonly successors: readonly { readonly from: CertificateId; readonly draft: CertificateDraft }[];
  /** `null` where the authority stays. */
  readonly authority: CaPair | null;
}

/** What an operator wants of a rotation that is under way. */
export interface RotationWish {
  readonly id: RotationId;
  readonly by: string;
  readonly because: string;
  readonly wish:
    | { readonly kind: 'pause' }
    | { readonly kind: 'resume' }
    | { readonly kind: 'undo' }
    /** Switches origins without proof: those named, or all. */
    | { readonly kind: 'force'; readonly origins: readonly OriginName[] };
}

/** A step that `nextStep` has named, for the rotation as it was then. */
export interface RotationMove {
  readonly id: RotationId;
  /** Of the rotation that the step was worked out for: somebody may have come between. */
  readonly over: Revision;
  readonly step: Exclude<RotationStep, { kind: 'wait' }>;
}

const MOST_HISTORY = 500;

/** Begins a rotation: the new certificates and, where there are some, the new CAs come into the zone. */
export function startRotation(zone: Zone, draft: RotationDraft, world: Circumstances): Zone | Problem {
  if (isRunning(zone.rotation)) return problem('rotation_running', zone.rotation.id);
  const certificates = new Map(zone.certificates);
  for (const { from, draft: coming } of draft.successors) {
    const old = certificates.get(from);
    if (old?.wish.kind !== 'deploy' || old.source !== 'managed') return problem('certificate_not_found', from);
    certificates.set(coming.id, arrived(coming, world));
  }
  const { id, what, cause, rehearsal, pace, by, because, authority } = draft;
  const rotation: Rotation = {
    id,
    what,
    cause,
    rehearsal,
    pace,
    startedAt: world.now,
    successions: draft.successors.map(({ from, draft: { id: to } }) => ({ from, to })),
    phase: { kind: 'proving', since: world.now },
    paused: null,
    standings: new Map(),
    lastly: [],
    history: [{ at: world.now, did: 'start', by, because, origins: [] }],
    revision: world.revision,
  };
  const begun = { ...zone, certificates, rotation, authority: { ...zone.authority, next: authority } };
  return draft.revokeFirst ? revokedFirst(begun, rotation, world) : begun;
}

function revokedFirst(zone: Zone, rotation: Rotation, world: Circumstances): Zone | Problem {
  if (rotation.rehearsal) return problem('rotation_rehearsal', 'nor does it revoke anything');
  const line: HistoryEntry = { ...entry(world.now, 'revoke', []), because: 'before anything else, as wished' };
  const revoked = revokedOld(zone, rotation, world);
  if ('code' in revoked) return revoked;
  // At once, so that no bundle that is fetched from now on holds the old CA.
  const promoted = promote(revoked, noted(rotation, line), world);
  const after = rotation.what === 'intermediate' ? revokedIntermediate(promoted, world) : promoted;
  return 'code' in after ? after : distrusted(after);
}

/** The zone with the certificates revoked that leave. */
function revokedOld(zone: Zone, { successions }: Rotation, world: Circumstances): Zone | Problem {
  let after = zone;
  for (const { from } of successions) {
    const target = { kind: 'certificate', id: from } as const;
    const revoked = revokeCertificate(after, { target, reason: 'keyCompromise', force: true }, world);
    if ('code' in revoked) return revoked;
    after = revoked;
  }
  return after;
}

/** Takes the step that came out of `nextStep`. */
export function moveRotation(zone: Zone, { id, over, step }: RotationMove, world: Circumstances): Zone | Problem {
  const { rotation } = zone;
  if (!isRunning(rotation) || rotation.id !== id || rotation.revision !== over) return problem('rotation_moved_on', id);
  const moved = { ...rotation, revision: world.revision };
  const { now } = world;
  switch (step.kind) {
    case 'switch': {
      const standings = switched(rotation, step.origins, now);
      const phase: Phase = rotation.phase.kind === 'proving' ? { kind: 'canary', since: now } : rotation.phase;
      return withRotation(zone, noted({ ...moved, standings, phase }, entry(now, 'switch', step.origins)));
    }
    case 'revert':
      return withRotation(zone, reverted(moved, step.origins, now));
    case 'forget': {
      const standings = new Map(rotation.standings);
      for (const origin of step.origins) standings.delete(originKey(origin));
      return withRotation(zone, { ...moved, standings });
    }
    case 'enter':
      return enter(zone, moved, step.phase, world);
    case 'promote':
      return promote(zone, moved, world);
    case 'finish':
      return end(zone, moved, step, world);
  }
}

function switched(
  { standings }: Rotation,
  origins: Extract<RotationStep, { kind: 'switch' }>['origins'],
  at: Instant,
): Rotation['standings'] {
  const after = new Map<string, Standing>(standings);
  for (const { origin, how, evidence } of origins) {
    after.set(originKey(origin), { kind: 'switched', origin, at, how, evidence });
  }
  return after;
}

function reverted(
  rotation: Rotation,
  origins: Extract<RotationStep, { kind: 'revert' }>['origins'],
  at: Instant,
): Rotation {
  const standings = new Map(rotation.standings);
  let after = rotation;
  for (const { origin, because, evidence } of origins) {
    const key = originKey(origin);
    const times = timesReverted(rotation, key) + 1;
    standings.set(key, { kind: 'reverted', origin, at, because, times, evidence });
    after = noted(after, { at, did: 'revert', by: 'postern', because, origins: [origin] });
  }
  // What all were watched in is over with one that fell out.
  const phase: Phase = rotation.phase.kind === 'watching' ? { kind: 'switching', since: at } : rotation.phase;
  return { ...after, standings, phase };
}

// One that was switched again has its earlier falls in the history only.
function timesReverted({ history }: Rotation, key: string): number {
  return history.filter(({ did, origins }) => did === 'revert' && origins.some((origin) => originKey(origin) === key))
    .length;
}

function enter(
  zone: Zone,
  rotation: Rotation,
  kind: Extract<RotationStep, { kind: 'enter' }>['phase'],
  world: Circumstances,
): Zone | Problem {
  const { now } = world;
  const phase: Phase =
    kind === 'retiring' ? { kind, since: now, until: instant(now + rotation.pace.noticeFor) } : { kind, since: now };
  const after = withRotation(zone, noted({ ...rotation, phase }, entry(now, kind, [])));
  // Out of the bundle: an origin that takes the present one does not believe the old CA any more.
  if (kind === 'confirming') return distrusted(after);
  return kind === 'retiring' && revokesIntermediate(rotation) ? revokedIntermediate(after, world) : after;
}

// Whoever has the root would go on to believe what the stolen intermediate signs.
function revokesIntermediate({ cause, what }: Rotation): boolean {
  return cause === 'emergency' && what === 'intermediate';
}

function revokedIntermediate(zone: Zone, world: Circumstances): Zone | Problem {
  const intermediate = zone.authority.retiring?.intermediate;
  return intermediate === undefined ? zone : revokeIntermediate(zone, { intermediate, reason: 'cACompromise' }, world);
}

function promote(zone: Zone, rotation: Rotation, world: Circumstances): Zone {
  const { now } = world;
  const after = noted({ ...rotation, phase: { kind: 'draining', since: now } }, entry(now, 'promote', []));
  return {
    ...withRotation(zone, after),
    authority: succeeded(zone.authority),
    associations: handedOver(zone.associations, rotation.successions, world),
  };
}

function succeeded(authority: ZoneAuthority): ZoneAuthority {
  const { next, standby, signer } = authority;
  if (next === null) return authority;
  return { ...next, next: null, retiring: { ...pairOf(authority), trusted: true }, standby, signer };
}

// What was new stays trusted until no edge shows it any more.
function preceded(authority: ZoneAuthority): ZoneAuthority {
  const { retiring, standby, signer } = authority;
  if (retiring === null) return authority;
  const { trusted: _, ...pair } = retiring;
  return { ...pair, next: pairOf(authority), retiring: null, standby, signer };
}

function distrusted(zone: Zone): Zone {
  const { retiring } = zone.authority;
  return retiring === null
    ? zone
    : { ...zone, authority: { ...zone.authority, retiring: { ...retiring, trusted: false } } };
}

/** What hostnames present, with the successors of certificates in their places. */
export function handedOver(
  associations: Zone['associations'],
  successions: readonly Succession[],
  { now, revision }: Circumstances,
): Zone['associations'] {
  let after: Map<Association['hostname'], Association> | null = null;
  for (const [hostname, association] of associations) {
    const found = successions.find(({ from }) => from === association.certificate);
    if (found === undefined) continue;
    after ??= new Map(associations);
    after.set(hostname, { ...association, certificate: found.to, updatedAt: now, revision });
  }
  return after ?? associations;
}

function end(
  zone: Zone,
  rotation: Rotation,
  { outcome, because, lastly }: Omit<Extract<RotationStep, { kind: 'finish' }>, 'kind'>,
  world: Circumstances,
): Zone | Problem {
  const leaving = rotation.successions.map(({ from, to }) => (outcome === 'done' ? from : to));
  const certificates = new Map(zone.certificates);
  const wish = { kind: 'delete', at: world.now, revision: world.revision } as const;
  for (const id of leaving) {
    const known = certificates.get(id);
    if (known?.wish.kind === 'deploy') certificates.set(id, { ...known, wish });
  }
  const phase: Phase = { kind: 'ended', at: world.now, outcome, because };
  const after = noted({ ...rotation, phase, lastly }, { ...entry(world.now, outcome, []), because });
  const stolen = outcome === 'done' && rotation.cause === 'emergency' && rotation.what === 'leaf';
  const before = stolen ? revokedOld(zone, rotation, world) : zone;
  if ('code' in before) return before;
  // Somebody may have named one of them meanwhile: what goes must leave nobody without a certificate.
  const back = rotation.successions.map(({ from, to }) => ({ from: to, to: from }));
  const heirs = outcome === 'done' ? rotation.successions : back;
  return {
    ...withRotation(before, after),
    certificates,
    associations: handedOver(zone.associations, heirs, world),
    authority: {
      ...zone.authority,
      next: null,
      retiring: null,
      standby: stillOnStandby(zone.authority, rotation, outcome),
      // What an old root has certified goes with it.
      signer: outcome === 'done' && rotation.what === 'root' ? null : zone.authority.signer,
    },
  };
}

// It is kept until it has come into its place for good, so that an undo or a rehearsal does not use it up.
function stillOnStandby({ standby, intermediate }: ZoneAuthority, { what }: Rotation, outcome: Outcome) {
  if (outcome !== 'done') return standby;
  return what === 'root' || standby?.fingerprint === intermediate.fingerprint ? null : standby;
}

/** Does what an operator wishes: pause, resume, undo, or switch without proof. */
export function steerRotation(
  zone: Zone,
  { id, wish, by, because }: RotationWish,
  world: Circumstances,
): Zone | Problem {
  const { rotation } = zone;
  if (rotation === null || rotation.id !== id) return problem('rotation_not_found', id);
  if (rotation.phase.kind === 'ended') return problem('rotation_over', rotation.phase.outcome);
  const { now, revision } = world;
  const line: HistoryEntry = { at: now, did: wish.kind, by, because, origins: 'origins' in wish ? wish.origins : [] };
  const moved = noted({ ...rotation, revision }, line);
  switch (wish.kind) {
    case 'pause':
      return rotation.paused === null ? withRotation(zone, { ...moved, paused: { at: now, because } }) : zone;
    case 'resume':
      return rotation.paused === null ? zone : withRotation(zone, { ...moved, paused: null });
    case 'force':
      return force(zone, moved, wish.origins, { because, world });
    case 'undo':
      return undo(zone, moved, { because, world });
  }
}

interface Steering {
  readonly because: string;
  readonly world: Circumstances;
}

function force(
  zone: Zone,
  rotation: Rotation,
  origins: readonly OriginName[],
  { because, world }: Steering,
): Zone | Problem {
  const { now } = world;
  if (rotation.rehearsal) return problem('rotation_rehearsal');
  if (rotation.phase.kind === 'confirming') {
    return end(zone, rotation, { outcome: 'done', because: `not confirmed: ${because}`, lastly: [] }, world);
  }
  // The old CA leaves before its date: no other rotation may begin until it has.
  if (rotation.phase.kind === 'retiring') return enter(zone, rotation, 'confirming', world);
  if (isPromoted(rotation) || rotation.phase.kind === 'undoing') return problem('rotation_beyond_force');
  const all = origins.map((origin) => ({ origin, how: 'forced', evidence: null }) as const);
  const standings = switched(rotation, all, now);
  const phase: Phase = rotation.phase.kind === 'proving' ? { kind: 'canary', since: now } : rotation.phase;
  return withRotation(zone, { ...rotation, standings, phase });
}

/** Everything shows the old certificate again, as long as that is of use. */
function undo(zone: Zone, rotation: Rotation, { because, world }: Steering): Zone | Problem {
  if (rotation.phase.kind === 'undoing') return zone;
  // Origins that took the present bundle do not believe the old CA any more.
  if (rotation.phase.kind === 'confirming') return problem('rotation_beyond_undo', 'the old CA is out of the bundle');
  const spent = rotation.successions
    .map(({ from }) => zone.certificates.get(from))
    .find((old) => old === undefined || old.wish.kind !== 'deploy' || old.leaf.notAfter <= world.now);
  if (spent !== undefined) return problem('rotation_beyond_undo', `the old certificate ${spent.id} has ended`);
  const since = issuedSince(zone, rotation);
  if (since !== undefined) {
    return problem('rotation_beyond_undo', `the new CA has issued ${since.id} since, which would end with it`);
  }
  const back = rotation.successions.map(({ from, to }) => ({ from: to, to: from }));
  const phase: Phase = { kind: 'undoing', since: world.now, because };
  const after = { ...rotation, phase, paused: null, standings: new Map() };
  if (!isPromoted(rotation)) return withRotation(zone, after);
  return {
    ...withRotation(zone, after),
    authority: preceded(zone.authority),
    associations: handedOver(zone.associations, back, world),
  };
}

/** A certificate that is in use under the new CA and takes nobody's place: it would be left without one. */
function issuedSince({ certificates, authority }: Zone, rotation: Rotation): ClientCertificate | undefined {
  if (rotation.what === 'leaf' || !isPromoted(rotation)) return undefined;
  const { fingerprint } = authority.intermediate;
  return [...certificates.values()].find(
    ({ id, source, wish, chain: [issuer] }) =>
      source === 'managed' &&
      wish.kind === 'deploy' &&
      issuer?.fingerprint === fingerprint &&
      !rotation.successions.some(({ to }) => to === id),
  );
}

function withRotation(zone: Zone, rotation: Rotation): Zone {
  return { ...zone, rotation };
}

/** The rotation with another line in its history. */
export function noted(rotation: Rotation, line: HistoryEntry): Rotation {
  return { ...rotation, history: [...rotation.history, line].slice(-MOST_HISTORY) };
}

function entry(at: Instant, did: string, origins: readonly { readonly origin: OriginName }[]): HistoryEntry {
  return { at, did, by: 'postern', because: '', origins: origins.map(({ origin }) => origin) };
}
