import { type Consequence, consequence, type ConsequenceCode } from './consequence.ts';
import type { PlanSource } from './edge-zone.ts';
import { type Hostname, type Instant, isWithin } from './ids.ts';
import { plan, serve } from './plan.ts';
import { type Problem, problem } from './problems.ts';
import { type TrafficFacts, trafficOf } from './traffic.ts';
import type { Verdict } from './verdict.ts';
import type { Zone } from './zone.ts';

interface EnforceFacts {
  readonly source: PlanSource;
  readonly now: Instant;
  readonly traffic: TrafficFacts;
  /** What was seen of the locks of the hostname, the worst of its origins. */
  readonly verdict: Verdict | undefined;
}

/** What it would mean if the origin of a hostname insisted on the certificate from now on. */
export function enforcing(
  zone: Zone,
  hostname: Hostname,
  { source, now, traffic, verdict }: EnforceFacts,
): readonly Consequence[] | Problem {
  const served = serve(source, hostname);
  if (!isWithin(hostname, zone.name) || (served !== null && served.rules.id !== zone.id)) {
    return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`, '/hostname');
  }
  const of = (code: ConsequenceCode) => consequence(code, [hostname], { traffic });
  const [https, http] = [plan(source, hostname, 'https', now), plan(source, hostname, 'http', now)];
  if (https.kind === 'not_served') {
    return [consequence('no_effect', [], { traffic, detail: 'The edge does not serve the hostname.' })];
  }
  const found: Consequence[] = [];
  if (https.kind === 'refuse') found.push(of('pulls_refused'));
  if (https.kind === 'without' || https.kind === 'plaintext') found.push(of('enforce_refuses_edge'));
  if (https.kind === 'present' && https.level === 'global') found.push(of('shared_lets_neighbours_in'));
  if (https.kind === 'present' && http.kind === 'plaintext') found.push(of('http_in_plaintext'));
  if (verdict === 'broken') found.push(of('edge_refused_already'));
  if (verdict === 'locked') found.push(of('already_locked'));
  return [...found, ...callers(hostname, traffic)];
}

function callers(hostname: Hostname, traffic: TrafficFacts): readonly Consequence[] {
  const pulled = trafficOf(traffic, [hostname]);
  if (pulled === null) return [consequence('traffic_unknown', [hostname], { traffic })];
  if (pulled.pulls === 0) return [consequence('no_traffic', [hostname], { traffic })];
  return pulled.withoutCertificate === 0 ? [] : [consequence('callers_without_certificate', [hostname], { traffic })];
}
