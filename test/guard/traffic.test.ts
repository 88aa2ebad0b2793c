import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { connect } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from '../scenarios/until.ts';
import { HOST, ZONE } from '../servers/locked-origin.ts';
import type { EchoApplication } from '../support/echo-application.ts';
import { type Credential, knock } from '../support/knock.ts';
import { pullCredentials } from '../support/pull-credentials.ts';
import { Asking } from './asking.ts';
import { type GuardProcess, startGuardProcess } from './guard-process.ts';
import { dialGuard } from './world.ts';

/** What goes through a guard, in a process of its own. */

const MEGABYTE = 1_048_576;
const MUCH = 200 * MEGABYTE;
/** What a process grows by while its garbage is not collected yet; far less than what goes through. */
const LITTLE = 120 * MEGABYTE;

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

async function application(t: TestContext, handle: Handle) {
  const server = createServer(handle);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function guarded(t: TestContext, handle: Handle, flags: readonly string[] = []) {
  const behind = await application(t, handle);
  const credentials = await pullCredentials(ZONE, Date.now());
  const nobody: EchoApplication = { port: behind.port, seen: [], [Symbol.asyncDispose]: async () => undefined };
  const guard = await startGuardProcess({ credentials, application: nobody, flags: () => flags });
  t.after(() => guard[Symbol.asyncDispose]());
  return { guard, credentials, behind };
}

function asked(guard: GuardProcess, { cert, key }: Credential, over: { method?: string; path?: string } = {}) {
  return request({
    host: '127.0.0.1',
    port: guard.tlsPort,
    servername: HOST,
    headers: { host: HOST },
    rejectUnauthorized: false,
    agent: false,
    cert,
    key,
    ...over,
  });
}

function peakMemory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= MEGABYTE) yield Buffer.alloc(Math.min(left, MEGABYTE), left % 251);
}

function digest(bytes: number): string {
  const hash = createHash('sha256');
  for (const piece of pieces(bytes)) hash.update(piece);
  return hash.digest('hex');
}

test('two hundred megabytes go through either way in little memory, and the slower side holds the faster back', async (t) => {
  let slow = false;
  const { guard, credentials } = await guarded(t, (incoming, response) => {
    if (incoming.method === 'GET') return void pipeline(Readable.from(pieces(MUCH)), response).catch(() => undefined);
    if (slow) return void response.writeHead(200).write('not yet');
    const hash = createHash('sha256');
    incoming.on('data', (chunk: Buffer) => hash.update(chunk)).on('end', () => response.end(hash.digest('hex')));
  });
  await knock({ port: guard.tlsPort, sni: HOST, credential: credentials.right, method: 'DELETE' });
  const before = peakMemory(guard.pid);
  const up = asked(guard, credentials.right, { method: 'POST' });
  const answered = once(up, 'response');
  await pipeline(Readable.from(pieces(MUCH)), up);
  const [said] = (await answered) as [IncomingMessage];
  assert.equal(Buffer.concat(await said.toArray()).toString(), digest(MUCH));
  const down = asked(guard, credentials.right).end();
  const [answer] = (await once(down, 'response')) as [IncomingMessage];
  const got = createHash('sha256');
  // A reader who takes its time.
  for await (const chunk of answer) {
    got.update(chunk as Buffer);
    if (got.copy().digest()[0] === 0) await after(1);
  }
  assert.equal(got.digest('hex'), digest(MUCH));
  // An application that takes nothing: what is sent to it waits with the caller.
  slow = true;
  const stuck = asked(guard, credentials.right, { method: 'POST' });
  stuck.on('error', () => undefined);
  let taken = 0;
  const room = 50 * MEGABYTE;
  while (taken < room && stuck.write(Buffer.alloc(MEGABYTE))) taken += MEGABYTE;
  await once(stuck, 'response');
  for (const piece of pieces(room)) stuck.write(piece);
  await after(300);
  assert.ok((stuck.socket?.writableLength ?? 0) > 20 * MEGABYTE, 'it was all taken in');
  stuck.destroy();
  assert.ok(peakMemory(guard.pid) - before < LITTLE, `${(peakMemory(guard.pid) - before) / MEGABYTE} MB more`);
});

test('an answer goes on piece by piece, as it comes', async (t) => {
  let more: (text: string) => void = () => undefined;
  const { guard, credentials } = await guarded(t, (_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    more = (text) => void response.write(text);
    more('one');
  });
  const asking = asked(guard, credentials.right).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  for (const [expected, next] of [
    ['one', 'two'],
    ['two', 'three'],
  ] as const) {
    const [chunk] = (await once(answer, 'data')) as [Buffer];
    assert.equal(chunk.toString(), expected);
    more(next);
  }
  asking.destroy();
});

