import type { PlanSource } from '../domain/edge-zone.ts';
import type { AccountId, Hostname, ZoneId } from '../domain/ids.ts';
import { serve } from '../domain/plan.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { knock } from '../doctor/knock.ts';
import type { Saw } from '../doctor/observation.ts';
import { Turnstile } from '../pull/turnstile.ts';
import type { EdgeVisit } from '../wire/edge-visits.ts';
import type { ControlState } from './control-state.ts';
import type { EdgeState } from './feed.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Visits of names through the edges of this installation. */
export interface EdgeVisitKeeping {
  /** Asks an edge once for the first page of a hostname, as any visitor would. */
  readonly visitThroughEdge: (zone: ZoneId, hostname: Hostname) => Promise<EdgeVisit | Problem>;
}

interface Parts {
  readonly source: PlanSource;
  readonly edges: () => readonly EdgeState[];
}

/** Milliseconds for each of connecting, handshake and answer: as long as an edge may wait for an origin. */
const TIMEOUT = 10_000;
/** Visits for one account. */
const VISITS_OF_ACCOUNT = { quota: 30, window: 60 };
const AT_ONCE = { places: 8, each: 4, atTarget: 8 };
/** None of the programs whose looks the origin leaves out of its counts: this is a visit, and counts as one. */
const HEADERS = ['User-Agent: Postern-Visit', 'Accept: */*', 'Cache-Control: no-cache'];

/**
 * Visits are made of edges alone, where they say themselves that they listen, and of names that they serve: where an origin
 * lies is left to the edge, which keeps to what it may reach.
 */
export function edgeVisitKeeping(state: ControlState, { source, edges }: Parts): EdgeVisitKeeping {
  const spent = new TokenBuckets(VISITS_OF_ACCOUNT);
  const turnstile = new Turnstile<AccountId>(AT_ONCE);
  return {
    visitThroughEdge: async (zone, hostname) => {
      const served = serve(source, hostname);
      if (state.closed || served === null || served.rules.id !== zone || served.host.targets.length === 0)
        return problem('visit_nowhere', `${hostname} has no proxied record`);
      const place = edges().flatMap(({ listening }) => (listening === null ? [] : placeOf(listening.https)))[0];
      if (place === undefined) return problem('visit_nowhere', 'no edge tells where it listens');
      const { account } = served.rules;
      if (spent.take(account, performance.now()).wait !== null) return problem('visited_enough');
      const { saw } = await turnstile.pass(account, () =>
        knock({ ...place, serverName: hostname, path: '/', credential: null, headers: HEADERS, timeout: TIMEOUT }),
      );
      return { hostname, at: state.clock(), ...cameOf(saw) };
    },
  };
}

const ANYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where this machine reaches a listener; none for what is no address. */
function placeOf(listener: string): readonly { readonly address: string; readonly port: number }[] {
  const [, six, other, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(listener) ?? [];
  const host = six ?? other;
  if (host === undefined) return [];
  return [{ address: ANYWHERE[host] ?? host, port: Number(port) }];
}

function cameOf(saw: Saw): Pick<EdgeVisit, 'status' | 'why'> {
  if (saw.kind === 'answered') return { status: saw.answer.status, why: null };
  return { status: null, why: WHY[saw.kind] ?? 'The edge gave no answer that can be read.' };
}

const WHY: Readonly<Partial<Record<Saw['kind'], string>>> = {
  alert: 'The edge broke the handshake off: it has no certificate for this name.',
  closed: 'The edge closed the connection.',
  silent: 'The edge did not answer in time.',
  unreachable: 'The edge could not be reached.',
};
