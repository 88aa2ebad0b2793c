import assert from 'node:assert/strict';
import { test } from 'node:test';
import Cloudflare from 'cloudflare';
import { codes, idOf, type StartedApi, startApi, textOf } from './api.fixture.ts';

const ACCOUNT = 'com.cloudflare.api.account';
const ZONE = 'com.cloudflare.api.account.zone';

/** Two accounts with a zone each, and the ids of permission groups. */
async function twoAccounts(api: StartedApi) {
  const { call } = api;
  const made = async (name: string) => {
    const account = idOf((await call('POST', '/accounts', { name })).result);
    return { account, zone: idOf((await call('POST', '/zones', { name, account: { id: account } })).result) };
  };
  const group = async (name: string) => {
    const { result } = await call('GET', `/user/tokens/permission_groups?name=${encodeURIComponent(name)}`);
    return textOf([...result][0]?.['id']);
  };
  return {
    shop: await made('shop.test'),
    bank: await made('bank.test'),
    zoneRead: await group('Zone Read'),
    accountRead: await group('Account Settings Read'),
  };
}

function policy(group: string, resources: object) {
  return { effect: 'allow', permission_groups: [{ id: group }], resources };
}

test('accounts that are not said are those of the zones, or those of who asks', async (t) => {
  const api = await startApi(t);
  const { shop, bank } = await twoAccounts(api);
  const draft = { name: 'x', permissions: ['zone:read', 'tokens:edit'] };
  const scope = async (rights: object, headers = {}) => {
    const { result, errors } = await api.call('POST', '/postern/v1/tokens', { ...draft, ...rights }, headers);
    const bearer = { authorization: `Bearer ${result === null ? '' : textOf(result['token'])}` };
    return { accounts: result?.['accounts'], bearer, errors };
  };
  assert.equal((await scope({ zones: 'all' })).accounts, 'all');
  assert.deepEqual((await scope({ zones: [shop.zone] })).accounts, [shop.account]);
  assert.deepEqual((await scope({ zones: ['shop.test', 'bank.test'] })).accounts, [shop.account, bank.account]);
  const own = await scope({ zones: 'all', accounts: ['shop.test'] });
  assert.deepEqual((await scope({ zones: 'all' }, own.bearer)).accounts, [shop.account]);
  const contradiction = await scope({ zones: [bank.zone], accounts: [shop.account] });
  assert.equal(contradiction.errors[0]?.source?.pointer, '/zones/0');
  await api.call('POST', '/accounts', { name: 'shop.test' });
  const unclear = await scope({ zones: 'all', accounts: ['shop.test'] });
  assert.match(unclear.errors[0]?.message ?? '', /must be an id: several have that name/);
});

test('a token that is restricted to an account cannot widen itself, nor see wider ones', async (t) => {
  const api = await startApi(t);
  const { shop, bank } = await twoAccounts(api);
  const rights = { name: 'mine', permissions: ['*'], zones: 'all' };
  const made = await api.call('POST', '/postern/v1/tokens', { ...rights, accounts: [shop.account] });
  const mine = { authorization: `Bearer ${textOf(made.result['token'])}` };
  const path = `/postern/v1/tokens/${idOf(made.result)}`;
  const wider = [
    [{ accounts: 'all' }, 403, 9110],
    [{ accounts: [shop.account, bank.account] }, 400, 6007],
    [{ zones: [bank.zone] }, 400, 6007],
    [{ zones: ['bank.test'], accounts: 'all' }, 400, 6007],
  ] as const;
  for (const [edit, status, code] of wider) {
    for (const answer of [
      await api.call('PATCH', path, edit, mine),
      await api.call('POST', '/postern/v1/tokens', { ...rights, ...edit }, mine),
    ]) {
      assert.deepEqual([answer.status, codes(answer)], [status, [code]], JSON.stringify(edit));
    }
  }
  await api.call('POST', '/postern/v1/tokens', { ...rights, name: 'other', accounts: [bank.account] });
  const seen = [...(await api.call('GET', '/postern/v1/tokens', undefined, mine)).result].map(({ name }) => name);
  assert.deepEqual(seen, ['mine']);
});

