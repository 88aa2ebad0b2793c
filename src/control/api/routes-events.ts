import { z } from 'zod';
import type { ZoneId } from '../../domain/ids.ts';
import { isProblem } from '../../wire/commands.ts';
import { EDGE_ADDRESSES, EDGE_ADDRESSES_WISH, edgeAddresses, edgeAddressesView } from '../../wire/edge-addresses.ts';
import { EDGE, edgeView } from '../../wire/edge-view.ts';
import { LIVE_EVENTS, type LiveEventKind } from '../../wire/live-events.ts';
import { NOTHING_COUNTED } from '../../wire/metrics.ts';
import { allWithin } from '../../wire/networks.ts';
import { FILTER } from '../../wire/schemas.ts';
import { noticeView } from '../../wire/notices.ts';
import { moment } from '../../wire/views.ts';
import { counts, liveSession } from '../authenticate.ts';
import type { PlaneEvent, StampedEvent } from '../event-ring.ts';
import type { StoredToken } from '../token.ts';
import { maySee, maySeeAccount, maySeeNotice } from '../restricted-plane.ts';
import { watchEnd } from './event-stream-end.ts';
import { allows } from './permissions.ts';
import { allOf, one, stream } from './returns.ts';
import { type Call, type Route, route, unlessRestricted } from './route.ts';
import type { Stream, StreamSink } from './outcome.ts';

const HEARTBEAT = 15_000;
/** How long a client waits before it connects again, in milliseconds. */
const RETRY = 2000;

const EVENT_QUERY = z.strictObject({
  follow: z.enum(['true', 'false'], { error: 'must be true or false' }).default('true'),
  last_event_id: FILTER.optional(),
});

const EVENT_STREAM = z.string().meta({
  description: `Server-sent events, each with an id, a name and one JSON object: ${LIVE_EVENTS.join(', ')}; reset where earlier ones are no longer known.`,
});

export const EVENT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/edges',
    permission: 'edges:read',
    takes: {},
    answers:
      'The edges: connected since when, which revision each has in force, what it rejected and why, where visitors reach it, and its traffic where the token sees all zones.',
    returns: allOf(EDGE),
    handle: async (_, { plane, figures, token }) => {
      // What they count is of all zones together.
      const { edges } = unlessRestricted(token) === null ? await figures() : NOTHING_COUNTED;
      const known = new Map(edges.map((one) => [one.edge, one]));
      const revision = plane.revision();
      return {
        kind: 'answer',
        result: plane.edges().map((edge) => edgeView(edge, { revision, figures: known.get(edge.name) })),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/postern/v1/edges/addresses',
    permission: 'edges:read',
    takes: {},
    answers: 'From where the edges connect to origins, as the operator has said: for packet filters there.',
    returns: one(EDGE_ADDRESSES),
    handle: async (_, { plane }) => ({ kind: 'answer', result: edgeAddressesView(await plane.edgeAddresses()) }),
  }),
  route({
    method: 'PUT',
    path: '/postern/v1/edges/addresses',
    permission: 'edges:edit',
    takes: { body: EDGE_ADDRESSES_WISH },
    answers:
      'Says from where the edges connect to origins, in place of what was said before. The edges take no notice of it.',
    returns: one(EDGE_ADDRESSES),
    handle: async ({ body }, { plane, actor }) => {
      const networks = edgeAddresses(body);
      if (isProblem(networks)) return networks;
      const changed = await plane.setEdgeAddresses(networks, actor);
      return isProblem(changed) ? changed : { kind: 'answer', result: edgeAddressesView(changed.networks) };
    },
  }),
  route({
    method: 'GET',
    path: '/postern/v1/events',
    permission: 'zone:read',
    takes: { query: EVENT_QUERY },
    answers:
      'A stream of server-sent events about the zones of the token, with notices:read notices about them, and with edges:read the edges. Last-Event-ID (or last_event_id) resumes; follow=false ends with what is known by now.',
    returns: stream('text/event-stream', EVENT_STREAM),
    handle: ({ query }, call) => events(query, call),
  }),
];

