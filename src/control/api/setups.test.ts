import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, DAY, idOf, NOW, startApi, textOf } from './api.fixture.ts';

const at = (zone: string, hostname = 'www.example.test') => `/postern/v1/zones/${zone}/setups/${hostname}`;

test('a set-up is begun, left, resumed elsewhere, and let go of; the audit log has it', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  assert.equal((await call('GET', at(id))).status, 404);
  const begun = (await call('PUT', at(id), { choices: {} })).result;
  assert.deepEqual([begun['step']?.['kind'], begun['step']?.['waits_for']], ['records', 'record']);
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
  await call('POST', `/zones/${id}/dns_records`, record);
  assert.equal((await call('GET', at(id))).result['step']?.['waits_for'], 'origin_pulls');
  await call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  assert.equal((await call('GET', at(id))).result['step']?.['waits_for'], 'choice');
  now = after(60_000);
  const choices = { server: 'caddy', listen: ['127.0.0.1:8443'], mode: 'watch' };
  const changed = (await call('PUT', at(id, 'WWW.example.test.'), { choices })).result;
  assert.deepEqual([changed['step']?.['kind'], changed['began_on'] === changed['modified_on']], ['configure', false]);
  assert.deepEqual((await call('GET', at(id))).result['choices'], choices);
  const { result, result_info } = await call('GET', '/postern/v1/setups');
  assert.deepEqual([[...result].map((one) => one['hostname']), result_info?.total_count], [['www.example.test'], 1]);
  await call('PUT', at(id), { choices });
  assert.equal((await call('DELETE', at(id))).result['step']?.['kind'], 'configure');
  assert.deepEqual([...(await call('GET', '/postern/v1/setups')).result], []);
  const log = [...(await call('GET', '/postern/v1/audit')).result].map((entry) => entry['action']);
  const own = log.filter((action) => textOf(action).endsWith('_setup'));
  assert.deepEqual(own, ['dismiss_setup', 'update_setup', 'begin_setup']);
});

test('when it was decided is known, and what was said of another configuration counts no more', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  await call('POST', `/zones/${id}/dns_records`, { type: 'A', name: 'www', content: '127.0.0.1', proxied: true });
  await call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  const choices = { server: 'nginx', way: 'copy', lines: true, other_names: ['example.test'], mode: 'watch' };
  const put = async (change: object) => (await call('PUT', at(id), { choices: { ...choices, ...change } })).result;
  const step = (setup: Awaited<ReturnType<typeof put>>) => [setup['step']?.['kind'], setup['step']?.['waits_for']];
  const chosen = await put({});
  assert.deepEqual([chosen['decided_on'], step(chosen)], [null, ['configure', 'origin']]);
  now = after(60_000);
  const report = { host: 'web-1', lock: 'www', batch: 'a'.repeat(32), hostnames: ['www.example.test'], counts: [] };
  assert.equal((await call('POST', `/postern/v1/zones/${id}/origins/callers`, report)).status, 200);
  const seen = async () => step((await call('GET', at(id))).result);
  assert.deepEqual(await seen(), ['configure', 'first'], 'a log in which nothing is shows no server that writes it');
  const tell = async (batch: string, slot: number, came: object) => {
    const none = { accepted: 0, without: 0, foreign: 0, unverified: 0, looks: 0, examples: [] };
    const counts = [{ ...none, hostname: 'www.example.test', at: new Date(slot).toISOString(), ...came }];
    await call('POST', `/postern/v1/zones/${id}/origins/callers`, { ...report, batch: batch.repeat(32), counts });
  };
  await tell('b', NOW - 600_000, { looks: 1, accepted: 1 });
  assert.deepEqual(await seen(), ['configure', 'first'], 'a line of before says nothing of the configuration of now');
  await tell('c', now, { looks: 1 });
  assert.deepEqual(await seen(), ['configure', 'visit'], 'Postern alone came: it is loaded, and nobody is moved on');
  await tell('d', now, { without: 1 });
  assert.deepEqual(await seen(), ['watch', 'edge']);
  now = after(120_000 + 3_600_000);
  await tell('e', now, { looks: 1 });
  assert.deepEqual(await seen(), ['watch', 'edge'], 'also where nobody came of late');
  now = after(4_000_000);
  const decided = await put({ mode: 'enforce' });
  assert.deepEqual(step(decided), ['enforce', 'carry_out'], 'a decision alone changes nothing at the origin');
  assert.equal(decided['decided_on'], decided['modified_on']);
  assert.equal(decided['configured_on'], chosen['configured_on'], 'the mode is no other configuration');
  now = after(4_060_000);
  assert.equal((await put({ mode: 'enforce', directory: '/srv' }))['decided_on'], decided['decided_on']);
  const anew = await put({ directory: '/srv' });
  assert.deepEqual([anew['decided_on'], step(anew)], [null, ['configure', 'origin']]);
});

