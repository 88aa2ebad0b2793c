import { ask } from '../session.ts';
import { takeAhead } from './ahead.ts';
import type { Outcome } from './call.ts';
import { type Resource, useRead } from './resource.ts';

/** A zone as `GET /client/v4/zones` has it: what pages need of it. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly paused: boolean;
}

/** More than anybody looks through; the first ones go. */
const MOST = 500;
const known = new Map<string, Zone>();

/** Keeps what a list said of a zone: its pages begin with that, and need not ask for its id first. */
export function rememberZone({ id, name, paused }: Zone): void {
  // The newest stand last.
  known.delete(name);
  known.set(name, { id, name, paused });
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
}

/** Zones that one token sees are nothing for the next one. */
export function forgetZones(): void {
  known.clear();
}

/** Where the API has the zone of a name: a list of one, or of none. */
export function zoneNamed(name: string): string {
  return `/client/v4/zones?name=${encodeURIComponent(name)}`;
}

/**
 * The zone of a name: at once as a list had it, where one did, and always asked for besides. It may have been paused,
 * deleted, or made anew under another id meanwhile, or be none for this token any more: then the answer takes its place.
 */
export function useZone(name: string): readonly [Resource<readonly Zone[]>, refresh: () => void] {
  const found = known.get(name);
  return useRead<readonly Zone[]>(zoneNamed(name), readZone, {
    on: (event) => event.zone?.name === name,
    ...(found === undefined ? {} : { first: [found] }),
  });
}

async function readZone(path: string, signal: AbortSignal): Promise<Outcome<readonly Zone[]>> {
  const outcome = await (takeAhead<readonly Zone[]>(path) ?? ask<readonly Zone[]>({ method: 'GET', path }, signal));
  if (outcome.kind === 'answer') remember(path, outcome.result);
  return outcome;
}

function remember(path: string, [zone]: readonly Zone[]): void {
  if (zone !== undefined) return rememberZone(zone);
  for (const name of known.keys()) if (zoneNamed(name) === path) known.delete(name);
}
