import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { before, describe, type TestContext, test } from 'node:test';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { diagnose } from '../../src/doctor/diagnosis/diagnose.ts';
import { knock } from '../../src/doctor/knock.ts';
import type { Knock } from '../../src/doctor/knock-request.ts';
import { examineAll } from '../../src/doctor/examine.ts';
import type { Saw } from '../../src/doctor/observation.ts';
import { silentPort } from '../../src/pull/silent-port.fixture.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';

const HOST = 'www.example.test';
/** For those that never say a word: all of it is waited for. The others are given time enough for a busy machine. */
const PATIENCE = 700;
const LONG = 10_000;

let credentials: PullCredentials;

before(async () => {
  credentials = await pullCredentials('example.test', Date.now());
});

async function listening(t: TestContext, server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

function raw(t: TestContext, behave: (socket: Socket) => void): Promise<number> {
  return listening(t, createServer(behave));
}

function overTls(t: TestContext, behave: (socket: TLSSocket) => void): Promise<number> {
  const { cert, key } = credentials.server;
  const server = createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (socket) => {
    socket.on('error', () => undefined);
    behave(socket);
  });
  server.on('tlsClientError', () => undefined);
  return listening(t, server);
}

async function saw(port: number, more: Partial<Knock> = {}): Promise<Saw> {
  const usual = {
    address: '127.0.0.1',
    port,
    serverName: HOST,
    path: '/',
    credential: null,
    headers: [],
    timeout: LONG,
  };
  return (await knock({ ...usual, ...more })).saw;
}

/** Writes the same again and again, for as long as somebody takes it. */
function pour(socket: Socket, bytes: Buffer | string): void {
  socket.write(bytes, (error) => {
    if (!error && !socket.destroyed) pour(socket, bytes);
  });
}

/** Every way to knock that takes another path through the code. */
const WAYS: Readonly<Record<string, Partial<Knock>>> = {
  'TLS 1.2': { tlsVersion: 'TLSv1.2' },
  'TLS 1.3': { tlsVersion: 'TLSv1.3' },
  'TLS, listening': { tlsVersion: 'TLSv1.3', listens: true },
  'HTTP/2': { protocol: 'h2' },
};

async function everyWay(port: number, timeout: number): Promise<Readonly<Record<string, Saw>>> {
  const seen = Object.entries(WAYS).map(async ([name, more]) => [name, await saw(port, { ...more, timeout })] as const);
  return Object.fromEntries(await Promise.all(seen));
}

async function assertEveryWay(port: number, expected: (saw: Saw) => void, timeout = LONG): Promise<void> {
  for (const [name, one] of Object.entries(await everyWay(port, timeout))) {
    try {
      expected(one);
    } catch (error) {
      throw new Error(`${name}: ${JSON.stringify(one)}`, { cause: error });
    }
  }
}

