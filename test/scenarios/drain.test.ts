import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { accepts } from '../support/server-process.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, visit } from './site.ts';
import { until } from './until.ts';

const HOST = 'www.drained.test';
const WORKERS = ['--workers', '2'];
// Far more than it takes, and less than the time that a handshake has.
const PATIENCE = 6_000;

let application: EchoApplication;
let scratch: Scratch;

before(async () => {
  application = await startEcho();
  scratch = scratchDirectory();
});
after(async () => {
  await application?.[Symbol.asyncDispose]();
  scratch?.[Symbol.dispose]();
});

async function withHost(postern: Postern): Promise<void> {
  const zone = await createZone(postern, 'drained.test', null);
  await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
  await addRecord(postern, zone, { name: HOST, origin: { http_port: application.port } });
}

/** Opens a connection through the edge and reads what comes. */
async function open(postern: Postern) {
  const options = { port: postern.https, host: '127.0.0.1', servername: HOST, rejectUnauthorized: false };
  const socket = connect(options);
  await once(socket, 'secureConnect');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy());
  return { socket, received: () => text, closed };
}

/** Has a request under way and an idle connection, asks for the end, and asserts that the one is finished. */
async function assertDrains(postern: Postern): Promise<void> {
  const idle = await open(postern);
  idle.socket.write(`GET /idle HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await until('the idle one is answered', () => idle.received().includes('"bytes":0'));
  const slow = await open(postern);
  const seen = application.seen.length;
  slow.socket.write(`POST /slow HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 10\r\n\r\nhello`);
  await until('the slow one is under way', () => application.seen.length > seen);

  postern.signal('SIGTERM');
  await until(
    'new connections are refused',
    async () => !(await accepts(postern.https)) && !(await accepts(postern.http)),
  );
  await idle.closed;
  assert.ok(!existsSync(postern.readyFile), 'the ready file is gone');
  assert.ok(!existsSync(join(postern.dir, 'listening.json')), 'its copy in the data directory is gone');
  assert.equal(slow.received(), '');

  slow.socket.write('world');
  await slow.closed;
  assert.match(slow.received(), /^HTTP\/1\.1 200 /);
  assert.match(slow.received(), /\r\nconnection: close\r\n/i);
  assert.ok(slow.received().includes('"bytes":10'), slow.received());
  assert.equal(await postern.ended, 0);
  assert.deepEqual(
    postern
      .logged()
      .filter(({ msg }) => msg === 'draining' || msg === 'ended')
      .map(({ msg }) => msg),
    ['draining', 'ended'],
  );
}

test('SIGTERM finishes what is under way, takes nothing new, and ends with 0', async () => {
  await using postern = await startPostern({ argv: WORKERS });
  await withHost(postern);
  await assertDrains(postern);
});

test('SIGTERM without anybody there ends at once with 0', async () => {
  await using postern = await startPostern({ argv: WORKERS });
  postern.signal('SIGTERM');
  assert.equal(await postern.ended, 0);
  assert.ok(!existsSync(postern.readyFile));
});

test('SIGTERM does not wait for visitors who connected and never began', async () => {
  for (const wanted of ['https', 'http'] as const) {
    await using postern = await startPostern({ argv: WORKERS });
    const socket = connectTcp({ port: postern[wanted], host: '127.0.0.1' });
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    // One that is gone already, as health checks are.
    assert.ok(await accepts(postern[wanted]));
    let over = false;
    socket.once('close', () => {
      over = true;
    });
    socket.resume();
    postern.signal('SIGTERM');
    await until(`the visitor of ${wanted} is sent away`, () => over, PATIENCE);
    assert.equal(await postern.ended, 0);
  }
});

test('SIGTERM that is sent again and again does not wait any longer', async () => {
  await using postern = await startPostern({ argv: WORKERS });
  await withHost(postern);
  const slow = await open(postern);
  const seen = application.seen.length;
  slow.socket.write(`POST /slow HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 10\r\n\r\nhello`);
  await until('the slow one is under way', () => application.seen.length > seen);
  postern.signal('SIGTERM');
  let over = false;
  void postern.ended.then(() => {
    over = true;
  });
  await until('it ends', () => {
    postern.signal('SIGTERM');
    return over;
  });
  assert.equal(await postern.ended, 3);
  await slow.closed;
});

/** A Node that is too old to run the program itself, where this machine has one. */
function oldNode(): string | null {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'node'));
  const version = (path: string) => /^v(\d+)\./.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1];
  return candidates.filter(existsSync).find((path) => Number(version(path) ?? 24) < 24) ?? null;
}

const old = oldNode();
const underOldNode = { skip: old === null && 'no older Node is installed' };

test(
  'started by an older Node, it runs under the bundled one and drains when the starter is asked to end',
  underOldNode,
  async () => {
    await using postern = await startPostern({ node: old ?? '' });
    await withHost(postern);
    await assertDrains(postern);
  },
);

test(
  'started by an older Node, it ends with its starter, even by SIGKILL, and can be started again',
  underOldNode,
  async () => {
    const dir = join(scratch.path, 'data');
    const first = await startPostern({ dir, node: old ?? '' });
    await withHost(first);
    assertStatus(await visit(first, HOST), 200, 'before');
    first.signal('SIGKILL');
    assert.equal(await first.ended, 'SIGKILL');
    const ports = [first.https, first.http, Number(new URL(first.base).port)];
    for (const port of ports) await until(`nobody listens on ${port}`, async () => !(await accepts(port)));
    await until('the process is gone', () => !isAlive(first.pid));
    await first[Symbol.asyncDispose]();
    await using second = await startPostern({ dir });
    assertStatus(await visit(second, HOST), 200, 'after');
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
