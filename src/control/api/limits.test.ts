import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authority, clientCertificate, codes, idOf, startApi, textOf } from './api.fixture.ts';

const RECORD = { type: 'A', name: 'www', content: '127.0.0.1' };

test('accounts, zones and tokens end at their limits, and go on where one is deleted', async (t) => {
  const { call, zone } = await startApi(t, { limits: { accounts: 2, zones: 2, tokens: 2 } });
  const [first] = [await zone('a.test'), await zone('b.test')];
  const full = await call('POST', '/zones', { name: 'c.test' });
  assert.deepEqual([full.status, codes(full)], [400, [1118]]);
  assert.match(full.errors[0]?.message ?? '', /2 are allowed.*--limit zones=N/);
  await call('DELETE', `/zones/${first}`);
  await zone('c.test');

  const { result } = await call('POST', '/accounts', { name: 'x' });
  assert.deepEqual(codes(await call('POST', '/accounts', { name: 'y' })), [7407]);
  await call('DELETE', `/accounts/${idOf(result)}`);
  assert.equal((await call('POST', '/accounts', { name: 'y' })).status, 200);

  const draft = { name: 'x', permissions: ['zone:read'], zones: 'all' };
  const token = await call('POST', '/postern/v1/tokens', draft);
  assert.deepEqual(codes(await call('POST', '/postern/v1/tokens', draft)), [1008]);
  await call('DELETE', `/postern/v1/tokens/${idOf(token.result)}`);
  assert.equal((await call('POST', '/postern/v1/tokens', draft)).status, 200);
});

test('two zones at once do not pass a limit that has room for one', async (t) => {
  const { call } = await startApi(t, { limits: { zones: 1 } });
  const made = await Promise.all(['a.test', 'b.test'].map((name) => call('POST', '/zones', { name })));
  assert.deepEqual(
    made.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 400],
  );
});

test('tokens are counted for the whole installation, not for each that makes them', async (t) => {
  const { call, zone } = await startApi(t, { limits: { tokens: 3 } });
  const own = await zone();
  const rights = { permissions: ['tokens:edit'], zones: [own] };
  const made = await call('POST', '/postern/v1/tokens', { name: 'x', ...rights });
  await call('POST', '/postern/v1/tokens', { name: 'y', permissions: ['zone:read'], zones: 'all' });
  const headers = { authorization: `Bearer ${textOf(made.result['token'])}` };
  assert.deepEqual(codes(await call('POST', '/postern/v1/tokens', { name: 'z', ...rights }, headers)), [1008]);
});

test('records, trusted CAs and client certificates end at the limits of their zone', async (t) => {
  const limits = { recordsPerZone: 1, trustedCasPerZone: 1, aopCertificatesPerZone: 1 };
  const { call, zone } = await startApi(t, { limits });
  const base = `/zones/${await zone()}`;
  const record = await call('POST', `${base}/dns_records`, RECORD);
  assert.deepEqual(codes(await call('POST', `${base}/dns_records`, { ...RECORD, name: 'b' })), [81045]);
  assert.equal((await call('PATCH', `${base}/dns_records/${idOf(record.result)}`, { name: 'b' })).status, 200);

  const trust = async () => ({ certificate: (await authority()).certificate.pem });
  await call('POST', `${base}/acm/custom_trust_store`, await trust());
  const full = await call('POST', `${base}/acm/custom_trust_store`, await trust());
  assert.deepEqual(codes(full), [1420]);
  assert.match(full.errors[0]?.message ?? '', /1 trusted CAs \(trusted_cas_per_zone\)/);

  const ca = await authority();
  for (const level of ['', '/hostnames/certificates']) {
    const path = `${base}/origin_tls_client_auth${level}`;
    const first = await call('POST', path, await clientCertificate(ca));
    const second = await call('POST', path, await clientCertificate(ca));
    assert.deepEqual([first.status, codes(second)], [200, [1420]], level);
    await call('DELETE', `${path}/${idOf(first.result)}`);
    assert.equal((await call('POST', path, await clientCertificate(ca))).status, 200, level);
  }
});

test('hostnames end at the limit of a certificate and of a zone, all or none, and what is there can be changed', async (t) => {
  const { call, zone } = await startApi(t, { limits: { aopHostnamesPerCertificate: 2, aopHostnamesPerZone: 3 } });
  const base = `/zones/${await zone('example.test')}/origin_tls_client_auth/hostnames`;
  const ca = await authority();
  const [one, two] = [
    idOf((await call('POST', `${base}/certificates`, await clientCertificate(ca))).result),
    idOf((await call('POST', `${base}/certificates`, await clientCertificate(ca))).result),
  ];
  const put = (certificate: string, enabled: boolean | null, ...names: readonly string[]) =>
    call('PUT', base, {
      config: names.map((name) => ({ hostname: `${name}.example.test`, cert_id: certificate, enabled })),
    });
  const over = await put(one, true, 'a', 'b', 'c');
  assert.deepEqual([over.status, codes(over), over.errors[0]?.source?.pointer], [400, [1421], '/config/0/hostname']);
  assert.equal((await call('GET', `${base}/a.example.test`)).status, 404);
  assert.equal((await put(one, true, 'a', 'b')).status, 200);
  assert.equal((await put(one, false, 'a', 'b')).status, 200);
  assert.deepEqual(codes(await put(one, true, 'c')), [1421]);
  assert.equal((await put(two, true, 'c')).status, 200);
  assert.deepEqual(codes(await put(two, true, 'd')), [1421]);
  assert.equal((await put(two, true, 'a')).status, 200);
  assert.equal((await put(two, null, 'a', 'c')).status, 200);
});
