import {
  type Attestation,
  type AttestationPace,
  attestedOrigins,
  summary,
  unwatched,
  type ZoneLocks,
} from '../../domain/attestation.ts';
import type { PlanSource } from '../../domain/edge-zone.ts';
import type { Hostname, Instant, ZoneId } from '../../domain/ids.ts';
import { glancesUntil } from '../../domain/lock-glance.ts';
import { pauseInForce } from '../../domain/look-settings.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { originKey, type OriginName } from '../../domain/proof.ts';
import type { SetupStanding } from '../../domain/under-setup.ts';
import { VERDICTS } from '../../domain/verdict.ts';
import { type Snapshot, seriesKey } from '../../wire/metrics.ts';
import type { AttestationEvidence } from '../../wire/attestations.ts';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import type { Actor } from '../actor.ts';
import type { LookPlaces } from '../look-places.ts';
import type { SetupIndex } from '../setup-index.ts';
import type { InTurn } from '../turns.ts';
import { type AttestationChange, changesOf, evidenceOf, loadAttestations, readEvidence } from './attestation-rows.ts';
import { Attestor } from './attestor.ts';
import { type AttestGround, examination } from './examination.ts';
import { glancing } from './glance.ts';
import { mintProbeCredentials, type ProbeCredentials, type ProbeRequest } from './probe-credentials.ts';
import { type SignedReport, signedReport } from './report.ts';

/** Attestations of a control plane. */
export interface AttestationKeeping {
  readonly attestations: (zone: ZoneId) => ZoneLocks;
  /** What the newest full look at an origin saw; null where there was none. */
  readonly attestationEvidence: (zone: ZoneId, origin: OriginName) => Promise<AttestationEvidence>;
  /** Changes of verdicts, the newest first. */
  readonly attestationChanges: (zone: ZoneId, query: ChangeQuery) => Promise<readonly AttestationChange[]>;
  /** Has the origins of a hostname, or all of the zone for null, looked at before all others; waits for that a while. */
  readonly attestNow: (zone: ZoneId, hostname: Hostname | null) => Promise<{ readonly waiting: number } | Problem>;
  /** How the locks of a zone are, and were since then, signed for the zone. */
  readonly attestationReport: (zone: ZoneId, since: Instant) => Promise<SignedReport | Problem>;
  /** Signs certificates to try a lock with, from elsewhere. */
  readonly probeCredentials: (zone: ZoneId, request: ProbeRequest, actor: Actor) => Promise<ProbeCredentials | Problem>;
  /** Until when it is looked every few seconds whether a decision is carried out; `null` where it is not. */
  readonly glancesUntil: (zone: ZoneId, setup: SetupStanding) => Instant | null;
  /** How many locks are how. */
  readonly attestationFigures: () => Snapshot;
  /** From now on origins are looked at; `null` for never. */
  readonly attest: (ground: AttestGround, pace: AttestationPace | null) => void;
}

interface ChangeQuery {
  readonly origin: string | null;
  readonly since: Instant | null;
  readonly most: number;
}

interface Parts {
  readonly inTurn: InTurn;
  readonly places: LookPlaces;
  /** Told of a zone of whose locks something else is known than before; null stands for all. */
  readonly touched: (zone: ZoneId | null) => void;
  /** What the edges do. */
  readonly source: PlanSource;
  readonly setups: Pick<SetupIndex, 'decisions'>;
  readonly every?: number;
}

interface Keeping {
  readonly keeping: AttestationKeeping;
  /** What is known of the locks of a zone, whether or not somebody looks at them. */
  readonly known: (zone: ZoneId) => readonly Attestation[];
  readonly close: () => Promise<void>;
}

/** Origins that one call may have looked at, and how long it waits for that, in milliseconds. */
const MOST_AT_ONCE = 100;
const WAITS = 30_000;

