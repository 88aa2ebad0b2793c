/** Acts to tell the impact of, with what is known when they are thought of. */

import assert from 'node:assert/strict';
import type { Attestation } from './attestation.ts';
import { type CallerCounts, NO_CALLERS } from './callers.ts';
import type { KnownComers } from './enforcing.ts';
import type { Command } from './change.ts';
import { compile } from './compile.ts';
import type { Hostname } from './ids.ts';
import { type Act, impact, type ImpactFacts } from './impact.ts';
import type { ShownApart } from './shown-certificate.ts';
import type { Counted, TrafficFacts, Visits } from './traffic.ts';
import type { Verdict } from './verdict.ts';
import { edgeFor, frozen, host, NOW, SHARED, world } from './zone.fixture.ts';
import type { Zone } from './zone.ts';

/** An hour of which every edge tells: nothing was asked, unless it is said otherwise. */
export function counted(over: Partial<Counted> = {}): Counted {
  return { minutes: 60, silent: 0, hostnames: new Map(), visits: visits({}), ...over };
}

/** What visitors asked for in that hour. */
export function visits(over: Partial<Visits>): Visits {
  const none = { requests: 0, overTls: 0, oldTls: 0, certified: 0, uncertified: 0, strangers: 0 };
  return { ...none, blocked: 0, limited: 0, simulated: 0, ...over };
}

/** What is known of a zone that edges have in force, when its hostnames were seen so and asked for so often. */
export function facts(
  zone: Zone,
  {
    seen = {},
    traffic = null,
    callers = {},
    since = 'hour',
    byOtherNames = NO_CALLERS,
    shown = [],
  }: {
    readonly seen?: Record<string, Verdict>;
    readonly traffic?: TrafficFacts;
    readonly callers?: Record<string, CallerCounts>;
    readonly since?: KnownComers['since'];
    readonly byOtherNames?: CallerCounts;
    readonly shown?: readonly ShownApart[];
  } = {},
): ImpactFacts {
  const attestations = Object.entries(seen).map(([name, verdict]): Attestation => {
    const origin = { hostname: host(name), address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
    const times = {
      since: NOW,
      at: NOW,
      fullAt: NOW,
      lockedSince: NOW,
      presented: null,
      lastHeld: null,
      lastOpen: null,
      lastBroken: null,
    };
    return { origin, verdict, findings: [], ...times };
  });
  return {
    world: world(),
    shared: SHARED,
    edge: compile(zone, SHARED),
    source: edgeFor(zone),
    attestations,
    traffic,
    callers: {
      since,
      counts: new Map(Object.entries(callers).map(([name, counts]) => [host(name), counts])),
      byOtherNames,
    },
    shown,
  };
}

/** What would follow, in short: codes with their hostnames. */
export function told(zone: Zone, act: Act, known: Parameters<typeof facts>[1] = {}): string {
  const outcome = impact(frozen(zone), act, facts(zone, known));
  if (outcome.kind === 'problem') return `problem ${outcome.code}`;
  const short = (name: Hostname) => name.replace('.example.test', '');
  return outcome.consequences.map(({ code, hostnames }) => [code, ...hostnames.map(short)].join(' ')).join('; ');
}

export function doing(command: Command): Act {
  if (command.kind === 'create_zone') assert.fail('no act');
  return { kind: 'change', command };
}

/** What is said of the first consequence of a kind. */
export function detailOf(zone: Zone, act: Act, code: string, known: Parameters<typeof facts>[1] = {}): string {
  const outcome = impact(frozen(zone), act, facts(zone, known));
  if (outcome.kind === 'problem') assert.fail(outcome.code);
  const found = outcome.consequences.find((one) => one.code === code);
  return found?.detail ?? assert.fail(`no ${code}: ${outcome.consequences.map((one) => one.code).join(' ')}`);
}
