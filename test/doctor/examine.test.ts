import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { before, describe, type TestContext, test } from 'node:test';
import { CONNECTIONS, examine, examineAll } from '../../src/doctor/examine.ts';
import type { Target } from '../../src/doctor/target.ts';
import { HOST, startLocked, ZONE } from '../servers/locked-origin.ts';
import { needs } from '../support/availability.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { handOf, looksAt, made, sights } from './looks.ts';

let credentials: PullCredentials;

before(async () => {
  credentials = await pullCredentials(ZONE, Date.now());
});

interface Door {
  readonly port: number;
  readonly requests: IncomingMessage[];
  /** Most connections that were open at a time. */
  most(): number;
  open(): number;
}

async function listen(t: TestContext, server: Server, address: string, requests: IncomingMessage[]): Promise<Door> {
  const open = new Set<Socket>();
  let most = 0;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    most = Math.max(most, open.size);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  server.listen(0, address);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  return { port: bound.port, requests, most: () => most, open: () => open.size };
}

/** An origin without any lock, which sends everybody to another place. */
function openOrigin(t: TestContext, address = '127.0.0.1'): Promise<Door> {
  const requests: IncomingMessage[] = [];
  const { cert, key } = credentials.server;
  const server = createHttpsServer({ cert, key }, (request, response) => {
    requests.push(request);
    response.writeHead(302, { location: `https://127.0.0.1:1/${request.url}` });
    response.end('elsewhere');
  });
  return listen(t, server, address, requests);
}

function plainOrigin(t: TestContext): Promise<Door> {
  const requests: IncomingMessage[] = [];
  const server = createHttpServer((request, response) => {
    requests.push(request);
    response.end('<title>The shop</title>');
  });
  return listen(t, server, '127.0.0.1', requests);
}

function target(port: number, more: Partial<Target> = {}): Target {
  return { host: HOST, address: '127.0.0.1', port, door: 'https', ...more };
}

const common = () => ({ path: '/', timeout: 10_000, signal: new AbortController().signal });

describe('what is sent', () => {
  test('is harmless, of the chosen path, and says who asks', async (t) => {
    const door = await openOrigin(t);
    await looksAt(door.port, HOST, { path: '/health?deep=1', agent: 'Postern-Doctor/9.9' });
    assert.ok(door.requests.length > 20);
    for (const { method, url, headers } of door.requests) {
      assert.equal(method, 'GET');
      assert.ok(url?.endsWith('/health?deep=1'), url);
      assert.equal(headers['user-agent'], 'Postern-Doctor/9.9');
    }
  });

  test('never follows where an answer leads', async (t) => {
    const elsewhere = await plainOrigin(t);
    const requests: IncomingMessage[] = [];
    const { cert, key } = credentials.server;
    const server = createHttpsServer({ cert, key }, (_request, response) => {
      response.writeHead(301, { location: `http://127.0.0.1:${elsewhere.port}/` });
      response.end();
    });
    const door = await listen(t, server, '127.0.0.1', requests);
    const looks = await looksAt(door.port, HOST);
    assert.equal(elsewhere.most(), 0);
    const [first] = made(looks, { tls: 'TLSv1.3' });
    assert.ok(first?.saw.kind === 'answered');
    assert.equal(first.saw.answer.location, `http://127.0.0.1:${elsewhere.port}/`);
  });

  test('spells the name in every way', async (t) => {
    const door = await openOrigin(t);
    await looksAt(door.port, HOST, { otherNames: ['other.test'] });
    const hosts = new Set(door.requests.map(({ headers: { host } }) => host));
    for (const host of [
      HOST,
      HOST.toUpperCase(),
      `${HOST}.`,
      `${HOST}:${door.port}`,
      'other.test',
      `127.0.0.1:${door.port}`,
    ])
      assert.ok(hosts.has(host), `${host} among ${[...hosts].join()}`);
    assert.ok(door.requests.some(({ url }) => url === `https://${HOST}/`));
  });

  test('says the verified header in the spellings that it was given, and a failure as the edge', async (t) => {
    const door = await openOrigin(t);
    const verifiedHeaders = ['X-Shop-Verified', 'X_Shop_Verified'];
    await looksAt(door.port, HOST, { verifiedHeaders, hand: handOf({ identity: credentials.right }) });
    const said = door.requests.map(({ headers }) => [headers['x-shop-verified'], headers['x_shop_verified']].join());
    assert.equal(said.filter((one) => one === 'SUCCESS,SUCCESS').length, 3);
    assert.equal(said.filter((one) => one === 'FAILED,FAILED').length, 1);
  });
});

