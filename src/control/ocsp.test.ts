import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readBundle } from '../pki/bundle.ts';
import { loadCertificates } from '../pki/read.ts';
import { startApi, textOf } from './api/api.fixture.ts';
import { createPublicServer } from './public-server.ts';

/** A zone, a public listener over real HTTP, and the files that openssl asks with. */
async function world(t: TestContext) {
  const api = await startApi(t);
  const clock = () => api.plane.zones.all()[Symbol.iterator]().next().value?.createdAt ?? assert.fail();
  const server = createPublicServer({ plane: api.plane, clock, log: () => undefined, rateLimits: { address: null } });
  t.after(() => server.close());
  const base = await server.listen({ port: 0, host: '127.0.0.1' });
  const directory = mkdtempSync(join(tmpdir(), 'postern-ocsp-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const zone = await api.zone();
  const bundle = await api.app.inject({ url: `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem` });
  const [root, issuer] = readBundle(bundle.body);
  assert.ok(root !== undefined && issuer !== undefined);
  const { result } = await api.call('GET', `/postern/v1/zones/${zone}/identities?level=zone`);
  const id = textOf([...result][0]?.['id']);
  const whole = await api.call('GET', `/postern/v1/zones/${zone}/identities/${id}`);
  const [leaf] = loadCertificates(textOf(whole.result['certificate']));
  assert.ok(leaf !== undefined);
  const files = { 'root.pem': root.pem, 'issuer.pem': issuer.pem, 'leaf.pem': leaf.pem };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const url = `${base}/ocsp/zones/${zone}`;
  const revoke = (body: object) => api.call('POST', `/postern/v1/zones/${zone}/revocations`, body);
  return { ...api, directory, url, id, leaf, issuer, root, revoke, zoneId: zone };
}

type World = Awaited<ReturnType<typeof world>>;

/** What `openssl ocsp` says: it fails where signature, times or nonce are not right. */
function ask({ directory, url }: World, ...about: readonly string[]): Promise<{ out: string; code: unknown }> {
  const args = ['ocsp', '-CAfile', 'root.pem', '-url', url, ...about];
  return new Promise((resolve) => {
    execFile('openssl', args, { cwd: directory }, (error, stdout, stderr) =>
      resolve({ out: stdout + stderr, code: error === null ? 0 : error.code }),
    );
  });
}

const LEAF = ['-issuer', 'issuer.pem', '-cert', 'leaf.pem'] as const;

test('openssl is told that a certificate is good, and later that it is revoked, why and when', async (t) => {
  const it = await world(t);
  for (const digest of ['-sha1', '-sha256']) {
    const good = await ask(it, digest, ...LEAF);
    assert.equal(good.code, 0, good.out);
    assert.match(good.out, /Response verify OK/);
    assert.match(good.out, /leaf\.pem: good/);
    // The nonce of the question is in the answer, or openssl would warn.
    assert.doesNotMatch(good.out, /nonce/i);
  }
  await it.revoke({ certificate_id: it.id, reason: 'keyCompromise', force: true });
  for (const nonce of [[], ['-no_nonce']]) {
    const revoked = await ask(it, ...nonce, ...LEAF);
    assert.match(revoked.out, /Response verify OK/);
    assert.match(revoked.out, /leaf\.pem: revoked[\s\S]*Reason: keyCompromise\s+Revocation Time: /);
  }
});

test('what the CA did not issue is unknown, good is only what it did', async (t) => {
  const it = await world(t);
  assert.match((await ask(it, '-issuer', 'issuer.pem', '-serial', '0x1234')).out, /0x1234: unknown/);
  await it.revoke({ serial: '0x1234' });
  const { out } = await ask(it, '-issuer', 'issuer.pem', '-serial', '0x1234');
  assert.match(out, /0x1234: revoked/);
  assert.doesNotMatch(out, /Reason/);
  // The root speaks for its intermediate.
  const below = await ask(it, '-issuer', 'root.pem', '-cert', 'issuer.pem');
  assert.match(below.out, /issuer\.pem: good[\s\S]*Response verify OK/);
});

test('several certificates are answered at once, by the CA of the first', async (t) => {
  const it = await world(t);
  const { out } = await ask(it, ...LEAF, '-serial', '0x77', '-issuer', 'root.pem', '-serial', '0x78');
  assert.match(out, /Response verify OK/);
  assert.match(out, /leaf\.pem: good[\s\S]*0x77: unknown[\s\S]*0x78: unknown/);
  const many = Array.from({ length: 11 }, (_, index) => ['-serial', `0x${index + 1}`]).flat();
  assert.match((await ask(it, '-issuer', 'issuer.pem', ...many)).out, /Responder Error: malformedrequest/i);
});

test('another CA is none of ours to speak for, nor is a zone that does not exist', async (t) => {
  const it = await world(t);
  const other = await it.zone();
  const elsewhere = { ...it, url: it.url.replace(it.zoneId, other) };
  assert.match((await ask(elsewhere, ...LEAF)).out, /Responder Error: unauthorized/i);
  const nowhere = { ...it, url: it.url.replace(it.zoneId, '0'.repeat(32)) };
  assert.match((await ask(nowhere, ...LEAF)).out, /Responder Error: unauthorized/i);
});

/** A request that openssl writes into a file. */
function requestOf({ directory }: World, ...about: readonly string[]): Buffer {
  execFileSync('openssl', ['ocsp', ...about, '-reqout', 'request.der'], { cwd: directory, stdio: 'ignore' });
  return readFileSync(join(directory, 'request.der'));
}

test('a request in the path gets the same answer, which caches may keep', async (t) => {
  const it = await world(t);
  const request = requestOf(it, ...LEAF, '-no_nonce');
  const get = await fetch(`${it.url}/${encodeURIComponent(request.toString('base64'))}`);
  assert.deepEqual([get.status, get.headers.get('content-type')], [200, 'application/ocsp-response']);
  assert.equal(get.headers.get('cache-control'), 'public, max-age=300, must-revalidate');
  const answer = Buffer.from(await get.arrayBuffer());
  const post = await fetch(it.url, { method: 'POST', body: request });
  // Signed once: an ECDSA signature is another each time.
  assert.deepEqual(Buffer.from(await post.arrayBuffer()), answer);
  writeFileSync(join(it.directory, 'response.der'), answer);
  const read = ['ocsp', '-respin', 'response.der', '-CAfile', 'root.pem', ...LEAF];
  assert.match(execFileSync('openssl', read, { cwd: it.directory, encoding: 'utf8' }), /leaf\.pem: good/);
  await it.revoke({ certificate_id: it.id, force: true });
  const after = await fetch(it.url, { method: 'POST', body: request });
  assert.notDeepEqual(Buffer.from(await after.arrayBuffer()), answer, 'what changed is not answered from before');
});

test('a nonce is repeated up to 128 octets, and refused beyond; an answer to one question is not cached', async (t) => {
  const it = await world(t);
  const plain = requestOf(it, ...LEAF, '-no_nonce');
  for (const [length, status] of [
    [1, 0],
    [32, 0],
    [128, 0],
    [129, 1],
    [0, 1],
  ] as const) {
    const nonce = randomBytes(length);
    const response = await fetch(it.url, { method: 'POST', body: withNonce(plain, nonce) });
    const der = Buffer.from(await response.arrayBuffer());
    assert.equal(der[der.indexOf(0x0a) + 2], status, `${length} octets`);
    if (status === 0) assert.ok(der.includes(nonce));
    assert.equal(response.headers.get('cache-control'), 'no-store');
  }
});

test('whatever else is sent is answered as the protocol has it', async (t) => {
  const it = await world(t);
  const plain = requestOf(it, ...LEAF, '-no_nonce');
  const bent = Array.from(plain, (octet, at) => Buffer.from(plain).fill(octet ^ (1 << (at % 8)), at, at + 1));
  const cut = Array.from(plain, (_, length) => plain.subarray(0, length + 1));
  for (const payload of [...bent, ...cut]) {
    const response = await it.app.inject({ method: 'POST', url: `/ocsp/zones/${it.zoneId}`, payload });
    assert.deepEqual([response.statusCode, response.rawPayload[0]], [200, 0x30], payload.toString('hex'));
  }
  assert.equal((await it.app.inject({ method: 'POST', url: `/ocsp/zones/${it.zoneId}` })).statusCode, 400);
});

/** The request with a nonce: DER by hand, so that lengths that no client makes are made too. */
function withNonce(request: Buffer, nonce: Buffer): Buffer {
  const tlv = (tag: number, ...parts: readonly Buffer[]) => {
    const content = Buffer.concat(parts);
    const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
    // The shortest form of the length is the only one.
    const shortest = content.length >= 128 && content.length < 256 ? [0x81, content.length] : length;
    return Buffer.concat([Buffer.from([tag, ...shortest]), content]);
  };
  const id = Buffer.from('06092b0601050507300102', 'hex');
  const extension = tlv(0x30, id, tlv(0x04, tlv(0x04, nonce)));
  // SEQUENCE { SEQUENCE { requestList } }: both lengths are below 128.
  const list = request.subarray(4);
  return tlv(0x30, tlv(0x30, list, tlv(0xa2, tlv(0x30, extension))));
}