describe('before or in the handshake', () => {
  test('nobody listening is unreachable', async (t) => {
    const server = createServer();
    const port = await listening(t, server);
    server.close();
    await once(server, 'close');
    await assertEveryWay(port, (one) => assert.deepEqual(one, { kind: 'unreachable', code: 'ECONNREFUSED' }));
  });

  test('a port that drops connections is silent at connecting', async (t) => {
    const { port } = await silentPort(t);
    await assertEveryWay(port, (one) => assert.deepEqual(one, { kind: 'silent', stage: 'connecting' }), PATIENCE);
    assert.deepEqual(await saw(port, { plain: true, timeout: PATIENCE }), { kind: 'silent', stage: 'connecting' });
  });

  test('a server that takes connections and says nothing is silent in the handshake', async (t) => {
    const port = await raw(t, () => undefined);
    await assertEveryWay(port, (one) => assert.deepEqual(one, { kind: 'silent', stage: 'handshake' }), PATIENCE);
    assert.deepEqual(await saw(port, { plain: true, timeout: PATIENCE }), { kind: 'silent', stage: 'answer' });
  });

  test('one that dribbles the beginning of a record is silent in the handshake', async (t) => {
    const port = await raw(t, (socket) => {
      const timer = setInterval(() => socket.write(Buffer.of(22)), 50);
      socket.on('close', () => clearInterval(timer));
      socket.write(Buffer.of(22, 3, 3, 0x3f, 0xff));
    });
    await assertEveryWay(port, (one) => assert.deepEqual(one, { kind: 'silent', stage: 'handshake' }), PATIENCE);
  });

  test('one that resets or hangs up has closed', async (t) => {
    const ways: readonly ((socket: Socket) => void)[] = [
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      (socket) => socket.once('data', () => socket.end()),
      (socket) => socket.resetAndDestroy(),
    ];
    for (const behave of ways) {
      const port = await raw(t, behave);
      await assertEveryWay(port, (one) => assert.deepEqual(one, { kind: 'closed' }));
      assert.deepEqual(await saw(port, { plain: true }), { kind: 'closed' });
    }
  });

  test('one that speaks something else cannot be read', async (t) => {
    const sayings = [
      'SSH-2.0-OpenSSH_9.2p1\r\n',
      '220 mail.example.test ESMTP\r\n',
      'HTTP/1.1 400 Bad Request\r\n\r\nplain',
      '\x00\x01\x02'.repeat(50),
    ];
    for (const text of sayings) {
      const port = await raw(t, (socket) => socket.end(text));
      await assertEveryWay(port, (one) => assert.ok(one.kind === 'unreadable' || one.kind === 'closed'));
    }
    const ssh = await raw(t, (socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
    assert.deepEqual(await saw(ssh, { plain: true }), {
      kind: 'unreadable',
      detail: 'it says "SSH-2.0-OpenSSH_9.2p1.."',
    });
    assert.deepEqual(await saw(ssh, { tlsVersion: 'TLSv1.3' }), { kind: 'unreadable', detail: 'wrong version number' });
  });

  test('one that repeats what it hears cannot be read', async (t) => {
    const port = await raw(t, (socket) => socket.pipe(socket));
    await assertEveryWay(port, (one) => assert.ok(['unreadable', 'alert', 'closed'].includes(one.kind)));
  });

  test('a flight whose certificate is garbage, and one that asks with 10 MB of names, cannot be read', async (t) => {
    const garbage = flight(message(11, vector(3, vector(3, Buffer.alloc(900, 0x5a)))), message(14));
    const huge = flight(message(11, vector(3)), message(13, Buffer.alloc(10_000_000, 0x41)), message(14));
    for (const bytes of [garbage, huge]) {
      const port = await raw(t, (socket) => void socket.write(bytes));
      for (const listens of [false, true]) {
        const one = await saw(port, { tlsVersion: 'TLSv1.2', listens });
        assert.equal(one.kind, 'unreadable', JSON.stringify(one));
      }
    }
  });
});

function vector(octets: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(octets);
  head.writeUIntBE(body.length, 0, octets);
  return Buffer.concat([head, body]);
}

function message(type: number, body: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.of(type), vector(3, body)]);
}

/** Messages behind a ServerHello of TLS 1.2, in records of the usual size. */
function flight(...messages: readonly Buffer[]): Buffer {
  const hello = message(2, Buffer.concat([Buffer.of(3, 3), Buffer.alloc(32, 7), Buffer.of(0, 0xc0, 0x2b, 0)]));
  const bytes = Buffer.concat([hello, ...messages]);
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 16_384)
    records.push(Buffer.of(22, 3, 3), vector(2, bytes.subarray(at, at + 16_384)));
  return Buffer.concat(records);
}

