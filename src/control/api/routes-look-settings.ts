import type { Hostname } from '../../domain/ids.ts';
import { LONGEST_PAUSE, SHORTEST_PAUSE } from '../../domain/look-settings.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { LOOK_PAUSE_BODY, LOOK_SETTINGS, LOOK_SETTINGS_EDIT, lookSettingsView } from '../../wire/look-settings.ts';
import { typedPattern } from '../../wire/names.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { changed, commit } from './committed.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';

const SETTINGS = '/postern/v1/zones/:zone/attestation_settings';
const PAUSE = '/postern/v1/zones/:zone/attestation_pause';

export const LOOK_SETTINGS_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: SETTINGS,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'How the locks of a zone are looked at: which paths are asked for, and whether somebody looks.',
    returns: one(LOOK_SETTINGS),
    handle: (_, { zone, now }) => ({ kind: 'answer', result: lookSettingsView(zone, now) }),
  }),
  zoneRoute({
    method: 'PATCH',
    path: SETTINGS,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: LOOK_SETTINGS_EDIT },
    answers: 'Says which paths are asked for when locks are looked at; each origin concerned is looked at soon.',
    returns: one(LOOK_SETTINGS),
    handle: async ({ body }, call) => {
      const paths = pathsOf(body.hostnames ?? {});
      return isProblem(paths) ? paths : settled(call, { kind: 'set_look_paths', path: body.path, paths });
    },
  }),
  zoneRoute({
    method: 'PUT',
    path: PAUSE,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: LOOK_PAUSE_BODY },
    answers:
      'Has nobody look at the locks of a zone for a stated time. Meanwhile it is not known that they hold; it ends by itself.',
    returns: one(LOOK_SETTINGS),
    handle: async ({ body }, call) => {
      const lasts = lastsFor(body, call.now);
      if (isProblem(lasts)) return lasts;
      return settled(call, { kind: 'pause_looks', lasts, by: call.token.name, because: body.reason });
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: PAUSE,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS },
    answers: 'Has the locks of a zone looked at again, before the pause is over.',
    returns: one(LOOK_SETTINGS),
    handle: (_, call) => settled(call, { kind: 'resume_looks' }),
  }),
];

async function settled(call: ZoneCall, command: Parameters<typeof commit>[1]) {
  const committed = await commit(call, command);
  return isProblem(committed) ? committed : changed(committed, lookSettingsView(committed.zone, call.clock()));
}

function pathsOf(wanted: Readonly<Record<string, string | null>>): ReadonlyMap<Hostname, string | null> | Problem {
  const paths = new Map<Hostname, string | null>();
  for (const [text, path] of Object.entries(wanted)) {
    const hostname = typedPattern(text);
    if (hostname === null) return problem('bad_body', `${shown(text)} is not a hostname`, '/hostnames');
    paths.set(hostname, path);
  }
  return paths;
}

/** How long a pause is to last, in milliseconds. */
function lastsFor(
  { seconds, until }: { readonly seconds?: number | undefined; readonly until?: number | undefined },
  now: number,
): number | Problem {
  if ((seconds === undefined) === (until === undefined)) {
    return problem('bad_body', 'must say either seconds or until', seconds === undefined ? '' : '/until');
  }
  const lasts = until === undefined ? (seconds ?? 0) * 1_000 : until - now;
  if (lasts >= SHORTEST_PAUSE && lasts <= LONGEST_PAUSE) return lasts;
  return problem('bad_body', 'must lie a minute ahead at least, and a week at most', '/until');
}
