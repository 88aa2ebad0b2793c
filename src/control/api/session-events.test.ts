import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant } from '../../domain/ids.ts';
import { after, NOW } from './api.fixture.ts';
import { ask, type Listening, listeningApi, SESSION, type Signed, signedIn, tokenFor } from './session.fixture.ts';

const EVENTS = '/postern/v1/events';
const HEARTBEAT = 15_000;
const HOUR = 3_600_000;

/** A stream that has begun; its text is there when it has ended. */
async function listens({ base }: Listening, { reads }: Signed): Promise<Response> {
  const response = await fetch(base + EVENTS, { headers: reads });
  assert.equal(response.status, 200);
  return response;
}

test('a stream of events ends at once with its session, whatever ends that, and other sessions go on', async (t) => {
  // No heartbeat ends it.
  t.mock.timers.enable({ apis: ['setInterval'] });
  const api = await listeningApi(t);
  const { id, text } = await tokenFor(api);
  const other = await signedIn(api.base, text);
  const going = await listens(api, other);
  const leaving = await signedIn(api.base, text);
  const left = await listens(api, leaving);
  await ask(api.base + SESSION, { method: 'DELETE', headers: leaving.writes });
  assert.doesNotMatch(await left.text(), /session_ended/);
  await api.zone('example.test');
  await api.call('PATCH', `/postern/v1/tokens/${id}`, { permissions: ['dns:read'] });
  assert.match(await going.text(), /"action":"create_zone"/);
  for (const [method, path] of [
    ['POST', '/roll'],
    ['DELETE', ''],
  ] as const) {
    const token = await tokenFor(api);
    const stream = await listens(api, await signedIn(api.base, token.text));
    await api.call(method, `/postern/v1/tokens/${token.id}${path}`);
    await stream.text();
  }
});

test('a stream of events ends with the hours of its session', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now: Instant = NOW;
  const api = await listeningApi(t, { clock: () => now, sessionHours: 1 });
  const stream = await listens(api, await signedIn(api.base, api.token));
  now = after(HOUR);
  t.mock.timers.tick(HEARTBEAT);
  await stream.text();
});

test('a stream of events ends in the moment in which its session or its token does', async (t) => {
  // No heartbeat ends it: the clock is the real one, and so are the ends.
  t.mock.timers.enable({ apis: ['setInterval'] });
  const clock = () => instant(Date.now());
  const api = await listeningApi(t, { clock, sessionHours: 0.5 / 3600 });
  const ofSession = await listens(api, await signedIn(api.base, api.token));
  await ofSession.text();
  const { id, text } = await tokenFor(api);
  const ofToken = await fetch(api.base + EVENTS, { headers: { authorization: `Bearer ${text}` } });
  await api.call('PATCH', `/postern/v1/tokens/${id}`, { expires_on: new Date(Date.now() + 1_000).toISOString() });
  await ofToken.text();
});

test('a stream of events is not for pages of others', async (t) => {
  const api = await listeningApi(t);
  const { reads } = await signedIn(api.base, api.token);
  for (const site of ['cross-site', 'same-site']) {
    const { status } = await ask(api.base + EVENTS, { headers: { ...reads, 'sec-fetch-site': site } });
    assert.equal(status, 403, site);
  }
});
