import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { recordingEdge } from '../control-plane.fixture.ts';
import {
  authority,
  clientCertificate,
  DAY,
  idOf,
  type Json,
  NOW,
  type StartedApi,
  startApi,
  textOf,
} from './api.fixture.ts';

const RECORD = { type: 'A', content: '127.0.0.1', proxied: true };

/** The identities of a zone by level and source. */
async function identities({ call }: Pick<StartedApi, 'call'>, zone: string): Promise<ReadonlyMap<string, Json>> {
  const { result } = await call('GET', `/postern/v1/zones/${zone}/identities`);
  return new Map([...result].map((one) => [`${textOf(one['level'])} ${textOf(one['source'])}`, one]));
}

test('every identity of a zone is there with its level, its life and whether origins can verify it', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone('example.test');
  const root = await authority();
  const whole = await clientCertificate(root);
  const withRoot = { ...whole, certificate: whole.certificate + root.certificate.pem };
  await api.call('POST', `/zones/${zone}/origin_tls_client_auth`, withRoot);
  await api.call('POST', `/zones/${zone}/origin_tls_client_auth/hostnames/certificates`, await clientCertificate(root));
  const found = await identities(api, zone);
  assert.deepEqual(
    [...found].map(([name, one]) => [name, one['status'], one['provable'], one['key_at_edge']]),
    [
      ['zone managed', 'active', true, true],
      ['zone uploaded', 'active', true, true],
      ['hostname uploaded', 'active', false, true],
      ['global shared', 'active', true, true],
    ],
  );
  const managed = found.get('zone managed') ?? assert.fail();
  const { result } = await api.call('GET', `/postern/v1/zones/${zone}/identities/${idOf(managed).toUpperCase()}`);
  const { certificate, ...rest } = result;
  assert.deepEqual(rest, managed);
  const x509 = new X509Certificate(textOf(certificate));
  assert.equal(managed['fingerprint'], x509.fingerprint256.replaceAll(':', '').toLowerCase());
  assert.equal(managed['serial_number'], BigInt(`0x${x509.serialNumber}`).toString());
  const searched = async (text: string) => {
    const path = `/postern/v1/zones/${zone}/identities?search=${encodeURIComponent(text)}`;
    return [...(await api.call('GET', path)).result].map(idOf);
  };
  assert.deepEqual(await searched(textOf(managed['fingerprint']).slice(0, 20).toUpperCase()), [idOf(managed)]);
  assert.deepEqual(await searched('nobody is called so'), []);
  assert.deepEqual([...(managed['uris'] ?? [])], [`postern://${api.plane.installation.host}/zone/${zone}`]);
  assert.equal(managed['expires_on'], x509.validToDate.toISOString().replace('.000', ''));
  const renews = Date.parse(textOf(managed['renews_on']));
  assert.ok(renews > NOW + 19 * DAY && renews < NOW + 21 * DAY, 'a third of 30 days before the end');
  assert.equal(found.get('zone uploaded')?.['renews_on'], null);
});

test('no identity is shown with its key', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const upload = await clientCertificate(await authority());
  await api.call('POST', `/zones/${zone}/origin_tls_client_auth`, upload);
  const headers = { authorization: `Bearer ${api.token}` };
  const base = `/postern/v1/zones/${zone}/identities`;
  const list = await api.app.inject({ url: base, headers });
  for (const one of (await api.call('GET', base)).result) {
    const { body } = await api.app.inject({ url: `${base}/${idOf(one)}`, headers });
    const keyLine = upload.private_key.split('\n')[1] ?? assert.fail();
    for (const text of [body, list.body]) assert.ok(!text.includes('PRIVATE') && !text.includes(keyLine));
  }
});