function events({ follow, last_event_id }: z.output<typeof EVENT_QUERY>, call: Call): Stream {
  return {
    kind: 'stream',
    open: (sink) => {
      const isGood = () => present(call) !== null;
      const ending = watchEnd(call, isGood, () => sink.end());
      const hear = (stamped: StampedEvent) => {
        if (stamped.event.kind === 'token_changed') ending.again();
        tell(stamped, call, sink);
      };
      const stop = call.plane.events.listen({ token: call.token.id, hear, ended: sink.end });
      if (isProblem(stop)) {
        ending.stop();
        return stop;
      }
      sink.write(`retry: ${RETRY}\n\n`);
      resume(call.header('last-event-id') ?? last_event_id, call, sink);
      const beat = setInterval(() => (isGood() ? sink.write(':\n\n') : sink.end()), HEARTBEAT).unref();
      if (follow === 'false') sink.end();
      return () => {
        clearInterval(beat);
        ending.stop();
        stop();
      };
    },
  };
}

function resume(id: string | undefined, call: Call, sink: StreamSink): void {
  if (id === undefined) return;
  const missed = call.plane.events.after(id);
  // What was missed is no longer known: whoever keeps a picture must take a new one.
  if (missed === null) sink.write('event: reset\ndata: {}\n\n');
  for (const stamped of missed ?? []) tell(stamped, call, sink);
}

/** The token as it is now: it may have been revoked, rolled, or narrowed since the stream began, or its session ended. */
function present({ plane, token, session, clock, from }: Call): StoredToken | null {
  if (session !== null && liveSession(session.hash, plane.sessionByHash, clock()) === null) return null;
  const now = plane.tokenByHash(token.hash);
  const good = now !== null && counts(now, clock()) && allWithin([from], now.addresses);
  return good && allows(now.permissions, 'zone:read') ? now : null;
}

function tell({ id, at, event }: StampedEvent, call: Call, sink: StreamSink): void {
  const token = present(call);
  if (token === null) return sink.end();
  if (event.kind === 'token_changed' || event.kind === 'session_ended') return;
  const data = visible(event, token);
  if (data === null) return;
  const kind: LiveEventKind = event.kind;
  sink.write(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at: moment(at), ...data })}\n\n`);
}

/** One that is not for the listener's own rights alone. */
type ShownEvent = Exclude<PlaneEvent, { readonly kind: 'token_changed' | 'session_ended' }>;

/** What a token is shown of an event; `null` where it is none of its business. */
function visible(event: ShownEvent, token: StoredToken): Record<string, unknown> | null {
  switch (event.kind) {
    case 'revision_committed': {
      const { zone, account, zoneName, revision, action } = event;
      if (zone === null) return { revision, action, zone: null };
      return maySee(token, { id: zone, account }) ? { revision, action, zone: { id: zone, name: zoneName } } : null;
    }
    case 'bundle_changed':
      return ofZone(event, token, {});
    case 'rotation_moved': {
      const { rotation, what, phase, switched, paused } = event;
      return ofZone(event, token, { rotation, what, phase, switched, paused });
    }
    case 'callers_reported': {
      const { hostnames, requests, certificates } = event;
      return ofZone(event, token, { hostnames, requests, certificates });
    }
    case 'lock_seen': {
      const { hostname, verdict, before } = event;
      return ofZone(event, token, { hostname, verdict, before });
    }
    case 'notice':
      return allows(token.permissions, 'notices:read') && maySeeNotice(token, event.notice)
        ? noticeView(event.notice)
        : null;
    case 'account_changed': {
      const { account, name, action } = event;
      const sees = allows(token.permissions, 'account:read') && maySeeAccount(token, account);
      return sees ? { action, account: { id: account, name } } : null;
    }
    case 'edge_connected':
    case 'edge_gone':
    case 'edge_applied':
    case 'edge_rejected': {
      const { kind: _, ...data } = event;
      return allows(token.permissions, 'edges:read') ? data : null;
    }
  }
}

/** What is told of a zone to who may see it. */
function ofZone(
  { zone, account, zoneName }: Extract<PlaneEvent, { readonly zone: ZoneId }>,
  token: StoredToken,
  data: Readonly<Record<string, unknown>>,
): Record<string, unknown> | null {
  return maySee(token, { id: zone, account }) ? { ...data, zone: { id: zone, name: zoneName } } : null;
}
