import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { type Answered, codes, idOf, startApi, textOf } from './api.fixture.ts';

const ACCESS = 'firewall/access_rules/rules';
const range = (value: string, mode = 'block') => ({ mode, configuration: { target: 'ip_range', value } });

const LOGIN = {
  match: { request: { methods: ['POST'], schemes: ['HTTPS'], url: '*.example.test/login*' } },
  threshold: 5,
  period: 60,
  action: { mode: 'ban', timeout: 600 },
};

function pointer({ errors }: Answered): string | undefined {
  return errors[0]?.source?.pointer;
}

async function sdk(t: TestContext) {
  const { app, token, zone } = await startApi(t);
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new Cloudflare({ apiToken: token, baseURL: `${base}/client/v4`, maxRetries: 0 });
  return { client, zone_id: await zone('example.test') };
}

test('SDK: access rules are made, read, listed to the end, changed and deleted', async (t) => {
  const { client, zone_id } = await sdk(t);
  const made = await client.firewall.accessRules.create({
    zone_id,
    mode: 'block',
    configuration: { target: 'ip', value: '192.0.2.1' },
    notes: 'a scanner',
  });
  assert.deepEqual(
    [made.mode, made.configuration, made.notes],
    ['block', { target: 'ip', value: '192.0.2.1' }, 'a scanner'],
  );
  for (let third = 0; third < 25; third++) {
    await client.firewall.accessRules.create({
      zone_id,
      ...range(`198.51.${third}.0/24`),
      mode: 'whitelist',
      configuration: { target: 'ip_range', value: `198.51.${third}.0/24` },
    });
  }
  const all = [];
  for await (const rule of client.firewall.accessRules.list({ zone_id })) all.push(rule.id);
  assert.equal(new Set(all).size, 26);
  const edited = await client.firewall.accessRules.edit(made.id, {
    zone_id,
    mode: 'whitelist',
    configuration: { target: 'ip', value: '192.0.2.1' },
  });
  assert.deepEqual([edited.mode, edited.notes], ['whitelist', 'a scanner']);
  assert.deepEqual(await client.firewall.accessRules.get(made.id, { zone_id }), edited);
  assert.deepEqual(await client.firewall.accessRules.delete(made.id, { zone_id }), { id: made.id });
  await assert.rejects(client.firewall.accessRules.get(made.id, { zone_id }), Cloudflare.NotFoundError);
});

test('rate limits are made, read, listed, replaced and deleted', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/rate_limits`;
  const made = await call('POST', path, LOGIN);
  const one = `${path}/${idOf(made.result)}`;
  assert.deepEqual([...(await call('GET', path)).result], [made.result]);
  const replaced = await call('PUT', one, { ...LOGIN, threshold: 9, disabled: true });
  assert.deepEqual([replaced.result['threshold'], replaced.result['disabled']], [9, true]);
  assert.equal(replaced.result['created_on'], made.result['created_on']);
  assert.deepEqual((await call('GET', one)).result, replaced.result);
  assert.deepEqual((await call('DELETE', one)).result, { id: made.result['id'] });
  assert.equal((await call('GET', one)).status, 404);
});

test('networks come back in one spelling, and one network has one rule', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/${ACCESS}`;
  const made = await call('POST', path, range('2001:DB8:0:0::/32'));
  assert.deepEqual(made.result['configuration'], { target: 'ip_range', value: '2001:db8::/32' });
  const again = await call('POST', path, range('2001:db8::/32', 'whitelist'));
  assert.deepEqual([again.status, codes(again), pointer(again)], [400, [10009], '/configuration/value']);
  assert.match(again.errors[0]?.message ?? '', new RegExp(idOf(made.result)));
});

