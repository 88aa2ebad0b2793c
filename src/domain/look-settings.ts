import type { Circumstances } from './circumstances.ts';
import { type Hostname, type Instant, instant, isWithin, nearestOf } from './ids.ts';
import { tooMany } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import type { Zone } from './zone.ts';

/** What an owner decides about looks at the locks of a zone. */
export interface LookSettings {
  /** What is asked for at every origin for which nothing else is said. */
  readonly path: string;
  /** By hostname or wildcard, as in records. */
  readonly paths: ReadonlyMap<Hostname, string>;
  /** The newest pause, whether or not it is over. */
  readonly pause: LookPause | null;
}

/** A time in which nobody looks, because somebody wished so. */
export interface LookPause {
  readonly since: Instant;
  readonly until: Instant;
  readonly by: string;
  readonly because: string;
}

export const NEW_LOOK_SETTINGS: LookSettings = { path: '/', paths: new Map(), pause: null };

/** No zone goes unseen for longer without somebody saying so again. */
export const LONGEST_PAUSE = 7 * 86_400_000;
/** What is shorter is over before it is in force everywhere. */
export const SHORTEST_PAUSE = 60_000;

/** What is asked for at the origins of a hostname: what was said of it, or of the wildcard above, or of the zone. */
export function lookedPath({ path, paths }: LookSettings, hostname: Hostname): string {
  return nearestOf(paths, hostname) ?? path;
}

/** The pause that is in force; null where somebody looks. */
export function pauseInForce({ pause }: LookSettings, now: Instant): LookPause | null {
  return pause !== null && now < pause.until ? pause : null;
}

/** What is to be asked for. What is left out stays; null takes back what was said of a hostname. */
export interface LookPathWish {
  readonly path?: string | undefined;
  readonly paths: ReadonlyMap<Hostname, string | null>;
}

/** Says which paths are asked for. */
export function setLookPaths(zone: Zone, wish: LookPathWish, { limits }: Circumstances): Zone | Problem {
  const path = wish.path ?? zone.looks.path;
  const paths = new Map(zone.looks.paths);
  for (const [hostname, wanted] of wish.paths) {
    if (!isWithin(hostname, zone.name)) {
      return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`, '/hostnames');
    }
    if (wanted === null) paths.delete(hostname);
    else paths.set(hostname, wanted);
  }
  if (paths.size > limits.lookPathsPerZone) return tooMany('paths to look at', 'lookPathsPerZone', limits);
  const same = path === zone.looks.path && samePaths(paths, zone.looks.paths);
  return same ? zone : { ...zone, looks: { ...zone.looks, path, paths } };
}

function samePaths(a: ReadonlyMap<Hostname, string>, b: ReadonlyMap<Hostname, string>): boolean {
  return a.size === b.size && [...a].every(([hostname, path]) => b.get(hostname) === path);
}

/** Nobody looks for a while. One that is in force already gets another end and another reason. */
export function pauseLooks(
  zone: Zone,
  { lasts, by, because }: Pick<LookPause, 'by' | 'because'> & { readonly lasts: number },
  { now }: Circumstances,
): Zone {
  const since = pauseInForce(zone.looks, now)?.since ?? now;
  return { ...zone, looks: { ...zone.looks, pause: { since, until: instant(now + lasts), by, because } } };
}

/** Ends a pause before its time. When it was is kept: what was not seen meanwhile was not seen. */
export function resumeLooks(zone: Zone, { now }: Circumstances): Zone | Problem {
  const pause = pauseInForce(zone.looks, now);
  if (pause === null) return problem('looks_not_paused', zone.name);
  return { ...zone, looks: { ...zone.looks, pause: { ...pause, until: now } } };
}
