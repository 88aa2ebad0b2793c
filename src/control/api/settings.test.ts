import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, startApi } from './api.fixture.ts';

test("the guide's own PATCH works as printed and says what the shared identity is worth", async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  await call('POST', `/zones/${id}/dns_records`, { type: 'A', name: '@', content: '127.0.0.1', proxied: true });
  const { status, success, result, messages } = await call(
    'PATCH',
    `/zones/${id}/settings/tls_client_auth`,
    '{"value": "on"}',
  );
  assert.deepEqual([status, success, result['id'], result['value']], [200, true, 'tls_client_auth', 'on']);
  assert.deepEqual(
    messages.map(({ code }) => code),
    [20005],
  );
  assert.match(messages[0]?.message ?? '', /\/ssl\/static\/authenticated_origin_pull_ca\.pem/);
  const { result: again } = await call('GET', `/zones/${id}/settings/tls_client_auth`);
  assert.equal(again['value'], 'on');
});

test('a new zone is strict with Always Use HTTPS on and no level on', async (t) => {
  const { call, zone } = await startApi(t);
  const { result } = await call('GET', `/zones/${await zone()}/settings`);
  assert.deepEqual(
    [...result].map(({ id, value, editable }) => [id, value, editable]),
    [
      ['always_use_https', 'on', true],
      ['ssl', 'strict', true],
      ['tls_client_auth', 'off', true],
    ],
  );
});

test('a setting without effect says so, and why', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  await call('PATCH', `/zones/${id}/settings/ssl`, { value: 'flexible' });
  const { messages } = await call('PATCH', `/zones/${id}/settings/tls_client_auth`, { value: 'on' });
  assert.deepEqual(
    messages.map(({ code }) => code),
    [20002],
  );
  assert.match(messages[0]?.message ?? '', /no effect because SSL mode is flexible/);
});

test('unknown settings and bad values are refused by name, with what is allowed', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const unknown = await call('PATCH', `/zones/${id}/settings/tls_client_autth`, { value: 'on' });
  assert.deepEqual([unknown.status, codes(unknown)], [400, [1006]]);
  assert.match(unknown.errors[0]?.message ?? '', /"tls_client_autth".*tls_client_auth/);
  for (const value of ['fulll', 'ON', true, 1, null, ['full'], { value: 'full' }, undefined]) {
    const bad = await call('PATCH', `/zones/${id}/settings/ssl`, { value });
    assert.deepEqual([bad.status, codes(bad)], [400, [1007]], JSON.stringify(value));
    assert.match(bad.errors[0]?.message ?? '', /off, flexible, full, strict, origin_pull/);
    assert.equal(bad.errors[0]?.source?.pointer, '/value');
  }
  assert.deepEqual(codes(await call('GET', `/zones/${id}/settings/minify`)), [1006]);
});

test('settings change in bulk in both forms', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const bare = await call('PATCH', `/zones/${id}/settings`, [
    { id: 'ssl', value: 'full' },
    { id: 'tls_client_auth', value: 'on' },
  ]);
  assert.deepEqual(
    [...bare.result].map((setting) => [setting['id'], setting['value']]),
    [
      ['ssl', 'full'],
      ['tls_client_auth', 'on'],
    ],
  );
  const wrapped = await call('PATCH', `/zones/${id}/settings`, { items: [{ id: 'ssl', value: 'origin_pull' }] });
  assert.equal([...wrapped.result][0]?.['value'], 'origin_pull');
});

test('a bulk change with one bad item changes nothing', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const before = await call('GET', `/zones/${id}/settings`);
  const bodies: readonly (readonly [unknown, number, string])[] = [
    [
      [
        { id: 'ssl', value: 'off' },
        { id: 'tls_client_auth', value: 'yes' },
      ],
      1007,
      '/1/value',
    ],
    [
      {
        items: [
          { id: 'ssl', value: 'off' },
          { id: 'polish', value: 'off' },
        ],
      },
      1006,
      '/items/1/id',
    ],
    [
      [
        { id: 'ssl', value: 'off' },
        { id: 'ssl', value: 'full' },
      ],
      6007,
      '/1/id',
    ],
    [
      [
        { id: 'ssl', value: 'off' },
        { id: 7, value: 'full' },
      ],
      6007,
      '/1/id',
    ],
    [[{ id: 'ssl', value: 'off' }, null], 6007, '/1'],
  ];
  for (const [body, code, pointer] of bodies) {
    const bad = await call('PATCH', `/zones/${id}/settings`, body);
    assert.deepEqual([bad.status, codes(bad), bad.errors[0]?.source?.pointer], [400, [code], pointer]);
  }
  assert.deepEqual((await call('GET', `/zones/${id}/settings`)).result, before.result);
});
