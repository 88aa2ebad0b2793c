import assert from 'node:assert/strict';
import { test } from 'node:test';
import Cloudflare from 'cloudflare';
import { after, codes, DAY, idOf, NOW, type StartedApi, startApi, textOf } from './api.fixture.ts';
import { ROUTES } from './table.ts';

const ALL = { name: 'one', permissions: ['*'], zones: 'all' };

/** A new token by its text, and how it is shown as a header. */
async function made({ call }: Pick<StartedApi, 'call'>, draft: object, headers = {}) {
  const answer = await call('POST', '/postern/v1/tokens', { ...ALL, ...draft }, headers);
  assert.equal(answer.status, 200, JSON.stringify(answer.errors));
  const text = textOf(answer.result['token']);
  return {
    id: idOf(answer.result),
    text,
    bearer: { authorization: `Bearer ${text}` },
    etag: String(answer.headers['etag']),
  };
}

test('a token is made, shown once, listed, changed and revoked', async (t) => {
  const api = await startApi(t);
  const { call } = api;
  const { id, text, bearer } = await made(api, { name: 'reader', permissions: ['zone:read'] });
  assert.match(text, /^pst_[A-Za-z0-9_-]{43}$/);
  assert.equal((await call('GET', '/zones', undefined, bearer)).status, 200);
  assert.equal((await call('GET', '/postern/v1/tokens', undefined, bearer)).status, 403);
  const list = await call('GET', '/postern/v1/tokens');
  assert.deepEqual(
    [...list.result].map((one) => [one['name'], one['kind'], one['status']]),
    [
      ['bootstrap', 'bootstrap', 'active'],
      ['reader', 'token', 'active'],
    ],
  );
  assert.ok(!JSON.stringify(list).includes(text));
  const edited = await call('PATCH', `/postern/v1/tokens/${id}`, { permissions: ['dns:read'] });
  assert.deepEqual([...(edited.result['permissions'] ?? [])], ['dns:read']);
  assert.equal((await call('GET', '/zones', undefined, bearer)).status, 403);
  assert.deepEqual((await call('DELETE', `/postern/v1/tokens/${id}`)).result, { id });
  assert.equal((await call('GET', '/zones', undefined, bearer)).status, 401);
  for (const method of ['GET', 'DELETE'] as const) {
    const gone = await call(method, `/postern/v1/tokens/${id}`);
    assert.deepEqual([gone.status, codes(gone)], [404, [1003]]);
  }
});

test('a token that is rolled has another text at once', async (t) => {
  const api = await startApi(t);
  const { id, bearer } = await made(api, {});
  const rolled = await api.call('POST', `/postern/v1/tokens/${id}/roll`);
  const fresh = { authorization: `Bearer ${textOf(rolled.result['token'])}` };
  assert.equal((await api.call('GET', '/zones', undefined, bearer)).status, 401);
  assert.equal((await api.call('GET', '/zones', undefined, fresh)).status, 200);
});

test('the bootstrap token works until it is revoked', async (t) => {
  const api = await startApi(t);
  const { bearer } = await made(api, {});
  const [bootstrap] = (await api.call('GET', '/postern/v1/tokens')).result;
  await api.call('DELETE', `/postern/v1/tokens/${idOf(bootstrap ?? assert.fail())}`, undefined, bearer);
  assert.equal((await api.call('GET', '/zones')).status, 401);
  const { messages } = await api.call('GET', '/user/tokens/verify', undefined, bearer);
  assert.deepEqual(
    messages.map(({ code }) => code),
    [10000],
  );
});

