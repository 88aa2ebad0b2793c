import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { hostname } from '../../domain/ids.ts';
import { revokedOrigins } from '../../domain/origin-certificate.ts';
import { verifyPath } from '../../pki/chain.ts';
import { generateKey, publicSpki } from '../../pki/keys.ts';
import { readCertificate } from '../../pki/read.ts';
import { ACTOR, dataPath, newZone, openPlane, sure } from '../control-plane.fixture.ts';
import { clientCertificate, codes, DAY, idOf, NOW, startApi, textOf } from './api.fixture.ts';

const dir = mkdtempSync(join(tmpdir(), 'postern-origin-ca-'));
after(() => rmSync(dir, { recursive: true }));

/** A request as an owner makes it. */
function csr(kind: 'ec' | 'rsa' = 'ec', extra: readonly string[] = []): string {
  const key = kind === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['rsa:2048'];
  const args = ['req', '-new', '-newkey', ...key, '-nodes', '-subj', '/CN=example.test', ...extra];
  return execFileSync('openssl', [...args, '-keyout', join(dir, 'key.pem')], { stdio: 'pipe' }).toString();
}

const ROOT = '/ssl/static/origin_ca_ecc_root.pem';
const ECC = { hostnames: ['example.test', '*.example.test'], request_type: 'origin-ecc' } as const;

test('SDK: an origin certificate is issued, read, listed and revoked', async (t) => {
  const { app, token } = await startApi(t);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new Cloudflare({ apiToken: token, baseURL: `${address}/client/v4`, maxRetries: 0 });
  const { id: zone_id } = await client.zones.create({ account: {}, name: 'example.test' });
  const request = csr();
  const created = await client.originCACertificates.create({
    csr: request,
    hostnames: [...ECC.hostnames],
    request_type: 'origin-ecc',
    requested_validity: 90,
  });
  const x509 = new X509Certificate(created.certificate ?? '');
  assert.deepEqual(
    [created.csr, created.hostnames, created.request_type, created.requested_validity, created.id],
    [request, ECC.hostnames, 'origin-ecc', 90, BigInt(`0x${x509.serialNumber}`).toString()],
  );
  const id = created.id ?? '';
  assert.deepEqual(await client.originCACertificates.get(id), created);
  const listed = async () => {
    const found: unknown[] = [];
    for await (const one of client.originCACertificates.list({ zone_id })) found.push(one);
    return found;
  };
  assert.deepEqual(await listed(), [created]);
  const revoked = await client.originCACertificates.delete(id);
  assert.equal(revoked.id, id);
  assert.deepEqual(await listed(), [{ ...created, revoked_at: revoked.revoked_at }]);
  await assert.rejects(client.originCACertificates.delete(id), Cloudflare.BadRequestError);
  await assert.rejects(client.originCACertificates.get('7'), Cloudflare.NotFoundError);
});

test('the certificate verifies for servers under the public root, for the names alone, and never for clients', async (t) => {
  const { app, call, zone } = await startApi(t);
  await zone('example.test');
  const { body } = await app.inject({ url: ROOT });
  const root = readCertificate(new X509Certificate(body).raw);
  assert.deepEqual([root.isCa, root.extendedKeyUsage], [true, ['serverAuth']]);
  for (const [kind, request_type] of [
    ['ec', 'origin-ecc'],
    ['rsa', 'origin-rsa'],
  ] as const) {
    const { result } = await call('POST', '/certificates', { ...ECC, csr: csr(kind), request_type });
    const x509 = new X509Certificate(textOf(result['certificate']));
    const leaf = readCertificate(x509.raw);
    assert.deepEqual([leaf.dnsNames, leaf.isCa, leaf.extendedKeyUsage], [ECC.hostnames, false, ['serverAuth']]);
    assert.equal(Math.round((leaf.notAfter - NOW) / DAY), 5475);
    const rules = { offered: [], anchors: [root] };
    assert.equal(verifyPath(leaf, { ...rules, purpose: 'server' }, NOW).kind, 'verified');
    assert.equal(verifyPath(leaf, { ...rules, purpose: 'client' }, NOW).kind, 'failed');
  }
});

