import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../scenarios/until.ts';
import { knock } from '../support/knock.ts';
import { pullCredentials } from '../support/pull-credentials.ts';
import { Asking } from './asking.ts';
import { dialGuard, type GuardWorldSetup, startApplication, startGuardWorld } from './world.ts';

/** Callers who are slow, many, or never come to the point. */

const NAME = 'www.example.test';

async function world(
  t: TestContext,
  limits: NonNullable<GuardWorldSetup['limits']>,
  poolLimits = {},
  health: GuardWorldSetup['health'] = null,
) {
  const credentials = await pullCredentials('example.test', Date.now());
  const application = await startApplication(t, (incoming, response) => {
    if (incoming.url !== '/never') incoming.resume().on('end', () => response.end('hello'));
  });
  const upstream = `http://127.0.0.1:${application.port}`;
  const guard = await startGuardWorld(t, { credentials, hostnames: [NAME], upstream, limits, poolLimits, health });
  const enter = async () => new Asking(await dialGuard(guard.port, NAME, credentials.right), NAME);
  const refusedFor = (reason: string) => guard.lines.some(({ because }) => because === reason);
  return { ...guard, credentials, enter, refusedFor };
}

test('who says nothing, half a hello, or nothing more after it is cut off in time', async (t) => {
  const { port, refusedFor, enter } = await world(t, { handshakeTimeout: 100 });
  const record = Buffer.from('160301020001', 'hex');
  for (const bytes of [Buffer.alloc(0), record, Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
  }
  await until('it is said', () => refusedFor('timeout') && refusedFor('no_name'));
  // A whole hello, and then silence.
  const hello = await helloOf(NAME);
  const silent = connect({ port, host: '127.0.0.1' });
  silent.on('error', () => undefined).resume();
  silent.write(hello);
  await once(silent, 'close');
  assert.equal((await (await enter()).get())?.status, 200);
});

test('who leaves in the middle of a handshake leaves nothing behind', async (t) => {
  const { port, guard, refusedFor } = await world(t, { handshakeTimeout: 600_000 }, {}, { host: '127.0.0.1', port: 0 });
  const leaver = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => leaver.destroy());
  leaver.on('error', () => undefined).resume();
  leaver.end(await helloOf(NAME));
  await until('it is noticed', () => refusedFor('left'));
  const metrics = `http://127.0.0.1:${guard.health?.port}/metrics`;
  await until('nobody is counted any more', async () => {
    return /guard_connections\{state="handshake"\} 0\n/.test(await (await fetch(metrics)).text());
  });
});

/** The first bytes of a handshake for a name, as a client sends them. */
async function helloOf(name: string): Promise<Buffer> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection');
  const { connect: connectTls } = await import('node:tls');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const client = connectTls({ port, host: '127.0.0.1', servername: name });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const [bytes] = await once(socket, 'data');
  client.destroy();
  server.close();
  return bytes;
}

test('an idle connection ends, one that is silent at an application ends its request, and the log keeps still', async (t) => {
  const { enter, lines, port } = await world(t, { idleTimeout: 100 }, { answerTimeout: 200 });
  const idle = await enter();
  assert.equal((await idle.get())?.status, 200);
  await until('it ends', () => idle.ended);
  const asking = await enter();
  assert.equal((await asking.get('/never'))?.status, 504);
  const before = lines.filter(({ msg }) => msg === 'guard_refused').length;
  let strangers = 0;
  await until('it is said how many lines were left out', async () => {
    await Promise.all(Array.from({ length: 20 }, () => knock({ port, sni: NAME })));
    strangers += 20;
    return lines.some(({ msg }) => msg === 'guard_lines_left_out');
  });
  assert.ok(lines.filter(({ msg }) => msg === 'guard_refused').length - before < strangers);
});

test('callers beyond the limit are not taken, and come in when others have left', async (t) => {
  const { enter, port, credentials, lines } = await world(t, { connections: 2 });
  const [first, second] = [await enter(), await enter()];
  for (const one of [first, second]) assert.equal((await one.get())?.status, 200);
  assert.equal((await knock({ port, sni: NAME, credential: credentials.right })).kind, 'refused');
  await until('it is said', () => lines.some(({ because }) => because === 'too_many'));
  first.socket.destroy();
  await until('there is room', async () => {
    const outcome = await knock({ port, sni: NAME, credential: credentials.right });
    return outcome.kind === 'answered' && outcome.status === 200;
  });
});