test('tokens count only in their time and from their addresses', async (t) => {
  let now = NOW;
  const api = await startApi(t, { clock: () => now });
  const times = { not_before: new Date(NOW + DAY).toISOString(), expires_on: new Date(NOW + 2 * DAY).toISOString() };
  const { bearer } = await made(api, times);
  const status = async (headers: object) => (await api.call('GET', '/zones', undefined, { ...headers })).status;
  assert.equal(await status(bearer), 401);
  now = after(DAY);
  assert.equal(await status(bearer), 200);
  now = after(2 * DAY);
  assert.equal(await status(bearer), 401);

  const near = await made(api, { addresses: ['::1', '127.0.0.0/8'] });
  const far = await made(api, { addresses: ['192.0.2.0/24', '2001:db8::/32'] });
  assert.equal(await status(near.bearer), 200);
  const refused = await api.call('GET', '/zones', undefined, far.bearer);
  assert.deepEqual([refused.status, codes(refused)], [403, [9109]]);
  assert.match(refused.errors[0]?.message ?? '', /may not be used from 127\.0\.0\.1/);
});

test('nobody makes, changes, rolls or revokes a token that has more than their own', async (t) => {
  const api = await startApi(t);
  const { call } = api;
  const [own, other] = [await api.zone(), await api.zone()];
  const limited = await made(api, {
    permissions: ['tokens:edit', 'dns:edit'],
    zones: [own],
    addresses: ['127.0.0.0/8'],
    expires_on: new Date(NOW + DAY).toISOString(),
  });
  const within = {
    permissions: ['dns:read'],
    zones: [own],
    addresses: ['127.0.0.1'],
    expires_on: new Date(NOW + DAY).toISOString(),
  };
  const child = await made(api, within, limited.bearer);
  const wider = [
    { ...within, permissions: ['zone:read'] },
    { ...within, zones: 'all' },
    { ...within, addresses: [] },
    { ...within, expires_on: null },
  ];
  for (const draft of wider) {
    const posted = await call('POST', '/postern/v1/tokens', { name: 'x', ...draft }, limited.bearer);
    assert.deepEqual([posted.status, codes(posted)], [403, [9110]], JSON.stringify(draft));
    const patched = await call('PATCH', `/postern/v1/tokens/${child.id}`, draft, limited.bearer);
    assert.deepEqual([patched.status, codes(patched)], [403, [9110]], JSON.stringify(draft));
  }
  const stranger = await call('POST', '/postern/v1/tokens', { name: 'x', ...within, zones: [other] }, limited.bearer);
  assert.deepEqual([stranger.status, codes(stranger)], [400, [6007]]);
  const [bootstrap] = (await call('GET', '/postern/v1/tokens')).result;
  const target = `/postern/v1/tokens/${idOf(bootstrap ?? assert.fail())}`;
  for (const [method, path] of [
    ['GET', target],
    ['PATCH', target],
    ['DELETE', target],
    ['POST', `${target}/roll`],
  ] as const) {
    const answer = await call(method, path, method === 'PATCH' ? { name: 'mine' } : undefined, limited.bearer);
    assert.deepEqual([answer.status, codes(answer)], [404, [1003]], path);
  }
  const seen = (await call('GET', '/postern/v1/tokens', undefined, limited.bearer)).result;
  assert.deepEqual(
    [...seen].map(({ id }) => id),
    [limited.id, child.id],
  );
});

test('of zones outside its own a token sees no more than of zones that do not exist', async (t) => {
  const api = await startApi(t);
  const own = await api.zone('own.test');
  const other = await api.zone('other.test');
  const { bearer } = await made(api, { zones: ['own.test'] });
  let compared = 0;
  for (const { method, path, permission } of ROUTES) {
    if (permission === null || !path.includes('/:zone')) continue;
    const at = (zone: string) => path.replace(':zone', zone).replace(/:\w+/, '0').replace(/:\w+/, '0');
    const hidden = await api.call(method, at(other), undefined, bearer);
    const missing = await api.call(method, at('0'.repeat(32)), undefined, bearer);
    assert.deepEqual([hidden.status, hidden.errors], [404, missing.errors], `${method} ${path}`);
    compared += 1;
  }
  assert.ok(compared > 20);
  const listed = await api.call('GET', '/zones', undefined, bearer);
  assert.deepEqual(
    [...listed.result].map(({ id }) => id),
    [own],
  );
  assert.equal(listed.result_info?.total_count, 1);
  assert.deepEqual((await api.call('GET', '/zones?name=other.test', undefined, bearer)).result, []);
  assert.equal((await api.call('POST', '/zones', { name: 'third.test' }, bearer)).status, 403);
  assert.equal((await api.call('GET', `/zones/${other}`)).status, 200);
});