test('all its names are seen one by one: their records, who comes for each, and what is weighed before it enforces', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  const record = { type: 'A', content: '127.0.0.1', proxied: true };
  await call('POST', `/zones/${id}/dns_records`, { ...record, name: 'www' });
  await call('POST', `/zones/${id}/dns_records`, { ...record, name: 'api', proxied: false });
  await call('POST', `/zones/${id}/dns_records`, { ...record, name: '*.wild' });
  await call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  const other_names = ['example.test', 'api.example.test', 'a.wild.example.test'];
  await call('PUT', at(id), { choices: { server: 'nginx', other_names } });
  now = after(60_000);
  const counts = { accepted: 0, without: 0, foreign: 0, unverified: 0, looks: 0, examples: [] };
  const slot = new Date(now).toISOString();
  const told = {
    host: 'web-1',
    lock: 'www',
    batch: 'a'.repeat(32),
    hostnames: ['www.example.test', 'example.test'],
    counts: [
      { ...counts, hostname: 'www.example.test', at: slot, accepted: 3, without: 1 },
      { ...counts, hostname: 'example.test', at: slot, without: 4 },
    ],
  };
  assert.equal((await call('POST', `/postern/v1/zones/${id}/origins/callers`, told)).status, 200);
  const { result } = await call('GET', at(id));
  const names = [...(result['names'] ?? [])].map((one) => [one['records'], one['own_record'], one['counted']]);
  assert.deepEqual(names, [
    ['proxied', true, true],
    ['none', false, true],
    ['dns_only', true, false],
    ['proxied', false, false],
  ]);
  assert.deepEqual([result['callers']?.['total']?.['accepted'], result['callers']?.['total']?.['without']], [3, 5]);
  assert.deepEqual([result['step']?.['waits_for'], result['step']?.['hostnames']], ['each', ['example.test']]);
  const enforce = { kind: 'enforce', hostname: 'www.example.test', other_names };
  const impact = (await call('POST', `/postern/v1/zones/${id}/impact`, enforce)).result;
  const consequences = [...(impact['consequences'] ?? [])].map((one) => [one['code'], one['hostnames']]);
  assert.deepEqual(consequences.slice(0, 3), [
    ['enforce_unserved', ['example.test']],
    ['enforce_dns_only', ['api.example.test']],
    ['callers_without_certificate', ['www.example.test']],
  ]);
  const texts = [...(impact['consequences'] ?? [])].map((one) => textOf(one['text']));
  assert.match(texts[0] ?? '', /4 requests for them reached the origin since it was configured/);
  assert.match(
    texts[2] ?? '',
    /1 of 4 requests that reached the origin since .* Those for other names are not among them\./,
  );
});

test('of several set-ups of a zone each counts since its own configuration, alone and in lists, who comes by other names too', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  const names = ['www.example.test', 'shop.example.test', 'calm.example.test'];
  for (const name of names)
    await call('POST', `/zones/${id}/dns_records`, { type: 'A', name, content: '127.0.0.1', proxied: true });
  await call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  const put = (name: string, choices: object) =>
    call('PUT', at(id, name), { choices: { server: 'nginx', way: 'copy', ...choices } });
  for (const name of names) await put(name, {});
  const none = { accepted: 0, without: 0, foreign: 0, unverified: 0, looks: 0, examples: [] };
  const tell = async (batch: string, hostname: string, without: { readonly own: number; readonly others: number }) => {
    const slot = { ...none, at: new Date(now).toISOString() };
    await call('POST', `/postern/v1/zones/${id}/origins/callers`, {
      host: 'web-1',
      lock: hostname,
      batch: batch.repeat(32),
      hostnames: [hostname],
      counts: [{ ...slot, hostname, accepted: 1, without: without.own }],
      by_other_names: [{ ...slot, without: without.others }],
    });
  };
  await tell('a', 'www.example.test', { own: 0, others: 1 });
  await tell('b', 'shop.example.test', { own: 1, others: 1 });
  await tell('c', 'calm.example.test', { own: 0, others: 0 });
  now = after(1_200_000);
  await put('shop.example.test', { directory: '/srv' });
  await tell('d', 'shop.example.test', { own: 0, others: 0 });
  const listed = [...(await call('GET', '/postern/v1/setups')).result];
  const waits = new Map(listed.map((one) => [textOf(one['hostname']), one['step']?.['waits_for']]));
  assert.deepEqual(
    names.map((name) => waits.get(name)),
    ['strangers', 'enforcing', 'enforcing'],
  );
  for (const name of names)
    assert.equal((await call('GET', at(id, name))).result['step']?.['waits_for'], waits.get(name), name);
  const glance = (await call('GET', `/postern/v1/zones/${id}/overview`)).result;
  assert.equal([...(glance['setups'] ?? [])].length, 3);
});

