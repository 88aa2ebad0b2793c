import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as peculiar from '@peculiar/x509';
import { readBundle } from '../../pki/bundle.ts';
import { authority, clientCertificate, DAY, idOf, NOW, type StartedApi, startApi, textOf } from './api.fixture.ts';

const path = (zone: string) => `/postern/v1/zones/${zone}/revocations`;

async function managed({ call }: StartedApi, zone: string) {
  const { result } = await call('GET', `/postern/v1/zones/${zone}/identities?level=zone`);
  const [identity] = result;
  return { id: textOf(identity?.['id']), serial: textOf(identity?.['serial_number']) };
}

async function listsOf({ app }: StartedApi, zone: string) {
  const { body, statusCode } = await app.inject({ url: `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.crl` });
  assert.equal(statusCode, 200);
  const blocks = body.split(/(?<=-----END X509 CRL-----\n)/);
  return blocks.map((pem) => new peculiar.X509Crl(pem).entries.map(({ serialNumber }) => serialNumber));
}

test('a certificate is revoked by its id, and stands on the list of its CA', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const { id, serial } = await managed(api, zone);
  const refused = await api.call('POST', path(zone), { certificate_id: id });
  assert.deepEqual([refused.status, refused.errors[0]?.code], [400, 10460]);
  assert.deepEqual(await listsOf(api, zone), [[], []]);
  const body = { certificate_id: id.toUpperCase(), reason: 'keyCompromise', force: true };
  const { result, messages, status } = await api.call('POST', path(zone), body);
  assert.equal(status, 200);
  assert.deepEqual(
    [result['certificate_id'], result['serial_number'], result['reason'], result['revoked_on']],
    [id, serial, 'keyCompromise', new Date(NOW).toISOString()],
  );
  assert.match(messages[0]?.message ?? '', /525/);
  assert.match(messages[1]?.message ?? '', new RegExp(`/ssl/static/zones/${zone}/authenticated_origin_pull_ca.crl`));
  assert.deepEqual(await listsOf(api, zone), [[], [textOf(result['serial'])]]);
  const again = await api.call('POST', path(zone), { serial, reason: 'superseded' });
  assert.deepEqual([again.status, again.result], [200, result]);
});

test('from then on it is presented no more, and its key is gone', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  await api.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
  const { id } = await managed(api, zone);
  await api.call('POST', path(zone), { certificate_id: id, force: true });
  const { result } = await api.call('GET', `/postern/v1/zones/${zone}/identities/${id}`);
  assert.deepEqual([result['status'], result['key_at_edge']], ['deleted', false]);
});

test('a number is taken as people have it, and said to be unknown where it is', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const revoke = (serial: unknown) => api.call('POST', path(zone), { serial });
  for (const [typed, serial] of [
    ['0x10', '10'],
    ['16', '10'],
    ['00:10', '10'],
    ['4A3F', '4a3f'],
    [`0x${'7f'.repeat(20)}`, '7f'.repeat(20)],
  ]) {
    const { result, messages } = await revoke(typed);
    assert.equal(result['serial'], serial, typed);
    assert.match(messages.at(-1)?.message ?? '', /No certificate with this serial number is known here/);
  }
  for (const typed of ['', '0', '-1', '1.5', 'xyz', `0x${'f'.repeat(41)}`, 7, null, '0x']) {
    const { status, errors } = await revoke(typed);
    assert.deepEqual([status, errors[0]?.source?.pointer], [400, '/serial'], String(typed));
  }
  const { result, result_info: info } = await api.call('GET', `${path(zone)}?per_page=2&page=2`);
  assert.deepEqual([[...result].map((one) => textOf(one['serial'])), info?.total_count], [['7f'.repeat(20)], 3]);
});

test('the log says who revoked what, and why', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const { id } = await managed(api, zone);
  const { result } = await api.call('POST', path(zone), { certificate_id: id, reason: 'superseded', force: true });
  const { result: log } = await api.call('GET', '/postern/v1/audit?action=revoke_certificate');
  const [entry] = [...log];
  const key = `${textOf(result['issuer'])} ${textOf(result['serial'])}`;
  assert.deepEqual(entry?.['after']?.['revocations']?.[key], {
    issuer: result['issuer'],
    serial: result['serial'],
    certificate: id,
    reason: 'superseded',
  });
  assert.equal(entry?.['after']?.['certificates']?.[id]?.['wish'], 'delete');
  assert.equal(entry?.['actor']?.['name'], 'bootstrap');
});