test('fields that a token does not have are refused, with the field named', async (t) => {
  const { call } = await startApi(t);
  const bad: readonly (readonly [object, string])[] = [
    [{ ...ALL, colour: 'red' }, '/colour'],
    [{ ...ALL, permissions: [] }, '/permissions'],
    [{ ...ALL, permissions: ['zone:delete'] }, '/permissions/0'],
    [{ name: 'x', permissions: ['*'] }, '/zones'],
    [{ ...ALL, zones: ['nowhere.test'] }, '/zones/0'],
    [{ ...ALL, addresses: ['10.0.0.1/8'] }, '/addresses/0'],
    [{ ...ALL, expires_on: 'tomorrow' }, '/expires_on'],
    [{ ...ALL, not_before: '2031-01-01T00:00:00Z', expires_on: '2030-01-01T00:00:00Z' }, '/expires_on'],
    [{ ...ALL, email: 'nobody' }, '/email'],
  ];
  for (const [draft, pointer] of bad) {
    const answer = await call('POST', '/postern/v1/tokens', draft);
    assert.deepEqual([answer.status, answer.errors[0]?.source?.pointer], [400, pointer], JSON.stringify(answer.errors));
  }
});

test('nothing that a terminal would obey is taken as a name, a comment or notes', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const command = 'a\u001b]0;b\u0007';
  const rights = { permissions: ['zone:read'], zones: 'all' };
  const group = '0'.repeat(32);
  const bodies = [
    ['/postern/v1/tokens', { name: command, ...rights }, '/name'],
    ['/user/tokens', { name: command, policies: [{ permission_groups: [{ id: group }], resources: {} }] }, '/name'],
    ['/accounts', { name: 'a\u202eb' }, '/name'],
    ['/accounts', { name: ' ' }, '/name'],
    [`/zones/${id}/dns_records`, { type: 'A', name: 'www', content: '192.0.2.1', comment: 'a\nb' }, '/comment'],
    [
      `/zones/${id}/firewall/access_rules/rules`,
      { mode: 'block', configuration: { target: 'ip', value: '192.0.2.7' }, notes: 'a\u009b2J' },
      '/notes',
    ],
  ] as const;
  for (const [path, body, pointer] of bodies) {
    const { status, errors } = await call('POST', path, body);
    assert.deepEqual([status, errors.map(({ source }) => source?.pointer)], [400, [pointer]], path);
    assert.match(errors[0]?.message ?? '', /must be one line, without control characters|must not be empty/);
  }
  assert.equal((await call('POST', '/accounts', { name: 'Bücher & 東京 👩‍💻' })).status, 200);
});

test('a change under an old ETag is 412 and names what the token is now', async (t) => {
  const api = await startApi(t);
  const { id, etag } = await made(api, {});
  const path = `/postern/v1/tokens/${id}`;
  assert.equal((await api.call('GET', path)).headers['etag'], etag);
  const first = await api.call('PATCH', path, { name: 'first' }, { 'if-match': etag });
  assert.equal(first.status, 200);
  for (const [method, body] of [
    ['PATCH', { name: 'second' }],
    ['DELETE', undefined],
  ] as const) {
    const late = await api.call(method, path, body, { 'if-match': etag });
    assert.deepEqual([late.status, codes(late)], [412, [10412]]);
    assert.match(late.errors[0]?.message ?? '', /"name":"first"/);
    assert.ok(late.errors[0]?.message.includes(String(first.headers['etag'])));
  }
  assert.equal(
    (await api.call('PATCH', path, { name: 'x' }, { 'if-match': `W/${String(first.headers['etag'])}` })).status,
    412,
  );
  assert.equal((await api.call('DELETE', path, undefined, { 'if-match': '*' })).status, 200);
});