/** Keeps what is seen of locks, and looks at them as soon as it is known from where. */
export async function attestationKeeping(state: ControlState, parts: Parts): Promise<Keeping> {
  const { source, setups } = parts;
  const known = await loadAttestations(state.store);
  let attestor: Attestor | null = null;
  const ofZone = (zone: ZoneId) => asSeen(state, zone, known.get(zone)?.values() ?? []);
  const locksOf = (zone: ZoneId): ZoneLocks => {
    const { attestations, unattested } = attestor?.of(zone) ?? {
      attestations: known.get(zone)?.values() ?? [],
      unattested: [],
    };
    const looks = state.zones.index.get(zone)?.looks;
    const pause = looks === undefined ? null : pauseInForce(looks, state.clock());
    return { attestations: asSeen(state, zone, attestations), unattested, pause };
  };
  return {
    known: ofZone,
    close: async () => attestor?.close(),
    keeping: {
      attestations: locksOf,
      attestationEvidence: (zone, origin) =>
        inStore(state, parts, null, async () => readEvidence(await evidenceOf(state.store, zone, origin))),
      attestationChanges: (zone, query) => inStore(state, parts, [], () => changesOf(state.store, zone, query)),
      attestNow: (zone, hostname) => attestNow(state, attestor, { zone, hostname }),
      attestationReport: (zone, since) => report(state, parts, zone, { locksOf, since }),
      probeCredentials: (zone, request, actor) => parts.inTurn(() => minted(state, zone, { request, actor })),
      glancesUntil: (zone, setup) =>
        attestor === null || locksOf(zone).pause !== null ? null : glancesUntil(setup, state.clock()),
      attestationFigures: () => figures([...known.keys()].map(ofZone)),
      attest: (ground, pace) => {
        void attestor?.close();
        parts.touched(null);
        attestor =
          pace === null
            ? null
            : new Attestor({
                ...parts,
                state,
                pace,
                known,
                look: examination(state, { ...ground, source }),
                glance: glancing(ground),
                decisions: (now) => setups.decisions(now),
              });
      },
    },
  };
}

// A pause counts from when it is said, also before the attestor has come by, and where there is none.
function asSeen(state: ControlState, zone: ZoneId, attestations: Iterable<Attestation>): readonly Attestation[] {
  const pause = state.zones.index.get(zone)?.looks.pause ?? null;
  return [...attestations].map((one) => unwatched(one, pause));
}

function inStore<T>(state: ControlState, { inTurn }: Parts, otherwise: T, read: () => Promise<T>): Promise<T> {
  return inTurn(async () => (state.closed ? otherwise : read()));
}

async function minted(
  state: ControlState,
  id: ZoneId,
  asked: { readonly request: ProbeRequest; readonly actor: Actor },
): Promise<ProbeCredentials | Problem> {
  const zone = state.closed ? undefined : state.zones.index.get(id);
  return zone === undefined ? problem('zone_not_found') : mintProbeCredentials(state, zone, asked);
}

async function report(
  state: ControlState,
  { inTurn }: Parts,
  id: ZoneId,
  about: { readonly locksOf: (zone: ZoneId) => ZoneLocks; readonly since: Instant },
): Promise<SignedReport | Problem> {
  const zone = state.closed ? undefined : state.zones.index.get(id);
  if (zone === undefined) return problem('zone_not_found');
  try {
    return (await signedReport(state, zone, { ...about, inTurn })) ?? problem('zone_not_found');
  } catch (error) {
    state.log('attestation_failed', { zone: id, ...errorFields(error) });
    return problem('bundle_unsigned', zone.name);
  }
}

async function attestNow(
  state: ControlState,
  attestor: Attestor | null,
  { zone, hostname }: { readonly zone: ZoneId; readonly hostname: Hostname | null },
): Promise<{ readonly waiting: number } | Problem> {
  const entry = state.zones.entry(zone);
  if (entry === undefined) return problem('zone_not_found');
  if (attestor === null) return problem('attestation_off');
  if (pauseInForce(entry.zone.looks, state.clock()) !== null) return problem('looks_paused', entry.zone.name);
  const all = attestedOrigins(entry.edge, entry.zone.looks).origins.map(({ origin }) => origin);
  const chosen = hostname === null ? all : all.filter((origin) => origin.hostname === hostname);
  if (chosen.length === 0) return problem('attestation_nothing', hostname ?? entry.zone.name, '/hostname');
  if (chosen.length > MOST_AT_ONCE)
    return problem('attestation_too_many', `${chosen.length}, of ${MOST_AT_ONCE} at most`);
  attestor.tick();
  return { waiting: await attestor.now(zone, chosen.map(originKey), WAITS) };
}

function figures(zones: Iterable<readonly Attestation[]>): Snapshot {
  const gauges: Record<string, number> = {};
  for (const verdict of VERDICTS) gauges[seriesKey('locks', verdict)] = 0;
  for (const ofZone of zones) {
    for (const [verdict, count] of Object.entries(summary(ofZone))) {
      const series = seriesKey('locks', verdict);
      gauges[series] = (gauges[series] ?? 0) + count;
    }
  }
  return { counters: {}, gauges };
}
