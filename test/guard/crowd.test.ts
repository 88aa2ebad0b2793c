import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../scenarios/until.ts';
import { knock } from '../support/knock.ts';
import { pullCredentials } from '../support/pull-credentials.ts';
import { startApplication, startGuardWorld } from './world.ts';

/** Strangers who open connections and say nothing: they may not take the places of those who may come in. */

const NAME = 'www.example.test';

async function silent(t: TestContext, port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  t.after(() => socket.destroy());
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  return socket;
}

test('a crowd that says nothing does not keep out who may come in', async (t) => {
  const credentials = await pullCredentials('example.test', Date.now());
  const application = await startApplication(t, (_incoming, response) => response.end('hello'));
  const guard = await startGuardWorld(t, {
    credentials,
    hostnames: [NAME],
    upstream: `http://127.0.0.1:${application.port}`,
    limits: { connections: 40, handshakes: 10, handshakeTimeout: 600_000 },
  });
  // One of another address is among them, and there first.
  const patient = await silent(t, guard.port, '127.0.0.9');
  const crowd: Socket[] = [];
  for (let count = 0; count < 60; count += 1) crowd.push(await silent(t, guard.port, '127.0.0.8'));
  const outcome = await knock({ port: guard.port, sni: NAME, credential: credentials.right });
  assert.equal(outcome.kind === 'answered' && outcome.status, 200);
  await until('most of the crowd is gone', () => crowd.filter(({ destroyed }) => destroyed).length >= 50);
  assert.ok(!patient.destroyed, 'whoever has many connections makes room');
  const refused = guard.lines.filter(({ msg }) => msg !== 'guard_certificate_ending');
  const reasons = new Set(refused.flatMap(({ because }) => because ?? []));
  assert.deepEqual([...reasons], ['too_many'], 'each is told of once');
});

test('nobody fills the log with the names in a certificate of their own making', async (t) => {
  const credentials = await pullCredentials('example.test', Date.now());
  const guard = await startGuardWorld(t, { credentials, hostnames: [NAME], upstream: 'http://127.0.0.1:1' });
  const [cert, key] = ['long.pem', 'long.key'].map((name) => join(guard.directory, name));
  const subject = `/CN=first${`/OU=${'x'.repeat(60)}`.repeat(300)}`;
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  await promisify(execFile)('openssl', [...made, '-subj', subject, '-keyout', key ?? '', '-out', cert ?? '']);
  const credential = { cert: readFileSync(cert ?? '', 'utf8'), key: readFileSync(key ?? '', 'utf8') };
  assert.equal((await knock({ port: guard.port, sni: NAME, credential })).kind, 'refused');
  await until('it is said', () => guard.lines.some(({ msg }) => msg === 'guard_refused'));
  const line = guard.lines.find(({ msg }) => msg === 'guard_refused');
  assert.match(String(line?.['subject']), /^CN=first, OU=x/);
  assert.ok(JSON.stringify(line).length < 2_000);
});

test('while nobody is refused, nobody fills the log with requests that cannot be read either', async (t) => {
  const credentials = await pullCredentials('example.test', Date.now());
  const guard = await startGuardWorld(t, {
    credentials,
    hostnames: [NAME],
    upstream: 'http://127.0.0.1:1',
    site: () => ({ mode: 'watch' }),
  });
  const lines = (event: string) => guard.lines.filter(({ msg }) => msg === event).length;
  let asked = 0;
  await until('it is said how many lines were left out', async () => {
    const rawRequests = ['GET / HTTP/1.1\r\n\r\n', `TRACE / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`];
    const knocks = rawRequests.flatMap((rawRequest) => Array.from({ length: 20 }, () => rawRequest));
    await Promise.all(knocks.map((rawRequest) => knock({ port: guard.port, sni: NAME, rawRequest })));
    asked += knocks.length;
    return guard.lines.some(({ msg, event }) => msg === 'guard_lines_left_out' && event === 'request_refused');
  });
  assert.ok(lines('request_refused') < asked);
});
