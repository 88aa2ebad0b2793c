import type { Asking, Observation } from '../observation.ts';
import type { CredentialKind, Probe } from '../probe.ts';
import type { RightIdentity } from '../right-identity.ts';
import type { Target } from '../target.ts';
import { isFront, isPlain, type Pages, pagesOf } from './application.ts';
import { type Reading, read } from './reading.ts';
import { type ServerGuess, serverOf } from './server-guess.ts';

/** One observation and what it means. */
export interface Sight extends Observation {
  readonly reading: Reading;
}

/** One target with all that bears on it: what the rules look at. */
export interface Scene {
  readonly target: Target;
  readonly seen: readonly Sight[];
  /** The same host at its other sockets. */
  readonly elsewhere: readonly Sight[];
  readonly server: ServerGuess;
  readonly identity: RightIdentity | null;
  /** It asks for a certificate under the locked name; null where that was not seen. */
  readonly asks: boolean | null;
  /** Why the edge would not believe the origin; null where it would, or nobody tried. */
  readonly unbelieved: string | null;
}

/** Why the edge would not talk to a target, because of the certificate that it shows. */
export type Unbelieved = ReadonlyMap<Target, string>;

/** Reads everything that was seen of each target. */
export function scenesOf(
  targets: readonly Target[],
  observations: readonly Observation[],
  { identity, unbelieved }: { readonly identity: RightIdentity | null; readonly unbelieved: Unbelieved },
): readonly Scene[] {
  const byHost = Map.groupBy(observations, ({ probe }) => probe.target.host);
  const pages = new Map([...byHost].map(([host, seen]) => [host, pagesOf(seen)]));
  const byTarget = Map.groupBy(observations, ({ probe }) => probe.target);
  const sights = new Map([...byTarget].map(([target, seen]) => [target, sightsOf(seen, pages.get(target.host))]));
  return targets.map((target) => {
    const seen = sights.get(target) ?? [];
    const elsewhere = [...sights].flatMap(([other, theirs]) =>
      other !== target && other.host === target.host ? theirs : [],
    );
    return {
      target,
      seen,
      elsewhere,
      server: serverOf(seen),
      identity,
      asks: asksIn(seen),
      unbelieved: unbelieved.get(target) ?? null,
    };
  });
}

function sightsOf(seen: readonly Observation[], pages: Pages | undefined): readonly Sight[] {
  const known = pages ?? pagesOf([]);
  const asks = new Map(
    [...Map.groupBy(seen, ({ probe }) => probe.tls)].map(([tls, group]) => [tls, asksIn(group)] as const),
  );
  return seen.map((one) => ({ ...one, reading: read(one, known, asks.get(one.probe.tls) ?? null) }));
}

/** Whether a certificate is asked for where the edge knocks. */
function asksIn(seen: readonly Observation[]): boolean | null {
  const said = askings(seen);
  if (said.some(({ kind }) => kind === 'certificate')) return true;
  return said.length > 0 ? false : null;
}

/** What was asked for in the handshakes under the locked name. */
function askings(seen: readonly Observation[]): readonly Asking[] {
  return seen
    .filter(({ probe }) => probe.sni === 'locked' && probe.resumes === null)
    .flatMap(({ handshake }) => (handshake?.asks ? [handshake.asks] : []));
}

/** What callers with such a credential saw where the edge knocks, in the plainest way. */
export function atFront(scene: Pick<Scene, 'seen'>, ...credentials: readonly CredentialKind[]): readonly Sight[] {
  return scene.seen.filter(({ probe }) => credentials.includes(probe.credential) && isFront(probe) && isPlain(probe));
}

/** Those who got the application. */
export function inside(sights: readonly Sight[]): readonly Sight[] {
  return sights.filter(({ reading }) => reading.kind === 'application');
}

/** Those who were turned away in a way that can be read, and not because of the version of TLS. */
export function refused(sights: readonly Sight[]): readonly Sight[] {
  return sights.filter(({ reading }) => reading.kind === 'refused' && !isVersionAlert(reading));
}

/** TLS is spoken there. */
export function speaksTls({ seen }: Pick<Scene, 'seen'>): boolean {
  return seen.some(
    ({ probe, saw, handshake }) =>
      probe.tls !== null && (handshake !== null || saw.kind === 'alert' || saw.kind === 'answered'),
  );
}

// protocol_version, inappropriate_fallback, no_application_protocol (RFC 8446 §6.2).
const OF_VERSION: readonly number[] = [70, 86, 120];

/** The server does not speak this version of TLS, or of HTTP, and has said nothing about the caller. */
export function isVersionAlert(reading: Reading): boolean {
  return reading.kind === 'refused' && reading.by === 'alert' && OF_VERSION.includes(reading.number);
}

// Of the right authority, and so no strangers: that they get in may be wrong, and opens the lock to nobody.
const KIN: readonly CredentialKind[] = [
  'right',
  'without_intermediate',
  'no_purpose',
  'neighbour',
  'revoked',
  'weak_key',
];

/** A caller who must never get in, by what it shows and by what its session was made with. */
export function isStranger({ credential, resumes }: Probe): boolean {
  return !KIN.includes(credential) && (resumes === null || !KIN.includes(resumes.credential));
}