test('what is no rule about addresses is refused, with the field and what it must be', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/${ACCESS}`;
  const ip = (value: unknown, target = 'ip') => ({ mode: 'block', configuration: { target, value } });
  for (const [body, at] of [
    [{ ...range('192.0.2.0/24'), mode: 'challenge' }, '/mode'],
    [{ mode: 'block' }, '/configuration'],
    [ip('192.0.2.0/24'), '/configuration/value'],
    [ip('2001:db8::1'), '/configuration/value'],
    [ip('192.0.2.1', 'ip6'), '/configuration/value'],
    [ip('192.0.2.1', 'ip_range'), '/configuration/value'],
    [ip('192.0.2.1/24', 'ip_range'), '/configuration/value'],
    [ip('T1', 'country'), '/configuration/target'],
    [ip(7), '/configuration/value'],
    [{ ...range('192.0.2.0/24'), notes: 'x'.repeat(1_001) }, '/notes'],
  ] as const) {
    const refused = await call('POST', path, body);
    assert.deepEqual([refused.status, codes(refused), pointer(refused)], [400, [6007], at], JSON.stringify(body));
  }
  assert.deepEqual([...(await call('GET', path)).result], []);
});

test('access rules are filtered and ordered', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/${ACCESS}`;
  await call('POST', path, { ...range('192.0.2.0/24'), notes: 'one' });
  await call('POST', path, { ...range('198.51.100.0/24', 'whitelist'), notes: 'two' });
  await call('POST', path, { mode: 'block', configuration: { target: 'ip6', value: '2001:db8::1' }, notes: 'three' });
  const notes = async (query: string) =>
    [...(await call('GET', `${path}?${query}`)).result].map((rule) => textOf(rule['notes']));
  assert.deepEqual(await notes('mode=block'), ['one', 'three']);
  assert.deepEqual(await notes('configuration.target=ip6'), ['three']);
  assert.deepEqual(await notes('configuration.value=198.51.100.0/24'), ['two']);
  assert.deepEqual(await notes('notes=T'), ['two', 'three']);
  assert.deepEqual(await notes('mode=whitelist&configuration.target=ip6&match=any'), ['two', 'three']);
  assert.deepEqual(await notes('order=configuration.value&direction=desc'), ['three', 'two', 'one']);
  assert.deepEqual(await notes('order=mode&per_page=1&page=3'), ['two']);
});

test('a rate limit says what it counts, in the words of Cloudflare', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone('example.test')}/rate_limits`;
  const made = await call('POST', path, { ...LOGIN, description: 'login', characteristics: ['ip.src', 'http.host'] });
  const { id, created_on, modified_on, ...rest } = made.result as unknown as Record<string, unknown>;
  assert.deepEqual([typeof id, typeof created_on, typeof modified_on], ['string', 'string', 'string']);
  assert.deepEqual(rest, { ...LOGIN, description: 'login', disabled: false, characteristics: ['ip.src', 'http.host'] });
  const plain = await call('POST', path, {
    match: { request: { url: '*' } },
    threshold: 1,
    period: 1,
    action: { mode: 'simulate' },
  });
  assert.deepEqual(plain.result['match'], { request: { methods: ['_ALL_'], schemes: ['_ALL_'], url: '*' } });
  assert.deepEqual(plain.result['action'], { mode: 'simulate', timeout: 1 });
});

test('what is no rate limit is refused, with the field and what it must be', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/rate_limits`;
  const request = (over: object) => ({ ...LOGIN, match: { request: { ...LOGIN.match.request, ...over } } });
  for (const [body, at] of [
    [{ ...LOGIN, match: {} }, '/match/request'],
    [request({ url: 'a.test/x?y=1' }), '/match/request/url'],
    [request({ url: '/login' }), '/match/request/url'],
    [request({ methods: ['GE T'] }), '/match/request/methods/0'],
    [request({ methods: [] }), '/match/request/methods'],
    [request({ schemes: ['FTP'] }), '/match/request/schemes/0'],
    [{ ...LOGIN, threshold: 0 }, '/threshold'],
    [{ ...LOGIN, period: 86_401 }, '/period'],
    [{ ...LOGIN, action: { mode: 'challenge' } }, '/action/mode'],
    [{ ...LOGIN, action: { mode: 'ban', timeout: 0 } }, '/action/timeout'],
    [{ ...LOGIN, characteristics: ['http.host'] }, '/characteristics'],
  ] as const) {
    const refused = await call('POST', path, body);
    assert.deepEqual([refused.status, codes(refused), pointer(refused)], [400, [6007], at], JSON.stringify(body));
  }
  assert.deepEqual([...(await call('GET', path)).result], []);
});

test('rules are found only in their own zone, and there are only so many', async (t) => {
  const { call, zone } = await startApi(t);
  const [one, other] = [await zone(), await zone()];
  const rule = idOf((await call('POST', `/zones/${one}/${ACCESS}`, range('192.0.2.0/24'))).result);
  const limit = idOf((await call('POST', `/zones/${one}/rate_limits`, LOGIN)).result);
  for (const path of [`${ACCESS}/${rule}`, `rate_limits/${limit}`, `${ACCESS}/${'0'.repeat(32)}`, 'rate_limits/x']) {
    const found = await call('GET', `/zones/${other}/${path}`);
    assert.deepEqual([found.status, codes(found)], [404, [10001]], path);
    assert.equal((await call('DELETE', `/zones/${other}/${path}`)).status, 404);
  }
  for (let made = 1; made < 100; made++) await call('POST', `/zones/${one}/rate_limits`, LOGIN);
  const beyond = await call('POST', `/zones/${one}/rate_limits`, LOGIN);
  assert.deepEqual([beyond.status, codes(beyond)], [400, [10010]]);
});