test('one of the two is named, the reason is one that exists, and nothing can be taken back', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const { id } = await managed(api, zone);
  for (const body of [{}, { certificate_id: id, serial: '1' }]) {
    assert.equal((await api.call('POST', path(zone), body)).status, 400);
  }
  for (const reason of ['removeFromCRL', 'certificateHold', 'because']) {
    const { status, errors } = await api.call('POST', path(zone), { serial: '1', reason });
    assert.equal(status, 400);
    assert.match(errors[0]?.message ?? '', /removeFromCRL are not offered/);
  }
  assert.deepEqual([...(await api.call('GET', path(zone))).result], []);
});

test('an upload is for its own CA to revoke', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const upload = await clientCertificate(await authority());
  const { result } = await api.call('POST', `/zones/${zone}/origin_tls_client_auth`, upload);
  const refused = await api.call('POST', path(zone), { certificate_id: idOf(result), force: true });
  assert.deepEqual([refused.status, refused.errors[0]?.code], [400, 10461]);
  assert.match(refused.errors[0]?.message ?? '', /Have the CA revoke it that issued it/);
  const nobody = await api.call('POST', path(zone), { certificate_id: '00000000-0000-4000-8000-000000000000' });
  assert.deepEqual([nobody.status, nobody.errors[0]?.code], [404, 1552]);
});

test('who may only read does not revoke', async (t) => {
  const tokens = { reader: { permissions: ['ssl:read'] }, stranger: { permissions: ['dns:edit'] } };
  const { call, zone } = await startApi(t, { tokens });
  const at = path(await zone());
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  assert.equal((await call('GET', at, undefined, as('reader'))).status, 200);
  assert.equal((await call('POST', at, { serial: '1' }, as('reader'))).status, 403);
  assert.equal((await call('GET', at, undefined, as('stranger'))).status, 403);
});

test('lists are public, cacheable, carry their digest, and are 304 where nothing changed', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const bundle = await api.app.inject({ url: `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem` });
  const [root] = readBundle(bundle.body);
  const types = {
    '/ssl/static/authenticated_origin_pull_ca.crl': 'application/x-pem-file',
    [`/ssl/static/zones/${zone}/authenticated_origin_pull_ca.crl`]: 'application/x-pem-file',
    [`/ssl/static/zones/${zone.toUpperCase()}/crl/${root?.fingerprint}.crl`]: 'application/pkix-crl',
  };
  for (const [url, type] of Object.entries(types)) {
    const { statusCode, headers, rawPayload } = await api.app.inject({ url });
    const digest = createHash('sha256').update(rawPayload).digest();
    assert.deepEqual([statusCode, headers['content-type']], [200, type], url);
    assert.equal(headers['cache-control'], 'public, max-age=300, must-revalidate');
    assert.equal(headers['etag'], `"${digest.toString('hex')}"`);
    assert.equal(headers['repr-digest'], `sha-256=:${digest.toString('base64')}:`);
    const again = await api.app.inject({ url, headers: { 'if-none-match': String(headers['etag']) } });
    assert.deepEqual([again.statusCode, again.body], [304, '']);
    const head = await api.app.inject({ method: 'HEAD', url });
    assert.deepEqual([head.statusCode, head.body, head.headers['etag']], [200, '', headers['etag']]);
  }
});

test('no other list is there', async (t) => {
  const { app, zone } = await startApi(t);
  const [mine, other] = [await zone(), await zone()];
  const bundle = await app.inject({ url: `/ssl/static/zones/${other}/authenticated_origin_pull_ca.pem` });
  const foreign = readBundle(bundle.body)[0]?.fingerprint;
  const nowhere = '0'.repeat(32);
  for (const end of [
    `${nowhere}/authenticated_origin_pull_ca.crl`,
    `${nowhere}/crl/${foreign}.crl`,
    `${mine}/crl/${foreign}.crl`,
    `${mine}/crl/x.crl`,
  ]) {
    const { statusCode, body } = await app.inject({ url: `/ssl/static/zones/${end}` });
    assert.deepEqual([statusCode, body.startsWith('No such list')], [404, true], end);
  }
});

test('no cache keeps a list past its end, whatever became of its CA', async (t) => {
  let now = NOW;
  const api = await startApi(t, { clock: () => now });
  const zone = await api.zone();
  const url = `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.crl`;
  const first = await api.app.inject({ url });
  now = (NOW + 6 * DAY) as typeof NOW;
  const later = await api.app.inject({ url });
  assert.notEqual(later.body, first.body);
  assert.match(String(later.headers['cache-control']), /max-age=300/);
});
