import { attestedOrigins } from '../../domain/attestation.ts';
import type { EdgeZone } from '../../domain/edge-zone.ts';
import { type Hostname, instant, isWithin, nearestOf, type ZoneId } from '../../domain/ids.ts';
import { plan } from '../../domain/plan.ts';
import { isProved, seenOf, type SetupFacts, type SetupName, setupStep, type SetupStep } from '../../domain/setup.ts';
import type { Zone } from '../../domain/zone.ts';
import type { View } from '../../wire/answer-fields.ts';
import { attestationView } from '../../wire/attestations.ts';
import {
  callersByOtherNames,
  callersIn,
  callersSince,
  callersTogether,
  callersView,
  type KnownCallers,
  NOBODY_KNOWN,
  weighedSince,
} from '../../wire/callers.ts';
import { typedHostname } from '../../wire/names.ts';
import { type SETUP, type SETUP_SUMMARY, setupSummary, stepView, type StoredSetup } from '../../wire/setups.ts';
import { moment } from '../../wire/views.ts';
import { callersHow } from './callers-how.ts';
import { findingTitle, findingWords } from '../attest/finding-title.ts';
import type { ZoneSetup } from '../setup-rows.ts';
import type { Call, ZoneCall } from './route.ts';

/** What is seen of a set-up. */
interface Seen {
  readonly step: SetupStep;
  readonly facts: SetupFacts;
  /** Of all its names together. */
  readonly callers: KnownCallers;
  readonly since: number;
  readonly reports: View<typeof SETUP>['reports'];
}

/** What is known of all hostnames of a zone together: to be looked up once, however many set-ups are shown. */
interface KnownOfZone {
  readonly edge: EdgeZone | undefined;
  readonly reports: Awaited<ReturnType<ZoneCall['plane']['originReports']>>;
  readonly origins: SetupName['origins'];
  readonly attestations: SetupName['attestations'];
  /** Of all names of the set-ups, since the earliest of their moments. */
  readonly callers: ReadonlyMap<Hostname, KnownCallers>;
}

/** Looks it up for these set-ups of a zone. */
async function knownOfZone(
  { plane, zone, now }: Pick<ZoneCall, 'plane' | 'zone' | 'now'>,
  setups: readonly SetupOf[],
): Promise<KnownOfZone> {
  const edge = plane.edgeZone(zone.id);
  const names = new Set(setups.flatMap((setup) => namesOfSetup(setup, zone)));
  const since = Math.min(...setups.map(({ configured }) => weighedSince(configured, now)));
  return {
    edge,
    reports: await plane.originReports(zone.id),
    origins: edge === undefined ? [] : attestedOrigins(edge, zone.looks).origins,
    attestations: plane.attestations(zone.id).attestations,
    callers: await plane.callers(zone.id, [...names], instant(since)),
  };
}

interface SetupOf extends StoredSetup {
  readonly hostname: Hostname;
}

/** The names of a set-up that are names of its zone: its own, and the others that are locked with it. */
function namesOfSetup({ hostname, choices }: Pick<SetupOf, 'hostname' | 'choices'>, { name }: Zone) {
  const others = (choices.other_names ?? [])
    .map(typedHostname)
    .filter((other) => other !== null && other !== hostname && isWithin(other, name));
  return [hostname, ...new Set(others.filter((other) => other !== null))] as const;
}

/** Where a set-up is, from all that is known now. */
export async function setupSeen(setup: SetupOf, call: ZoneCall, known?: KnownOfZone): Promise<Seen> {
  const { zone, now } = call;
  const since = weighedSince(setup.configured, now);
  const [own, ...others] = namesOfSetup(setup, zone);
  const ofZone = known ?? (await knownOfZone(call, [setup]));
  const came = (hostname: Hostname) => callersSince(ofZone.callers.get(hostname) ?? NOBODY_KNOWN, since);
  const of = (hostname: Hostname) => nameSeen(hostname, { call, setup, ofZone, callers: came(hostname) });
  const together = callersTogether([own, ...others].map(came));
  const facts: SetupFacts = {
    began: setup.began,
    configured: setup.configured,
    decided: setup.decided,
    chosen: { server: setup.choices.server ?? null, mode: setup.choices.mode ?? 'watch' },
    names: [of(own), ...others.map(of)],
    byOtherNames: callersByOtherNames(together).total,
  };
  const reports = reportsOf(new Set<string>([own, ...others]), ofZone);
  return { step: setupStep(facts), facts, callers: together, since, reports };
}

