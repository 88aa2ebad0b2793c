import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instant } from '../../domain/ids.ts';
import { after, DAY, idOf, NOW, textOf } from './api.fixture.ts';
import {
  ask,
  codesOf,
  type Listening,
  listeningApi,
  SESSION,
  type Signed,
  signedIn,
  tokenFor,
} from './session.fixture.ts';

const HOUR = 3_600_000;
const ZONES = '/client/v4/zones';
const TOKENS = '/postern/v1/tokens';
const AUDIT = '/postern/v1/audit';

test('whoever shows a token gets a cookie that no script reads, and calls with it as with the token', async (t) => {
  const api = await listeningApi(t);
  const { cookie, csrf, given, result, reads } = await signedIn(api.base, api.token);
  assert.match(given, /^postern_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  const token = result['token'] ?? assert.fail();
  assert.deepEqual([token['name'], token['permissions']], ['bootstrap', ['*']]);
  assert.equal(result['expires_at'], new Date(NOW + 12 * HOUR).toISOString());
  const { status, result: same } = await ask(api.base + SESSION, { headers: reads });
  assert.deepEqual([status, same], [200, result]);
  assert.ok(!cookie.includes(csrf));
  await api.zone('example.test');
  const zones = await ask(api.base + ZONES, { headers: reads });
  assert.deepEqual([zones.status, zones.result[0 as never]?.['name' as never]], [200, 'example.test']);
  assert.equal((await ask(api.base + ZONES)).status, 401);
});

test('a change by cookie needs the secret of its session', async (t) => {
  const api = await listeningApi(t);
  const { reads, writes } = await signedIn(api.base, api.token);
  const other = await signedIn(api.base, api.token);
  const create = (headers: Readonly<Record<string, string>>) =>
    ask(api.base + ZONES, { method: 'POST', headers, body: { name: 'example.test' } });
  for (const shown of [undefined, '', other.csrf, 'x'.repeat(43), writes['x-postern-csrf']?.slice(1)]) {
    const headers = shown === undefined ? reads : { ...reads, 'x-postern-csrf': shown };
    const refused = await create(headers);
    assert.deepEqual([refused.status, codesOf(refused)], [403, [10435]], shown);
  }
  assert.equal((await create(writes)).status, 200);
});

test('who signs out is signed out at once, in this browser and in no other', async (t) => {
  const api = await listeningApi(t);
  const [here, there] = [await signedIn(api.base, api.token), await signedIn(api.base, api.token)];
  const end = (headers: Readonly<Record<string, string>>) => ask(api.base + SESSION, { method: 'DELETE', headers });
  assert.deepEqual(codesOf(await end(here.reads)), [10435]);
  const out = await end(here.writes);
  assert.deepEqual([out.status, out.result], [200, { signed_out: true }]);
  assert.deepEqual(out.headers['set-cookie'], ['postern_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict']);
  assert.equal(out.headers['clear-site-data'], '"cache"', 'going back shows nothing of it');
  assert.equal((await ask(api.base + SESSION, { headers: here.reads })).status, 401);
  assert.deepEqual(codesOf(await end(here.writes)), [10000]);
  assert.equal((await ask(api.base + SESSION, { headers: there.reads })).status, 200);
});

async function statusOf({ base }: Listening, { reads }: Signed, path = SESSION): Promise<number> {
  return (await ask(base + path, { headers: reads })).status;
}

test('a session ends after its hours, and never later than its token', async (t) => {
  let now: Instant = NOW;
  const api = await listeningApi(t, { clock: () => now, sessionHours: 2 });
  const long = await signedIn(api.base, api.token);
  assert.match(long.given, /; Max-Age=7200;/);
  const ending = await tokenFor(api, { expires_on: new Date(NOW + HOUR).toISOString() });
  const short = await signedIn(api.base, ending.text);
  assert.match(short.given, /; Max-Age=3600;/);
  assert.equal(short.result['expires_at'], new Date(NOW + HOUR).toISOString());
  now = after(HOUR - 1);
  assert.deepEqual([await statusOf(api, long), await statusOf(api, short)], [200, 200]);
  now = after(HOUR);
  assert.deepEqual([await statusOf(api, long), await statusOf(api, short)], [200, 401]);
  now = after(2 * HOUR);
  assert.equal(await statusOf(api, long), 401);
  assert.equal(await statusOf(api, long, ZONES), 401);
});

test('a session is worth what its token is worth by now', async (t) => {
  let now: Instant = NOW;
  const api = await listeningApi(t, { clock: () => now });
  const token = await tokenFor(api, { permissions: ['zone:read', 'audit:read'] });
  const session = await signedIn(api.base, token.text);
  const edit = (change: object) => api.call('PATCH', `${TOKENS}/${token.id}`, change);
  assert.equal(await statusOf(api, session, AUDIT), 200);
  await edit({ permissions: ['zone:read'] });
  assert.deepEqual([await statusOf(api, session, AUDIT), await statusOf(api, session, ZONES)], [403, 200]);
  await api.zone();
  await edit({ zones: [] });
  assert.deepEqual((await ask(api.base + ZONES, { headers: session.reads })).result, []);
  await edit({ addresses: ['192.0.2.0/24'] });
  assert.equal(await statusOf(api, session, ZONES), 403);
  await edit({ addresses: [], expires_on: new Date(NOW + HOUR).toISOString() });
  const { result } = await ask(api.base + SESSION, { headers: session.reads });
  assert.equal(result['expires_at'], new Date(NOW + HOUR).toISOString());
  now = after(HOUR);
  assert.equal(await statusOf(api, session, ZONES), 401);
});

test('a token that is rolled or revoked takes its sessions with it, and nobody else’s', async (t) => {
  const api = await listeningApi(t);
  const own = await signedIn(api.base, api.token);
  for (const [method, path] of [
    ['POST', '/roll'],
    ['DELETE', ''],
  ] as const) {
    const token = await tokenFor(api);
    const session = await signedIn(api.base, token.text);
    assert.equal(await statusOf(api, session), 200);
    await api.call(method, `${TOKENS}/${token.id}${path}`);
    assert.equal(await statusOf(api, session), 401, method);
    assert.equal(await statusOf(api, own), 200);
  }
});

test('a token has fifty sessions: one more ends its oldest, and no other’s', async (t) => {
  let now: Instant = NOW;
  const api = await listeningApi(t, { clock: () => now });
  const token = await tokenFor(api);
  const other = await signedIn(api.base, api.token);
  const sessions: Signed[] = [];
  for (let count = 0; count < 51; count += 1) {
    now = after(count);
    sessions.push(await signedIn(api.base, token.text));
  }
  const statuses = [];
  for (const session of sessions) statuses.push(await statusOf(api, session));
  assert.deepEqual(statuses, [401, ...Array.from({ length: 50 }, () => 200)]);
  assert.equal(await statusOf(api, other), 200);
});

test('whose token does not count is told the same whatever is wrong with it, and the log tells of it', async (t) => {
  const api = await listeningApi(t, {
    tokens: {
      expired: { permissions: ['*'], expiresAt: NOW },
      revoked: { permissions: ['*'], revokedAt: NOW - DAY },
      early: { permissions: ['*'], notBefore: NOW + DAY },
      legacy: { permissions: ['*'], email: 'ops@example.test' },
    },
  });
  const enter = (token: unknown) => ask(api.base + SESSION, { method: 'POST', body: { token } });
  const said = new Set<string>();
  for (const wrong of ['expired', 'revoked', 'early', 'legacy', 'nobody', '', '\u0000', 'x'.repeat(512)]) {
    const { status, text, headers } = await enter(wrong);
    assert.deepEqual([status, headers['set-cookie']], [401, undefined], wrong);
    said.add(text);
  }
  assert.equal(said.size, 1);
  assert.equal(api.logged.filter((line) => line.startsWith('api_sign_in_failed')).length, 8);
  for (const odd of [undefined, null, 7, ['x'], 'x'.repeat(513)]) {
    const { status, text } = await enter(odd);
    assert.deepEqual([status, text.includes('x'.repeat(100))], [400, false]);
  }
  const narrow = await tokenFor(api, { addresses: ['192.0.2.0/24'] });
  assert.deepEqual(codesOf(await enter(narrow.text)), [9109]);
});

test('too many wrong tokens are 429 for a while, counted together with those in the head', async (t) => {
  let now: Instant = NOW;
  const api = await listeningApi(t, { clock: () => now });
  const enter = (token: string) => ask(api.base + SESSION, { method: 'POST', body: { token } });
  await ask(api.base + ZONES, { headers: { authorization: 'Bearer wrong' } });
  for (let attempt = 1; attempt < 30; attempt += 1) assert.equal((await enter('wrong')).status, 401);
  const limited = await enter('wrong');
  assert.deepEqual([limited.status, codesOf(limited), limited.headers['retry-after']], [429, [10429], '1']);
  assert.equal((await enter(api.token)).status, 200, 'nobody locks somebody else out');
  now = after(1000);
  assert.equal((await enter('wrong')).status, 401);
});

test('cookies that are none of ours are no sign-in that failed', async (t) => {
  const api = await listeningApi(t);
  for (let count = 0; count < 40; count += 1) {
    const headers = { cookie: `postern_session=${'x'.repeat(43)}` };
    assert.equal((await ask(api.base + ZONES, { headers })).status, 401);
  }
  assert.ok(!api.logged.some((line) => line.startsWith('api_sign_in_failed')));
});

test('who shows a token is whose token it is, whatever cookie comes with it', async (t) => {
  const api = await listeningApi(t);
  const token = await tokenFor(api, { name: 'other', permissions: ['tokens:read'] });
  const { reads } = await signedIn(api.base, api.token);
  const verify = '/client/v4/user/tokens/verify';
  const told = await ask(api.base + verify, { headers: { ...reads, authorization: `Bearer ${token.text}` } });
  assert.equal(idOf(told.result), token.id);
  const wrong = await ask(api.base + ZONES, { headers: { ...reads, authorization: 'Bearer wrong' } });
  assert.equal(wrong.status, 401);
  const none = await ask(api.base + SESSION, { headers: { authorization: `Bearer ${api.token}` } });
  assert.deepEqual([none.status, codesOf(none)], [401, [10000]]);
  const change = { method: 'POST', body: { name: 'a.test' } };
  const bearer = { ...reads, authorization: `Bearer ${api.token}` };
  assert.equal((await ask(api.base + ZONES, { ...change, headers: bearer })).status, 200, 'needs no secret');
});

test('sign-ins and sign-outs are in the log of changes under the token, and no secret is in any log', async (t) => {
  const api = await listeningApi(t);
  const token = await tokenFor(api);
  const { writes, cookie, csrf } = await signedIn(api.base, token.text);
  await ask(api.base + ZONES, { method: 'POST', headers: writes, body: {} });
  await ask(api.base + SESSION, { method: 'DELETE', headers: writes });
  const { result } = await api.call('GET', `${AUDIT}?actor=${token.id}`);
  const actions = [...result].map((entry) => textOf(entry['action']));
  assert.deepEqual(actions, ['sign_out', 'sign_in']);
  const told = `${api.logged.join()} ${JSON.stringify(result)}`;
  assert.match(told, /sign_in \{.*sign_out \{/s);
  for (const secret of [token.text, cookie.replace(/^.*=/, ''), csrf]) assert.ok(!told.includes(secret));
});