test('of a change and a revocation under one ETag only the first happens, whichever that is', async (t) => {
  const api = await startApi(t);
  for (let round = 0; round < 5; round += 1) {
    const { id, etag } = await made(api, {});
    const path = `/postern/v1/tokens/${id}`;
    const [changed, revoked] = await Promise.all([
      api.call('PATCH', path, { name: 'x' }, { 'if-match': etag }),
      api.call('DELETE', path, undefined, { 'if-match': etag }),
    ]);
    assert.ok(['200 412', '404 200'].includes(`${changed.status} ${revoked.status}`));
  }
});

test('SDK: tokens are made from policies, read, replaced, rolled and deleted', async (t) => {
  const { app, token, zone } = await startApi(t);
  const baseURL = `${await app.listen({ host: '127.0.0.1', port: 0 })}/client/v4`;
  const cloudflare = new Cloudflare({ apiToken: token, baseURL, maxRetries: 0 });
  const id = await zone();
  const groups = [];
  for await (const group of cloudflare.user.tokens.permissionGroups.list()) groups.push(group);
  const dns = groups.find(({ name }) => name === 'DNS Write')?.id ?? '';
  const policy = {
    effect: 'allow' as const,
    permission_groups: [{ id: dns }],
    resources: { [`com.cloudflare.api.account.zone.${id}`]: '*' },
  };
  const created = await cloudflare.user.tokens.create({
    name: 'dns',
    policies: [policy],
    condition: { request_ip: { in: ['127.0.0.1/32'] } },
  });
  const mine = new Cloudflare({ apiToken: created.value ?? '', baseURL, maxRetries: 0 });
  assert.equal((await mine.user.tokens.verify()).id, created.id);
  for await (const record of mine.dns.records.list({ zone_id: id })) assert.fail(record.name ?? 'a record');
  await assert.rejects(async () => mine.zones.get({ zone_id: id }), Cloudflare.PermissionDeniedError);
  const token_id = created.id ?? '';
  const read = await cloudflare.user.tokens.get(token_id);
  assert.deepEqual(read.policies?.[0]?.resources, policy.resources);
  assert.deepEqual(
    read.policies?.[0]?.permission_groups.map(({ name }) => name),
    ['DNS Read', 'DNS Write'],
  );
  const replaced = await cloudflare.user.tokens.update(token_id, { name: 'two', policies: [policy], status: 'active' });
  assert.deepEqual([replaced.name, replaced.condition], ['two', undefined]);
  const value = await cloudflare.user.tokens.value.update(token_id, { body: {} });
  await assert.rejects(async () => mine.user.tokens.verify(), Cloudflare.AuthenticationError);
  assert.equal((await new Cloudflare({ apiToken: value, baseURL }).user.tokens.verify()).status, 'active');
  const names = [];
  for await (const one of cloudflare.user.tokens.list()) names.push(one.name);
  assert.deepEqual(names, ['bootstrap', 'two']);
  assert.deepEqual(await cloudflare.user.tokens.delete(token_id), { id: token_id });
  await assert.rejects(async () => cloudflare.user.tokens.get(token_id), Cloudflare.NotFoundError);
});

