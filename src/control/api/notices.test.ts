import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { validFor } from '../../pki/issue.ts';
import { addressPolicy } from '../../pull/address-policy.ts';
import { receiver, until, verified } from '../notices/receiver.fixture.ts';
import {
  authority,
  clientCertificate,
  codes,
  DAY,
  idOf,
  type Json,
  NOW,
  type StartedApi,
  startApi,
  textOf,
} from './api.fixture.ts';

const NOTICES = '/postern/v1/notices';
const CHANNELS = '/postern/v1/notice_channels';
const HOOK = { name: 'ops', kind: 'webhook', url: 'https://hooks.example.test/postern' };

async function bearer({ call }: StartedApi, rights: object) {
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'one', zones: 'all', ...rights });
  return { authorization: `Bearer ${textOf(result['token'])}` };
}

/** Two zones, each with a notice about its rotation. */
async function twoZones(t: TestContext) {
  const api = await startApi(t);
  const [own, other] = [await api.zone('own.test'), await api.zone('other.test')];
  for (const zone of [own, other]) await api.call('POST', `/postern/v1/zones/${zone}/rotations`, { what: 'leaf' });
  await until(async () => list(await api.call('GET', NOTICES)).length >= 2);
  return { api, own, other };
}

function list({ result }: { readonly result: Json }): readonly Json[] {
  return [...result];
}

test('notices are listed newest first, by zone, code, severity and time, and page by page', async (t) => {
  const { api, own } = await twoZones(t);
  const count = async (query: string) => list(await api.call('GET', `${NOTICES}?${query}`)).length;
  assert.equal(await count('zone=own.test'), 1);
  assert.equal(await count(`zone=${own}`), 1);
  assert.equal(await count('code=rotation_begun'), 2);
  assert.equal(await count('severity=warning'), 0);
  assert.equal(await count(`since=${new Date(NOW + DAY).toISOString()}`), 0);
  const first = await api.call('GET', `${NOTICES}?limit=1`);
  const cursor = Object(first.result_info)['cursor'];
  const second = await api.call('GET', `${NOTICES}?limit=1&cursor=${cursor}`);
  assert.notEqual(list(first)[0]?.['id'], list(second)[0]?.['id']);
  assert.equal(Object(second.result_info)['cursor'], null);
});

test('a token sees notices about its zones alone, and none without notices:read', async (t) => {
  const { api, own } = await twoZones(t);
  const narrow = await bearer(api, { permissions: ['notices:read'], zones: [own] });
  const seen = list(await api.call('GET', NOTICES, undefined, narrow));
  assert.deepEqual(
    seen.map((notice) => Object(notice['zone'])['name']),
    ['own.test'],
  );
  assert.equal((await api.call('GET', `${NOTICES}?zone=other.test`, undefined, narrow)).status, 400);
  const without = await bearer(api, { permissions: ['zone:read'] });
  assert.equal((await api.call('GET', NOTICES, undefined, without)).status, 403);
});

test('a webhook is made, shown without its secret, changed, rolled and deleted', async (t) => {
  const api = await startApi(t);
  const made = await api.call('POST', CHANNELS, HOOK);
  assert.match(textOf(made.result['secret']), /^whsec_[\w+/]{43}=$/);
  const path = `${CHANNELS}/${idOf(made.result)}`;
  const shown = await api.call('GET', path);
  assert.deepEqual(
    [shown.result['secret'], shown.result['severity'], shown.result['codes'], shown.result['zones']],
    [undefined, 'warning', null, 'all'],
  );
  const edit = { severity: 'critical', codes: ['certificate_ending'], enabled: false };
  assert.equal((await api.call('PATCH', path, edit)).result['enabled'], false);
  const rolled = await api.call('POST', `${path}/roll`);
  assert.notEqual(rolled.result['secret'], made.result['secret']);
  assert.ok(!api.logged.join().includes(textOf(rolled.result['secret'])));
  const audit = JSON.stringify((await api.call('GET', '/postern/v1/audit')).result);
  assert.match(audit, /create_notice_channel.*|roll_notice_channel/);
  assert.doesNotMatch(audit, /whsec_|hooks\.example/);
  assert.equal((await api.call('DELETE', path)).status, 200);
  assert.deepEqual(codes(await api.call('GET', path)), [10490]);
});

test('a channel hears of no more than its maker sees, and others do not find it', async (t) => {
  const { api, own, other } = await twoZones(t);
  const narrow = await bearer(api, { permissions: ['notices:edit'], zones: [own] });
  const made = await api.call('POST', CHANNELS, HOOK, narrow);
  assert.deepEqual(list({ result: made.result['zones'] ?? assert.fail() }), [own]);
  assert.equal((await api.call('POST', CHANNELS, { ...HOOK, zones: [other] }, narrow)).status, 400);
  assert.equal((await api.call('POST', CHANNELS, { ...HOOK, zones: 'all' }, narrow)).status, 403);
  const whole = await api.call('POST', CHANNELS, HOOK);
  assert.equal(list(await api.call('GET', CHANNELS, undefined, narrow)).length, 1);
  assert.equal(list(await api.call('GET', CHANNELS)).length, 2);
  const path = `${CHANNELS}/${idOf(whole.result)}`;
  for (const [method, below] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/test'],
    ['POST', '/roll'],
    ['GET', '/deliveries'],
  ] as const) {
    assert.deepEqual(codes(await api.call(method, path + below, undefined, narrow)), [10490], `${method} ${below}`);
  }
  assert.deepEqual(codes(await api.call('PATCH', path, { enabled: false }, narrow)), [10490]);
  const mine = `${CHANNELS}/${idOf(made.result)}`;
  assert.equal((await api.call('PATCH', mine, { zones: 'all' }, narrow)).status, 403);
});

