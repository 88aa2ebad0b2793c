import { type CallerCounts, certified } from './callers.ts';
import { type Counted, type HostTraffic, isYoung, type TrafficFacts, type Visits } from './traffic.ts';

/** What is to be said of pulls: how many there were, or how many would fail, showed a certificate or showed none. */
export type Measure = 'pulls' | 'failing' | 'certified' | 'without';

/** What was pulled, in sentences. */
export function trafficWords(measure: Measure, pulled: HostTraffic | null, facts: TrafficFacts): string {
  if (facts === null) return 'How often they were pulled in the last hour is not known: no edge tells what it counts.';
  if (pulled === null) {
    return 'How often they were pulled in the last hour is not known: of so many hostnames only the busiest are counted apart.';
  }
  return sentences(measured(measure, pulled, facts), refusals(pulled), silence(facts));
}

function measured(measure: Measure, { pulls, withoutCertificate }: HostTraffic, facts: Counted): string {
  const when = span(facts);
  if (pulls === 0) return `Nothing was pulled there ${when}.`;
  const of = { all: pulls, one: 'pull', many: 'pulls', when };
  const [had, hadNone] = ['showed a certificate', 'had no certificate'];
  switch (measure) {
    case 'pulls':
      return pulls === 1 ? `There was one pull ${when}.` : `There were ${figure(pulls)} pulls ${when}.`;
    case 'failing':
      return share(pulls, of, { those: 'would have failed', others: '' });
    case 'certified':
      return share(pulls - withoutCertificate, of, { those: had, others: hadNone });
    case 'without':
      return share(withoutCertificate, of, { those: hadNone, others: had });
  }
}

interface Whole {
  readonly all: number;
  readonly one: string;
  readonly many: string;
  readonly when: string;
}

/** So many of all: `others` is what the rest did, for where there is nothing but the rest. `all` is not nought. */
function share(
  some: number,
  { all, one, many, when }: Whole,
  { those, others }: { readonly those: string; readonly others: string },
): string {
  const did = some === 0 ? others : those;
  if (all === 1) return `The one ${one} ${when} ${did}.`;
  if (some === 0 || some === all) return `All ${figure(all)} ${many} ${when} ${did}.`;
  return `${figure(some)} of ${figure(all)} ${many} ${when} ${did}.`;
}

function refusals({ pulls, refused }: HostTraffic): string {
  if (refused === 0) return '';
  if (pulls === 1) return 'The origin refused it.';
  if (refused === pulls) return 'The origin refused all of them.';
  return `The origin refused ${refused === 1 ? 'one' : figure(refused)} of them.`;
}

/** Since when those are counted who reached an origin: for an hour, or since it was configured, so many milliseconds ago. */
export type Since = 'hour' | { readonly ago: number };

const MINUTE = 60_000;

function sinceWords(since: Since): string {
  if (since === 'hour') return 'in the last hour';
  const minutes = Math.floor(since.ago / MINUTE);
  const long = minutes === 0 ? 'less than a minute' : minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `since it was configured ${long} ago`;
}

/** How many came for names that only the origin answers; nothing where nobody did. */
export function unservedWords(count: number, since: Since): string {
  if (count === 0) return '';
  return `${count === 1 ? 'One request for them' : `${figure(count)} requests for them`} reached the origin ${sinceWords(since)}.`;
}

function requests(count: number): string {
  return count === 1 ? 'One request' : `${figure(count)} requests`;
}

/** How many requests there were. */
export function countWords(count: number, since: Since): string {
  return `${requests(count)} ${sinceWords(since)}.`;
}

/** How many of those that reached an origin it would refuse, as the origin itself tells it; not nought. */
export function comersWords(refused: number, all: number, since: Since): string {
  const of = { all, one: 'request', many: 'requests', when: `that reached the origin ${sinceWords(since)}` };
  return share(refused, of, { those: 'had none that it would accept', others: '' });
}

/** How many reached an origin where none of them would be refused, and by what one knows that. */
export function acceptedWords({ accepted, unverified }: Pick<CallerCounts, 'accepted' | 'unverified'>, since: Since) {
  const all = certified({ accepted, unverified });
  const when = sinceWords(since);
  if (all === 0) return `No request ${when}.`;
  const count = requests(all);
  if (unverified > 0) return `${count} ${when}, with a certificate that this server verifies only once it enforces.`;
  return `${count} ${when}, ${all === 1 ? '' : 'all '}by the edge.`;
}

/** What was asked over TLS, and with how old a version. */
export function oldTlsWords(facts: TrafficFacts): string {
  return told(facts, 'With which TLS visitors came in the last hour', (visits, when) => {
    const { overTls: all, oldTls } = visits;
    if (all === 0) return `Nobody asked over TLS ${when}.`;
    const of = { all, one: 'request over TLS', many: 'requests over TLS', when };
    return share(oldTls, of, { those: 'came with TLS 1.2', others: 'came with TLS 1.3' });
  });
}

/** How often visitors came at all, with a sentence about that one request or those many. */
export function requestWords(facts: TrafficFacts, about: { readonly one: string; readonly many: string }): string {
  return told(facts, 'How often visitors asked in the last hour', ({ requests }, when) => {
    if (requests === 0) return `Nobody asked for anything in the zone ${when}.`;
    const count = requests === 1 ? 'There was one request' : `There were ${figure(requests)} requests`;
    return sentences(`${count} to the zone ${when}.`, requests === 1 ? about.one : about.many);
  });
}

/** How often something was done to visitors, or that it never was. */
export function deedWords(
  facts: TrafficFacts,
  count: (visits: Visits) => number,
  { did, never }: { readonly did: (count: string, one: boolean) => string; readonly never: string },
): string {
  return told(facts, 'What became of visitors in the last hour', (visits, when) => {
    const often = count(visits);
    return often === 0 ? `${never} ${when}.` : `${did(figure(often), often === 1)} ${when}.`;
  });
}

function told(facts: TrafficFacts, what: string, words: (visits: Visits, when: string) => string): string {
  if (facts === null) return `${what} is not known: no edge tells what it counts.`;
  if (facts.visits === null) return `${what} is not known: the zone is not among those that are counted apart.`;
  return sentences(words(facts.visits, span(facts)), silence(facts));
}

function span(facts: Counted): string {
  if (!isYoung(facts)) return 'in the last hour';
  return facts.minutes <= 1
    ? 'in the one minute of the last hour that was counted'
    : `in the ${facts.minutes} minutes of the last hour that were counted`;
}

function silence({ silent }: Counted): string {
  if (silent === 0) return '';
  const edges = silent === 1 ? 'One edge does not tell what it counts' : `${silent} edges do not tell what they count`;
  return `${edges}: there may have been more.`;
}

function sentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function figure(count: number): string {
  return count.toLocaleString('en');
}