describe('after the handshake', () => {
  test('a server that does not answer is silent there', async (t) => {
    const port = await overTls(t, () => undefined);
    for (const way of ['TLS 1.2', 'TLS 1.3', 'TLS, listening'])
      assert.deepEqual(await saw(port, { ...WAYS[way], timeout: PATIENCE }), { kind: 'silent', stage: 'answer' }, way);
  });

  test('a head that comes a byte at a time, and never whole, cannot be read', async (t) => {
    const port = await overTls(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
      const timer = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    const one = await saw(port, { timeout: PATIENCE });
    assert.equal(one.kind, 'unreadable');
  });

  test('a body without end is cut, and one that stops is told as far as it came', async (t) => {
    const endless = await overTls(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      pour(socket, Buffer.alloc(16_384, 'x'));
    });
    const stops = await overTls(
      t,
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
    );
    for (const [port, bytes] of [
      [endless, 65_536],
      [stops, 9],
    ] as const) {
      const one = await saw(port);
      assert.equal(one.kind, 'answered');
      assert.deepEqual([one.answer.bytes, one.answer.complete], [bytes, false]);
    }
  });

  test('headers and interim answers without end cannot be read', async (t) => {
    for (const [first, again] of [
      ['HTTP/1.1 200 OK\r\n', 'X-More: and more\r\n'],
      ['', 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n'],
    ] as const) {
      const port = await overTls(t, (socket) => {
        socket.write(first);
        pour(socket, again.repeat(200));
      });
      assert.equal((await saw(port)).kind, 'unreadable');
    }
  });

  test('HTTP/2 that is garbage, silent, endless or reset ends in time', async (t) => {
    const { cert, key } = credentials.server;
    const h2 = (behave: (socket: TLSSocket) => void) => {
      const server = createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => {
        socket.on('error', () => undefined);
        behave(socket);
      });
      server.on('tlsClientError', () => undefined);
      return listening(t, server);
    };
    const kinds: Saw['kind'][] = [];
    const behaviours: readonly ((socket: TLSSocket) => void)[] = [
      (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nno frames here, but a good many words in their place'),
      () => undefined,
      (socket) => {
        // SETTINGS, and then PING without end (RFC 9113 §6.7).
        socket.write(Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0));
        const ping = Buffer.concat([Buffer.of(0, 0, 8, 6, 0, 0, 0, 0, 0), Buffer.alloc(8)]);
        pour(socket, Buffer.concat(Array(50).fill(ping)));
      },
      (socket) => socket.once('data', () => socket.destroy()),
    ];
    for (const behave of behaviours)
      kinds.push((await saw(await h2(behave), { protocol: 'h2', timeout: 2 * PATIENCE })).kind);
    assert.equal(kinds[0], 'unreadable');
    assert.equal(kinds[1], 'silent');
    assert.ok(['silent', 'closed', 'unreadable'].includes(kinds[2] ?? ''), kinds[2]);
    assert.equal(kinds[3], 'closed');
  });

  test('a body over HTTP/2 that dribbles is an answer all the same', async (t) => {
    const { cert, key } = credentials.server;
    const inner = createHttp2Server();
    inner.on('stream', (stream) => {
      stream.on('error', () => undefined).respond({ ':status': 200 });
      const timer = setInterval(() => stream.write('.'), 100);
      stream.on('close', () => clearInterval(timer));
    });
    const port = await listening(
      t,
      createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => void inner.emit('connection', socket)),
    );
    const one = await saw(port, { protocol: 'h2' });
    assert.deepEqual([one.kind, one.kind === 'answered' && one.answer.status], ['answered', 200]);
  });

  test('a stream that is reset has closed, as a server does that wants HTTP/1.1', async (t) => {
    const { cert, key } = credentials.server;
    const inner = createHttp2Server();
    inner.on('stream', (stream) => stream.on('error', () => undefined).close(13));
    const port = await listening(
      t,
      createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => void inner.emit('connection', socket)),
    );
    assert.deepEqual(await saw(port, { protocol: 'h2' }), { kind: 'closed' });
  });
});

describe('an examination', () => {
  const signal = new AbortController().signal;

  test('of a port where nobody is stops after the first looks, and says so', async (t) => {
    const server = createServer();
    const port = await listening(t, server);
    server.close();
    await once(server, 'close');
    const target = { host: HOST, address: '127.0.0.1', port, door: 'https' } as const;
    const { observations, notChecked } = await examineAll({ targets: [target], path: '/', timeout: PATIENCE, signal });
    assert.equal(observations.length, 3);
    assert.ok(notChecked.some(({ what, why }) => what.includes(`127.0.0.1:${port}`) && why.includes('ECONNREFUSED')));
  });

  test('of a server that never says a word ends after a few of its time limits', async (t) => {
    let connections = 0;
    const port = await raw(t, () => {
      connections += 1;
    });
    const target = { host: HOST, address: '127.0.0.1', port, door: 'https' } as const;
    const { observations, notChecked } = await examineAll({ targets: [target], path: '/', timeout: PATIENCE, signal });
    assert.ok(observations.every(({ saw: one }) => one.kind === 'silent' || one.kind === 'not_resumed'));
    assert.ok(connections <= 8, `${connections} connections`);
    assert.ok(notChecked.some(({ what, why }) => what.includes(`127.0.0.1:${port}`) && why.includes('silent')));
  });

  test('of a lock that has taken all the time for one target is no proof of it', async (t) => {
    const { cert, key } = credentials.server;
    const server = createHttpsServer({ cert, key, requestCert: true, ca: [cert] }, (_request, response) => {
      response.end('never reached');
    });
    server.on('tlsClientError', () => undefined);
    const port = await listening(t, server);
    const target = { host: HOST, address: '127.0.0.1', port, door: 'https' } as const;
    const asked = { targets: [target], path: '/', timeout: LONG, signal };
    const judged = async (timeForTarget?: number) => {
      const seen = await examineAll(timeForTarget === undefined ? asked : { ...asked, timeForTarget });
      const { verdict } = diagnose({ targets: [target], ...seen, configuration: null, identity: null });
      const why = seen.notChecked.find(({ what }) => what === `everything else at ${HOST} at 127.0.0.1:${port}`)?.why;
      return { verdict, connections: seen.observations.filter(({ saw: { kind } }) => kind !== 'silent').length, why };
    };
    const [whole, cut] = [await judged(), await judged(0)];
    assert.deepEqual([whole.verdict, whole.why], ['locked', undefined]);
    assert.equal(cut.verdict, 'unknown');
    assert.ok(cut.connections < whole.connections);
    assert.match(cut.why ?? '', /time for one target/);
  });
});
