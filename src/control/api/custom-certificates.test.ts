import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { hostname, instant } from '../../domain/ids.ts';
import { validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { ACTOR, dataPath, newZone, openPlane, recordingEdge, sure } from '../control-plane.fixture.ts';
import { authority, clientCertificate, codes, DAY, idOf, NOW, startApi } from './api.fixture.ts';
import { serverAuthority, serverCertificate } from './server-certificate.fixture.ts';
import { readUpload } from './upload.ts';

const NAMES = ['example.test', '*.example.test'];

async function world(t: TestContext) {
  const api = await startApi(t);
  const path = `/zones/${await api.zone('example.test')}/custom_certificates`;
  return { ...api, path };
}

test('SDK: a visitor certificate is uploaded, read, listed to the end, replaced, prioritised and deleted', async (t) => {
  const { app, token } = await startApi(t);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new Cloudflare({ apiToken: token, baseURL: `${address}/client/v4`, maxRetries: 0 });
  const { id: zone_id } = await client.zones.create({ account: {}, name: 'example.test' });
  const certificates = client.customCertificates;
  const ca = await serverAuthority();
  const sent = await serverCertificate(ca, NAMES);
  const created = await certificates.create({ zone_id, ...sent, bundle_method: 'force', type: 'sni_custom' });
  const { id } = created;
  assert.deepEqual(
    [created.hosts, created.status, created.bundle_method, created.priority, created.zone_id, created.signature],
    [NAMES, 'active', 'force', 1, zone_id, 'ECDSAWithSHA256'],
  );
  assert.deepEqual(await certificates.get(id, { zone_id }), created);
  const other = await certificates.create({ zone_id, ...(await serverCertificate(ca, NAMES)) });
  const ids = async () => {
    const found: string[] = [];
    for await (const one of certificates.list({ zone_id, per_page: 1 })) found.push(one.id);
    return found;
  };
  assert.deepEqual(await ids(), [other.id, id]);
  const ranked: (number | undefined)[] = [];
  const wishes = [
    { id, priority: 5 },
    { id: other.id, priority: 7 },
  ];
  for await (const one of certificates.prioritize.update({ zone_id, certificates: wishes })) ranked.push(one.priority);
  assert.deepEqual(ranked, [7, 5]);
  const renewed = await certificates.edit(id, { zone_id, ...(await serverCertificate(ca, NAMES)) });
  assert.notEqual(renewed.id, id);
  assert.equal(renewed.priority, 5);
  await assert.rejects(certificates.get(id, { zone_id }), Cloudflare.NotFoundError);
  assert.deepEqual(await certificates.delete(renewed.id, { zone_id }), { id: renewed.id });
  assert.deepEqual(await ids(), [other.id]);
});

test('what visitors can never accept is refused, with the field and the way out', async (t) => {
  const { call, path } = await world(t);
  const ca = await serverAuthority();
  const good = await serverCertificate(ca, NAMES);
  const past = { notBefore: instant(NOW - 9 * DAY), notAfter: instant(NOW - DAY) };
  const encrypted = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';
  const wrong: readonly (readonly [string, object, number, string])[] = [
    ['no PEM', { ...good, certificate: 'hello' }, 1408, '/certificate'],
    ['a CA', { certificate: ca.certificate.pem, private_key: ca.key.reveal() }, 1411, '/certificate'],
    ['expired', await serverCertificate(ca, NAMES, { validity: past }), 1412, '/certificate'],
    ['for clients', await clientCertificate(await authority()), 1412, '/certificate'],
    ['no names', await serverCertificate(ca, []), 1412, '/certificate'],
    ['outside', await serverCertificate(ca, [...NAMES, 'example.org']), 1416, '/certificate'],
    ['encrypted', { ...good, private_key: encrypted }, 1409, '/private_key'],
    ['another key', { ...good, private_key: (await generateKey()).reveal() }, 1410, '/private_key'],
    ['no key', { certificate: good.certificate }, 6007, '/private_key'],
    ['bundle method', { ...good, bundle_method: 'best' }, 6007, '/bundle_method'],
    ['type', { ...good, type: 'other' }, 6007, '/type'],
  ];
  for (const [what, body, code, pointer] of wrong) {
    const { status, errors } = await call('POST', path, body);
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, code, pointer], what);
    assert.doesNotMatch(JSON.stringify(errors), /MIG|MII|BEGIN (?:EC |ENCRYPTED )?PRIVATE/, what);
  }
  assert.deepEqual([...(await call('GET', path)).result], []);
  await call('POST', path, good);
  assert.deepEqual(codes(await call('POST', path, good)), [1406]);
});

