import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { instant, revision } from '../../domain/ids.ts';
import { validFor } from '../../pki/issue.ts';
import type { EdgeMessage } from '../../wire/feed.ts';
import {
  authority,
  clientCertificate,
  codes,
  DAY,
  idOf,
  NOW,
  type StartedApi,
  startApi,
  textOf,
} from './api.fixture.ts';

const EVENTS = '/postern/v1/events';

interface Heard {
  readonly event: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Listens over a real connection, as a browser would. */
async function listen(t: TestContext, address: string, headers: Record<string, string>) {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const response = await fetch(`${address}${EVENTS}`, { headers, signal: ending.signal });
  return { status: response.status, headers: response.headers, events: heard(response) };
}

async function* heard(response: Response): AsyncGenerator<Heard> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('utf8');
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const lines = new Map(
        frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.replace(/^\w*: ?/, '')]),
      );
      const event = lines.get('event');
      if (event !== undefined) yield { event, id: lines.get('id') ?? '', data: JSON.parse(lines.get('data') ?? '') };
    }
  }
}

async function next(events: AsyncGenerator<Heard>): Promise<Heard> {
  const { value, done } = await events.next();
  return done === true ? assert.fail('the stream ended') : value;
}

async function bearerFor({ call }: StartedApi, rights: object) {
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'one', zones: 'all', ...rights });
  return { id: idOf(result), headers: { authorization: `Bearer ${textOf(result['token'])}` } };
}

/** What is known by now, without waiting for more. */
async function known(api: StartedApi, headers: object, after: string): Promise<readonly string[]> {
  const url = `${EVENTS}?follow=false&last_event_id=${after}`;
  const { body } = await api.app.inject({ url, headers: { authorization: `Bearer ${api.token}`, ...headers } });
  return [...body.matchAll(/^event: (.*)$/gm)].map(([, event = '']) => event);
}

function edge({ plane }: StartedApi, name: string) {
  let say: (message: EdgeMessage) => void = () => undefined;
  const gone = plane.connect({
    send: () => undefined,
    ended: () => undefined,
    receive: (handler) => {
      say = handler;
    },
  });
  const listening = { https: '[::]:8443', http: null, reached: ['203.0.113.7:443'], reachedBy: 'operator' } as const;
  say({ kind: 'hello', edge: name, listening });
  return { say: (message: EdgeMessage) => say(message), gone };
}

test('edges are listed with what they have in force, and with what they rejected', async (t) => {
  const api = await startApi(t, { inForceWithin: 20 });
  assert.deepEqual((await api.call('GET', '/postern/v1/edges')).result, []);
  const { say, gone } = edge(api, 'berlin');
  await api.zone();
  say({ kind: 'rejected', edge: 'berlin', revision: revision(1), because: 'no key' });
  const [rejecting] = (await api.call('GET', '/postern/v1/edges')).result;
  assert.deepEqual(rejecting, {
    name: 'berlin',
    connected: true,
    connected_since: new Date(NOW).toISOString(),
    applied_revision: 0,
    lag: 1,
    rejected: { revision: 1, because: 'no key' },
    listening: { https: '[::]:8443', http: null, reached: ['203.0.113.7:443'], reached_by: 'operator' },
    traffic: null,
  });
  say({ kind: 'applied', edge: 'berlin', revision: revision(1) });
  const [well] = (await api.call('GET', '/postern/v1/edges')).result;
  assert.deepEqual([well?.['applied_revision'], well?.['rejected']], [1, null]);
  gone();
  assert.deepEqual((await api.call('GET', '/postern/v1/edges')).result, []);
});