test('WebSockets pass, large ones too, and end together', async (t) => {
  const { guard, credentials, behind } = await guarded(t, (_incoming, response) => response.end('no socket'));
  const sockets = new WebSocketServer({ server: behind.server });
  const seen: IncomingMessage[] = [];
  sockets.on('connection', (socket, incoming) => {
    seen.push(incoming);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  t.after(() => sockets.close());
  const { cert, key } = credentials.right;
  const tls = { host: '127.0.0.1', servername: HOST, rejectUnauthorized: false, cert, key };
  const client = new WebSocket(`wss://${HOST}:${guard.tlsPort}/chat`, {
    ...tls,
    createConnection: (options: object) => connect({ ...options, ...tls, port: guard.tlsPort }),
  });
  await once(client, 'open');
  assert.equal(seen[0]?.url, '/chat');
  assert.equal(seen[0]?.headers['x-postern-verified'], 'SUCCESS');
  for (const size of [1, 1_000, 5 * MEGABYTE]) {
    client.send(Buffer.alloc(size, 'w'));
    const [data] = (await once(client, 'message')) as [Buffer];
    assert.equal(data.length, size);
  }
  const over = once(client, 'close');
  for (const one of sockets.clients) one.terminate();
  await over;
  const stranger = await knock({
    port: guard.tlsPort,
    sni: HOST,
    rawRequest: `GET /chat HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  });
  assert.equal(stranger.kind, 'refused');
});

test('a certificate that is replaced under load costs no request, and a bad pair is not taken', async (t) => {
  const { guard, credentials } = await guarded(t, (_incoming, response) => response.end('hello'));
  const [certificate, key] = ['site.pem', 'site.key'].map((name) => join(guard.directory, name)) as [string, string];
  const replace = (path: string, text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  const shows = async (): Promise<string> => {
    const socket = await dialGuard(guard.tlsPort, HOST, credentials.right);
    const shown = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
    socket.destroy();
    return shown;
  };
  let going = true;
  let requests = 0;
  const kept = async (): Promise<void> => {
    const asking = new Asking(await dialGuard(guard.tlsPort, HOST, credentials.right), HOST);
    for (; going; requests++) assert.equal((await asking.get())?.status, 200);
    asking.socket.destroy();
  };
  const anew = async (): Promise<void> => {
    for (; going; requests++) {
      const outcome = await knock({ port: guard.tlsPort, sni: HOST, credential: credentials.right });
      assert.equal(outcome.kind === 'answered' && outcome.status, 200, JSON.stringify(outcome));
    }
  };
  const load = Promise.all([kept(), kept(), anew(), anew()]);
  for (let round = 0; round < 2; round++) {
    const { server } = await pullCredentials(ZONE, Date.now());
    const before = await shows();
    replace(certificate, server.cert);
    replace(key, server.key);
    if (round === 0) guard.signal('SIGHUP');
    await until('the new certificate is shown', async () => (await shows()) !== before);
  }
  const good = await shows();
  const { server } = await pullCredentials(ZONE, Date.now());
  for (const [name, text] of [
    [key, server.key],
    [key, 'no key'],
    [certificate, ''],
  ] as const) {
    const before = guard.lines().filter(({ msg }) => msg === 'guard_certificate_refused').length;
    replace(name, text);
    guard.signal('SIGHUP');
    await until(
      'it is refused',
      () => guard.lines().filter(({ msg }) => msg === 'guard_certificate_refused').length > before,
    );
    assert.equal(await shows(), good);
  }
  const so_far = requests;
  await until('requests go on', () => requests > so_far + 20);
  going = false;
  await load;
});

test('at SIGTERM what is under way is finished, and nothing new begins', async (t) => {
  const waiting: ServerResponse[] = [];
  const { guard, credentials } = await guarded(t, (incoming, response) => {
    if (incoming.url === '/slow') waiting.push(response);
    else response.end('hello');
  });
  const idle = new Asking(await dialGuard(guard.tlsPort, HOST, credentials.right), HOST);
  assert.equal((await idle.get())?.status, 200);
  const busy = new Asking(await dialGuard(guard.tlsPort, HOST, credentials.right), HOST);
  const answer = busy.get('/slow');
  await until('the application has it', () => waiting.length === 1);
  guard.signal('SIGTERM');
  await guard.logged('draining');
  await until('the idle connection ends', () => idle.ended);
  const late = await knock({ port: guard.tlsPort, sni: HOST, credential: credentials.right });
  assert.equal(late.kind, 'refused');
  waiting[0]?.end('at last');
  const got = await answer;
  assert.equal(got?.body, 'at last');
  assert.match(got?.head ?? '', /\r\nconnection: close/i);
  assert.equal(await guard.ended, 0);
});

test('a guard that is told to stop waits no longer than it may', async (t) => {
  const { guard, credentials } = await guarded(t, () => undefined, ['--drain', '1s']);
  const busy = new Asking(await dialGuard(guard.tlsPort, HOST, credentials.right), HOST);
  const answer = busy.get('/never');
  await until('it is under way', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${guard.healthPort}/metrics`)).text();
    return metrics.includes('postern_guard_application_connections{state="busy"} 1');
  });
  guard.signal('SIGTERM');
  assert.equal(await answer, null);
  assert.equal(await guard.ended, 0);
});
