import { type CallerCounts, comers, refusable } from './callers.ts';
import { type Consequence, consequence, type ConsequenceCode } from './consequence.ts';
import type { PlanSource } from './edge-zone.ts';
import { type Hostname, type Instant, isWithin } from './ids.ts';
import { plan, serve } from './plan.ts';
import { type Problem, problem } from './problems.ts';
import { isPartial, type TrafficFacts, trafficOf } from './traffic.ts';
import { comersWords } from './traffic-words.ts';
import type { Verdict } from './verdict.ts';
import type { Zone } from './zone.ts';

interface EnforceFacts {
  readonly source: PlanSource;
  readonly now: Instant;
  readonly traffic: TrafficFacts;
  /** Who came within the last hour, as the origin tells it; `null` where it does not. */
  readonly callers: CallerCounts | null;
  /** What was seen of the locks of the hostname, the worst of its origins. */
  readonly verdict: Verdict | undefined;
}

/** What it would mean if the origin of a hostname insisted on the certificate from now on. */
export function enforcing(
  zone: Zone,
  hostname: Hostname,
  { source, now, traffic, callers, verdict }: EnforceFacts,
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
  return [...found, ...(callers === null ? pulled(hostname, traffic) : came(hostname, { callers, traffic }))];
}

// The edge counts its own pulls, and knows nothing of those who go around it.
function pulled(hostname: Hostname, traffic: TrafficFacts): readonly Consequence[] {
  const counted = trafficOf(traffic, [hostname]);
  const of = (code: ConsequenceCode) => consequence(code, [hostname], { traffic });
  if (traffic === null || counted === null) return [of('traffic_unknown')];
  if (counted.withoutCertificate > 0) return [of('callers_without_certificate')];
  if (counted.pulls === 0 && traffic.silent === 0) return [of('no_traffic')];
  return isPartial(traffic) ? [of('traffic_partial')] : [];
}

// The origin sees everybody: what it tells is said in place of what the edge counted.
function came(
  hostname: Hostname,
  { callers, traffic }: { readonly callers: CallerCounts; readonly traffic: TrafficFacts },
): readonly Consequence[] {
  const refused = refusable(callers);
  if (refused > 0) {
    const detail = comersWords(refused, comers(callers));
    return [{ ...consequence('callers_without_certificate', [hostname], { traffic }), detail }];
  }
  return callers.accepted + callers.unverified === 0 ? [consequence('no_traffic', [hostname], { traffic })] : [];
}
