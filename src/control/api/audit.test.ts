import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tokenHash } from '../tokens.ts';
import {
  after,
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

const TOKEN = { name: 'auditor', permissions: ['audit:read'], zones: 'all' };

/** The whole log, page by page. */
async function pages({ call }: Pick<StartedApi, 'call'>, limit: number, filter = ''): Promise<readonly Json[]> {
  const found: Json[] = [];
  let cursor = '';
  do {
    const answer = await call('GET', `/postern/v1/audit?limit=${limit}${filter}${cursor && `&cursor=${cursor}`}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.errors));
    found.push(...answer.result);
    const info: object = answer.result_info ?? {};
    cursor = 'cursor' in info && typeof info.cursor === 'string' ? info.cursor : '';
  } while (cursor !== '');
  return found;
}

test('every change is in the log: who, from where, when, what, as it was and as it is', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone('example.test');
  await api.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'full' });
  const made = await api.call('POST', '/postern/v1/tokens', TOKEN);
  await api.call('DELETE', `/postern/v1/tokens/${idOf(made.result)}`);
  await api.call('DELETE', `/zones/${zone}`);
  const log = await pages(api, 100);
  assert.deepEqual(
    log.map((entry) => entry['action']),
    ['delete_zone', 'revoke_token', 'create_token', 'set', 'create_zone'],
  );
  const set = log[3];
  assert.deepEqual(set?.['before'], { ssl: 'strict' });
  assert.deepEqual(set?.['after'], { ssl: 'full' });
  assert.deepEqual(set?.['zone'], { id: zone, name: null });
  assert.equal(set?.['at'], new Date(NOW).toISOString());
  assert.deepEqual([set?.['actor']?.['name'], set?.['actor']?.['from']], ['bootstrap', '127.0.0.1']);
  assert.deepEqual([log[2]?.['revision'], log[3]?.['revision']], [null, 2]);
  assert.equal(log[2]?.['after']?.['name'], 'auditor');
});

test('long entries come a few at a time, and small changes have small ones', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone('example.test');
  const path = `/postern/v1/zones/${zone}/attestation_settings`;
  const hostnames = (round: number, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`n${index}.example.test`, `/${round}${'x'.repeat(800)}`]),
    );
  for (let round = 0; round < 6; round++)
    assert.equal((await api.call('PATCH', path, { hostnames: hostnames(round, 1000) })).status, 200);
  await api.call('PATCH', path, { hostnames: hostnames(6, 1) });
  const first = await api.call('GET', '/postern/v1/audit?limit=100');
  assert.ok([...first.result].length < 7, 'all of it at once would be eight megabytes');
  const [small] = [...first.result];
  assert.deepEqual(Object.keys(small?.['after']?.['look_paths'] ?? {}), ['n0.example.test']);
  const all = await pages(api, 100);
  assert.deepEqual(
    all.map((entry) => entry['action']),
    [...Array.from({ length: 7 }, () => 'set_look_paths'), 'create_zone'],
  );
});

test('the log is filtered by zone, actor, action and time', async (t) => {
  let now = NOW;
  const api = await startApi(t, { clock: () => now });
  const [one] = [await api.zone('one.test'), await api.zone('two.test')];
  const rights = { permissions: ['settings:edit'], zones: 'all' };
  const made = await api.call('POST', '/postern/v1/tokens', { name: 'other', ...rights });
  now = after(DAY);
  const bearer = { authorization: `Bearer ${textOf(made.result['token'])}` };
  await api.call('PATCH', `/zones/${one}/settings/ssl`, { value: 'full' }, bearer);
  const actions = async (filter: string) => (await pages(api, 100, filter)).map((entry) => entry['action']);
  assert.deepEqual(await actions(`&zone=${one}`), ['set', 'create_zone']);
  assert.deepEqual(await actions('&zone=One.test'), ['set', 'create_zone']);
  assert.deepEqual(await actions(`&actor=${idOf(made.result)}`), ['set']);
  assert.deepEqual(await actions('&action=create_token'), ['create_token']);
  const next = new Date(NOW + DAY).toISOString();
  assert.deepEqual(await actions(`&since=${next}`), ['set']);
  assert.deepEqual(await actions(`&before=${next}`), ['create_token', 'create_zone', 'create_zone']);
  for (const bad of ['zone=nowhere.test', 'since=soon', 'cursor=x', 'limit=0', 'limit=1001', 'colour=red']) {
    const answer = await api.call('GET', `/postern/v1/audit?${bad}`);
    assert.deepEqual([answer.status, codes(answer)], [400, [6008]], bad);
  }
});

test('a token that is restricted to zones sees the log of those alone', async (t) => {
  const api = await startApi(t);
  const [one, two] = [await api.zone('one.test'), await api.zone('two.test')];
  const made = await api.call('POST', '/postern/v1/tokens', { ...TOKEN, zones: [one] });
  const bearer = { authorization: `Bearer ${textOf(made.result['token'])}` };
  const seen = async (filter: string) =>
    [...(await api.call('GET', `/postern/v1/audit${filter}`, undefined, bearer)).result].map(
      (one) => one['zone']?.['id'],
    );
  assert.deepEqual(await seen(''), [one]);
  assert.deepEqual(await seen(`?zone=${one}`), [one]);
  assert.deepEqual(await seen(`?zone=${two}`), []);
  assert.equal((await api.call('GET', '/postern/v1/audit?zone=two.test', undefined, bearer)).status, 400);
});

test('property: pages of any length tell the same log', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  for (let round = 0; round < 4; round += 1) {
    await api.call('POST', '/postern/v1/tokens', TOKEN);
    await api.call('PATCH', `/zones/${zone}`, { paused: round % 2 === 0 });
    await api.call('POST', '/postern/v1/tokens', TOKEN);
  }
  const whole = await pages(api, 1000);
  assert.equal(whole.length, 13);
  assert.equal(new Set(whole.map(({ id }) => id)).size, 13);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 14 }), async (limit) =>
      assert.deepEqual(await pages(api, limit), whole),
    ),
    { numRuns: 14 },
  );
});

test('no row of the log holds a key, a token or the hash of one', async (t) => {
  const api = await startApi(t);
  const { call } = api;
  const zone = await api.zone();
  const upload = await clientCertificate(await authority());
  const texts = [api.token];
  const base = `/zones/${zone}/origin_tls_client_auth`;
  const [wide, narrow] = [
    await call('POST', base, upload),
    await call('POST', `${base}/hostnames/certificates`, upload),
  ];
  await call('DELETE', `${base}/${idOf(wide.result)}`);
  await call('DELETE', `${base}/hostnames/certificates/${idOf(narrow.result)}`);
  const made = await call('POST', '/postern/v1/tokens', { ...TOKEN, email: 'a@example.test' });
  texts.push(textOf(made.result['token']));
  const id = idOf(made.result);
  texts.push(textOf((await call('POST', `/postern/v1/tokens/${id}/roll`)).result['token']));
  await call('PATCH', `/postern/v1/tokens/${id}`, { name: 'renamed' });
  await call('DELETE', `/postern/v1/tokens/${id}`);
  await call('DELETE', `/zones/${zone}`);
  const log = await pages(api, 100);
  assert.equal(log.length, 10);
  const all = JSON.stringify(log);
  const keyLine = upload.private_key.split('\n')[1] ?? '';
  for (const secret of [...texts, ...texts.map(tokenHash), keyLine, 'PRIVATE KEY', 'BEGIN']) {
    assert.ok(secret.length > 4 && !all.includes(secret), secret);
  }
});
