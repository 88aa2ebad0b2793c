import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApi, textOf } from './api.fixture.ts';

const path = (zone: string) => `/postern/v1/zones/${zone}/rotations`;

/** A zone with a proxied name and the zone level on. There is no edge, so nothing goes on by itself. */
async function world(t: Parameters<typeof startApi>[0], bent: Parameters<typeof startApi>[1] = {}) {
  const api = await startApi(t, bent);
  const zone = await api.zone('turned.test');
  const record = { type: 'A', name: 'www', content: '192.0.2.1', proxied: true, origin: { https_port: 8443 } };
  await api.call('POST', `/zones/${zone}/dns_records`, record);
  await api.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
  return { ...api, id: zone };
}

test('a rotation shows what it waits for, each origin, and its history', async (t) => {
  const { call, id } = await world(t);
  const { result, status } = await call('POST', path(id), {
    what: 'root',
    reason: 'yearly',
    pace: { watch_seconds: 5 },
  });
  assert.equal(status, 200);
  const { phase, what, cause, counts, pace, certificates, origins, history } = result;
  assert.deepEqual([phase, what, cause], ['proving', 'root', 'asked']);
  assert.deepEqual(counts, { origins: 1, switched: 0, held: 1 });
  assert.deepEqual([pace?.['watch_seconds'], pace?.['notice_seconds']], [5, 7 * 86_400]);
  assert.equal([...(certificates ?? [])].length, 1);
  const [origin] = origins ?? [];
  assert.deepEqual(
    [origin?.['hostname'], origin?.['address'], origin?.['port'], origin?.['shows'], origin?.['finding']],
    ['www.turned.test', '192.0.2.1', 8443, 'old', 'unseen'],
  );
  const [begun] = history ?? [];
  assert.deepEqual([begun?.['did'], begun?.['by'], begun?.['because']], ['start', 'bootstrap', 'yearly']);
  const listed = await call('GET', path(id));
  assert.deepEqual(listed.result[0]?.['id'], result['id']);
  const one = await call('GET', `${path(id)}/${textOf(result['id']).toUpperCase()}`);
  assert.equal(one.result['id'], result['id']);
});

test('the effective plan of a hostname says that a rotation is under way', async (t) => {
  const { call, id } = await world(t);
  const plan = `/postern/v1/zones/${id}/hostnames/www.turned.test/plan`;
  const codes = async () => [...((await call('GET', plan)).result['notices'] ?? [])].map((notice) => notice['code']);
  assert.ok(!(await codes()).includes(20_181 as never));
  await call('POST', path(id), { what: 'leaf' });
  assert.ok((await codes()).includes(20_181 as never));
});

test('an operator pauses, resumes, forces with a reason, and undoes', async (t) => {
  const { call, id } = await world(t);
  const { result } = await call('POST', path(id), { what: 'leaf' });
  const one = `${path(id)}/${textOf(result['id'])}`;
  const paused = await call('PATCH', one, { action: 'pause', reason: 'freeze' });
  assert.deepEqual([paused.result['paused'], paused.result['waits_for']], [true, 'operator']);
  assert.equal((await call('PATCH', one, { action: 'resume' })).result['paused'], false);

  for (const [body, pointer] of [
    [{ action: 'force' }, '/reason'],
    [{ action: 'force', reason: 'so', hostnames: ['nobody.turned.test'] }, '/hostnames/0'],
    [{ action: 'undo', hostnames: ['www.turned.test'] }, '/hostnames'],
    [{ action: 'stop' }, '/action'],
  ] as const) {
    const { status, errors } = await call('PATCH', one, body);
    assert.deepEqual([status, errors[0]?.source?.pointer], [400, pointer], JSON.stringify(body));
  }
  const forced = await call('PATCH', one, {
    action: 'force',
    reason: 'its admin says so',
    hostnames: ['WWW.turned.test'],
  });
  const [origin] = forced.result['origins'] ?? [];
  assert.deepEqual([origin?.['shows'], origin?.['how']], ['new', 'forced']);
  const undone = await call('PATCH', one, { action: 'undo', reason: 'enough' });
  assert.deepEqual([undone.result['phase'], undone.result['because']], ['undoing', 'enough']);
});

test('what is asked for is held to its bounds, and names the field', async (t) => {
  const { call, id } = await world(t);
  for (const [body, pointer] of [
    [{}, '/what'],
    [{ what: 'everything' }, '/what'],
    [{ what: 'leaf', pace: { watch_seconds: -1 } }, '/pace/watch_seconds'],
    [{ what: 'leaf', pace: { canary_percent: 0 } }, '/pace/canary_percent'],
    [{ what: 'leaf', pace: 5 }, '/pace'],
    [{ what: 'leaf', reason: 'a\nb' }, '/reason'],
    [{ what: 'leaf', colour: 'red' }, '/colour'],
  ] as const) {
    const { status, errors } = await call('POST', path(id), body);
    assert.deepEqual([status, errors[0]?.source?.pointer], [400, pointer], JSON.stringify(body));
  }
  assert.equal(
    (await call('POST', path(id), { what: 'root', rehearsal: true, revoke_first: true })).errors[0]?.code,
    10_475,
  );
  assert.deepEqual([...(await call('GET', path(id))).result], [], 'nothing was begun');
});

test('who may only read sees rotations and begins none; who does not see the zone finds nothing', async (t) => {
  const { app, id } = await world(t, {
    tokens: { reader: { permissions: ['ssl:read'] }, stranger: { permissions: ['ssl:edit'], zones: [] } },
  });
  const ask = async (method: 'GET' | 'POST', token: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const payload = method === 'POST' ? { payload: JSON.stringify({ what: 'leaf' }) } : {};
    return (await app.inject({ method, url: path(id), headers, ...payload })).statusCode;
  };
  assert.deepEqual([await ask('GET', 'reader'), await ask('POST', 'reader')], [200, 403]);
  assert.deepEqual([await ask('GET', 'stranger'), await ask('POST', 'stranger')], [404, 404]);
});
