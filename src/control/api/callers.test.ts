import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname, zoneId } from '../../domain/ids.ts';
import { after, DAY, NOW, startApi, textOf } from './api.fixture.ts';

const HOST = 'www.example.test';
const NONE = { accepted: 0, without: 0, foreign: 0, unverified: 0, looks: 0, examples: [] };
const at = (zone: string) => `/postern/v1/zones/${zone}/origins/callers`;
const of = (zone: string, last = '1h') => `/postern/v1/zones/${zone}/hostnames/${HOST}/callers?last=${last}`;

let batches = 0;
function report(change: object = {}, ...counts: readonly object[]) {
  batches += 1;
  const batch = batches.toString(16).padStart(32, '0');
  const slots = counts.map((one) => ({ hostname: HOST, at: new Date(NOW).toISOString(), ...NONE, ...one }));
  return { host: 'web-1', lock: 'www', batch, hostnames: [HOST], counts: slots, ...change };
}

test('who comes is added up, by name, and the same report counts once', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const silent = (await call('GET', of(id))).result;
  assert.deepEqual([...(silent['sources'] ?? [])], []);
  assert.match(textOf(silent['how']), /postern origin watch-report --api \S+ --zone [0-9a-f]{32} --hostname www/);
  const examples = [{ address: '192.0.2.7', count: 3 }];
  const first = report({}, { accepted: 38, without: 3, examples });
  assert.equal((await call('POST', at(id), first)).result['counted'], true);
  assert.equal((await call('POST', at(id), first)).result['counted'], false);
  await call('POST', at(id), report({ host: 'web-2' }, { foreign: 1, examples: [{ address: '192.0.2.9', count: 9 }] }));
  const { result } = await call('GET', of(id));
  const { examples: _, ...none } = NONE;
  assert.deepEqual(result['total'], { ...none, accepted: 38, without: 3, foreign: 1 });
  assert.deepEqual(result['examples'], [{ address: '192.0.2.9', count: 9 }, ...examples]);
  assert.deepEqual([[...(result['sources'] ?? [])].length, result['how']], [2, null]);
  const events = await call('GET', '/postern/v1/audit');
  assert.doesNotMatch(JSON.stringify(events.result), /callers/, 'a count is no change');
});

test('who comes by no name of a lock is a figure of its own, once for the lock whatever names are asked for', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const other = 'example.test';
  const hostnames = [HOST, other];
  const others = (change: object) => [{ at: new Date(NOW).toISOString(), ...NONE, ...change }];
  const examples = [{ address: '192.0.2.7', count: 3 }];
  const first = report({ hostnames, by_other_names: others({ without: 3, examples }) }, { accepted: 5 });
  assert.equal((await call('POST', at(id), first)).status, 200);
  assert.equal((await call('POST', at(id), first)).result['counted'], false);
  await call('POST', at(id), report({ hostnames, by_other_names: others({ foreign: 1 }) }));
  await call('POST', at(id), report({ host: 'web-2', hostnames: [HOST], by_other_names: others({ accepted: 2 }) }));
  const { examples: _, ...none } = NONE;
  const shown = async (name: string) => {
    const { result } = await call('GET', of(id).replace(HOST, name));
    return [result['total'], result['by_other_names']];
  };
  const came = { ...none, without: 3, foreign: 1 };
  assert.deepEqual(await shown(HOST), [
    { ...none, accepted: 5 },
    { total: { ...came, accepted: 2 }, examples },
  ]);
  assert.deepEqual(await shown(other), [none, { total: came, examples }]);
  assert.deepEqual(await shown('else.example.test'), [none, { total: none, examples: [] }], 'of another lock');

  const begun = await call('PUT', `/postern/v1/zones/${id}/setups/${HOST}`, {
    choices: { server: 'nginx', other_names: [other] },
  });
  assert.deepEqual(begun.result['callers']?.['by_other_names'], { total: { ...came, accepted: 2 }, examples });
  const weighed = await call('POST', `/postern/v1/zones/${id}/impact`, {
    kind: 'enforce',
    hostname: HOST,
    other_names: [other],
  });
  assert.match(JSON.stringify(weighed.result), /"callers_by_other_names".*4 requests since it was configured/);
});