test('choices are those of origin_config, names those of the zone, and both have limits', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { limits: { setupsPerZone: 1 }, clock: () => now });
  const id = await zone('example.test');
  const refused = async (path: string, body: object) => {
    const { status, errors } = await call('PUT', path, body);
    return [status, errors[0]?.source?.pointer];
  };
  assert.deepEqual(await refused(at(id), { choices: { server: 'iis' } }), [400, '/choices/server']);
  assert.deepEqual(await refused(at(id), { choices: { hostnames: ['x'] } }), [400, '/choices/hostnames']);
  assert.deepEqual(await refused(at(id), { choices: { root: 'x'.repeat(2000) } }), [400, '/choices/root']);
  const open_names = Array.from({ length: 40 }, () => ({ hostname: 'a.test', root: `/${'x'.repeat(1000)}` }));
  assert.deepEqual(await refused(at(id), { choices: { open_names } }), [400, '/choices']);
  assert.equal((await refused(at(id, 'www.other.test'), { choices: {} }))[0], 400);
  const other_names = ['a.example.test', 'www.other.test'];
  assert.deepEqual(await refused(at(id), { choices: { other_names } }), [400, '/choices/other_names/1']);
  assert.equal((await call('PUT', at(id), { choices: {} })).status, 200);
  assert.match(
    (await call('PUT', at(id, 'a.example.test'), { choices: {} })).errors[0]?.message ?? '',
    /setups_per_zone/,
  );
  now = after(31 * DAY);
  assert.equal((await call('PUT', at(id, 'a.example.test'), { choices: {} })).status, 200, 'who gave up makes room');
});

test('set-ups of zones that a token does not see are none', async (t) => {
  const { call, zone } = await startApi(t);
  const [own, other] = [await zone('example.test'), await zone('other.test')];
  await call('PUT', at(own), { choices: {} });
  await call('PUT', at(other, 'www.other.test'), { choices: {} });
  const made = await call('POST', '/postern/v1/tokens', { name: 'own', permissions: ['ssl:read'], zones: [own] });
  const headers = { authorization: `Bearer ${textOf(made.result['token'])}` };
  const seen = async (path: string, fields: object) => {
    const { result, result_info } = await call('GET', path, undefined, { ...fields });
    return [[...result].map((one) => one['hostname']), result_info?.total_count];
  };
  assert.deepEqual(await seen('/postern/v1/setups', headers), [['www.example.test'], 1]);
  assert.deepEqual(await seen('/postern/v1/setups?per_page=1&page=2', headers), [[], 1]);
  assert.deepEqual((await seen('/postern/v1/setups?per_page=1', {}))[1], 2);
  const account = idOf((await call('POST', '/accounts', { name: 'another' })).result);
  const elsewhere = { name: 'elsewhere', permissions: ['ssl:read'], zones: 'all', accounts: [account] };
  const stranger = textOf((await call('POST', '/postern/v1/tokens', elsewhere)).result['token']);
  assert.deepEqual(await seen('/postern/v1/setups', { authorization: `Bearer ${stranger}` }), [[], 0]);
  assert.equal((await call('GET', at(other, 'www.other.test'), undefined, headers)).status, 404);
  assert.equal((await call('PUT', at(own), { choices: {} }, headers)).status, 403);
});