interface About {
  readonly call: ZoneCall;
  readonly setup: SetupOf;
  readonly ofZone: KnownOfZone;
  readonly callers: KnownCallers;
}

function nameSeen(hostname: Hostname, { call: { plane, now }, setup, ofZone, callers }: About): SetupName {
  const ofName = <Origin extends { readonly origin: { readonly hostname: Hostname } }>(all: readonly Origin[]) =>
    all.filter(({ origin }) => origin.hostname === hostname);
  return {
    hostname,
    records: recordsOf(hostname, ofZone),
    pull: plan(plane.planSource, hostname, 'https', now).kind,
    reports: ofZone.reports.flatMap(({ report, at }) =>
      report.hostnames.filter((one) => one.hostname === hostname).map(({ mode }) => ({ mode, at })),
    ),
    counted: callers.sources.some(({ at }) => at >= setup.configured),
    came: callers.sources.some(({ counted }) => counted !== null && counted >= setup.configured),
    callers: callersIn(callers.slots).total,
    origins: ofName(ofZone.origins),
    attestations: ofName(ofZone.attestations),
  };
}

/** What each lock says of the names: that it watches, where it does so for one of them. */
function reportsOf(names: ReadonlySet<string>, { reports }: KnownOfZone): View<typeof SETUP>['reports'] {
  return reports.flatMap(({ report: { host, lock, hostnames }, at }) => {
    const modes = hostnames.filter((one) => names.has(one.hostname)).map(({ mode }) => mode);
    if (modes.length === 0) return [];
    return [{ host, lock, mode: modes.includes('watch') ? 'watch' : 'enforce', reported_on: moment(at) } as const];
  });
}

/** A part of a list of set-ups, each with its step; one whose zone is just gone is left out. */
export async function setupSummaries(setups: readonly ZoneSetup[], call: Call): Promise<View<typeof SETUP_SUMMARY>[]> {
  const known = new Map<ZoneId, KnownOfZone>();
  const summaries = [];
  for (const setup of setups) {
    const zone = call.plane.zones.get(setup.zone);
    if (zone === undefined) continue;
    const ofZone =
      known.get(zone.id) ??
      (await knownOfZone(
        { ...call, zone },
        setups.filter((one) => one.zone === zone.id),
      ));
    known.set(zone.id, ofZone);
    const { step } = await setupSeen(setup, { ...call, zone }, ofZone);
    summaries.push(setupSummary(zone, setup, stepView(step, findingWords)));
  }
  return summaries;
}

/** A set-up with all that its step was worked out from. */
export async function setupView(setup: SetupOf, call: ZoneCall): Promise<View<typeof SETUP>> {
  const { plane, zone } = call;
  const known = await knownOfZone(call, [setup]);
  const { step, facts, callers, since, reports } = await setupSeen(setup, call, known);
  const glances = plane.glancesUntil(zone.id, setup);
  const about = { hostname: setup.hostname, since, now: call.now, how: callersHow(setup.hostname, call) };
  return {
    ...setupSummary(call.zone, setup, stepView(step, findingWords)),
    callers: callersView(callers, about),
    names: facts.names.map((name) => ({
      hostname: name.hostname,
      records: name.records,
      own_record: known.edge?.hosts.has(name.hostname) ?? false,
      counted: name.counted,
      callers: name.callers,
      verdict: seenOf(name, facts.decided ?? facts.began),
      proved: isProved(name, facts),
    })),
    reports,
    terminal: plane.setupTerminal(zone.id, { ...setup, others: namesOfSetup(setup, zone).slice(1) }),
    glances_until: glances === null ? null : moment(glances),
    attestations: facts.names.flatMap((name) => name.attestations.map((one) => attestationView(one, findingTitle))),
  };
}

function recordsOf(hostname: Hostname, { edge }: KnownOfZone): SetupName['records'] {
  const host = edge && nearestOf(edge.hosts, hostname);
  if (host === undefined) return 'none';
  return host.targets.length > 0 ? 'proxied' : 'dns_only';
}
