import { problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { caveatMessage } from '../../wire/messages.ts';
import { typedPattern } from '../../wire/names.ts';
import { OPENING, OPENING_BODY, openingView } from '../../wire/openings.ts';
import { HOSTNAME_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { changed, commit } from './committed.ts';
import { allOf, one } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';

const PATH = '/postern/v1/zones/:zone/openings';

export const OPENING_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'The locks of a zone that are open for a while, and those that have not been seen shut again.',
    returns: allOf(OPENING),
    handle: (_, { zone, now }) => ({
      kind: 'answer',
      result: [...zone.openings.values()].map((opening) => openingView(opening, now)),
    }),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: OPENING_BODY },
    answers:
      'Opens the lock of a hostname for a stated time (break glass): origins that follow Postern watch instead of refusing. It shuts by itself, and is looked at until it has.',
    returns: one(OPENING),
    handle: async ({ body }, call) => {
      const hostname = typedPattern(body.hostname);
      if (hostname === null) return problem('bad_body', `${shown(body.hostname)} is not a hostname`, '/hostname');
      const wish = { hostname, lasts: body.seconds * 1_000, by: call.token.name, because: body.reason };
      const committed = await commit(call, { kind: 'open_lock', ...wish });
      if (isProblem(committed)) return committed;
      const opening = committed.zone.openings.get(hostname);
      if (opening === undefined) return problem('opening_not_found');
      return changed(committed, openingView(opening, call.now), [caveatMessage('lock_open')]);
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:hostname`,
    permission: 'ssl:edit',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'Shuts a lock before its time. It stays in the list until its origins were seen refusing callers.',
    returns: one(OPENING),
    handle: async ({ params }, call) => {
      const hostname = typedPattern(params.hostname);
      if (hostname === null) return problem('opening_not_found');
      const committed = await commit(call, { kind: 'close_lock', hostname });
      if (isProblem(committed)) return committed;
      const opening = committed.zone.openings.get(hostname);
      return opening === undefined ? problem('opening_not_found') : changed(committed, openingView(opening, call.now));
    },
  }),
];
