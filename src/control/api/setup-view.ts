import { attestedOrigins } from '../../domain/attestation.ts';
import { slotOf } from '../../domain/callers.ts';
import { recordsFor } from '../../domain/compile-hosts.ts';
import { type Hostname, instant } from '../../domain/ids.ts';
import { plan } from '../../domain/plan.ts';
import { type SetupFacts, setupStep, type SetupStep } from '../../domain/setup.ts';
import type { View } from '../../wire/answer-fields.ts';
import { attestationView } from '../../wire/attestations.ts';
import { CALLER_SPANS, callersIn, callersView, type KnownCallers } from '../../wire/callers.ts';
import { type SETUP, setupSummary, stepView, type StoredSetup } from '../../wire/setups.ts';
import { moment } from '../../wire/views.ts';
import { callersHow } from './callers-how.ts';
import { findingTitle, findingWords } from '../attest/finding-title.ts';
import type { ZoneCall } from './route.ts';

/** What is seen of a set-up. */
interface Seen {
  readonly step: SetupStep;
  readonly facts: SetupFacts;
  readonly callers: KnownCallers;
  readonly since: number;
  readonly reports: View<typeof SETUP>['reports'];
}

/** What is known of all hostnames of a zone together: to be looked up once, however many set-ups are shown. */
export interface KnownOfZone {
  readonly reports: Awaited<ReturnType<ZoneCall['plane']['originReports']>>;
  readonly origins: SetupFacts['origins'];
  readonly attestations: SetupFacts['attestations'];
}

/** Looks it up. */
export async function knownOfZone({ plane, zone }: Pick<ZoneCall, 'plane' | 'zone'>): Promise<KnownOfZone> {
  const edge = plane.edgeZone(zone.id);
  return {
    reports: await plane.originReports(zone.id),
    origins: edge === undefined ? [] : attestedOrigins(edge, zone.looks).origins,
    attestations: plane.attestations(zone.id).attestations,
  };
}

/** Where a set-up is, from all that is known now. */
export async function setupSeen(setup: SetupOf, call: ZoneCall, known?: KnownOfZone): Promise<Seen> {
  const { plane, zone, now } = call;
  const { hostname } = setup;
  // Counts are kept by stretches of some minutes: those of the one in which the configuration was made are shown.
  const since = instant(Math.max(now - CALLER_SPANS['1h'], slotOf(setup.configured)));
  const callers = await plane.callers(zone.id, hostname, since);
  const ofZone = known ?? (await knownOfZone(call));
  const reports = ofZone.reports.flatMap(({ report, at }) =>
    report.hostnames
      .filter((one) => one.hostname === hostname)
      .map(({ mode }) => ({ host: report.host, lock: report.lock, mode, at })),
  );
  const ofName = <Origin extends { readonly origin: { readonly hostname: Hostname } }>(all: readonly Origin[]) =>
    all.filter(({ origin }) => origin.hostname === hostname);
  const facts: SetupFacts = {
    began: setup.began,
    configured: setup.configured,
    decided: setup.decided,
    records: recordsOf(hostname, call),
    pull: plan(plane.planSource, hostname, 'https', now).kind,
    chosen: { server: setup.choices.server ?? null, mode: setup.choices.mode ?? 'watch' },
    reports,
    counted: callers.sources.some(({ at }) => at >= setup.configured),
    callers: callersIn(callers.slots).total,
    origins: ofName(ofZone.origins),
    attestations: ofName(ofZone.attestations),
  };
  const told = reports.map(({ at, ...report }) => ({ ...report, reported_on: moment(at) }));
  return { step: setupStep(facts), facts, callers, since, reports: told };
}

interface SetupOf extends StoredSetup {
  readonly hostname: Hostname;
}

/** A set-up with all that its step was worked out from. */
export async function setupView(setup: SetupOf, call: ZoneCall): Promise<View<typeof SETUP>> {
  const { step, facts, callers, since, reports } = await setupSeen(setup, call);
  const about = { hostname: setup.hostname, since, now: call.now, how: callersHow(setup.hostname, call) };
  return {
    ...setupSummary(call.zone, setup, stepView(step, findingWords)),
    callers: callersView(callers, about),
    reports,
    attestations: facts.attestations.map((one) => attestationView(one, findingTitle)),
  };
}

function recordsOf(hostname: Hostname, { zone }: ZoneCall): SetupFacts['records'] {
  const records = recordsFor(zone, hostname);
  if (records.length === 0) return 'none';
  return records.some(({ proxied }) => proxied) ? 'proxied' : 'dns_only';
}