test('whoever listens hears of revisions and edges as they happen, over a real connection', async (t) => {
  const api = await startApi(t, { inForceWithin: 20 });
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { status, headers, events } = await listen(t, address, { authorization: `Bearer ${api.token}` });
  assert.deepEqual(
    [status, headers.get('content-type'), headers.get('cache-control')],
    [200, 'text/event-stream', 'no-store'],
  );
  assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  const zone = await api.zone('example.test');
  const created = await next(events);
  assert.deepEqual([created.event, created.data['action']], ['revision_committed', 'create_zone']);
  assert.deepEqual(created.data['zone'], { id: zone, name: 'example.test' });
  const { say, gone } = edge(api, 'berlin');
  say({ kind: 'applied', edge: 'berlin', revision: revision(1) });
  say({ kind: 'rejected', edge: 'berlin', revision: revision(2), because: 'no key' });
  gone();
  const kinds = [];
  for (let count = 0; count < 4; count += 1) kinds.push((await next(events)).event);
  assert.deepEqual(kinds, ['edge_connected', 'edge_applied', 'edge_rejected', 'edge_gone']);
});

test('a listener that comes back gets what it missed; one that was away too long is told to look anew', async (t) => {
  const api = await startApi(t);
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const bearer = { authorization: `Bearer ${api.token}` };
  const first = await listen(t, address, bearer);
  await api.zone('one.test');
  const { id } = await next(first.events);
  await api.zone('two.test');
  await api.zone('three.test');
  const again = await listen(t, address, { ...bearer, 'last-event-id': id });
  const names = [];
  for (let count = 0; count < 2; count += 1) names.push((await next(again.events)).data['zone']);
  assert.match(JSON.stringify(names), /two\.test.*three\.test/);
  for (const strange of ['other-1', 'x', `${id}0`, `${id.split('-')[0]}--1`]) {
    assert.deepEqual(await known(api, {}, strange), ['reset'], strange);
  }
  assert.deepEqual(await known(api, {}, `${id.split('-')[0]}-0`), [
    'revision_committed',
    'revision_committed',
    'revision_committed',
  ]);
});

test('a listener hears only of the zones that its token may see, and of edges only with edges:read', async (t) => {
  const api = await startApi(t);
  const own = await api.zone('own.test');
  const { headers } = await bearerFor(api, { permissions: ['zone:read'], zones: [own] });
  const open = await listen(t, await api.app.listen({ host: '127.0.0.1', port: 0 }), {
    authorization: `Bearer ${api.token}`,
  });
  await api.zone('other.test');
  const { id } = await next(open.events);
  const start = `${id.split('-')[0]}-0`;
  edge(api, 'berlin').gone();
  await api.call('PATCH', `/zones/${own}`, { paused: true });
  assert.deepEqual(await known(api, headers, start), ['revision_committed', 'revision_committed']);
  assert.equal((await known(api, {}, start)).length, 5);
});

test('a stream ends when its token is revoked, rolled or narrowed, and when the server closes', async (t) => {
  const api = await startApi(t);
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const ends = async (id: string, headers: Record<string, string>, act: () => Promise<unknown>) => {
    const { events, status } = await listen(t, address, headers);
    assert.equal(status, 200, id);
    await act();
    assert.equal((await events.next()).done, true);
  };
  const rights = { permissions: ['zone:read'] };
  const path = (id: string) => `/postern/v1/tokens/${id}`;
  const revoked = await bearerFor(api, rights);
  await ends(revoked.id, revoked.headers, () => api.call('DELETE', path(revoked.id)));
  const rolled = await bearerFor(api, rights);
  await ends(rolled.id, rolled.headers, () => api.call('POST', `${path(rolled.id)}/roll`));
  const narrowed = await bearerFor(api, rights);
  await ends(narrowed.id, narrowed.headers, () => api.call('PATCH', path(narrowed.id), { permissions: ['dns:read'] }));
  await ends('server', { authorization: `Bearer ${api.token}` }, () => api.app.close());
});

