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

test('a new zone is strict with Always Use HTTPS on, TLS 1.2, no limits and no level on', async (t) => {
  const { call, zone } = await startApi(t);
  const { result } = await call('GET', `/zones/${await zone()}/settings`);
  assert.deepEqual(
    [...result].map(({ id, value, editable }) => [id, value, editable]),
    [
      ['always_use_https', 'on', true],
      ['min_tls_version', '1.2', true],
      ['origin_tls_compliance_modes', [], true],
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

test('an old TLS for visitors is stored as sent, and messages say what is in force', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/settings/min_tls_version`;
  for (const [value, said] of [
    ['1.0', [20009]],
    ['1.1', [20009]],
    ['1.2', []],
    ['1.3', []],
  ] as const) {
    const set = await call('PATCH', path, { value });
    assert.deepEqual([set.status, set.result['value'], set.messages.map(({ code }) => code)], [200, value, said]);
    assert.equal((await call('GET', path)).result['value'], value);
  }
  for (const value of ['1.4', 1.2, 'TLSv1.2', '', null, ['1.2']]) {
    const bad = await call('PATCH', path, { value });
    assert.deepEqual([bad.status, codes(bad)], [400, [1007]], JSON.stringify(value));
    assert.match(bad.errors[0]?.message ?? '', /must be one of 1\.0, 1\.1, 1\.2, 1\.3/);
  }
});

test('compliance modes are replaced by PUT and PATCH, and emptied by DELETE', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const path = `/zones/${id}/settings/origin_tls_compliance_modes`;
  const asked: readonly (readonly ['PUT' | 'PATCH', readonly string[], readonly string[]])[] = [
    ['PUT', ['pqh', 'fips'], ['fips', 'pqh']],
    ['PATCH', ['pqh'], ['pqh']],
    ['PATCH', ['fips', 'fips'], ['fips']],
    ['PUT', [], []],
    ['PATCH', ['fips'], ['fips']],
  ];
  for (const [method, value, stored] of asked) {
    const set = await call(method, path, { value });
    assert.deepEqual([set.status, set.result['id'], set.result['value']], [200, 'origin_tls_compliance_modes', stored]);
    assert.deepEqual((await call('GET', path)).result, set.result);
  }
  const bulk = await call('PATCH', `/zones/${id}/settings`, [{ id: 'origin_tls_compliance_modes', value: ['pqh'] }]);
  assert.deepEqual([...bulk.result][0]?.['value'], ['pqh']);
  const deleted = await call('DELETE', path);
  assert.deepEqual(
    [deleted.status, deleted.result['id'], 'value' in deleted.result],
    [200, 'origin_tls_compliance_modes', false],
  );
  assert.deepEqual((await call('GET', path)).result['value'], []);
  for (const value of ['fips', ['cnsa2'], ['fips', 7], [['fips']], { fips: true }, null, undefined, ['FIPS']]) {
    const bad = await call('PUT', path, { value });
    assert.deepEqual([bad.status, codes(bad), bad.errors[0]?.source?.pointer], [400, [1007], '/value']);
    assert.match(bad.errors[0]?.message ?? '', /must be a list of fips, pqh/);
  }
});

test('compliance modes say where they have no effect', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const path = `/zones/${id}/settings/origin_tls_compliance_modes`;
  assert.deepEqual((await call('PUT', path, { value: ['fips'] })).messages, []);
  const { messages } = await call('PATCH', `/zones/${id}/settings/ssl`, { value: 'flexible' });
  assert.match(
    messages[0]?.message ?? '',
    /origin_tls_compliance_modes have no effect on pulls over plain HTTP because/,
  );
});

test('settings that can only be what they are accept that, and refuse the rest with the reason', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const fixed = [
    ['settings/auto_origin_tls_kex', { id: 'auto_origin_tls_kex', enabled: false }, { enabled: true }],
    ['settings/ssl_automatic_mode', { id: 'ssl_automatic_mode', value: 'custom' }, { value: 'auto' }],
    ['settings/ssl_recommender', { id: 'ssl_recommender', enabled: false }, { enabled: true }],
    ['ssl/universal/settings', { enabled: true }, { enabled: false }],
  ] as const;
  for (const [tail, is, other] of fixed) {
    const path = `/zones/${id}/${tail}`;
    const got = await call('GET', path);
    for (const [field, value] of Object.entries(is)) assert.equal(got.result[field], value, path);
    assert.match(got.messages[0]?.message ?? '', /because/);
    const [field = ''] = Object.keys(other);
    const kept = await call('PATCH', path, { [field]: got.result[field] });
    assert.deepEqual([kept.status, kept.result, kept.messages], [200, got.result, got.messages]);
    for (const body of [other, {}, { [field]: null }, { [field]: 'x'.repeat(500) }]) {
      const refused = await call('PATCH', path, body);
      assert.deepEqual(
        [refused.status, codes(refused), refused.errors[0]?.source?.pointer],
        [400, [1007], `/${field}`],
      );
      assert.match(refused.errors[0]?.message ?? '', /because/);
    }
    assert.equal((await call('PUT', path, other)).status, 405);
  }
});

test('the calls that Terraform 4 makes for all settings of a zone go through, and again on destroy', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const before = await call('GET', `/zones/${id}/settings`);
  const universal = await call('GET', `/zones/${id}/ssl/universal/settings`);
  assert.deepEqual([before.status, universal.status], [200, 200]);
  const items = [
    { id: 'min_tls_version', value: '1.3' },
    { id: 'always_use_https', value: 'on' },
  ];
  assert.equal((await call('PATCH', `/zones/${id}/settings`, { items })).status, 200);
  assert.equal((await call('PATCH', `/zones/${id}/ssl/universal/settings`, universal.result)).status, 200);
  const initial = [...before.result].map(({ id: setting, value }) => ({ id: setting, value }));
  assert.equal((await call('PATCH', `/zones/${id}/settings`, { items: initial })).status, 200);
  const after = await call('GET', `/zones/${id}/settings`);
  assert.deepEqual(
    [...after.result].map(({ value }) => value),
    [...before.result].map(({ value }) => value),
  );
});
