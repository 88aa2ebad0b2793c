import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { readCertificationRequest } from '../../pki/csr.ts';
import { createAuthority, issueForKey, validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES, type Profile } from '../../pki/profiles.ts';
import { ACTOR, dataPath, newZone, openPlane, recordingEdge } from '../control-plane.fixture.ts';
import { codes, DAY, idOf, type Json, NOW, startApi } from './api.fixture.ts';

async function house() {
  const request = { subject: { commonName: 'house CA' }, validity: validFor(NOW, 300 * DAY), key: await generateKey() };
  return createAuthority({ ...request, profile: PROFILES.pullRoot });
}

/** What a CA of the owner's makes of a request, with itself appended. */
async function signedBy(ca: Awaited<ReturnType<typeof house>>, csr: string, profile: Profile = PROFILES.pullLeaf) {
  const { spki } = readCertificationRequest(csr);
  const request = { profile, subject: { commonName: 'edge' }, validity: validFor(NOW, 90 * DAY) };
  return issueForKey(ca, spki, request).certificate.pem + ca.certificate.pem;
}

function csrOf(request: Json): string {
  const { csr } = request;
  assert.ok(typeof csr === 'string');
  return csr;
}

async function world(t: TestContext) {
  const api = await startApi(t);
  const id = await api.zone('example.test');
  return { ...api, zonePath: `/zones/${id}`, path: `/postern/v1/zones/${id}/certificate_requests` };
}

for (const type of ['ec:P-256', 'ec:P-384', 'rsa:2048']) {
  test(`a request with a key of ${type} says what was asked, and openssl believes it`, async (t) => {
    const { call, path } = await world(t);
    const asked = {
      key_type: type,
      common_name: 'edge of example',
      hostnames: ['WWW.example.test.', '*.example.test'],
    };
    const { status, result } = await call('POST', path, asked);
    assert.equal(status, 200);
    const csr = csrOf(result);
    const told = spawnSync('openssl', ['req', '-verify', '-noout', '-text'], { input: csr, encoding: 'utf8' });
    assert.match(told.stderr, /verify OK/);
    assert.match(told.stdout, /Subject: CN = edge of example\n/);
    assert.match(
      told.stdout,
      /URI:postern:\/\/[^,]+\/zone\/[0-9a-f]{32}, DNS:www\.example\.test, DNS:\*\.example\.test/,
    );
    const { keyType, dnsNames } = readCertificationRequest(csr);
    assert.deepEqual([keyType, dnsNames], [type, ['www.example.test', '*.example.test']]);
    assert.deepEqual([result['key_type'], result['level']], [type, 'zone']);
  });
}

test('the answer of the CA makes it an uploaded certificate of its level, whose key the edge gets and nobody else', async (t) => {
  const { call, path, zonePath, plane, logged } = await world(t);
  const ca = await house();
  const { result: request } = await call('POST', path, { level: 'hostname', hostnames: ['www.example.test'] });
  const listed = await call('GET', path);
  assert.deepEqual(listed.result, [request]);
  assert.deepEqual((await call('GET', `${path}/${idOf(request)}`)).result, request);

  const certificate = await signedBy(ca, csrOf(request));
  const answered = await call('POST', `${path}/${idOf(request)}/certificate`, { certificate });
  assert.equal(answered.status, 200, JSON.stringify(answered.errors));
  assert.equal(idOf(answered.result), idOf(request));
  const uploaded = await call('GET', `${zonePath}/origin_tls_client_auth/hostnames/certificates`);
  assert.deepEqual([...uploaded.result].map(idOf), [idOf(request)]);
  assert.equal((await call('GET', path)).result_info?.total_count, 0);
  const config = [{ hostname: 'www.example.test', cert_id: idOf(request), enabled: true }];
  assert.equal((await call('PUT', `${zonePath}/origin_tls_client_auth/hostnames`, { config })).status, 200);

  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say({ kind: 'hello', edge: 'edge' });
  await edge.seen((message) => message.kind === 'key' && message.certificate === idOf(request));
  const told = JSON.stringify([request, listed, answered, uploaded, logged]);
  assert.ok(!told.includes('PRIVATE KEY'));
  assert.deepEqual(codes(await call('POST', `${path}/${idOf(request)}/certificate`, { certificate })), [10450]);
});