test('those by no name of a lock have limits like others', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  const slot = (change: object = {}) => ({ at: new Date(NOW).toISOString(), ...NONE, without: 1, ...change });
  const pointer = async (...others: readonly object[]) =>
    (await call('POST', at(id), report({ by_other_names: others }))).errors[0]?.source?.pointer;
  assert.equal(await pointer(slot({ without: -1 })), '/by_other_names/0/without');
  assert.equal(await pointer(slot({ hostname: HOST })), '/by_other_names/0/hostname');
  assert.equal(await pointer(...Array.from({ length: 301 }, () => slot())), '/by_other_names');
  const total = async () => (await call('GET', of(id, '24h'))).result['by_other_names']?.['total']?.['without'];
  assert.equal(await total(), 0);
  const old = slot({ at: new Date(NOW - 2 * DAY).toISOString() });
  assert.equal(await pointer(old, slot({ at: new Date(NOW + DAY).toISOString() })), undefined);
  assert.equal(await total(), 1);
  const most = () => report({ by_other_names: Array.from({ length: 300 }, () => slot()) });
  const statuses = new Set<number>();
  for (let sent = 0; sent < 36; sent++) statuses.add((await call('POST', at(id), most())).status);
  assert.deepEqual([...statuses], [200, 429]);
  now = after(2 * DAY);
  assert.equal(await total(), 0);
});

test('what is old is not counted, and what lies ahead is of now', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  const slot = (time: number, without: number) => ({ at: new Date(time).toISOString(), without });
  await call('POST', at(id), report({}, slot(NOW - 2 * DAY, 1), slot(NOW + DAY, 2), slot(NOW - DAY / 2, 4)));
  const without = async (last: string) => (await call('GET', of(id, last))).result['total']?.['without'];
  assert.deepEqual([await without('1h'), await without('24h')], [2, 6]);
  now = after(2 * DAY);
  assert.deepEqual([...((await call('GET', of(id, '24h'))).result['sources'] ?? [])], []);
});

test('names and counts have limits, and names are those of the zone', async (t) => {
  const { call, zone } = await startApi(t, { limits: { callerHostnamesPerZone: 1 } });
  const id = await zone('example.test');
  const refused = async (body: object) => {
    const { status, errors } = await call('POST', at(id), body);
    return [status, errors[0]?.source?.pointer];
  };
  assert.deepEqual(await refused(report({ hostnames: ['www.other.test'] })), [400, '/hostnames/0']);
  assert.deepEqual(await refused(report({ hostnames: [] }, {})), [400, '/counts/0/hostname']);
  assert.deepEqual(await refused(report({}, { without: -1 })), [400, '/counts/0/without']);
  assert.deepEqual(await refused(report({}, { at: 'yesterday' })), [400, '/counts/0/at']);
  assert.deepEqual(await refused(report({ batch: 'x' })), [400, '/batch']);
  assert.equal((await call('POST', at(id), report({}, { without: 1 }))).status, 200);
  const other = report({ hostnames: ['a.example.test'] }, { hostname: 'a.example.test', without: 1 });
  assert.match((await call('POST', at(id), other)).errors[0]?.message ?? '', /caller_hostnames_per_zone/);
  assert.equal((await call('GET', of(id, '2h'))).status, 400);
});

test('a token that may report may do so for its zones alone, and sees nothing', async (t) => {
  const { call, zone } = await startApi(t);
  const [own, other] = [await zone('example.test'), await zone('other.test')];
  const made = await call('POST', '/postern/v1/tokens', {
    name: 'web-1',
    permissions: ['origin:report'],
    zones: [own],
  });
  const headers = { authorization: `Bearer ${textOf(made.result['token'])}` };
  assert.equal((await call('POST', at(own), report(), headers)).status, 200);
  assert.equal((await call('POST', at(other), report({ hostnames: [] }), headers)).status, 404);
  assert.equal((await call('GET', of(own), undefined, headers)).status, 403);
});

test('counts of one hostname and time in one report are one, and one report is one event', async (t) => {
  const { call, zone, plane } = await startApi(t);
  const id = await zone('example.test');
  const hostnames = Array.from({ length: 100 }, (_, index) => `n${index}.example.test`);
  const examples = [{ address: '192.0.2.7', count: 1 }];
  const counts = Array.from({ length: 1000 }, () => ({ without: 1, examples }));
  const heard: string[] = [];
  plane.events.listen({ token: 'test', hear: ({ event }) => void heard.push(event.kind), ended: () => undefined });
  await call('POST', at(id), report({ hostnames: [HOST, ...hostnames.slice(1)] }, ...counts));
  const { result } = await call('GET', of(id));
  assert.equal(result['total']?.['without'], 1000);
  assert.deepEqual(result['examples'], [{ address: '192.0.2.7', count: 1000 }]);
  assert.deepEqual(heard, ['callers_reported']);
});

test('a zone that reports a lot has to wait, and holds up no other', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const [busy, other] = [await zone('example.test'), await zone('other.test')];
  const most = () => report({}, ...Array.from({ length: 1000 }, () => ({ without: 1 })));
  const answers = [];
  for (let sent = 0; sent < 12; sent++) answers.push(await call('POST', at(busy), most()));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200, 429]);
  assert.equal(answers.at(-1)?.headers['retry-after'], '1');
  assert.equal((await call('POST', at(other), report({ hostnames: [] }))).status, 200);
  now = after(30_000);
  assert.equal((await call('POST', at(busy), most())).status, 200);
});