test('who presents an identity follows the levels', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone('example.test');
  const base = `/zones/${zone}`;
  const presented = async () => {
    const found = await identities(api, zone);
    const of = (one: Json) => [...(one['presented_by']?.['hostnames'] ?? [])].map(String).join(' ');
    return Object.fromEntries([...found].map(([name, one]) => [name, of(one).replaceAll('.example.test', '')]));
  };
  for (const host of ['a', 'b', '*.c']) await api.call('POST', `${base}/dns_records`, { ...RECORD, name: host });
  await api.call('POST', `${base}/dns_records`, { ...RECORD, name: 'dns', proxied: false });
  assert.deepEqual(await presented(), { 'zone managed': '', 'global shared': '' });
  await api.call('PATCH', `${base}/settings/tls_client_auth`, { value: 'on' });
  assert.deepEqual(await presented(), { 'zone managed': '', 'global shared': 'a b *.c' });
  await api.call('PUT', `${base}/origin_tls_client_auth/settings`, { enabled: true });
  const upload = await clientCertificate(await authority());
  const { result } = await api.call('POST', `${base}/origin_tls_client_auth/hostnames/certificates`, upload);
  const config = [{ hostname: 'b.example.test', cert_id: result['id'], enabled: true }];
  await api.call('PUT', `${base}/origin_tls_client_auth/hostnames`, { config });
  assert.deepEqual(await presented(), { 'zone managed': 'a *.c', 'hostname uploaded': 'b', 'global shared': '' });
  await api.call('PATCH', base, { paused: true });
  assert.deepEqual(await presented(), { 'zone managed': '', 'hostname uploaded': '', 'global shared': '' });
});

test('a long list of hostnames is counted in full and named in part', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone('example.test');
  for (let number = 0; number < 23; number += 1) {
    await api.call('POST', `/zones/${zone}/dns_records`, { ...RECORD, name: `n${number}` });
  }
  await api.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
  const managed = (await identities(api, zone)).get('zone managed') ?? assert.fail();
  assert.equal(managed['presented_by']?.['count'], 23);
  assert.equal([...(managed['presented_by']?.['hostnames'] ?? [])].length, 20);
});

test('one that no edge acknowledged is pending and held by none; one that was deleted is found by its id alone', async (t) => {
  const api = await startApi(t, { inForceWithin: 1 });
  const zone = await api.zone();
  const path = `/zones/${zone}/origin_tls_client_auth`;
  const kept = await api.call('POST', path, await clientCertificate(await authority()));
  const edge = recordingEdge({ acknowledges: false });
  api.plane.connect(edge.link);
  edge.say({ kind: 'hello', edge: 'edge' });
  const { result } = await api.call('POST', path, await clientCertificate(await authority()));
  const one = async (id: string) => (await api.call('GET', `/postern/v1/zones/${zone}/identities/${id}`)).result;
  const pending = await one(idOf(result));
  assert.deepEqual([pending['status'], pending['key_at_edge']], ['pending_deployment', false]);
  await edge.seen(({ kind }) => kind === 'snapshot');
  await api.call('DELETE', `${path}/${idOf(kept.result)}`);
  assert.equal((await one(idOf(kept.result)))['status'], 'pending_deletion');
  edge.say({ kind: 'applied', edge: 'edge', revision: lastRevision(edge.messages) });
  assert.equal((await one(idOf(kept.result)))['status'], 'deleted');
  const ids = [...(await api.call('GET', `/postern/v1/zones/${zone}/identities`)).result].map(idOf);
  assert.ok(!ids.includes(idOf(kept.result)) && ids.includes(idOf(result)));
});

function lastRevision(messages: ReturnType<typeof recordingEdge>['messages']) {
  const last = messages.findLast((message) => message.kind === 'delta' || message.kind === 'snapshot');
  return last !== undefined && 'revision' in last ? last.revision : assert.fail();
}

test('ids of no identity, and of another zone’s, are 404', async (t) => {
  const api = await startApi(t);
  const [one, two] = [await api.zone(), await api.zone()];
  const other = (await identities(api, two)).get('zone managed') ?? assert.fail();
  for (const id of ['x', idOf(other), '00000000-0000-0000-0000-000000000000']) {
    assert.equal((await api.call('GET', `/postern/v1/zones/${one}/identities/${id}`)).status, 404, id);
  }
});