test('each refusal says what is wrong and where', async (t) => {
  const { call, zone } = await startApi(t);
  await zone('example.test');
  await zone('shop.example.test');
  const request = csr();
  const good = { ...ECC, csr: request };
  const many = Array.from({ length: 201 }, (_, index) => `h${index}.example.test`);
  const cases: readonly (readonly [string, object, number, string])[] = [
    ['no CSR', { ...good, csr: undefined }, 6007, '/csr'],
    ['not a CSR', { ...good, csr: 'hello' }, 1011, '/csr'],
    ['short key', { ...good, csr: csr('rsa').replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA') }, 1011, '/csr'],
    ['RSA for EC', { ...good, request_type: 'origin-rsa' }, 1011, '/request_type'],
    ['unknown type', { ...good, request_type: 'keyless-certificate' }, 6007, '/request_type'],
    ['no names', { ...good, hostnames: [] }, 6007, '/hostnames'],
    ['too many names', { ...good, hostnames: many }, 6007, '/hostnames'],
    ['an address', { ...good, hostnames: ['192.0.2.1'] }, 1010, '/hostnames/0'],
    ['an IPv6 address', { ...good, hostnames: ['example.test', '2001:db8::1'] }, 1010, '/hostnames/1'],
    ['two wildcards', { ...good, hostnames: ['*.*.example.test'] }, 1010, '/hostnames/0'],
    ['an inner wildcard', { ...good, hostnames: ['a.*.example.test'] }, 1010, '/hostnames/0'],
    ['nobody’s name', { ...good, hostnames: ['example.org'] }, 1010, '/hostnames/0'],
    ['a wildcard above', { ...good, hostnames: ['*.test'] }, 1010, '/hostnames/0'],
    ['two zones', { ...good, hostnames: ['example.test', 'a.shop.example.test'] }, 1010, '/hostnames/1'],
    ['validity', { ...good, requested_validity: 8 }, 6007, '/requested_validity'],
  ];
  for (const [what, body, code, pointer] of cases) {
    const { status, errors } = await call('POST', '/certificates', body);
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, code, pointer], what);
  }
  assert.deepEqual(codes(await call('GET', '/certificates')), [1012]);
  assert.deepEqual(codes(await call('GET', `/certificates?zone_id=${'0'.repeat(32)}`)), [7003]);
  assert.deepEqual(codes(await call('DELETE', '/certificates/7')), [1552]);
  const asked = csr('ec', ['-addext', 'subjectAltName=DNS:other.test']);
  const { messages } = await call('POST', '/certificates', {
    ...good,
    csr: asked,
    hostnames: ['EXAMPLE.test.', 'müller.example.test'],
  });
  assert.deepEqual(
    messages.map(({ code }) => code),
    [20137],
  );
});

test('a token that is restricted to zones gets and sees certificates of those alone', async (t) => {
  const tokens = { reader: { permissions: ['ssl:read'] }, limited: { permissions: ['ssl:edit'], zones: [] } };
  const { call, zone } = await startApi(t, { tokens });
  const id = await zone('example.test');
  const good = { ...ECC, csr: csr() };
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  assert.equal((await call('POST', '/certificates', good, as('reader'))).status, 403);
  assert.deepEqual(codes(await call('POST', '/certificates', good, as('limited'))), [1010]);
  const { result } = await call('POST', '/certificates', good);
  assert.equal((await call('GET', `/certificates/${idOf(result)}`, undefined, as('limited'))).status, 404);
  assert.equal((await call('DELETE', `/certificates/${idOf(result)}`, undefined, as('limited'))).status, 404);
  assert.equal((await call('DELETE', `/certificates/${idOf(result)}`, undefined, as('reader'))).status, 403);
  assert.equal((await call('GET', `/certificates?zone_id=${id}`, undefined, as('limited'))).status, 404);
});

test('the root is in no pull bundle, and a client certificate that leads to it is refused', async (t) => {
  const { app, call, zone, plane } = await startApi(t);
  const id = await zone('example.test');
  const issued = await call('POST', '/certificates', { ...ECC, csr: csr() });
  const key = await generateKey();
  const name = sure(hostname('example.test'));
  const leaf = await plane.signOrigin({ spki: publicSpki(key), names: [name], lifetime: DAY });
  const path = `/zones/${id}/origin_tls_client_auth`;
  const upload = { certificate: leaf.pem + plane.originCa.pem, private_key: key.reveal() };
  assert.deepEqual(codes(await call('POST', path, upload)), [1412]);
  assert.equal((await call('POST', path, await clientCertificate(null))).status, 200);
  const body = (pem: string) => pem.replaceAll(/-----[^-]+-----|\s/g, '');
  for (const url of ['/ssl/static/', `/ssl/static/zones/${id}/`]) {
    const bundle = await app.inject({ url: `${url}authenticated_origin_pull_ca.pem` });
    assert.equal(bundle.statusCode, 200);
    assert.equal(body(bundle.body).includes(body(plane.originCa.pem)), false, url);
    assert.equal(body(bundle.body).includes(body(textOf(issued.result['certificate']))), false, url);
  }
});

test('a restart keeps the root, the certificates and their revocation', async (t) => {
  const data = dataPath(t);
  const plane = await openPlane(t, data);
  const zone = await newZone(plane);
  const key = await generateKey();
  const names = [zone.name];
  const certificate = await plane.signOrigin({ spki: publicSpki(key), names, lifetime: DAY });
  const issued = {
    id: '17',
    certificate,
    csr: 'CSR',
    hostnames: names,
    requestType: 'origin-ecc',
    requestedValidity: 7,
    issuedAt: NOW,
    revokedAt: null,
  } as const;
  const commit = (command: Parameters<typeof plane.commit>[0]['command']) =>
    plane.commit({ zone: zone.id, command, actor: ACTOR });
  await commit({ kind: 'add_origin_certificate', certificate: issued });
  await commit({ kind: 'revoke_origin_certificate', id: '17' });
  const before = sure(plane.zones.get(zone.id)).originCertificates;
  await plane.close();
  const again = await openPlane(t, data);
  const kept = sure(again.zones.get(zone.id));
  assert.deepEqual(kept.originCertificates, before);
  assert.deepEqual(revokedOrigins(kept), [certificate.fingerprint]);
  assert.deepEqual(again.originCa, plane.originCa);
});