test('accounts follow zones that are named anew, and stay where all zones are meant', async (t) => {
  const api = await startApi(t);
  const { shop, bank } = await twoAccounts(api);
  const rights = { name: 'x', permissions: ['zone:read'], zones: [shop.zone] };
  const path = `/postern/v1/tokens/${idOf((await api.call('POST', '/postern/v1/tokens', rights)).result)}`;
  const accounts = async (edit: object) => (await api.call('PATCH', path, edit)).result['accounts'];
  assert.deepEqual(await accounts({ zones: [bank.zone] }), [bank.account]);
  assert.deepEqual(await accounts({ name: 'y' }), [bank.account]);
  assert.deepEqual(await accounts({ zones: 'all' }), [bank.account]);
  assert.deepEqual(await accounts({ accounts: 'all' }), 'all');
});

test('policies map to zones and accounts exactly', async (t) => {
  const api = await startApi(t);
  const { shop, bank, zoneRead, accountRead } = await twoAccounts(api);
  const [s, b] = [`${ACCOUNT}.${shop.account}`, `${ACCOUNT}.${bank.account}`];
  const all = { [`${ZONE}.*`]: '*' };
  const good: readonly (readonly [readonly object[], unknown, unknown])[] = [
    [[policy(zoneRead, all)], 'all', 'all'],
    [[policy(zoneRead, { [s]: all })], 'all', [shop.account]],
    [[policy(zoneRead, { [s]: all, [b]: all })], 'all', [shop.account, bank.account]],
    [[policy(zoneRead, { [s]: all, [`${ZONE}.${shop.zone}`]: '*' })], 'all', [shop.account]],
    [[policy(zoneRead, { [s]: { [`${ZONE}.${shop.zone}`]: '*' } })], [shop.zone], [shop.account]],
    [[policy(zoneRead, { [`${ZONE}.${shop.zone}`]: '*' })], [shop.zone], [shop.account]],
    [[policy(zoneRead, { [s]: all }), policy(accountRead, { [s]: '*' })], 'all', [shop.account]],
    [[policy(zoneRead, all), policy(accountRead, { [`${ACCOUNT}.*`]: '*' })], 'all', 'all'],
    [
      [policy(zoneRead, { [`${ZONE}.${shop.zone}`]: '*' }), policy(accountRead, { [s]: '*', [b]: '*' })],
      [shop.zone],
      [shop.account, bank.account],
    ],
    [[policy(accountRead, { [b]: '*' })], 'all', [bank.account]],
  ];
  for (const [policies, zones, accounts] of good) {
    const made = await api.call('POST', '/user/tokens', { name: 'x', policies });
    assert.equal(made.status, 200, JSON.stringify(made.errors));
    const path = `/postern/v1/tokens/${idOf(made.result)}`;
    const token = (await api.call('GET', path)).result;
    assert.deepEqual([token['zones'], token['accounts']], [zones, accounts], JSON.stringify(policies));
    // What is shown says the same again.
    const again = await api.call('PUT', `/user/tokens/${idOf(made.result)}`, {
      name: 'x',
      policies: made.result['policies'],
    });
    assert.equal(again.status, 200, JSON.stringify(again.errors));
    const kept = (await api.call('GET', path)).result;
    assert.deepEqual([kept['zones'], kept['accounts']], [zones, accounts], JSON.stringify(made.result['policies']));
  }
});

