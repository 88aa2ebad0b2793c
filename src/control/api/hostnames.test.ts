import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { authority, clientCertificate, codes, idOf, startApi } from './api.fixture.ts';

async function withCertificate(t: TestContext) {
  const api = await startApi(t);
  const zone = await api.zone('example.test');
  const base = `/zones/${zone}/origin_tls_client_auth/hostnames`;
  const upload = await clientCertificate(await authority());
  const { result } = await api.call('POST', `${base}/certificates`, upload);
  return { ...api, base, id: zone, certificate: idOf(result) };
}

test('a hostname is given a certificate, vetoed, and given back to the zone', async (t) => {
  const { call, base, certificate } = await withCertificate(t);
  const put = (enabled: boolean | null) =>
    call('PUT', base, { config: [{ hostname: 'WWW.example.test', cert_id: certificate, enabled }] });
  const on = await put(true);
  assert.equal(on.status, 200);
  const [first] = [...on.result];
  assert.deepEqual(
    [first?.['hostname'], first?.['cert_id'], first?.['enabled'], first?.['status'], first?.['cert_status']],
    ['WWW.example.test', certificate, true, 'active', 'active'],
  );
  const shown = await call('GET', `${base}/www.example.test`);
  assert.deepEqual([shown.result['hostname'], shown.result['enabled']], ['www.example.test', true]);
  await put(false);
  assert.equal((await call('GET', `${base}/www.example.test.`)).result['enabled'], false);
  const back = await put(null);
  assert.deepEqual([[...back.result][0]?.['enabled'], [...back.result][0]?.['hostname']], [null, 'WWW.example.test']);
  const gone = await call('GET', `${base}/www.example.test`);
  assert.deepEqual([gone.status, codes(gone)], [404, [1553]]);
});

test('hostnames not named stay as they are, and all are listed under /postern/v1', async (t) => {
  const { call, base, id, certificate } = await withCertificate(t);
  for (const hostname of ['a.example.test', 'b.example.test', '*.c.example.test']) {
    await call('PUT', base, { config: [{ hostname, cert_id: certificate, enabled: true }] });
  }
  const { result } = await call('GET', `/postern/v1/zones/${id}/associations`);
  assert.deepEqual(
    [...result].map(({ hostname }) => hostname),
    ['a.example.test', 'b.example.test', '*.c.example.test'],
  );
  assert.equal((await call('GET', `${base}/*.c.example.test`)).status, 200);
});

test('a bulk change with one bad entry changes nothing', async (t) => {
  const { call, base, id, certificate } = await withCertificate(t);
  const zoneLevel = await call('POST', `/zones/${id}/origin_tls_client_auth`, await clientCertificate(null));
  const good = { hostname: 'a.example.test', cert_id: certificate, enabled: true };
  const bad: readonly (readonly [object, number, string])[] = [
    [{ hostname: 'b.example.test', enabled: true }, 1404, '/config/1/cert_id'],
    [{ hostname: 'b.example.test', enabled: null }, 1404, '/config/1/cert_id'],
    [{ ...good, hostname: 'b.example.test', cert_id: 'x' }, 1415, '/config/1/cert_id'],
    [
      { ...good, hostname: 'b.example.test', cert_id: '00000000-0000-0000-0000-000000000000' },
      1415,
      '/config/1/cert_id',
    ],
    [{ ...good, hostname: 'b.example.test', cert_id: zoneLevel.result['id'] }, 1415, '/config/1/cert_id'],
    [{ ...good, hostname: 'b.other.test' }, 1416, '/config/1/hostname'],
    [{ ...good, hostname: 'b b' }, 6007, '/config/1/hostname'],
    [{ ...good, hostname: 'A.example.test.' }, 6007, '/config/1/hostname'],
    [{ ...good, enabled: 'yes' }, 6007, '/config/1/enabled'],
    [{ hostname: 'b.example.test', cert_id: certificate }, 6007, '/config/1/enabled'],
  ];
  for (const [entry, code, pointer] of bad) {
    const { status, errors } = await call('PUT', base, { config: [good, entry] });
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, code, pointer]);
  }
  assert.deepEqual(codes(await call('PUT', base, { config: [] })), [6007]);
  assert.deepEqual(codes(await call('GET', `${base}/a.example.test`)), [1553]);
});

test('a certificate in use is not deleted until its hostnames are voided', async (t) => {
  const { call, base, certificate } = await withCertificate(t);
  const put = (enabled: boolean | null) =>
    call('PUT', base, { config: [{ hostname: 'a.example.test', cert_id: certificate, enabled }] });
  await put(false);
  assert.deepEqual(codes(await call('DELETE', `${base}/certificates/${certificate}`)), [1433]);
  await put(null);
  assert.equal((await call('DELETE', `${base}/certificates/${certificate}`)).status, 200);
  assert.deepEqual(codes(await put(true)), [1415]);
});