test('a token has so many listeners at most, and those that leave make room', async (t) => {
  const api = await startApi(t);
  const [bootstrap] = (await api.call('GET', '/postern/v1/tokens')).result;
  const token = idOf(bootstrap ?? assert.fail());
  const listener = { token, hear: () => undefined, ended: () => undefined };
  const stops = Array.from({ length: 8 }, () => api.plane.events.listen({ ...listener }));
  const refused = await api.call('GET', EVENTS);
  assert.deepEqual([refused.status, codes(refused)], [429, [10431]]);
  assert.equal(typeof api.plane.events.listen({ ...listener, token: 'another' }), 'function');
  for (const stop of stops) if (typeof stop === 'function') stop();
  const headers = { authorization: `Bearer ${api.token}` };
  for (let count = 0; count < 10; count += 1) {
    assert.equal((await api.app.inject({ url: `${EVENTS}?follow=false`, headers })).statusCode, 200);
  }
});

test('HEAD has the head of a stream and ends', async (t) => {
  const api = await startApi(t);
  const answer = await api.app.inject({
    method: 'HEAD',
    url: EVENTS,
    headers: { authorization: `Bearer ${api.token}` },
  });
  assert.deepEqual([answer.statusCode, answer.headers['content-type'], answer.body], [200, 'text/event-stream', '']);
});

test('listeners hear of what ends soon, with what they need to find it', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now = NOW;
  const api = await startApi(t, { clock: () => now });
  const id = await api.zone('example.test');
  const ca = await authority('Staff CA');
  const upload = await clientCertificate(ca, { validity: validFor(NOW, 395 * DAY) });
  await api.call('POST', `/zones/${id}/origin_tls_client_auth`, upload);
  const path = `/postern/v1/zones/${id}/hostnames/www.example.test/visitor_authorities`;
  await api.call('PUT', path, { certificates: ca.certificate.pem });
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { events } = await listen(t, address, { authorization: `Bearer ${api.token}` });
  now = instant(ca.certificate.notAfter - 20 * DAY);
  t.mock.timers.tick(3_600_000);
  const zone = { id, name: 'example.test' };
  const heard = new Map<unknown, Record<string, unknown>>();
  while (!heard.has('visitor_authority_ending')) {
    const { event, data } = await next(events);
    if (event === 'notice') heard.set(data['code'], data);
  }
  const ofUpload = heard.get('certificate_ending') ?? assert.fail();
  assert.deepEqual([ofUpload['zone'], ofUpload['severity']], [zone, 'warning']);
  const ofCa = heard.get('visitor_authority_ending') ?? assert.fail();
  assert.deepEqual(ofCa['zone'], zone);
  const { fingerprint, hostnames } = Object(ofCa['about']);
  assert.deepEqual([hostnames, fingerprint], [['www.example.test'], ca.certificate.fingerprint]);
});

test('notices are told to who may read them, about the zones that it sees', async (t) => {
  const api = await startApi(t);
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { events } = await listen(t, address, { authorization: `Bearer ${api.token}` });
  const own = await api.zone('own.test');
  const other = await api.zone('other.test');
  const ids = [];
  for (const id of [own, other]) {
    await api.call('POST', `/postern/v1/zones/${id}/rotations`, { what: 'leaf' });
    for (let seen = false; !seen; ) {
      const { event, id: at, data } = await next(events);
      ids.push(at);
      seen = event === 'notice' && data['code'] === 'rotation_begun';
      if (event === 'rotation_moved')
        assert.deepEqual(data['zone'], { id, name: id === own ? 'own.test' : 'other.test' });
    }
  }
  const start = `${ids[0]?.split('-')[0]}-0`;
  const sees = async (permissions: readonly string[]) => {
    const { headers } = await bearerFor(api, { permissions, zones: [own] });
    return (await known(api, headers, start)).filter((event) => event === 'notice' || event === 'rotation_moved');
  };
  const both = await sees(['zone:read', 'notices:read']);
  assert.equal(both.filter((event) => event === 'notice').length, 1);
  assert.ok(both.includes('rotation_moved'));
  assert.ok(!(await sees(['zone:read'])).includes('notice'));
});
