import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { until } from '../scenarios/until.ts';
import { fieldValues } from '../support/echo-application.ts';
import { type Knock, knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, describeLock, lastSeen, VERSIONS } from './lock-suite.ts';
import { HOST, type LockedOrigin, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { describeOwnCallers } from './own-callers-suite.ts';
import { describeRevocation } from './revocation-suite.ts';
import { describeSeveral } from './several-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('node');
describeVariants('node');
describeRevocation('node');
describeSeveral('node');
describeOwnCallers('node');

/** The oldest Node that the program is for, where the system has one beside ours. */
const OLDER = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) => existsSync(path) && execFileSync(path, ['--version']).toString().startsWith('v20.'),
);
if (OLDER !== undefined) {
  describeLock('node', OLDER);
  describeOwnCallers('node', OLDER);
}

describe('the program for Node', () => {
  let credentials: PullCredentials;
  before(async () => {
    credentials = await pullCredentials(ZONE, Date.now());
  });
  const start = (options: Omit<LockOptions, 'credentials'> = {}) => startLocked('node', { credentials, ...options });
  const at = ({ tlsPort }: LockedOrigin, knocking: Partial<Knock> = {}): Knock => ({
    port: tlsPort,
    sni: HOST,
    credential: credentials.right,
    ...knocking,
  });
  /** A connection of the edge, for what a single request does not show. */
  const connect = ({ tlsPort }: LockedOrigin, protocols: string[]) =>
    connectTls({
      port: tlsPort,
      host: '127.0.0.1',
      servername: HOST,
      rejectUnauthorized: false,
      cert: credentials.right.cert,
      key: credentials.right.key,
      ALPNProtocols: protocols,
    });
  const bundleOf = ({ server: { directory } }: LockedOrigin) => join(directory, 'bundle.pem');
  const replace = (file: string, text: string) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };

  test('takes a new bundle without a restart: the next handshake knows it', async () => {
    await using origin = await start();
    const neighbour = credentials.wrong["neighbour zone's valid certificate"];
    await assertRefused(origin, knock(at(origin, { credential: neighbour })), 'before');
    replace(bundleOf(origin), credentials.neighbourBundle);
    for (const tlsVersion of VERSIONS) {
      await assertAnswered(origin, knock(at(origin, { credential: neighbour, tlsVersion })), 'its bundle is installed');
      await assertRefused(origin, knock(at(origin, { tlsVersion })), 'whose bundle is gone');
    }
  });

  test('keeps what it had where a new bundle cannot be used, and says so', async () => {
    await using origin = await start();
    const garbled = credentials.bundle.replace(/[A-Za-z0-9+/]{20}\n/g, '!!\n');
    for (const text of ['', garbled, '<html>404</html>\n', credentials.right.cert, null]) {
      if (text === null) renameSync(bundleOf(origin), `${bundleOf(origin)}.gone`);
      else replace(bundleOf(origin), text);
      const what = JSON.stringify(text?.slice(0, 30));
      await assertAnswered(origin, knock(at(origin)), what);
      for (const credential of Object.values(credentials.wrong))
        await assertRefused(origin, knock(at(origin, { credential })), what);
      await until('the log names the file', async () => origin.server.errorLog().includes('unusable'));
    }
    replace(bundleOf(origin), credentials.neighbourBundle);
    await assertRefused(origin, knock(at(origin)), 'after a bundle that can be used');
  });

  test('ends the connections of before when the files change, idle ones at once', async () => {
    await using origin = await start();
    const held = connect(origin, ['http/1.1']);
    held.resume();
    held.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    await once(held, 'data');
    const closed = once(held, 'close');
    replace(bundleOf(origin), `${credentials.neighbourBundle}${credentials.bundle}`);
    // Somebody else's handshake is when the program looks.
    await assertAnswered(origin, knock(at(origin)), 'another connection');
    await closed;
  });

  test('is not fooled by a session that was resumed without a certificate', async () => {
    await using origin = await start({ request: ({ directory }) => ({ mode: 'watch', runtimeDirectory: directory }) });
    for (const tlsVersion of VERSIONS) {
      const first = await knock(at(origin, { credential: null, tlsVersion }));
      for (const session of first.sessions) {
        await assertAnswered(origin, knock(at(origin, { credential: null, tlsVersion, session })), 'watching');
        assert.deepEqual(fieldValues(lastSeen(origin), 'X-Postern-Verified'), ['NONE']);
      }
    }
  });

  test('serves nothing outside its root, however the path is written', async () => {
    await using origin = await start({
      request: ({ directory }) => {
        const root = join(directory, 'root');
        mkdirSync(join(root, 'below'), { recursive: true });
        writeFileSync(join(root, 'page one.html'), 'the page');
        writeFileSync(join(root, 'below', 'index.html'), 'below');
        writeFileSync(join(directory, 'secret.txt'), 'a secret');
        symlinkSync(join(directory, 'secret.txt'), join(root, 'link.txt'));
        symlinkSync(directory, join(root, 'up'));
        return { root };
      },
    });
    const get = async (path: string, method = 'GET') => {
      const outcome = await knock(at(origin, { path, method }));
      return outcome.kind === 'answered' ? `${outcome.status} ${outcome.body}` : String(outcome.how);
    };
    assert.equal(await get('/page%20one.html?x=1'), '200 the page');
    assert.equal(await get('/below/'), '200 below');
    assert.equal(await get('/page%20one.html', 'HEAD'), '200 ');
    assert.match(await get('/page%20one.html', 'POST'), /^405/);
    const traps = ['/../secret.txt', '/..%2fsecret.txt', '/below/..%2f..%2fsecret.txt', '/%2e%2e/secret.txt'];
    const others = ['/..%5csecret.txt', '/link.txt', '/up/secret.txt', '/page%20one.html%00', '/%', '//secret.txt'];
    for (const path of [...traps, ...others, '/below/../../secret.txt', '/.env', '/%2eenv', '/'])
      assert.doesNotMatch(await get(path), /a secret|^200/, path);
  });

  test('streams both ways, over HTTP/2 too, and passes the end on', async () => {
    const application = createServer((request, response) => {
      response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'], connection: 'close', 'x-framing': framing(request) });
      // The first part leaves before the last one came.
      request.once('data', (part: Buffer) => response.write(part));
      request.on('end', () => response.end('|end'));
      if (request.method === 'GET') response.end('no body');
    }).listen(0, '127.0.0.1');
    await once(application, 'listening');
    const address = application.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    await using origin = await start({ request: () => ({ upstream: `http://127.0.0.1:${port}` }) });
    const session = connectHttp2(`https://${HOST}`, {
      createConnection: () => connect(origin, ['h2']),
    });
    const stream = session.request({ ':path': '/', ':method': 'POST', ':authority': HOST }, { endStream: false });
    stream.setEncoding('utf8');
    stream.write('first');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    assert.equal(headers['x-framing'], 'chunked');
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
    let text = '';
    stream.on('data', (part: string) => {
      text += part;
    });
    await once(stream, 'data');
    stream.end('last');
    await once(stream, 'end');
    assert.equal(text, 'first|end');
    session.close();
    const plain = await knock(at(origin));
    assert.ok(plain.kind === 'answered' && plain.body === 'no body' && /x-framing: none/.test(plain.head));
    application.closeAllConnections();
    application.close();
  });

  test('answers 502 where the application is gone, and lives on', async () => {
    await using origin = await start({ request: ({ directory }) => ({ upstream: `unix:${directory}/none.sock` }) });
    for (let times = 0; times < 2; times += 1) {
      const outcome = await knock(at(origin));
      assert.equal(outcome.kind === 'answered' && outcome.status, 502);
    }
  });

  test('carries a WebSocket both ways, and says when the application wants none', async () => {
    await using origin = await start();
    const socket = connect(origin, ['http/1.1']);
    socket.setEncoding('latin1');
    let text = '';
    socket.on('data', (part: string) => {
      text += part;
    });
    const head = `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    socket.write(`${head}early|`);
    await until('the early bytes are back', async () => text.endsWith('early|'));
    socket.write('late|');
    await until('the late bytes are back', async () => text.endsWith('early|late|'));
    // Files that change do not cut it off.
    replace(bundleOf(origin), `${credentials.neighbourBundle}${credentials.bundle}`);
    await assertAnswered(origin, knock(at(origin)), 'another connection');
    socket.write('later');
    await until('it lives on', async () => text.endsWith('late|later'));
    socket.destroy();
  });

  test('takes a new CA of its own callers without a restart, and the edge notices nothing', async () => {
    await using origin = await start({ ownCallers: true });
    const own = { port: origin.ownPort, credential: credentials.own.right };
    const held = connect(origin, ['http/1.1']);
    held.resume();
    const asked = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
    held.write(asked);
    await once(held, 'data');
    for (const tlsVersion of VERSIONS)
      await assertAnswered(origin, knock(at(origin, { ...own, tlsVersion })), 'before');
    replace(join(origin.server.directory, 'own.pem'), credentials.neighbourBundle);
    const neighbour = credentials.wrong["neighbour zone's valid certificate"];
    for (const tlsVersion of VERSIONS) {
      await assertRefused(origin, knock(at(origin, { ...own, tlsVersion })), 'whose CA is gone');
      const seen = await assertAnswered(
        origin,
        knock(at(origin, { ...own, tlsVersion, credential: neighbour })),
        'new',
      );
      assert.deepEqual(fieldValues(seen, 'X-Postern-Via'), ['own']);
      await assertRefused(origin, knock(at(origin, { tlsVersion, credential: neighbour })), "at the edge's");
    }
    held.write(asked);
    await once(held, 'data');
    held.destroy();
  });

  test('hands no claim of its own callers on with a WebSocket either', async () => {
    await using origin = await start({ ownCallers: true });
    const headers = [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['X-Postern-Via', 'edge'],
      ['CF_Connecting_IP', '203.0.113.66'],
      ['X-Forwarded-For', '203.0.113.66'],
    ] as const;
    const own = { port: origin.ownPort, credential: credentials.own.right, headers, untilHead: true };
    const outcome = await knock(at(origin, own));
    assert.ok(outcome.kind === 'answered' && outcome.status === 101, JSON.stringify(outcome));
    const seen = lastSeen(origin);
    assert.deepEqual(fieldValues(seen, 'X-Postern-Via'), ['own']);
    assert.deepEqual(fieldValues(seen, 'X-Forwarded-For'), ['127.0.0.1']);
    assert.ok(seen.fields.every(([, value]) => value !== '203.0.113.66'));
  });

  test('lives on whatever a right caller sends', async () => {
    await using origin = await start();
    const odd = ['/a b', '/\u00ff', '/%', '*', '//', '/\t', 'x', '/a\u0000', `/${'a'.repeat(15_000)}`];
    for (const path of odd) {
      await knock(at(origin, { path }));
      await knock(at(origin, { path, method: 'OPTIONS' }));
      await knock(
        at(origin, {
          path,
          headers: [
            ['Upgrade', 'websocket'],
            ['Connection', 'upgrade'],
          ],
          untilHead: true,
        }),
      );
    }
    for (const rawRequest of [
      'CONNECT other.test:443 HTTP/1.1\r\nHost: other.test\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\u0016\u0003',
    ])
      await knock(at(origin, { rawRequest }));
    const session = connectHttp2(`https://${HOST}`, {
      createConnection: () => connect(origin, ['h2']),
    });
    session.on('error', () => session.destroy());
    for (const path of odd) {
      const stream = session.request({ ':path': path, ':authority': HOST });
      stream.on('error', () => stream.destroy()).resume();
      await new Promise((resolve) => stream.once('close', resolve));
      if (session.destroyed) break;
    }
    session.destroy();
    await assertAnswered(origin, knock(at(origin)), origin.server.errorLog());
  });

  test('refuses a request that names two hosts', async () => {
    await using origin = await start();
    const head = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n`;
    for (const more of [`Host: ${HOST}\r\n`, 'Host: other.test\r\n'])
      await assertRefused(origin, knock(at(origin, { rawRequest: `${head}${more}Connection: close\r\n\r\n` })), more);
    const none = 'GET / HTTP/1.0\r\nConnection: close\r\n\r\n';
    await assertRefused(origin, knock(at(origin, { rawRequest: none })), 'no Host');
  });
});

function framing({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }): string {
  return String(headers['transfer-encoding'] ?? headers['content-length'] ?? 'none');
}