test('policies that cannot be kept exactly are refused, never widened', async (t) => {
  const { call, zone } = await startApi(t);
  const [one, two] = [await zone(), await zone()];
  const { result } = await call('GET', '/user/tokens/permission_groups?name=DNS%20Read');
  const groups = [{ id: textOf([...result][0]?.['id']) }];
  const on = (id: string) => ({ [`com.cloudflare.api.account.zone.${id}`]: '*' });
  const bad: readonly (readonly [object, string])[] = [
    [{ policies: [{ effect: 'deny', permission_groups: groups, resources: on(one) }] }, '/policies/0/effect'],
    [{ policies: [{ permission_groups: [{ id: 'x' }], resources: on(one) }] }, '/policies/0/permission_groups/0/id'],
    [{ policies: [{ permission_groups: groups, resources: on('0'.repeat(32)) }] }, '/policies/0/resources'],
    [{ policies: [{ permission_groups: groups, resources: {} }] }, '/policies/0/resources'],
    [{ policies: [on(one), on(two)].map((resources) => ({ permission_groups: groups, resources })) }, '/policies'],
    [
      {
        policies: [{ permission_groups: groups, resources: on(one) }],
        condition: { request_ip: { not_in: ['10.0.0.0/8'] } },
      },
      '/condition/request_ip/not_in',
    ],
    [{ policies: [{ permission_groups: groups, resources: on(one) }], status: 'disabled' }, '/status'],
  ];
  for (const [draft, pointer] of bad) {
    const answer = await call('POST', '/user/tokens', { name: 'x', ...draft });
    assert.deepEqual([answer.status, answer.errors[0]?.source?.pointer], [400, pointer], JSON.stringify(answer.errors));
  }
});

test('e-mail and key count only together, only where switched on, and are no bearer token', async (t) => {
  for (const legacyKeys of [true, false]) {
    const api = await startApi(t, { legacyKeys });
    const { text, bearer } = await made(api, { email: 'admin@example.test' });
    const verify = async (headers: Record<string, string>) =>
      (await api.app.inject({ url: '/client/v4/zones', headers })).statusCode;
    const expected = legacyKeys ? 200 : 401;
    assert.equal(await verify({ 'x-auth-email': 'admin@example.test', 'x-auth-key': text }), expected);
    assert.equal(await verify({ 'x-auth-email': 'Admin@Example.test', 'x-auth-key': text }), expected);
    assert.equal(await verify({ 'x-auth-email': 'other@example.test', 'x-auth-key': text }), 401);
    assert.equal(await verify({ 'x-auth-email': 'admin@example.test', 'x-auth-key': api.token }), 401);
    assert.equal(await verify({ 'x-auth-key': text }), legacyKeys ? 400 : 401);
    assert.equal(await verify(bearer), 401);
  }
});

test('the last call of a token is told on both kinds of paths, and no precondition fails because of it', async (t) => {
  const api = await startApi(t);
  const { id, bearer, etag } = await made(api, { name: 'reader', permissions: ['zone:read'] });
  const path = `/postern/v1/tokens/${id}`;
  assert.equal((await api.call('GET', path)).result['last_used_on'], null);
  assert.ok(!('last_used_on' in (await api.call('GET', `/user/tokens/${id}`)).result));
  assert.equal((await api.call('GET', '/zones', undefined, bearer)).status, 200);
  const used = new Date(NOW).toISOString();
  assert.equal((await api.call('GET', path)).result['last_used_on'], used);
  assert.equal((await api.call('GET', `/user/tokens/${id}`)).result['last_used_on'], used);
  const changed = await api.call('PATCH', path, { name: 'renamed' }, { 'if-match': etag });
  assert.equal(changed.status, 200, JSON.stringify(changed.errors));
});

test('a call that is refused for its token is no use of it, one that it has no permission for is', async (t) => {
  const api = await startApi(t);
  const { id, bearer } = await made(api, { addresses: ['192.0.2.0/24'] });
  assert.equal((await api.call('GET', '/zones', undefined, bearer)).status, 403);
  assert.equal((await api.call('GET', `/postern/v1/tokens/${id}`)).result['last_used_on'], null);
  const narrow = await made(api, { permissions: ['zone:read'] });
  assert.equal((await api.call('GET', '/postern/v1/tokens', undefined, narrow.bearer)).status, 403);
  assert.notEqual((await api.call('GET', `/postern/v1/tokens/${narrow.id}`)).result['last_used_on'], null);
});