test('what is no answer changes nothing, and the right one still counts', async (t) => {
  const { call, path } = await world(t);
  const ca = await house();
  const { result: one } = await call('POST', path, {});
  const { result: other } = await call('POST', path, {});
  const good = await signedBy(ca, csrOf(one));
  const answer = (certificate: string) => call('POST', `${path}/${idOf(one)}/certificate`, { certificate });
  const refusals: readonly (readonly [string, number])[] = [
    [await signedBy(ca, csrOf(other)), 10451],
    [ca.certificate.pem, 1411],
    ['hello', 1408],
    [`${good}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`, 1408],
  ];
  for (const [certificate, code] of refusals) {
    const refused = await answer(certificate);
    assert.deepEqual(codes(refused), [code]);
    assert.equal(refused.errors[0]?.source?.pointer, '/certificate');
  }
  assert.equal((await answer(good)).status, 200);
});

test('a request that is taken back has no key any more', async (t) => {
  const { call, path } = await world(t);
  const { result: request } = await call('POST', path, {});
  const certificate = await signedBy(await house(), csrOf(request));
  assert.deepEqual((await call('DELETE', `${path}/${idOf(request)}`)).result, { id: idOf(request) });
  assert.deepEqual(codes(await call('POST', `${path}/${idOf(request)}/certificate`, { certificate })), [10450]);
  assert.deepEqual(codes(await call('DELETE', `${path}/${idOf(request)}`)), [10450]);
});

test('bad wishes are refused with the field and what is wrong', async (t) => {
  const { call, path } = await world(t);
  const wrong: readonly (readonly [object, string])[] = [
    [{ key_type: 'dsa' }, '/key_type'],
    [{ level: 'global' }, '/level'],
    [{ common_name: '' }, '/common_name'],
    [{ common_name: 'x'.repeat(65) }, '/common_name'],
    [{ common_name: 'a\u0007b' }, '/common_name'],
    [{ hostnames: [] }, '/hostnames'],
    [{ hostnames: ['www.example.test', 'not a name'] }, '/hostnames/1'],
  ];
  for (const [body, pointer] of wrong) {
    const refused = await call('POST', path, body);
    assert.equal(refused.status, 400, JSON.stringify(body));
    assert.equal(refused.errors[0]?.source?.pointer, pointer);
  }
  assert.equal((await call('GET', path)).result_info?.total_count, 0);
});

test('a zone takes only so many requests', async (t) => {
  const { call, zone } = await startApi(t, { limits: { certificateRequestsPerZone: 2 } });
  const path = `/postern/v1/zones/${await zone()}/certificate_requests`;
  for (const _ of [1, 2]) assert.equal((await call('POST', path, {})).status, 200);
  const refused = await call('POST', path, {});
  assert.equal(refused.status, 400);
  assert.match(refused.errors[0]?.message ?? '', /certificate_requests_per_zone/);
});

test('requests and their keys outlive a restart, and go with their zone', async (t) => {
  const dir = dataPath(t);
  const first = await openPlane(t, dir, { clock: () => NOW });
  const zone = await newZone(first);
  const key = await generateKey();
  const request = {
    id: first.newCertificateId(),
    level: 'zone',
    keyType: 'ec:P-256',
    spki: '0'.repeat(64),
    commonName: 'x',
    hostnames: [],
    pem: 'pem',
    createdAt: instant(NOW),
  } as const;
  const command = { kind: 'request_certificate', request } as const;
  assert.equal((await first.commit({ zone: zone.id, actor: ACTOR, command, key })).kind, 'committed');
  await first.close();
  const second = await openPlane(t, dir, { clock: () => NOW });
  assert.deepEqual(second.zones.get(zone.id)?.certificateRequests.get(request.id), request);
  const gone = await second.commit({ zone: zone.id, actor: ACTOR, command: { kind: 'delete_zone' } });
  assert.equal(gone.kind, 'committed');
});
