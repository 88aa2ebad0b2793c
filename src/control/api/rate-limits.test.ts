import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, codes, startApi, textOf } from './api.fixture.ts';

const SMALL = { token: { quota: 3, window: 30 }, address: { quota: 5, window: 1 } };

test('every answer says what is left, in the form of Cloudflare’s', async (t) => {
  const { call, app } = await startApi(t, { rateLimits: {} });
  const made = await call('POST', '/postern/v1/tokens', { name: 'x', permissions: ['zone:read'], zones: 'all' });
  const bearer = { authorization: `Bearer ${textOf(made.result['token'])}` };
  for (const [path, remaining] of [
    ['/zones', 1199],
    ['/nothing', 1198],
  ] as const) {
    const { headers } = await call('GET', path, undefined, bearer);
    assert.match(String(headers['ratelimit']), new RegExp(`^"default";r=${remaining};t=1$`));
    assert.equal(headers['ratelimit-policy'], '"default";q=1200;w=300');
  }
  const { headers } = await app.inject({ url: '/healthz' });
  assert.deepEqual([headers['ratelimit'], headers['ratelimit-policy']], ['"burst";r=197;t=1', '"burst";q=200;w=1']);
});

test('a token that used up its share is 429 with a short wait, and comes back', async (t) => {
  let now = after(0);
  const { call } = await startApi(t, { rateLimits: { ...SMALL, address: null }, clock: () => now });
  const made = await call('POST', '/postern/v1/tokens', { name: 'x', permissions: ['zone:read'], zones: 'all' });
  const bearer = { authorization: `Bearer ${textOf(made.result['token'])}` };
  const status = async () => (await call('GET', '/zones', undefined, bearer)).status;
  assert.deepEqual([await status(), await status(), await status(), await status()], [200, 200, 200, 429]);
  const refused = await call('GET', '/zones', undefined, bearer);
  assert.deepEqual([codes(refused), refused.headers['retry-after']], [[10430], '10']);
  assert.equal(refused.headers['ratelimit'], '"default";r=0;t=30');
  now = after(10_000);
  assert.deepEqual([await status(), await status()], [200, 429]);
});

test('an address that used up its share is 429 whatever it shows, but for the bootstrap token on loopback', async (t) => {
  const { call, app } = await startApi(t, { rateLimits: SMALL });
  const statuses = [];
  for (let count = 0; count < 6; count += 1) statuses.push((await app.inject({ url: '/healthz' })).statusCode);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
  assert.equal((await call('GET', '/zones', undefined, { authorization: 'Bearer x' })).status, 429);
  for (let count = 0; count < 10; count += 1) assert.equal((await call('GET', '/zones')).status, 200);
  const elsewhere = await app.inject({ url: '/healthz', remoteAddress: '192.0.2.1' });
  assert.equal(elsewhere.statusCode, 200);
});

test('a sign-in counts for its token', async (t) => {
  let now = after(0);
  const { call } = await startApi(t, { rateLimits: { ...SMALL, address: null }, clock: () => now });
  const made = await call('POST', '/postern/v1/tokens', { name: 'x', permissions: ['zone:read'], zones: 'all' });
  const body = { token: textOf(made.result['token']) };
  const signIn = () => call('POST', '/postern/v1/session', body, { authorization: '' });
  const statuses = [];
  for (let count = 0; count < 5; count += 1) statuses.push((await signIn()).status);
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  now = after(10_000);
  assert.equal((await signIn()).status, 200);
});
