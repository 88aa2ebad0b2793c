import type { CertificateLook } from '../../../../src/wire/origin-certificate-looks.ts';
import type { ApiProblem, Outcome } from '../../api/call.ts';
import type { LiveEvent } from '../../api/events.ts';
import { type Resource, useRead } from '../../api/resource.ts';
import { hostPort } from '../../parts/host-port.ts';
import { ask } from '../../session.ts';

export type Origin = CertificateLook['origins'][number];

/** What the origins of several names show, as far as it could be asked. */
export interface Looks {
  readonly looks: readonly CertificateLook[];
  /** Names whose origins could not be asked about, with why. */
  readonly failed: readonly { readonly hostname: string; readonly problems: readonly ApiProblem[] }[];
}

/** Origins that show the same and are judged alike, of one name or several. */
export interface Alike {
  readonly key: string;
  readonly names: readonly string[];
  readonly places: readonly string[];
  readonly verifies: boolean;
  readonly origin: Origin;
}

/** Names of one set-up whose origins are looked at by themselves. */
const MOST_NAMES = 5;

/** The edge asks for no certificate there, or nobody looks for a while: that is said elsewhere. */
const NOTHING_TO_SEE: ReadonlySet<number> = new Set([10514, 10516]);

/** Looks at the origins of names as the edge does, again whenever the zone is changed. */
export function useCertificateLooks(
  zone: string,
  names: readonly string[],
): readonly [Resource<Looks>, again: () => void] {
  const asked = names.slice(0, MOST_NAMES);
  return useRead<Looks>(
    `${zone} ${asked.join(' ')}`,
    async (_, signal) => together(await Promise.all(asked.map((hostname) => look(zone, hostname, signal)))),
    { on: changes(zone) },
  );
}

interface Looked {
  readonly hostname: string;
  readonly outcome: Outcome<CertificateLook>;
}

async function look(zone: string, hostname: string, signal: AbortSignal): Promise<Looked> {
  const path = `/postern/v1/zones/${zone}/origin_certificates`;
  const call = { method: 'POST', path, body: { hostname }, asks: true } as const;
  return { hostname, outcome: await ask<CertificateLook>(call, signal) };
}

/** A look is a handshake with somebody else's server: it is made again for what changes what it says, and nothing else. */
function changes(zone: string): (event: LiveEvent) => boolean {
  return ({ kind, zone: of, certificates }) =>
    of?.id === zone && (kind === 'revision_committed' || (kind === 'callers_reported' && certificates === true));
}

function together(all: readonly Looked[]): Outcome<Looks> {
  const looks = all.flatMap(({ outcome }) => (outcome.kind === 'answer' ? [outcome.result] : []));
  const failed = all.flatMap(({ hostname, outcome }) =>
    outcome.kind === 'answer' || outcome.problems.every(({ code }) => NOTHING_TO_SEE.has(code))
      ? []
      : [{ hostname, problems: outcome.problems }],
  );
  const [first] = all.filter(({ hostname }) => failed.some((one) => one.hostname === hostname));
  if (looks.length === 0 && first !== undefined && first.outcome.kind !== 'answer') return first.outcome;
  return { kind: 'answer', result: { looks, failed }, info: null, messages: [] };
}

/** Some origin shows what would be believed, were only its CA trusted, and the edge asks for what it believes. */
export function lacksTrust({ looks }: Looks): boolean {
  return looks.some(({ verifies, origins }) => verifies && origins.some(isAstray));
}

/** Some origin shows what the edge does not believe, and has to believe. */
export function isDisbelieved({ looks }: Looks): boolean {
  return looks.some(({ verifies, origins }) => verifies && origins.some(({ believed }) => believed === false));
}

/** Every origin that was asked about was seen, and shows what the edge believes. */
export function isBelieved({ looks, failed }: Looks): boolean {
  const origins = looks.flatMap((look) => look.origins);
  return failed.length === 0 && origins.length > 0 && origins.every(({ believed }) => believed === true);
}

const BY_TRUST: ReadonlySet<string> = new Set(['self_signed', 'unknown_ca']);

/** Whether a fault is that nobody trusts who signed. */
export function isOfTrust({ code }: Origin['faults'][number]): boolean {
  return BY_TRUST.has(code);
}

function isAstray({ faults }: Origin): boolean {
  return faults.some(isOfTrust);
}

/** One entry for all whose origins show the same, in the order of the names. */
export function alike(looks: readonly CertificateLook[]): readonly Alike[] {
  const groups = new Map<string, Alike>();
  for (const { hostname, verifies, origins } of looks) {
    for (const origin of origins) {
      const key = keyOf(origin);
      const before = groups.get(key);
      groups.set(key, {
        key,
        names: united(before?.names, hostname),
        places: united(before?.places, placeOf(origin)),
        verifies,
        // What the origin says of a certificate holds for all names that get it.
        origin: before?.origin.told_by_origin?.said === 'same' ? before.origin : origin,
      });
    }
  }
  return [...groups.values()];
}

function united(before: readonly string[] = [], one: string): readonly string[] {
  return before.includes(one) ? before : [...before, one];
}

// What was seen of one name at least may differ for another: its faults are said with the name that they are about.
function keyOf(origin: Origin): string {
  const { certificate, faults, why, believed, told_by_origin: told } = origin;
  if (certificate === null) return `${placeOf(origin)} ${why}`;
  return [
    certificate.fingerprint,
    believed,
    told?.said === 'other',
    ...faults.map(({ code, text }) => `${code} ${text}`),
  ].join('\n');
}

/** Each origin of a hostname that has several is told apart by where it is. */
function placeOf({ address, port }: Origin): string {
  return hostPort(address, port);
}
