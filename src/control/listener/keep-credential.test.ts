import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { type Instant, instant } from '../../domain/ids.ts';
import type { Authority, Issued } from '../../pki/issue.ts';
import { lasting, listenerAuthority, listenerCertificate, writeFiles } from './certificate.fixture.ts';
import { type CertificateFiles, loadCredential } from './certificate.ts';
import { type KeptCredential, keepCredential } from './keep-credential.ts';
import { listenerServers } from './servers.ts';

const NOW = instant(Date.now());
const DAY = 86_400_000;
const NEVER = 2 ** 30;

let authority: Authority;
before(async () => {
  authority = await listenerAuthority(NOW);
});

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'postern-keep-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Listening {
  readonly kept: KeptCredential;
  readonly port: number;
  readonly logged: (event: string) => readonly unknown[];
  /** Fingerprint that a new connection is shown. */
  readonly shown: () => Promise<string>;
}

/** A listener that shows what the files hold. */
async function listen(
  t: TestContext,
  files: CertificateFiles,
  { every = NEVER, clock = () => NOW }: { readonly every?: number; readonly clock?: () => Instant } = {},
): Promise<Listening> {
  const lines: (readonly [event: string, fields: object])[] = [];
  const first = loadCredential(files, clock());
  const servers = listenerServers(first);
  const log = (event: string, fields: object) => void lines.push([event, fields]);
  const kept = keepCredential(first, { files, clock, log, replaced: servers.show, every });
  const server = servers.create((_request, response) => response.end('here'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    kept.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const shown = async () => {
    const socket = await shake(port);
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256.replaceAll(':', '').toLowerCase();
  };
  return { kept, port, shown, logged: (event) => lines.filter(([name]) => name === event).map(([, fields]) => fields) };
}

function shake(port: number, options: object = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const to = { port, host: '127.0.0.1', servername: 'localhost', ca: authority.certificate.pem };
    const socket = connect({ ...to, ...options }, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function eventually(look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await look())) {
    assert.ok(Date.now() < deadline, 'it never came');
    await after(20);
  }
}

const newer = (days = 60) => listenerCertificate(authority, lasting(NOW, days));
const fingerprintOf = ({ certificate }: Issued): string => certificate.fingerprint;

test('new files take effect on request, and a connection that is there stays', async (t) => {
  const path = directory(t);
  const [old, next] = [await newer(), await newer()];
  const { kept, port, shown, logged } = await listen(t, writeFiles(path, old));
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.certificate.pem });
  t.after(() => agent.destroy());
  const ask = () =>
    new Promise<{ readonly reused: boolean; readonly fingerprint: string }>((resolve, reject) => {
      const request = get({ port, host: '127.0.0.1', servername: 'localhost', agent }, (response) => {
        const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
        response.resume().on('end', () => {
          resolve({ reused: request.reusedSocket, fingerprint: fingerprint256.replaceAll(':', '').toLowerCase() });
        });
      });
      request.on('error', reject);
    });
  assert.deepEqual(await ask(), { reused: false, fingerprint: fingerprintOf(old) });
  writeFiles(path, next);
  kept.reload();
  assert.equal(await shown(), fingerprintOf(next));
  assert.deepEqual(await ask(), { reused: true, fingerprint: fingerprintOf(old) });
  assert.equal(logged('api_certificate').length, 2);
  kept.reload();
  assert.equal(logged('api_certificate').length, 2, 'what has not changed is no news');
});

test('TLS below 1.2 is refused before and after a change', async (t) => {
  const path = directory(t);
  const { kept, port } = await listen(t, writeFiles(path, await newer()));
  const old = () => shake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  await assert.rejects(old());
  writeFiles(path, await newer());
  kept.reload();
  await assert.rejects(old());
  const socket = await shake(port, { maxVersion: 'TLSv1.2' });
  assert.equal(socket.getProtocol(), 'TLSv1.2');
  socket.destroy();
});

test('bad new files leave the old certificate in force, and the log says why', async (t) => {
  const path = directory(t);
  const old = await newer();
  const files = writeFiles(path, old);
  const { kept, shown, logged } = await listen(t, files);
  const other = await newer();
  const expired = await listenerCertificate(authority, {
    notBefore: instant(NOW - 9 * DAY),
    notAfter: instant(NOW - DAY),
  });
  for (const [spoil, said] of [
    [() => writeFileSync(files.certificate, other.certificate.pem), /does not belong to the certificate/],
    [() => writeFileSync(files.certificate, 'nothing'), /Unable to parse certificate/],
    [() => rmSync(files.key), /cannot be read: ENOENT/],
    [() => writeFiles(path, expired), /it expired on/],
  ] as const) {
    writeFiles(path, old);
    spoil();
    kept.reload();
    assert.match(JSON.stringify(logged('api_certificate_refused').at(-1)), said);
    assert.equal(await shown(), fingerprintOf(old));
  }
  assert.equal(logged('api_certificate_refused').length, 4);
  assert.doesNotMatch(JSON.stringify(logged('api_certificate_refused')), /PRIVATE KEY/);
});

test('a change on disk takes effect by itself, be it of a file or of a symbolic link to a directory', async (t) => {
  const path = directory(t);
  const issued = [await newer(), await newer(), await newer()] as const;
  for (const [index, one] of issued.entries()) {
    mkdirSync(join(path, `${index}`));
    writeFiles(join(path, `${index}`), one);
  }
  const live = join(path, 'live');
  symlinkSync('0', live);
  const files = { certificate: join(live, 'api.pem'), key: join(live, 'api.key') };
  const { shown } = await listen(t, files, { every: 20 });
  assert.equal(await shown(), fingerprintOf(issued[0]));
  symlinkSync('1', join(path, 'next'));
  renameSync(join(path, 'next'), live);
  await eventually(async () => (await shown()) === fingerprintOf(issued[1]));
  writeFiles(join(path, '1'), issued[2]);
  await eventually(async () => (await shown()) === fingerprintOf(issued[2]));
});

test('a certificate that ends is spoken of once a day, and one that has ended is still shown', async (t) => {
  const path = directory(t);
  let now = NOW;
  const { shown, logged } = await listen(t, writeFiles(path, await newer(16)), { every: 5, clock: () => now });
  assert.deepEqual(logged('api_certificate_ending'), []);
  for (const [day, said] of [
    [3, /it ends in 13 days/],
    [15.5, /it ends in a day/],
    [17, /it expired on/],
  ] as const) {
    now = instant(NOW + day * DAY);
    await eventually(() => said.test(JSON.stringify(logged('api_certificate_ending').at(-1) ?? null)));
  }
  assert.equal(logged('api_certificate_ending').length, 3);
  assert.equal((await shown()).length, 64);
});

test('what is no TLS, and a handshake that fails, end their own connection and nothing else', async (t) => {
  const { port, shown } = await listen(t, writeFiles(directory(t), await newer()));
  const plain = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
  assert.ok(plain instanceof Error);
  await assert.rejects(shake(port, { ca: [] }));
  assert.equal((await shown()).length, 64);
});
