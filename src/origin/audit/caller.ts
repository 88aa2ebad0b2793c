import type { Place } from '../server/place.ts';
import type { Said } from './said.ts';
import type { Holds } from './text.ts';

/** With what a caller comes, as far as configurations tell callers apart. */
type Shown =
  | 'nothing'
  /** A certificate that the caller made, with whatever names; nobody vouches for it. */
  | 'self_made'
  /** One of another authority, which another site of the same server trusts. */
  | 'other_authority'
  /** One of the right authority, for somebody whose name holds the right one. */
  | 'look_alike'
  | 'right';

/** Somebody who knocks. */
export interface Caller {
  readonly shows: Shown;
  /** Resumes a session that was made with the same under its own name, or without a certificate under another one. */
  readonly resumes: 'own' | 'other' | null;
  /** Name in the handshake; null for none. */
  readonly serverName: string | null;
  /** As the request spells it; empty for one of HTTP/1.0 that names none. */
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** Comes from any address and sends any field, where that helps; or from anywhere, with nothing that one must know. */
  readonly tries: 'everything' | 'nothing';
}

/** Somebody who shows nothing, and asks as people do for a host that the handshake names where there is one. */
export function plainCaller(host: string, { tls }: { readonly tls: boolean }): Caller {
  const serverName = tls ? host : null;
  return { shows: 'nothing', resumes: null, serverName, host, method: 'GET', path: '/', tries: 'nothing' };
}

/** The edge there, with whatever else a request of its may hold. */
export function rightCaller(host: string, door: { readonly tls: boolean }): Caller {
  return { ...plainCaller(host, door), shows: 'right', tries: 'everything' };
}

/** What becomes of a caller. */
export type Fate =
  /** `because`: what let a caller without the right certificate in. */
  | { readonly kind: 'served'; readonly reaches: readonly string[]; readonly because: Said }
  | { readonly kind: 'redirected' }
  /** `because`: what keeps out even a caller with the right certificate; null where nothing is wrong with refusing. */
  | { readonly kind: 'refused'; readonly because: Said | null }
  | { readonly kind: 'unclear'; readonly where: Place; readonly why: string };

/** The opposite. */
export function not(truth: Holds): Holds {
  if (truth === 'yes') return 'no';
  return truth === 'no' ? 'yes' : truth;
}

/** Whether all hold. */
export function all(truths: readonly Holds[]): Holds {
  if (truths.includes('no')) return 'no';
  if (truths.includes('unclear')) return 'unclear';
  return truths.includes('either') ? 'either' : 'yes';
}

/** Whether one of them holds. */
export function any(truths: readonly Holds[]): Holds {
  return not(all(truths.map(not)));
}

/** What becomes of a caller for whom a condition decides between two fates. */
export function decided(truth: Holds, where: Place, why: string, yes: () => Fate, no: () => Fate): Fate {
  if (truth === 'yes') return yes();
  if (truth === 'no') return no();
  const [one, other] = [yes(), no()];
  if (truth === 'either') return better(one, other);
  return one.kind === other.kind ? better(one, other) : { kind: 'unclear', where, why };
}

const BEST_FIRST: readonly Fate['kind'][] = ['served', 'unclear', 'redirected', 'refused'];

/** The fate that a caller would choose. */
export function better(one: Fate, other: Fate): Fate {
  return BEST_FIRST.indexOf(other.kind) < BEST_FIRST.indexOf(one.kind) ? other : one;
}
