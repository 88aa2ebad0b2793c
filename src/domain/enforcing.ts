import { type CallerCounts, certified, comers, NO_CALLERS, addedCallers, refusable } from './callers.ts';
import { type Consequence, consequence, type ConsequenceCode } from './consequence.ts';
import type { PlanSource } from './edge-zone.ts';
import { type Hostname, type Instant, isWithin } from './ids.ts';
import { plan, serve } from './plan.ts';
import { type Problem, problem } from './problems.ts';
import { isPartial, type TrafficFacts, trafficOf } from './traffic.ts';
import { acceptedWords, comersWords, countWords, type Since, unservedWords } from './traffic-words.ts';
import type { Verdict } from './verdict.ts';
import type { Zone } from './zone.ts';

/** Who came to an origin, as it tells itself. */
export interface KnownComers {
  readonly since: Since;
  /** Of those hostnames of which it tells. */
  readonly counts: ReadonlyMap<Hostname, CallerCounts>;
  /** Who came to the same locks by none of their names. */
  readonly byOtherNames: CallerCounts;
}

interface EnforceFacts {
  readonly source: PlanSource;
  readonly now: Instant;
  readonly traffic: TrafficFacts;
  readonly callers: KnownComers;
  /** What was seen of the locks of each hostname, the worst of its origins. */
  readonly verdicts: ReadonlyMap<Hostname, Verdict>;
}

/** What it would mean if the origin of these hostnames insisted on the certificate from now on: each is weighed by itself. */
export function enforcing(
  zone: Zone,
  hostnames: readonly Hostname[],
  facts: EnforceFacts,
): readonly Consequence[] | Problem {
  const found = new Map<ConsequenceCode, Hostname[]>();
  for (const [index, hostname] of hostnames.entries()) {
    const served = serve(facts.source, hostname);
    if (!isWithin(hostname, zone.name) || (served !== null && served.rules.id !== zone.id)) {
      const pointer = index === 0 ? '/hostname' : `/other_names/${index - 1}`;
      return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`, pointer);
    }
    for (const code of codesOf(hostname, facts)) found.set(code, [...(found.get(code) ?? []), hostname]);
  }
  return [...found].map(([code, names]) => said(code, names, facts)).concat(byOtherNames(facts));
}

// The lock is one for all who reach it, by whatever name: they belong to none of the hostnames.
function byOtherNames({ callers, traffic }: EnforceFacts): readonly Consequence[] {
  const { byOtherNames: came, since } = callers;
  const told = (code: ConsequenceCode, count: number) =>
    count === 0 ? [] : [consequence(code, [], { traffic, detail: countWords(count, since) })];
  return [...told('callers_by_other_names', refusable(came)), ...told('edge_by_other_names', certified(came))];
}

function codesOf(hostname: Hostname, facts: EnforceFacts): readonly ConsequenceCode[] {
  const { source, now, verdicts } = facts;
  const [https, http] = [plan(source, hostname, 'https', now), plan(source, hostname, 'http', now)];
  // Whatever comes for it comes to the origin itself: that it has no certificate goes without saying.
  if (https.kind === 'not_served') return [https.because === 'dns_only' ? 'enforce_dns_only' : 'enforce_unserved'];
  const verdict = verdicts.get(hostname);
  const codes: ConsequenceCode[] = [];
  if (https.kind === 'refuse') codes.push('pulls_refused');
  if (https.kind === 'without' || https.kind === 'plaintext') codes.push('enforce_refuses_edge');
  if (https.kind === 'present' && https.level === 'global') codes.push('shared_lets_neighbours_in');
  if (https.kind === 'present' && http.kind === 'plaintext') codes.push('http_in_plaintext');
  if (verdict === 'broken') codes.push('edge_refused_already');
  if (verdict === 'locked') codes.push('already_locked');
  const came = comersOf(hostname, facts);
  // Nobody came without a certificate is not said beside somebody who did, by whatever name.
  const left = refusable(facts.callers.byOtherNames) > 0 ? came.filter((code) => code !== 'nobody_refusable') : came;
  return [...codes, ...(verdict === 'locked' ? left.filter((code) => !OF_STRANGERS_UNSEEN.has(code)) : left)];
}

/** What is said of strangers who were not seen: where all others are refused already, there are none. */
const OF_STRANGERS_UNSEEN: ReadonlySet<ConsequenceCode> = new Set([
  'watched_briefly',
  'nobody_refusable',
  'past_edge_unknown',
]);

// The origin sees everybody: what it tells is said in place of what the edge counted.
function comersOf(hostname: Hostname, { callers, traffic }: EnforceFacts): readonly ConsequenceCode[] {
  const came = callers.counts.get(hostname);
  if (came === undefined) return pulled(hostname, traffic);
  if (refusable(came) > 0) return ['callers_without_certificate'];
  const isNone = certified(came) === 0;
  // Who did not come in so short a time is not known: that says more than that nobody came.
  if (callers.since !== 'hour') return isNone ? ['watched_briefly', 'no_traffic'] : ['watched_briefly'];
  return [isNone ? 'no_traffic' : 'nobody_refusable'];
}

// The edge counts its own pulls, and knows nothing of those who go around it.
function pulled(hostname: Hostname, traffic: TrafficFacts): readonly ConsequenceCode[] {
  const counted = trafficOf(traffic, [hostname]);
  if (traffic === null || counted === null) return ['traffic_unknown'];
  if (counted.withoutCertificate > 0) return ['callers_without_certificate'];
  if (counted.pulls === 0 && traffic.silent === 0) return ['no_traffic'];
  return [isPartial(traffic) ? 'traffic_partial' : 'past_edge_unknown'];
}

function said(code: ConsequenceCode, names: readonly Hostname[], { callers, traffic }: EnforceFacts): Consequence {
  const usual = consequence(code, names, { traffic });
  const { counts, since } = callers;
  const sum = [...counts]
    .filter(([name]) => names.includes(name))
    .reduce((all, [, one]) => addedCallers(all, one), NO_CALLERS);
  if (code === 'enforce_unserved' || code === 'enforce_dns_only')
    return { ...usual, detail: unservedWords(comers(sum), since) };
  if (code === 'watched_briefly' || code === 'nobody_refusable') return { ...usual, detail: acceptedWords(sum, since) };
  if (code !== 'callers_without_certificate' || refusable(sum) === 0) return usual;
  const words = comersWords(refusable(sum), comers(sum), since);
  const isAll = [...counts.keys()].every((name) => names.includes(name));
  return { ...usual, detail: isAll ? words : `${words} Those for other names are not among them.` };
}