test('what works with most visitors is accepted with a warning', async (t) => {
  const { call, path } = await world(t);
  const root = await serverAuthority('Root');
  const below = await serverAuthority('Below', root);
  const leaf = await serverCertificate(below, NAMES);
  const bent = (profile: object) => serverCertificate(null, NAMES, { profile: { ...PROFILES.serverLeaf, ...profile } });
  const together = (...pems: readonly string[]) => ({ ...leaf, certificate: pems.join('') });
  const early = { notBefore: instant(NOW + DAY), notAfter: instant(NOW + 90 * DAY) };
  const cases: readonly (readonly [string, object, readonly number[]])[] = [
    ['no EKU', await bent({ extendedKeyUsage: null }), [20131, 20134]],
    ['cannot sign', await bent({ keyUsage: ['keyEncipherment'] }), [20132, 20134]],
    ['begins later', await serverCertificate(null, NAMES, { validity: early }), [20133, 20134]],
    ['ends soon', await serverCertificate(null, NAMES, { validity: validFor(NOW, 9 * DAY) }), [20114, 20134]],
    ['no issuer', await serverCertificate(below, NAMES), [20135]],
    ['wrong order', together(leaf.certificate, root.certificate.pem, below.certificate.pem), [20118]],
    ['legacy', { ...(await serverCertificate(null, NAMES)), type: 'legacy_custom' }, [20134, 20136]],
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

test('a certificate that a CA signed with SHA-1 cannot be served, so it is refused', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'postern-sha1-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = (name: string) => join(dir, name);
  const ca = await serverAuthority();
  writeFileSync(file('ca.pem'), ca.certificate.pem);
  writeFileSync(file('ca.key'), ca.key.reveal(), { mode: 0o600 });
  const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-sha1', '-days', '9'];
  const subject = ['-subj', '/CN=example.test', '-addext', 'subjectAltName=DNS:example.test'];
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE', '-newkey', 'rsa:2048', '-nodes'];
  const out = ['-keyout', file('key.pem'), '-out', file('cert.pem')];
  execFileSync('openssl', ['req', '-x509', ...issuer, ...subject, ...leaf, ...out], { stdio: 'pipe' });
  const body = {
    certificate: readFileSync(file('cert.pem'), 'utf8'),
    private_key: readFileSync(file('key.pem'), 'utf8'),
  };
  const outcome = readUpload(body, NOW, 'server');
  assert.equal(outcome.kind === 'problem' && outcome.code, 'certificate_unfit');
});

test('PATCH renews with the same key or another; a key that does not fit, or nobody’s certificate, is refused', async (t) => {
  const { call, path } = await world(t);
  const ca = await serverAuthority();
  const key = await generateKey();
  const first = await serverCertificate(ca, NAMES, { key });
  const id = idOf((await call('POST', path, first)).result);
  const { certificate } = await serverCertificate(ca, NAMES, { key, validity: validFor(NOW, 120 * DAY) });
  const renewed = await call('PATCH', `${path}/${id}`, { certificate });
  assert.deepEqual([renewed.status, renewed.result['id']], [200, id]);
  assert.notEqual(renewed.result['expires_on'], undefined);
  const other = await serverCertificate(ca, NAMES);
  assert.deepEqual(codes(await call('PATCH', `${path}/${id}`, { certificate: other.certificate })), [1410]);
  assert.deepEqual(codes(await call('PATCH', `${path}/${id}`, { private_key: other.private_key })), [1410]);
  assert.equal((await call('PATCH', `${path}/${id}`, other)).status, 200);
  const method = await call('PATCH', `${path}/${id}`, { bundle_method: 'optimal' });
  assert.deepEqual([method.status, method.result['bundle_method']], [200, 'optimal']);
  assert.deepEqual(
    codes(await call('PATCH', `${path}/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`, other)),
    [1552],
  );
});

test('unknown ids are not found, among priorities too, and nothing changes', async (t) => {
  const { call, path, zone } = await world(t);
  const { result } = await call('POST', path, await serverCertificate(await serverAuthority(), NAMES));
  const elsewhere = `/zones/${await zone('other.test')}/custom_certificates`;
  for (const target of [`${elsewhere}/${idOf(result)}`, `${path}/x`]) {
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await call(method, target);
      assert.deepEqual([answer.status, codes(answer)], [404, [1552]], `${method} ${target}`);
    }
  }
  const wishes = [
    { id: idOf(result), priority: 9 },
    { id: 'x', priority: 1 },
  ];
  assert.deepEqual(codes(await call('PUT', `${path}/prioritize`, { certificates: wishes })), [1552]);
  assert.deepEqual(codes(await call('PUT', `${path}/prioritize`, { certificates: [] })), [6007]);
  assert.deepEqual(
    codes(await call('PUT', `${path}/prioritize`, { certificates: [{ id: 'x', priority: -1 }] })),
    [6007],
  );
  assert.deepEqual((await call('GET', `${path}/${idOf(result)}`)).result, result);
  assert.deepEqual([...(await call('GET', `${path}?status=expired`)).result], []);
});

test('the key is sealed, travels as a message of its own, and a restart keeps all of it; deletion takes it away', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say({ kind: 'hello', edge: 'edge' });
  const zone = await newZone(plane);
  const sent = await serverCertificate(await serverAuthority(), [sure(hostname('example.test'))]);
  const read = readUpload(sent, NOW, 'server');
  assert.ok(read.kind === 'upload');
  const { leaf, chain, key } = read;
  const id = plane.newCertificateId();
  const draft = { id, leaf, chain, sent: sent.certificate, bundleMethod: 'ubiquitous', type: 'sni_custom' } as const;
  const change = { zone: zone.id, command: { kind: 'add_custom_certificate', draft }, actor: ACTOR, key } as const;
  assert.equal((await plane.commit(change)).kind, 'committed');
  const isOwn = (one: (typeof edge.messages)[number]) => 'certificate' in one && one.certificate === id;
  const told = await edge.seen(isOwn);
  assert.ok(told.kind === 'visitor_certificate' && told.key === key.reveal());
  const stored = sure(plane.zones.get(zone.id)).customCertificates;
  await plane.close();
  assert.equal(readFileSync(join(dir, 'postern.db')).includes(key.reveal().slice(30, 90)), false);

  const again = await openPlane(t, dir);
  assert.deepEqual(sure(again.zones.get(zone.id)).customCertificates, stored);
  const late = recordingEdge({ acknowledges: true });
  again.connect(late.link);
  late.say({ kind: 'hello', edge: 'late' });
  const retold = await late.seen(isOwn);
  assert.ok(retold.kind === 'visitor_certificate' && retold.key === key.reveal());
  const snapshot = await late.seen(({ kind }) => kind === 'snapshot');
  assert.ok(snapshot.kind === 'snapshot' && snapshot.zones[0]?.rules?.customCertificates[0] === id);
  assert.doesNotMatch(JSON.stringify(snapshot), /PRIVATE KEY/);
  await again.commit({ zone: zone.id, command: { kind: 'delete_custom_certificate', id }, actor: ACTOR });
  await late.seen((one) => one.kind === 'visitor_certificate_dropped' && one.certificate === id);
});