test('addresses where nothing may be sent are refused when they are named', async (t) => {
  const api = await startApi(t);
  const tenant = await bearer(api, { permissions: ['notices:edit'] });
  const refused = async (url: string, headers: Readonly<Record<string, string>> = {}) =>
    codes(await api.call('POST', CHANNELS, { ...HOOK, url }, headers));
  for (const url of [
    'ftp://example.test/',
    'no url',
    'https://user:password@example.test/',
    'http://169.254.169.254/latest',
    'https://[fe80::1]/',
    'https://0.0.0.0/',
    'http://203.0.113.7/',
  ]) {
    assert.deepEqual(await refused(url), [10492], url);
  }
  for (const url of [
    'http://hooks.example.test/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://[::ffff:10.0.0.1]/',
  ]) {
    assert.deepEqual(await refused(url, tenant), [10492], url);
    assert.deepEqual(await refused(url), [], url);
  }
});

test('who may not name private addresses cannot lead a channel of somebody else there', async (t) => {
  const api = await startApi(t);
  const tenant = await bearer(api, { permissions: ['notices:edit'] });
  const made = await api.call('POST', CHANNELS, { ...HOOK, url: 'http://127.0.0.1:9/' });
  const path = `${CHANNELS}/${idOf(made.result)}`;
  assert.deepEqual(codes(await api.call('PATCH', path, { url: 'http://127.0.0.1:10/' }, tenant)), [10492]);
  assert.equal((await api.call('PATCH', path, { name: 'other', url: 'http://127.0.0.1:9/' }, tenant)).status, 200);
});

test('what is missing or too much in a body is named', async (t) => {
  const api = await startApi(t);
  for (const [body, pointer] of [
    [{ ...HOOK, url: undefined }, '/url'],
    [{ ...HOOK, to: 'ops@example.test' }, '/to'],
    [{ ...HOOK, kind: 'pager' }, '/kind'],
    [{ ...HOOK, severity: 'loud' }, '/severity'],
    [{ ...HOOK, codes: ['unheard_of'] }, '/codes/0'],
    [{ ...HOOK, codes: [] }, '/codes'],
    [{ ...HOOK, zones: ['nowhere.test'] }, '/zones/0'],
    [{ name: 'x', kind: 'email', to: 'nobody' }, '/to'],
    [{ name: 'x', kind: 'email' }, '/to'],
    [{ ...HOOK, colour: 'red' }, '/colour'],
  ] as const) {
    const { status, errors } = await api.call('POST', CHANNELS, body);
    assert.deepEqual([status, errors[0]?.source?.pointer], [400, pointer], JSON.stringify(body));
  }
  assert.deepEqual(
    codes(await api.call('POST', CHANNELS, { name: 'x', kind: 'email', to: 'a@example.test' })),
    [10493],
  );
});

test('a test goes out once a minute at most, and what became of it is shown', async (t) => {
  const api = await startApi(t);
  api.plane.deliverNotices({ addresses: addressPolicy([]) });
  const { got, url } = await receiver(t, (response) => void response.writeHead(418).end());
  const made = await api.call('POST', CHANNELS, { ...HOOK, url });
  const path = `${CHANNELS}/${idOf(made.result)}`;
  const sent = await api.call('POST', `${path}/test`);
  assert.equal(sent.result['state'], 'waiting');
  assert.deepEqual(codes(await api.call('POST', `${path}/test`)), [10494]);
  const attempts = async () => {
    const [delivery] = list(await api.call('GET', `${path}/deliveries`));
    return list({ result: delivery?.['attempts'] ?? assert.fail() });
  };
  await until(async () => (await attempts()).length > 0);
  assert.ok(got[0] !== undefined && verified(got[0], textOf(made.result['secret'])));
  const [attempt] = await attempts();
  assert.deepEqual([attempt?.['status'], attempt?.['failure']], [418, 'status']);
  const { body } = await api.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${api.token}` } });
  assert.match(body, /^postern_notice_attempts_total\{kind="webhook",outcome="status"\} 1$/m);
  assert.match(body, /^postern_notice_deliveries_waiting 1$/m);
});

test('there are so many channels at most', async (t) => {
  const api = await startApi(t, { limits: { noticeChannels: 1 } });
  assert.equal((await api.call('POST', CHANNELS, HOOK)).status, 200);
  assert.deepEqual(codes(await api.call('POST', CHANNELS, HOOK)), [10491]);
});

test('an upload that ends soon is told to the webhook of its zone and to no other', async (t) => {
  const api = await startApi(t);
  api.plane.deliverNotices({ addresses: addressPolicy([]) });
  const [own, other] = [await api.zone('own.test'), await api.zone('other.test')];
  const [mine, theirs] = [await receiver(t), await receiver(t)];
  await api.call('POST', CHANNELS, { ...HOOK, url: mine.url, zones: [own] });
  await api.call('POST', CHANNELS, { ...HOOK, url: theirs.url, zones: [other] });
  const upload = await clientCertificate(await authority(), { validity: validFor(NOW, 10 * DAY) });
  await api.call('POST', `/zones/${own}/origin_tls_client_auth`, upload);
  // A rotation that moves has its zone looked at.
  await api.call('POST', `/postern/v1/zones/${own}/rotations`, { what: 'leaf' });
  await until(() => mine.got.length > 0);
  const { data } = JSON.parse(mine.got[0]?.body ?? '{}');
  assert.deepEqual(
    data.notices.map(({ code }: { code: string }) => code),
    ['certificate_ending'],
  );
  assert.equal(theirs.got.length, 0);
});
