import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { createAuthority, validFor } from '../../pki/issue.ts';
import { importKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { authority, clientCertificate, codes, DAY, idOf, NOW, startApi, textOf } from './api.fixture.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('an uploaded certificate is shown whole, as sent, and without its key', async (t) => {
  const { app, call, zone, token } = await startApi(t);
  const id = await zone();
  const ca = await authority('Test Root');
  const upload = await clientCertificate(ca, { name: 'pull.test' });
  const sent = { ...upload, certificate: `${upload.certificate}${ca.certificate.pem}`.replaceAll('\n', '\r\n') };
  for (const path of ['origin_tls_client_auth', 'origin_tls_client_auth/hostnames/certificates']) {
    const { status, result, messages } = await call('POST', `/zones/${id}/${path}`, sent);
    assert.equal(status, 200, path);
    const x509 = new X509Certificate(upload.certificate);
    assert.match(idOf(result), UUID);
    assert.deepEqual(
      {
        certificate: result['certificate'],
        expires_on: result['expires_on'],
        serial_number: result['serial_number'],
        signature: result['signature'],
        status: result['status'],
        issuer: result['issuer'],
      },
      {
        certificate: sent.certificate,
        expires_on: x509.validToDate.toISOString().replace('.000', ''),
        serial_number: BigInt(`0x${x509.serialNumber}`).toString(),
        signature: 'ECDSAWithSHA256',
        status: 'active',
        issuer: 'CN=Test Root',
      },
    );
    assert.deepEqual(messages, []);
    const response = await app.inject({
      url: `/client/v4/zones/${id}/${path}/${idOf(result)}`,
      headers: { authorization: `Bearer ${token}` },
    });
    assert.doesNotMatch(response.body, /PRIVATE KEY|private_key/);
    assert.deepEqual(response.json().result, result);
    const { result: list } = await call('GET', `/zones/${id}/${path}`);
    assert.deepEqual([...list], [result]);
  }
});

test('the same certificate again is refused with the id that it has', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const upload = await clientCertificate(await authority());
  const { result } = await call('POST', `/zones/${id}/origin_tls_client_auth`, upload);
  const again = await call('POST', `/zones/${id}/origin_tls_client_auth`, upload);
  assert.deepEqual([again.status, codes(again)], [400, [1406]]);
  assert.match(again.errors[0]?.message ?? '', new RegExp(idOf(result)));
});

test('a deleted certificate stays readable, leaves the list, and comes back under its old id', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/origin_tls_client_auth`;
  const upload = await clientCertificate(await authority());
  const { result } = await call('POST', path, upload);
  const gone = await call('DELETE', `${path}/${idOf(result)}`);
  assert.deepEqual([gone.status, gone.result['status']], [200, 'deleted']);
  assert.equal((await call('GET', `${path}/${idOf(result)}`)).result['status'], 'deleted');
  assert.deepEqual([...(await call('GET', path)).result], []);
  const twice = await call('DELETE', `${path}/${idOf(result)}`);
  assert.deepEqual([twice.status, codes(twice)], [400, [1414]]);
  const back = await call('POST', path, upload);
  assert.deepEqual([back.result['id'], back.result['status']], [result['id'], 'active']);
});

test('what can never work is refused, with the field and the way out', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/origin_tls_client_auth`;
  const ca = await authority();
  const good = await clientCertificate(ca);
  const other = await clientCertificate(ca);
  const expired = await clientCertificate(ca, {
    validity: { notBefore: instant(NOW - 9 * DAY), notAfter: instant(NOW - DAY) },
  });
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const weak = await clientCertificate(ca, {
    key: importKey(short.export({ format: 'pem', type: 'pkcs8' }).toString()),
  });
  // A sound leaf whose issuer OpenSSL will not load: found out at upload, not at each pull.
  const weakCa = createAuthority({
    profile: PROFILES.pullRoot,
    subject: { commonName: 'weak' },
    validity: validFor(NOW, 60 * DAY),
    key: importKey(short.export({ format: 'pem', type: 'pkcs8' }).toString()),
  });
  const underWeak = await clientCertificate(weakCa);
  const weakIssuer = { ...underWeak, certificate: underWeak.certificate + weakCa.certificate.pem };
  const encrypted = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';
  const wrong: readonly (readonly [string, object, number, string])[] = [
    ['no PEM', { ...good, certificate: 'hello' }, 1408, '/certificate'],
    ['cut short', { ...good, certificate: good.certificate.slice(0, 200) }, 1408, '/certificate'],
    ['a key as certificate', { ...good, certificate: good.private_key }, 1408, '/certificate'],
    ['a CA', { certificate: ca.certificate.pem, private_key: ca.key.reveal() }, 1411, '/certificate'],
    ['a CA first', { ...good, certificate: ca.certificate.pem + good.certificate }, 1411, '/certificate'],
    ['expired', expired, 1412, '/certificate'],
    ['a short key', weak, 1412, '/certificate'],
    ['an issuer with a short key', weakIssuer, 1412, '/certificate'],
    ['no key', { ...good, private_key: good.certificate }, 1409, '/private_key'],
    ['an encrypted key', { ...good, private_key: encrypted }, 1409, '/private_key'],
    ['another key', { ...good, private_key: other.private_key }, 1410, '/private_key'],
    ['no key at all', { certificate: good.certificate }, 6007, '/private_key'],
    ['a number', { ...good, private_key: 7 }, 6007, '/private_key'],
  ];
  for (const [what, body, code, pointer] of wrong) {
    const { status, errors } = await call('POST', path, body);
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, code, pointer], what);
    assert.doesNotMatch(JSON.stringify(errors), /MIG|MII|BEGIN (?:EC |ENCRYPTED )?PRIVATE/, what);
  }
  assert.deepEqual([...(await call('GET', path)).result], []);
});