test('policies that say what no token here can be are refused, never widened or narrowed', async (t) => {
  const api = await startApi(t);
  const { shop, bank, zoneRead, accountRead } = await twoAccounts(api);
  const [s, b] = [`${ACCOUNT}.${shop.account}`, `${ACCOUNT}.${bank.account}`];
  const all = { [`${ZONE}.*`]: '*' };
  const bad: readonly (readonly [readonly object[], string])[] = [
    [[policy(zoneRead, { [`${ACCOUNT}.${'0'.repeat(32)}`]: all })], '/policies/0/resources'],
    [[policy(zoneRead, { [s]: '*' })], '/policies/0/resources'],
    [[policy(zoneRead, { [s]: {} })], '/policies/0/resources'],
    [[policy(zoneRead, { [s]: { [`${ZONE}.${bank.zone}`]: '*' } })], '/policies/0/resources'],
    [[policy(zoneRead, { [`${ZONE}.*`]: 'read' })], '/policies/0/resources'],
    [[policy(zoneRead, { [s]: all, [`${ZONE}.${bank.zone}`]: '*' })], '/policies/0/resources'],
    [[policy(zoneRead, { ...all, [b]: '*' })], '/policies/0/resources'],
    [[policy(accountRead, all)], '/policies/0/resources'],
    [[policy(zoneRead, { [s]: all }), policy(zoneRead, { [b]: all })], '/policies'],
    [[policy(zoneRead, all), policy(accountRead, { [s]: '*' })], '/policies'],
    [[policy(accountRead, { [s]: '*' }), policy(accountRead, { [b]: '*' })], '/policies'],
    [[policy(zoneRead, { [`${ZONE}.${shop.zone}`]: '*' }), policy(accountRead, { [b]: '*' })], '/policies'],
  ];
  for (const [policies, pointer] of bad) {
    const answer = await api.call('POST', '/user/tokens', { name: 'x', policies });
    const told = `${JSON.stringify(policies)} ${JSON.stringify(answer)}`;
    assert.deepEqual([answer.status, answer.errors[0]?.source?.pointer], [400, pointer], told);
  }
});

test('SDK: the tokens of an account are those that are for it alone', async (t) => {
  const api = await startApi(t);
  const { shop, bank, zoneRead } = await twoAccounts(api);
  const baseURL = `${await api.app.listen({ host: '127.0.0.1', port: 0 })}/client/v4`;
  const { tokens } = new Cloudflare({ apiToken: api.token, baseURL, maxRetries: 0 }).accounts;
  const account_id = shop.account;
  const of = (account: string) => [
    {
      effect: 'allow' as const,
      permission_groups: [{ id: zoneRead }],
      resources: { [`${ACCOUNT}.${account}`]: { [`${ZONE}.*`]: '*' } },
    },
  ];
  const created = await tokens.create({ account_id, name: 'shop', policies: of(shop.account) });
  const id = created.id ?? '';
  const mine = new Cloudflare({ apiToken: created.value ?? '', baseURL, maxRetries: 0 });
  const zones = [];
  for await (const zone of mine.zones.list()) zones.push(zone.name);
  assert.deepEqual(zones, ['shop.test']);
  assert.equal((await mine.accounts.tokens.verify({ account_id })).id, id);
  await assert.rejects(async () => mine.accounts.tokens.verify({ account_id: bank.account }), Cloudflare.NotFoundError);
  await assert.rejects(
    async () => tokens.create({ account_id, name: 'x', policies: of(bank.account) }),
    Cloudflare.BadRequestError,
  );
  const listed = async (account: string) => {
    const names = [];
    for await (const one of tokens.list({ account_id: account })) names.push(one.name);
    return names;
  };
  assert.deepEqual([await listed(shop.account), await listed(bank.account)], [['shop'], []]);
  await assert.rejects(async () => tokens.get(id, { account_id: bank.account }), Cloudflare.NotFoundError);
  await assert.rejects(
    async () =>
      tokens.update(id, {
        account_id,
        name: 'wide',
        policies: [
          {
            ...of(shop.account)[0],
            effect: 'allow' as const,
            permission_groups: [{ id: zoneRead }],
            resources: { [`${ZONE}.*`]: '*' },
          },
        ],
      }),
    Cloudflare.BadRequestError,
  );
  assert.equal((await tokens.update(id, { account_id, name: 'two', policies: of(shop.account) })).name, 'two');
  await tokens.value.update(id, { account_id });
  await assert.rejects(async () => mine.zones.list(), Cloudflare.AuthenticationError);
  assert.deepEqual(await tokens.delete(id, { account_id }), { id });
});
