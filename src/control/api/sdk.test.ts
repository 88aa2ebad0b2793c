/** The official SDK, unmodified, over real connections: whole life cycles at every level. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { authority, clientCertificate, startApi } from './api.fixture.ts';

async function client(t: TestContext): Promise<Cloudflare> {
  const { app, token } = await startApi(t);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return new Cloudflare({ apiToken: token, baseURL: `${address}/client/v4`, maxRetries: 0 });
}

async function all<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

test('SDK: zones are created, listed to the end, changed and deleted', async (t) => {
  const cloudflare = await client(t);
  assert.equal((await cloudflare.user.tokens.verify()).status, 'active');
  const [account] = await all(cloudflare.accounts.list());
  for (let number = 0; number < 23; number += 1) {
    await cloudflare.zones.create({ account: { id: account?.id ?? '' }, name: `zone-${number}.test` });
  }
  const zones = await all(cloudflare.zones.list());
  assert.equal(new Set(zones.map(({ id }) => id)).size, 23);
  const [zone] = await all(cloudflare.zones.list({ name: 'zone-7.test' }));
  const zone_id = zone?.id ?? '';
  const edited = await cloudflare.zones.edit({ zone_id, paused: true });
  assert.equal(edited.paused, true);
  assert.deepEqual(await cloudflare.zones.get({ zone_id }), edited);
  assert.deepEqual(await cloudflare.zones.delete({ zone_id }), { id: zone_id });
  await assert.rejects(cloudflare.zones.get({ zone_id }), (error) => {
    assert.ok(error instanceof Cloudflare.NotFoundError);
    assert.equal(error.errors[0]?.code, 7003);
    return true;
  });
});

test('SDK: records are created, replaced, edited, listed and deleted', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const draft = { zone_id, type: 'A', name: 'www', ttl: 1, content: '127.0.0.1', proxied: true } as const;
  const record = await cloudflare.dns.records.create(draft);
  assert.equal(record.name, 'www.example.test');
  for (let number = 0; number < 7; number += 1) {
    await cloudflare.dns.records.create({ ...draft, name: `n${number}`, proxied: false });
  }
  assert.equal((await all(cloudflare.dns.records.list({ zone_id, per_page: 3 }))).length, 8);
  const exact = await all(cloudflare.dns.records.list({ zone_id, name: { exact: 'www.example.test' }, proxied: true }));
  assert.deepEqual(exact, [record]);
  const edited = await cloudflare.dns.records.edit(record.id, { ...draft, proxied: false, ttl: 300 });
  assert.equal(edited.ttl, 300);
  const updated = await cloudflare.dns.records.update(record.id, { ...draft, content: '127.0.0.2' });
  assert.equal(updated.content, '127.0.0.2');
  assert.deepEqual(await cloudflare.dns.records.get(record.id, { zone_id }), updated);
  assert.deepEqual(await cloudflare.dns.records.delete(record.id, { zone_id }), { id: record.id });
  await assert.rejects(cloudflare.dns.records.get(record.id, { zone_id }), Cloudflare.NotFoundError);
});

test('SDK: records are changed in a batch', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const draft = { type: 'A', name: 'www', ttl: 1, content: '127.0.0.1' } as const;
  const filled = await cloudflare.dns.records.batch({ zone_id, posts: [draft, { ...draft, name: 'api' }] });
  const [www, api] = filled.posts ?? [];
  assert.deepEqual(await all(cloudflare.dns.records.list({ zone_id })), [www, api]);
  const changed = await cloudflare.dns.records.batch({
    zone_id,
    deletes: [{ id: api?.id ?? '' }],
    puts: [{ ...draft, id: www?.id ?? '', content: '127.0.0.2' }],
  });
  assert.deepEqual(changed.deletes, [api]);
  assert.deepEqual(await all(cloudflare.dns.records.list({ zone_id })), changed.puts);
  const edited = await cloudflare.dns.records.batch({
    zone_id,
    patches: [{ ...draft, id: www?.id ?? '', content: '127.0.0.3' }],
  });
  assert.equal(edited.patches?.[0]?.content, '127.0.0.3');
  await assert.rejects(
    cloudflare.dns.records.batch({ zone_id, deletes: [{ id: api?.id ?? '' }] }),
    Cloudflare.NotFoundError,
  );
});

test('SDK: what limits the key exchange with origins is set, replaced and cleared', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const modes = cloudflare.originTLSComplianceModes;
  assert.deepEqual((await modes.get({ zone_id })).value, []);
  assert.deepEqual((await modes.update({ zone_id, value: ['fips', 'pqh'] })).value, ['fips', 'pqh']);
  const edited = await modes.edit({ zone_id, value: ['pqh'] });
  assert.deepEqual(edited.value, ['pqh']);
  assert.deepEqual(await modes.get({ zone_id }), edited);
  assert.equal((await modes.delete({ zone_id })).id, 'origin_tls_compliance_modes');
  assert.deepEqual((await modes.get({ zone_id })).value, []);
  await assert.rejects(modes.update({ zone_id, value: ['cnsa2'] }), Cloudflare.BadRequestError);
});

test('SDK: settings without effect are read, and written as they are', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const { autoOriginTLSKex, universal } = cloudflare.ssl;
  assert.equal((await autoOriginTLSKex.get({ zone_id })).enabled, false);
  assert.equal((await autoOriginTLSKex.edit({ zone_id, enabled: false })).enabled, false);
  await assert.rejects(autoOriginTLSKex.edit({ zone_id, enabled: true }), Cloudflare.BadRequestError);
  assert.deepEqual(await universal.settings.get({ zone_id }), { enabled: true });
  assert.deepEqual(await universal.settings.edit({ zone_id, enabled: true }), { enabled: true });
  await assert.rejects(universal.settings.edit({ zone_id, enabled: false }), Cloudflare.BadRequestError);
  const recommender = await cloudflare.zones.settings.get('ssl_recommender', { zone_id });
  assert.equal('enabled' in recommender && recommender.enabled, false);
  await cloudflare.zones.settings.edit('ssl_recommender', { zone_id, enabled: false });
  const tls = await cloudflare.zones.settings.edit('min_tls_version', { zone_id, value: '1.3' });
  assert.equal('value' in tls && tls.value, '1.3');
});

test('SDK: settings are read and changed', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const on = await cloudflare.zones.settings.edit('tls_client_auth', { zone_id, value: 'on' });
  assert.equal('value' in on && on.value, 'on');
  const ssl = await cloudflare.zones.settings.get('ssl', { zone_id });
  assert.equal('value' in ssl && ssl.value, 'strict');
  await assert.rejects(
    cloudflare.zones.settings.edit('ssl', { zone_id, value: 'off!' as 'off' }),
    Cloudflare.BadRequestError,
  );
});

test('SDK: the zone level has its certificates and its switch', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const { zoneCertificates, settings } = cloudflare.originTLSClientAuth;
  const upload = await clientCertificate(await authority());
  const created = await zoneCertificates.create({ zone_id, ...upload });
  const id = created.id ?? '';
  assert.deepEqual([created.certificate, created.status], [upload.certificate, 'active']);
  assert.deepEqual(await settings.update({ zone_id, enabled: true }), { enabled: true });
  assert.deepEqual(await settings.get({ zone_id }), { enabled: true });
  assert.deepEqual(
    (await all(zoneCertificates.list({ zone_id }))).map((one) => one.id),
    [id],
  );
  assert.equal((await zoneCertificates.get(id, { zone_id })).enabled, true);
  assert.equal((await zoneCertificates.delete(id, { zone_id })).status, 'deleted');
  assert.deepEqual(await all(zoneCertificates.list({ zone_id })), []);
});

test('SDK: hostnames are associated, vetoed and voided', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const { hostnames, hostnameCertificates } = cloudflare.originTLSClientAuth;
  const { id: cert_id = '' } = await hostnameCertificates.create({ zone_id, ...(await clientCertificate(null)) });
  const put = (enabled: boolean | null) =>
    hostnames.update({ zone_id, config: [{ hostname: 'www.example.test', cert_id, enabled }] });
  const { result } = await put(true);
  assert.equal(result[0]?.hostname, 'www.example.test');
  assert.equal((await hostnames.get('www.example.test', { zone_id })).cert_status, 'active');
  await put(false);
  assert.equal((await hostnames.get('www.example.test', { zone_id })).enabled, false);
  await assert.rejects(hostnameCertificates.delete(cert_id, { zone_id }), Cloudflare.BadRequestError);
  await put(null);
  await assert.rejects(hostnames.get('www.example.test', { zone_id }), Cloudflare.NotFoundError);
  assert.equal((await hostnameCertificates.delete(cert_id, { zone_id })).status, 'deleted');
});

test('SDK: the custom trust store is filled, listed to the end and emptied', async (t) => {
  const cloudflare = await client(t);
  const { id: zone_id } = await cloudflare.zones.create({ account: {}, name: 'example.test' });
  const store = cloudflare.acm.customTrustStore;
  const { certificate } = await authority('Origins');
  const { id } = await store.create({ zone_id, certificate: certificate.pem });
  assert.deepEqual(
    (await all(store.list({ zone_id }))).map((ca) => ca.id),
    [id],
  );
  assert.equal((await store.get(id, { zone_id })).status, 'active');
  assert.deepEqual(await store.delete(id, { zone_id }), { id });
});
