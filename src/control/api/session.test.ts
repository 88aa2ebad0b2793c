import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { NOW, type StartedApi, startApi } from './api.fixture.ts';
import { ask, codesOf, SESSION, signedIn } from './session.fixture.ts';

const HOUR = 3_600_000;
const ZONES = '/client/v4/zones';

type Bent = Parameters<typeof startApi>[1];

async function listening(t: TestContext, bent: Bent = {}): Promise<StartedApi & { readonly base: string }> {
  const api = await startApi(t, bent);
  return { ...api, base: await api.app.listen({ host: '127.0.0.1', port: 0 }) };
}

test('whoever shows a token gets a cookie that no script reads, and calls with it as with the token', async (t) => {
  const api = await listening(t);
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
  const api = await listening(t);
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
  const api = await listening(t);
  const [here, there] = [await signedIn(api.base, api.token), await signedIn(api.base, api.token)];
  const end = (headers: Readonly<Record<string, string>>) => ask(api.base + SESSION, { method: 'DELETE', headers });
  assert.deepEqual(codesOf(await end(here.reads)), [10435]);
  const out = await end(here.writes);
  assert.deepEqual([out.status, out.result], [200, { signed_out: true }]);
  assert.deepEqual(out.headers['set-cookie'], ['postern_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict']);
  assert.equal((await ask(api.base + SESSION, { headers: here.reads })).status, 401);
  assert.deepEqual(codesOf(await end(here.writes)), [10000]);
  assert.equal((await ask(api.base + SESSION, { headers: there.reads })).status, 200);
});