describe('connections', () => {
  test('are no more at a time than was stated, for one address', async (t) => {
    const door = await openOrigin(t);
    const targets = Array.from({ length: 4 }, (_none, index) => target(door.port, { host: `site-${index}.test` }));
    const { observations } = await examineAll({ ...common(), targets });
    assert.ok(observations.length > 100);
    assert.ok(door.most() <= CONNECTIONS.toOneAddress, `${door.most()} connections`);
  });

  test('end when the signal says so, and no more are made', async (t) => {
    const door = await openOrigin(t);
    const controller = new AbortController();
    let told = 0;
    for await (const _one of examine({ ...common(), signal: controller.signal, targets: [target(door.port)] })) {
      told += 1;
      if (told === 5) controller.abort();
    }
    const requests = door.requests.length;
    await drained(door);
    assert.ok(told < 20, `${told} looks`);
    // What had been sent by then may still arrive.
    assert.ok(door.requests.length - requests <= CONNECTIONS.toOneAddress);
  });

  test('end when nobody reads on', async (t) => {
    const door = await openOrigin(t);
    for await (const _one of examine({ ...common(), targets: [target(door.port)] })) break;
    const requests = door.requests.length;
    await drained(door);
    assert.ok(door.requests.length - requests <= CONNECTIONS.toOneAddress);
  });

  test('are not made at all when the signal came before', async (t) => {
    const door = await openOrigin(t);
    const { observations } = await examineAll({
      ...common(),
      signal: AbortSignal.abort(),
      targets: [target(door.port)],
    });
    assert.deepEqual([observations.length, door.most()], [0, 0]);
  });
});

async function drained(door: Door): Promise<void> {
  while (door.open() > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('doors', () => {
  test('of several addresses and both families are looked at each for itself', needs('nginx'), async (t) => {
    await using origin = await startLocked('nginx', { credentials });
    const six = await openOrigin(t, '::1');
    const four = await openOrigin(t);
    const targets = [target(origin.tlsPort), target(six.port, { address: '::1' }), target(four.port)];
    const { observations } = await examineAll({ ...common(), targets });
    const first = targets.map((one) =>
      sights(
        made(
          observations.filter(({ probe }) => probe.target === one),
          { tls: 'TLSv1.3' },
        ),
      ),
    );
    assert.deepEqual(first, [['400'], ['302'], ['302']]);
    assert.ok(six.requests.some(({ headers }) => headers.host === `[::1]:${six.port}`));
  });

  test('of plain HTTP, and such as may be either, are asked as what they are', async (t) => {
    const plain = await plainOrigin(t);
    const secure = await openOrigin(t);
    const targets = [
      target(plain.port, { door: 'http' }),
      target(plain.port, { door: 'other' }),
      target(secure.port, { door: 'other' }),
    ];
    const { observations } = await examineAll({ ...common(), targets });
    const [http, either, tls] = targets.map((one) => observations.filter(({ probe }) => probe.target === one));
    assert.ok(http?.every(({ probe }) => probe.tls === null));
    for (const looks of [http, either]) {
      const [first] = made(looks ?? [], { tls: null, sni: 'none' });
      assert.ok(first?.saw.kind === 'answered');
      assert.equal(first.saw.answer.title, 'The shop');
    }
    assert.deepEqual(sights(made(either ?? [], { tls: 'TLSv1.3' })), ['unreadable']);
    assert.deepEqual(sights(made(tls ?? [], { tls: 'TLSv1.3' })), ['302']);
  });
});

test('each target is told as done after its last look, and once', async (t) => {
  const door = await openOrigin(t);
  const targets = ['a.test', 'b.test', 'c.test'].map((host) => target(door.port, { host }));
  const done: Target[] = [];
  const late: Target[] = [];
  const options = { ...common(), targets, done: (one: Target) => void done.push(one) };
  for await (const { probe } of examine(options)) if (done.includes(probe.target)) late.push(probe.target);
  assert.deepEqual(late, []);
  assert.deepEqual(new Set(done), new Set(targets));
  assert.equal(done.length, targets.length);
});

test('an origin that is asked for under another name hears that in the handshake, and the host in the request', async (t) => {
  const door = await openOrigin(t);
  const names: (string | false | null)[] = [];
  const options = {
    ...common(),
    thoroughness: 'quick',
    targets: [target(door.port, { serverName: 'origin.test' })],
  } as const;
  await examineAll(options);
  for (const { socket, headers } of door.requests) {
    assert.equal(headers.host, HOST);
    if ('servername' in socket) names.push(socket.servername as string | false | null);
  }
  assert.deepEqual([...new Set(names)], ['origin.test']);
});

test('targets that begin together are shown the same stranger: what is made is made once for all', async (t) => {
  const strangers: string[] = [];
  const { cert, key } = credentials.server;
  const server = createHttpsServer(
    { cert, key, requestCert: true, rejectUnauthorized: false },
    ({ socket }, response) => {
      const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
      if (shown !== undefined) strangers.push(shown.fingerprint256);
      response.end();
    },
  );
  const door = await listen(t, server, '127.0.0.1', []);
  const targets = Array.from({ length: 8 }, (_, index) => target(door.port, { host: `h${index}.test` }));
  await examineAll({ ...common(), thoroughness: 'quick', targets });
  assert.equal(strangers.length, 2 * targets.length);
  assert.equal(new Set(strangers).size, 1);
});

test('two examinations of the same thing are told in the same order', async (t) => {
  const door = await openOrigin(t);
  const order = async () => (await looksAt(door.port, HOST)).map(({ probe }) => JSON.stringify(probe));
  assert.deepEqual(await order(), await order());
});

test('what was not tried is said, with what it would take', async (t) => {
  const door = await openOrigin(t);
  const { notChecked } = await examineAll({ ...common(), targets: [target(door.port)] });
  const whys = notChecked.map(({ why }) => why).join('\n');
  for (const flag of ['--identity', '--ca-key', '--foreign-identity', '--other-name'])
    assert.match(whys, new RegExp(flag));
});