test('what all locks of a zone watch together is no more than can be read at once', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const label = 'x'.repeat(60);
  const hostnames = Array.from({ length: 100 }, (_, index) => `${label}.${label}.${label}.n${index}.example.test`);
  const statuses = [];
  for (let host = 0; host < 60; host++)
    statuses.push((await call('POST', at(id), report({ host: `web-${host}`, hostnames }))).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 400]);
  assert.equal((await call('POST', at(id), report({ host: 'web-0', hostnames }))).status, 200, 'the same again');
});

const CERTIFICATE = { hostname: HOST, sha256: 'a'.repeat(64), subject: 'CN=www.example.test', self_signed: true };

test('who reports is told where the edge asks for certificates, and nothing else of the records', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const told = async (...hostnames: readonly string[]) =>
    (await call('POST', at(id), report({ hostnames }))).result['look_at'];
  assert.deepEqual(await told(HOST), []);
  const record = { type: 'A', content: '192.0.2.1', proxied: true };
  await call('POST', `/zones/${id}/dns_records`, { ...record, name: 'www', origin: { https_port: 8443 } });
  const inner = { server_name: 'inner.example.net' };
  await call('POST', `/zones/${id}/dns_records`, { ...record, name: '*.shop', origin: inner });
  await call('POST', `/zones/${id}/dns_records`, { ...record, name: 'grey', proxied: false });
  const own = { hostname: HOST, server_name: HOST, port: 8443 };
  assert.deepEqual(await told(HOST, '*.shop.example.test', 'a.shop.example.test', 'grey.example.test'), [
    own,
    { hostname: 'a.shop.example.test', server_name: 'inner.example.net', port: 443 },
  ]);
  await call('PATCH', `/zones/${id}/settings/ssl`, { value: 'flexible' });
  assert.deepEqual(await told(HOST), []);
});

test('what is told of certificates is bounded, and of the names of the report alone', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const pointer = async (certificates: unknown) => {
    const { status, errors } = await call('POST', at(id), report({ certificates }));
    return status === 200 ? 200 : (errors[0]?.source?.pointer ?? status);
  };
  assert.equal(await pointer([CERTIFICATE]), 200);
  assert.equal(await pointer([]), 200);
  assert.equal(await pointer(null), '/certificates');
  assert.equal(await pointer({}), '/certificates');
  assert.equal(await pointer(Array.from({ length: 101 }, () => CERTIFICATE)), '/certificates');
  const bad: readonly (readonly [string, unknown])[] = [
    ['hostname', 'other.example.test'],
    ['hostname', 'www.other.test'],
    ['hostname', ''],
    ['sha256', 'A'.repeat(64)],
    ['sha256', 'a'.repeat(63)],
    ['sha256', 7],
    ['subject', 'CN=one\nline'],
    ['subject', 'x'.repeat(301)],
    ['self_signed', 'true'],
  ];
  for (const [field, value] of bad)
    assert.equal(await pointer([CERTIFICATE, { ...CERTIFICATE, [field]: value }]), `/certificates/1/${field}`);
  assert.notEqual(await pointer([{ ...CERTIFICATE, key: 'x' }]), 200);
});

test('certificates are told anew where they are others than before, and a report without them keeps what was told', async (t) => {
  let now = NOW;
  const { call, zone, plane } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  const heard: unknown[] = [];
  plane.events.listen({
    token: 'test',
    hear: ({ event }) => void (event.kind === 'callers_reported' && heard.push(event.certificates)),
    ended: () => undefined,
  });
  const tell = (change: object) => call('POST', at(id), report(change));
  await tell({ certificates: [CERTIFICATE] });
  now = after(30_000);
  await tell({ certificates: [CERTIFICATE] });
  await tell({});
  const known = () => plane.toldCertificates(zoneId(id) ?? assert.fail(), hostname(HOST) ?? assert.fail());
  const [one] = await known();
  assert.deepEqual([one?.host, one?.since, one?.at], ['web-1', NOW, NOW + 30_000]);
  await tell({ certificates: [{ ...CERTIFICATE, sha256: 'b'.repeat(64) }] });
  assert.equal((await known())[0]?.since, NOW + 30_000);
  await tell({ certificates: [] });
  assert.deepEqual(await known(), []);
  assert.deepEqual(heard, [true, false, false, true, true]);
});

test('a report that counts nobody does not hide that the one before it was counted', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const counting = report({}, { without: 3 });
  await call('POST', at(id), counting);
  await call('POST', at(id), report({ certificates: [CERTIFICATE] }));
  assert.equal((await call('POST', at(id), counting)).result['counted'], false);
  assert.equal((await call('GET', of(id))).result['total']?.['without'], 3);
});
