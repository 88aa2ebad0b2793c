import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, codes, DAY, idOf, NOW, startApi } from './api/api.fixture.ts';
import { allows, PERMISSIONS } from './api/permissions.ts';
import { ROUTES } from './api/table.ts';

const TOKENS = {
  expired: { permissions: ['*'], expiresAt: NOW },
  revoked: { permissions: ['*'], revokedAt: NOW - DAY },
  lasting: { permissions: ['*'], expiresAt: NOW + DAY },
};

test('a valid token is verified with its status', async (t) => {
  const { app, call, plane } = await startApi(t, { tokens: TOKENS });
  const { status, result, messages } = await call('GET', '/user/tokens/verify');
  assert.deepEqual([status, result['status']], [200, 'active']);
  assert.match(idOf(result), /^[0-9a-f]{32}$/);
  assert.deepEqual(messages[0], { code: 10000, message: 'This API Token is valid and active', type: null });
  assert.deepEqual(
    messages.slice(1).map(({ code }) => code),
    [20104],
    'the bootstrap token should be exchanged',
  );
  const account = await call('GET', `/accounts/${plane.installation.account}/tokens/verify`);
  assert.deepEqual(account.result, result);
  const verify = (headers: Record<string, string>) => app.inject({ url: '/client/v4/user/tokens/verify', headers });
  const wrong = await verify({ authorization: 'Bearer wrong' });
  assert.deepEqual([wrong.statusCode, wrong.json().errors[0].code], [401, 1000]);
  const none = await verify({});
  assert.deepEqual([none.statusCode, none.json().errors[0].code], [401, 1001]);
  const lasting = await call('GET', '/user/tokens/verify', undefined, { authorization: 'bearer lasting' });
  assert.equal(lasting.result['expires_on'], new Date(NOW + DAY).toISOString());
});

test('whoever shows a key of Cloudflare’s Origin CA is told what to use instead', async (t) => {
  const { app } = await startApi(t);
  const headers = { 'x-auth-user-service-key': 'v1.0-0123456789abcdef' };
  const answer = await app.inject({ url: '/client/v4/certificates', headers });
  assert.equal(answer.statusCode, 401);
  assert.match(answer.body, /token with ssl:edit/);
});

test('bad tokens are 401 with code 10000, malformed headers 400 with code 6003', async (t) => {
  const { call, app, token } = await startApi(t, { tokens: TOKENS });
  for (const wrong of ['expired', 'revoked', 'nobody', token.slice(0, -1), `${token}x`, token.toUpperCase()]) {
    const answer = await call('GET', '/zones', undefined, { authorization: `Bearer ${wrong}` });
    assert.deepEqual([answer.status, codes(answer)], [401, [10000]], wrong);
  }
  for (const wrong of ['Bearer', 'Bearer a b', 'Basic YTpi', 'x', 'Bearer \u00e4', `Bearer ${'a'.repeat(600)}`, '']) {
    const answer = await call('GET', '/zones', undefined, { authorization: wrong });
    assert.deepEqual([answer.status, codes(answer)], [400, [6003]], wrong);
    assert.deepEqual(answer.errors[0]?.error_chain?.[0]?.code, 6111);
  }
  const missing = await app.inject({ url: '/client/v4/zones' });
  assert.deepEqual([missing.statusCode, missing.json().errors[0].code], [401, 10000]);
  const head = await app.inject({ method: 'HEAD', url: '/client/v4/zones' });
  assert.equal(head.statusCode, 401);
  const legacy = await app.inject({ url: '/client/v4/zones', headers: { 'x-auth-email': 'a@b', 'x-auth-key': 'k' } });
  assert.match(legacy.json().errors[0].message, /e-mail and key are not accepted/);
});

test('too many wrong tokens from one address are 429 for a second, and valid ones still pass', async (t) => {
  let now = NOW;
  const { call, logged } = await startApi(t, { clock: () => now });
  const wrong = () => call('GET', '/zones', undefined, { authorization: 'Bearer wrong' });
  const statuses = [];
  for (let attempt = 0; attempt < 32; attempt += 1) statuses.push((await wrong()).status);
  assert.deepEqual(statuses, [...Array.from({ length: 30 }, () => 401), 429, 429]);
  const limited = await wrong();
  assert.deepEqual([codes(limited), limited.headers['retry-after']], [[10429], '1']);
  assert.equal((await call('GET', '/zones')).status, 200);
  assert.equal(logged.filter((line) => line.startsWith('api_sign_in_failed')).length, 30);
  now = after(1000);
  assert.equal((await wrong()).status, 401);
});

test('a token is never logged', async (t) => {
  const { call, logged, token } = await startApi(t);
  await call('GET', '/zones');
  await call('GET', '/zones', undefined, { authorization: 'Bearer wrong-token' });
  assert.ok(logged.length > 0);
  assert.doesNotMatch(logged.join('\n'), new RegExp(`${token}|wrong-token`));
});

test('each permission opens exactly its calls', async (t) => {
  const tokens = Object.fromEntries(PERMISSIONS.map((permission) => [permission, { permissions: [permission] }]));
  const named = Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name.replace(':', '-'), token]));
  const { app, zone } = await startApi(t, { tokens: named });
  const id = await zone();
  // The zone that all others need goes last.
  const isLast = ({ method, path }: (typeof ROUTES)[number]) => method === 'DELETE' && path.endsWith('/:zone');
  for (const { method, path, permission, refuses } of ROUTES.toSorted(
    (a, b) => Number(isLast(a)) - Number(isLast(b)),
  )) {
    if (permission === null) continue;
    const url = path
      .replace(':zone', id)
      .replace(/:\w+/, '0')
      .replace(/\/events$/, '/events?follow=false');
    for (const held of PERMISSIONS) {
      const headers = { authorization: `Bearer ${held.replace(':', '-')}` };
      const { statusCode, body } = await app.inject({ method, url, headers });
      const refusal = refuses?.({ permissions: [held] }) ?? null;
      const open: boolean = refusal === null && (permission === 'any' || allows([held], permission));
      assert.equal(statusCode !== 403, open, `${held}: ${method} ${path}`);
      const why = refusal === null ? `the token lacks ${permission}` : 'the token has none of';
      if (!open) assert.match(body, new RegExp(`9109.*${why}`));
    }
  }
});
