import { CONSEQUENCE_SEVERITIES, type ConsequenceRow, type ConsequenceSeverity } from './consequence-row.ts';
import { CREDENTIAL_CONSEQUENCES } from './credential-consequences.ts';
import type { Hostname } from './ids.ts';
import { PULL_CONSEQUENCES } from './pull-consequences.ts';
import { type HostTraffic, type TrafficFacts, trafficOf } from './traffic.ts';
import { trafficWords } from './traffic-words.ts';
import { VISITOR_CONSEQUENCES } from './visitor-consequences.ts';

/** What may follow from a change, as it is told before the change is made. */
export const CONSEQUENCES = {
  ...PULL_CONSEQUENCES,
  ...VISITOR_CONSEQUENCES,
  ...CREDENTIAL_CONSEQUENCES,
} as const satisfies Record<string, ConsequenceRow>;

export type ConsequenceCode = keyof typeof CONSEQUENCES;

/** The severity of a kind of consequence. */
export function severityOf(code: ConsequenceCode): ConsequenceSeverity {
  return CONSEQUENCES[code].severity;
}

/** What would follow from a change for some hostnames. */
export interface Consequence {
  readonly code: ConsequenceCode;
  /** What there is to say of this case: sentences that follow the text of the row. */
  readonly detail: string;
  /** The first of them. */
  readonly hostnames: readonly Hostname[];
  readonly count: number;
  readonly traffic: HostTraffic | null;
}

/** Hostnames that are named: there may be a hundred thousand. */
const MOST_NAMED = 20;

/** A consequence for these hostnames, with what was pulled for them. */
export function consequence(
  code: ConsequenceCode,
  hostnames: readonly Hostname[],
  { traffic, detail = '' }: { readonly traffic: TrafficFacts; readonly detail?: string },
): Consequence {
  const pulled = trafficOf(traffic, hostnames);
  const { severity, measure = 'pulls' }: ConsequenceRow = CONSEQUENCES[code];
  const isBare = hostnames.length === 0 || severity === 'note';
  const words = [detail, isBare ? '' : trafficWords(measure, pulled, traffic)];
  return {
    code,
    detail: words.filter((part) => part !== '').join(' '),
    hostnames: hostnames.slice(0, MOST_NAMED),
    count: hostnames.length,
    traffic: hostnames.length === 0 ? null : pulled,
  };
}

/** The most severe first; in the order of the table where they are alike. */
export function bySeverity(consequences: readonly Consequence[]): readonly Consequence[] {
  const codes = Object.keys(CONSEQUENCES);
  const rank = ({ code }: Consequence) =>
    CONSEQUENCE_SEVERITIES.indexOf(severityOf(code)) * codes.length + codes.indexOf(code);
  return consequences.toSorted((a, b) => rank(a) - rank(b));
}