test('what works here but not everywhere is accepted with a warning', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/origin_tls_client_auth`;
  const root = await authority('Root');
  const below = await authority('Below', root);
  const stranger = await authority('Stranger');
  const leaf = await clientCertificate(below);
  const together = (...pems: readonly string[]) => ({ ...leaf, certificate: pems.join('') });
  const cases: readonly (readonly [string, object, readonly number[]])[] = [
    ['serverAuth only', await clientCertificate(null, { profile: PROFILES.serverLeaf }), [20111, 20116]],
    [
      'no EKU',
      await clientCertificate(null, { profile: { ...PROFILES.pullLeaf, extendedKeyUsage: null } }),
      [20112, 20116],
    ],
    [
      'cannot sign',
      await clientCertificate(null, { profile: { ...PROFILES.pullLeaf, keyUsage: ['keyEncipherment'] } }),
      [20113, 20116],
    ],
    ['ends soon', await clientCertificate(null, { validity: validFor(NOW, 29 * DAY) }), [20114, 20116]],
    [
      'begins later',
      await clientCertificate(null, {
        validity: { notBefore: instant(NOW + DAY), notAfter: instant(NOW + 90 * DAY) },
      }),
      [20115, 20116],
    ],
    ['no issuer', await clientCertificate(below), [20117]],
    [
      'wrong order, and a stranger',
      together(leaf.certificate, root.certificate.pem, stranger.certificate.pem, below.certificate.pem),
      [20119, 20118],
    ],
  ];
  for (const [what, body, expected] of cases) {
    const { status, messages } = await call('POST', path, body);
    assert.equal(status, 200, what);
    assert.deepEqual(
      messages.map(({ code }) => code),
      expected,
      what,
    );
  }
});

test('the managed identity is no upload: not listed, readable by its id, never deleted', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const path = `/zones/${id}/origin_tls_client_auth`;
  const on = await call('PUT', `${path}/settings`, { enabled: true });
  assert.deepEqual([on.status, on.result], [200, { enabled: true }]);
  assert.deepEqual([...(await call('GET', path)).result], []);
  const plan = await call('GET', `/postern/v1/zones/${id}/hostnames/example.test/plan`);
  const managed = textOf(plan.result['certificate']?.['id']);
  const shown = await call('GET', `${path}/${managed}`);
  assert.deepEqual([shown.status, shown.result['enabled']], [200, true]);
  assert.deepEqual(codes(await call('DELETE', `${path}/${managed}`)), [1417]);
});

test('certificates are found only in their own zone and at their own level', async (t) => {
  const { call, zone } = await startApi(t);
  const [mine, theirs] = [await zone(), await zone()];
  const { result } = await call('POST', `/zones/${theirs}/origin_tls_client_auth`, await clientCertificate(null));
  const paths = [
    `/zones/${mine}/origin_tls_client_auth/${idOf(result)}`,
    `/zones/${theirs}/origin_tls_client_auth/hostnames/certificates/${idOf(result)}`,
    `/zones/${mine}/origin_tls_client_auth/x`,
  ];
  for (const path of paths) {
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await call(method, path);
      assert.deepEqual([answer.status, codes(answer)], [404, [1552]], `${method} ${path}`);
    }
  }
});

test('the zone level is off at first, and takes only true or false', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/origin_tls_client_auth/settings`;
  assert.deepEqual((await call('GET', path)).result, { enabled: false });
  for (const enabled of ['on', 1, null, undefined]) {
    assert.deepEqual(codes(await call('PUT', path, { enabled })), [6007]);
  }
  const { messages } = await call('PUT', path, { enabled: true });
  assert.deepEqual(
    messages.map(({ code }) => code),
    [20003],
  );
});

test('a CA in the trust store is listed, paged, and refused twice; a leaf is no CA', async (t) => {
  const { call, zone } = await startApi(t);
  const path = `/zones/${await zone()}/acm/custom_trust_store`;
  const ca = await authority('Origins');
  const { status, result } = await call('POST', path, { certificate: ca.certificate.pem });
  assert.deepEqual([status, result['status'], result['certificate']], [200, 'active', ca.certificate.pem]);
  assert.deepEqual(codes(await call('POST', path, { certificate: ca.certificate.pem })), [1406]);
  const { certificate } = await clientCertificate(ca);
  assert.deepEqual(codes(await call('POST', path, { certificate })), [1418]);
  assert.deepEqual([...(await call('GET', path)).result], [result]);
  assert.deepEqual([...(await call('GET', `${path}?page=2`)).result], []);
  assert.deepEqual((await call('GET', `${path}/${idOf(result)}`)).result, result);
  assert.deepEqual((await call('DELETE', `${path}/${idOf(result)}`)).result, { id: result['id'] });
  assert.deepEqual(codes(await call('GET', `${path}/${idOf(result)}`)), [1552]);
});
