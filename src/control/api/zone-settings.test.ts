import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SETTING_IDS } from '../../wire/settings.ts';
import { codes, idOf, startApi } from './api.fixture.ts';

test('the settings of a zone are one resource: the table, the zone level and the pause', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const path = `/postern/v1/zones/${id}/settings`;
  const { result } = await call('GET', path);
  assert.deepEqual(new Set(Object.keys(result)), new Set([...SETTING_IDS, 'origin_tls_client_auth', 'paused']));
  for (const setting of SETTING_IDS) {
    const one = await call('GET', `/zones/${id}/settings/${setting}`);
    assert.deepEqual(result[setting], one.result['value'], setting);
  }
  const changed = await call('PATCH', path, { ssl: 'full', origin_tls_client_auth: 'on', paused: true });
  const { ssl, origin_tls_client_auth: level, paused, always_use_https: https } = changed.result;
  assert.deepEqual([ssl, level, paused, https], ['full', 'on', true, 'on']);
  assert.deepEqual((await call('GET', path)).result, changed.result);
  assert.equal((await call('GET', `/zones/${id}`)).result['paused'], true);
  const [last] = (await call('GET', '/postern/v1/audit')).result;
  assert.deepEqual(last?.['after'], { paused: true, ssl: 'full', zonePull: true });
  assert.equal((await call('PATCH', path, {})).status, 200);
});

test('what is wrong is refused with its field, and nothing of the rest is changed', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/postern/v1/zones/${await zone()}/settings`;
  const before = (await call('GET', path)).result;
  for (const [body, code, pointer] of [
    [{ ssl: 'full', colour: 'red' }, 6007, '/colour'],
    [{ ssl: 'full', always_use_https: true }, 1007, '/always_use_https'],
    [{ ssl: 'none', paused: true }, 1007, '/ssl'],
    [{ ssl: 'full', origin_tls_client_auth: true }, 6007, '/origin_tls_client_auth'],
    [{ ssl: 'full', paused: 'on' }, 6007, '/paused'],
    [{ ssl: null }, 1007, '/ssl'],
  ] as const) {
    const refused = await call('PATCH', path, body);
    const [error] = refused.errors;
    assert.deepEqual([refused.status, error?.code, error?.source?.pointer], [400, code, pointer], JSON.stringify(body));
  }
  assert.deepEqual((await call('GET', path)).result, before);
});

test('of two changes under one ETag the second is 412, and is told what is now', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/postern/v1/zones/${await zone()}/settings`;
  const etag = String((await call('GET', path)).headers['etag']);
  const answers = await Promise.all([
    call('PATCH', path, { ssl: 'full' }, { 'if-match': etag }),
    call('PATCH', path, { always_use_https: 'off' }, { 'if-match': etag }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 412],
  );
  const refused = answers.find(({ status }) => status === 412) ?? assert.fail();
  const now = await call('GET', path);
  assert.deepEqual(codes(refused), [10412]);
  assert.ok(refused.errors[0]?.message.includes(String(now.headers['etag'])));
  assert.ok(refused.errors[0]?.message.includes(JSON.stringify(now.result)));
  assert.equal((await call('PATCH', path, { paused: true }, { 'if-match': String(now.headers['etag']) })).status, 200);
});

test('who may change settings may not pause the zone or switch its level by that', async (t) => {
  const tokens = {
    settings: { permissions: ['settings:edit'] },
    ssl: { permissions: ['settings:edit', 'ssl:edit'] },
  };
  const { call, zone } = await startApi(t, { tokens });
  const path = `/postern/v1/zones/${await zone()}/settings`;
  const status = async (who: string, body: object) =>
    (await call('PATCH', path, body, { authorization: `Bearer ${who}` })).status;
  assert.equal(await status('settings', { ssl: 'full' }), 200);
  assert.equal(await status('settings', { ssl: 'strict', paused: true }), 403);
  assert.equal(await status('settings', { origin_tls_client_auth: 'on' }), 403);
  assert.equal(await status('ssl', { origin_tls_client_auth: 'on' }), 200);
  assert.equal(await status('ssl', { paused: true }), 403);
  const { ssl, paused } = (await call('GET', path)).result;
  assert.deepEqual([ssl, paused], ['full', false]);
});

test('what a caller knows already is not sent again', async (t) => {
  const { app, call, token, zone } = await startApi(t);
  const id = await zone('example.test');
  const [identity] = (await call('GET', `/postern/v1/zones/${id}/identities`)).result;
  const paths = [
    `/postern/v1/zones/${id}/settings`,
    '/postern/v1/installation',
    `/postern/v1/zones/${id}/identities/${idOf(identity ?? assert.fail())}`,
    `/postern/v1/zones/${id}/hostnames/www.example.test/plan`,
  ];
  for (const path of paths) {
    const first = await call('GET', path);
    const ask = (etag: string) =>
      app.inject({ url: path, headers: { authorization: `Bearer ${token}`, 'if-none-match': etag } });
    const known = await ask(String(first.headers['etag']));
    assert.deepEqual([known.statusCode, known.body], [304, ''], path);
    assert.equal(known.headers['etag'], first.headers['etag']);
    assert.equal((await ask('"another"')).statusCode, 200);
  }
});

test('an answer with notices is always sent in full, because they may have changed', async (t) => {
  const { app, call, token, zone } = await startApi(t);
  const path = `/postern/v1/zones/${await zone()}/settings`;
  const changed = await call('PATCH', path, { origin_tls_client_auth: 'on' });
  assert.ok(changed.messages.length > 0);
  const etag = String(changed.headers['etag']);
  const headers = { authorization: `Bearer ${token}`, 'if-none-match': etag };
  assert.equal((await app.inject({ url: path, headers })).statusCode, 200);
});
