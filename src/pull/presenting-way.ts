import { type Hostname, hostname, type ZoneId } from '../domain/ids.ts';
import type { PullPlan } from '../domain/plan.ts';
import { originAt, originKey, type OriginName } from '../domain/proof.ts';
import { type Door, type DoorTls, door } from './door.ts';

/** Where and how somebody looks at an origin. */
export interface Way {
  readonly door: Door & { readonly tls: DoorTls };
  /** Value of Host. */
  readonly authority: string;
}

/** For whom a way is looked for. */
interface Wayfarer {
  readonly zone: ZoneId;
  /** The label that stands for the star of a wildcard. */
  readonly label: string;
}

/**
 * The way that pulls of an origin's hostname take to it where the edge presents a certificate there, or why there is none.
 * Its door is for looks: it speaks HTTP/1.1, and what is shown is the context's business.
 */
export function presentingWay(
  origin: OriginName,
  { zone, label }: Wayfarer,
  planned: (name: Hostname) => PullPlan,
): Way | string {
  const name = concrete(origin.hostname, label);
  if (name === null) return 'the names below the wildcard are too long';
  const decided = planned(name);
  if (decided.kind !== 'present') return notPresented(decided);
  if (decided.zone !== zone) return 'the hostname belongs to another zone';
  if (decided.hostname !== origin.hostname) return 'the hostname has no entry of its own any more';
  const target = decided.targets.find((one) => originKey(originAt(origin.hostname, one)) === originKey(origin));
  if (target === undefined) return 'the hostname has no such origin any more';
  const { tls, ...rest } = door(decided, target, name, 'https');
  if (tls === null) return 'it is not pulled over TLS';
  return { door: { ...rest, tls: { ...tls, identity: null, http2: false } }, authority: target.hostHeader ?? name };
}

function notPresented(decided: Exclude<PullPlan, { kind: 'present' }>): string {
  if (decided.kind === 'not_served') return `the hostname is not served: ${decided.because}`;
  return `no certificate is presented here: ${decided.kind}, ${decided.because}`;
}

/** A name that visitors could ask for: a wildcard stands for any below it. */
export function concrete(pattern: Hostname, label: string): Hostname | null {
  return pattern.startsWith('*.') ? hostname(`${label}${pattern.slice(1)}`) : pattern;
}
