import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { startNginx } from '../support/server-process.ts';
import { http2Edge, http2Host, startHttp2Origin } from './http2-origin.ts';
import { dial, exchange, parse, visit } from './visit.ts';
import { dialHttp2 } from './visit-http2.ts';
import { makeZone, serverCertificate, startTestEdge } from './world.ts';

/** Visitors share a connection to an HTTP/2 origin: nothing that one of them sends may cost the others their answers. */

const { NGHTTP2_CANCEL } = constants;

const ASK = 'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n';

/** An origin that keeps whoever asks for /wait waiting, and an edge before it where somebody waits. */
async function waitingAt(t: TestContext, others: (stream: ServerHttp2Stream) => boolean) {
  const waiting = Promise.withResolvers<ServerHttp2Stream>();
  const origin = await startHttp2Origin(t, {
    options: { settings: { maxHeaderListSize: 1_000_000 } },
    early: (stream, fields) => {
      if (fields[':path'] !== '/wait') return others(stream);
      stream.respond({ ':status': 200, 'content-length': 8 });
      stream.write('half');
      waiting.resolve(stream);
      return true;
    },
  });
  const { edge } = await http2Edge(t, origin.port);
  const answer = visit(edge.https, 'www.a.test', '/wait');
  const stream = await waiting.promise;
  return {
    origin,
    edge,
    finished: async (): Promise<string> => {
      stream.end('half');
      return (await answer).body;
    },
  };
}

test('many requests taken back do not make the origin end the connection of the others', async (t) => {
  let arrived = (): void => undefined;
  const { origin, edge, finished } = await waitingAt(t, () => {
    arrived();
    return true;
  });
  for (let visitors = 0; visitors < 14; visitors++) {
    const session = await dialHttp2(t, edge.https, 'www.a.test');
    let left = 90;
    const all = new Promise<void>((resolve) => {
      arrived = () => {
        if (--left === 0) resolve();
      };
    });
    const streams = Array.from({ length: left }, () => session.request({ ':path': '/', ':authority': 'www.a.test' }));
    await all;
    const closed = streams.map((stream) =>
      once(
        stream.on('error', () => undefined),
        'close',
      ),
    );
    for (const stream of streams) stream.close(NGHTTP2_CANCEL);
    await Promise.all(closed);
  }
  assert.equal(await finished(), 'halfhalf');
  assert.ok(origin.sessions.length > 5, `${origin.sessions.length} connections`);
});

test('a trailer that HTTP/2 does not carry is left out, and harms nobody', async (t) => {
  const { edge, origin, finished } = await waitingAt(t, () => false);
  const body = '3\r\nabc\r\n0\r\nHTTP2-Settings: x\r\nX-Sum: 1\r\n\r\n';
  const request = ASK.replace('GET', 'POST');
  const raw = await exchange(
    await dial(edge.https, 'www.a.test'),
    `${request}Transfer-Encoding: chunked\r\n\r\n${body}`,
  );
  assert.equal(parse(raw).status, 200);
  assert.deepEqual(Object.entries(origin.seen[0]?.trailers ?? {}), [['x-sum', '1']]);
  assert.equal(await finished(), 'halfhalf');
});

test('a large head reaches an origin that speaks HTTP/2 alone, whole', async (t) => {
  const { edge, origin, finished } = await waitingAt(t, () => false);
  for (const size of [20_000, 65_400 - ASK.length]) {
    const raw = await exchange(await dial(edge.https, 'www.a.test'), `${ASK}X-A: ${'a'.repeat(size)}\r\n\r\n`);
    assert.equal(parse(raw).status, 200, `${size} bytes`);
    assert.equal(origin.seen.at(-1)?.fields['x-a'], 'a'.repeat(size));
  }
  assert.equal(origin.sessions.length, 1);
  assert.equal(await finished(), 'halfhalf');
});

/** The application behind the web server; the second answer of `/wait` comes when it is told. */
async function startApplication(t: TestContext) {
  let finish = (): void => undefined;
  const begun = Promise.withResolvers<void>();
  const server = createHttpServer((request, response) => {
    if (request.url !== '/wait') return void response.end(`over ${String(request.headers['x-spoken'])}`);
    response.writeHead(200, { 'Content-Length': 8 });
    response.write('half');
    finish = () => void response.end('half');
    begun.resolve();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, begun: begun.promise, finish: () => finish() };
}

test(
  'a head that nginx finds too large costs its sender an answer, and nobody else theirs',
  needs('nginx'),
  async (t) => {
    const zone = await makeZone('a.test');
    const { leaf } = await serverCertificate(['www.a.test']);
    const application = await startApplication(t);
    await using server = await startNginx({
      ports: 1,
      configuration: ({ directory, ports: [port] }) => {
        writeFileSync(join(directory, 'site.pem'), leaf.certificate.pem);
        writeFileSync(join(directory, 'site.key'), leaf.key.reveal());
        return `
error_log stderr info;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${join(directory, 'site.pem')};
    ssl_certificate_key ${join(directory, 'site.key')};
    proxy_buffering off;
    proxy_set_header X-Spoken $server_protocol;
    location / { proxy_pass http://127.0.0.1:${application.port}; }
  }
}
`;
      },
    });
    const edge = await startTestEdge(t, [zone]);
    edge.change(zone, zone.rules, [http2Host(server.ports[0] ?? 0)]);
    const waiting = visit(edge.https, 'www.a.test', '/wait');
    await application.begun;
    assert.match((await visit(edge.https, 'www.a.test')).body, /over HTTP\/2\.0/);
    const fields = {
      'one field': `X-A: ${'~'.repeat(9_000)}\r\n`,
      'many fields': Array.from({ length: 9 }, (_, at) => `X-${at}: ${'~'.repeat(5_000)}\r\n`).join(''),
      'a long name': `${'n'.repeat(40_000)}: 1\r\n`,
    };
    for (const [what, lines] of Object.entries(fields)) {
      const raw = await exchange(await dial(edge.https, 'www.a.test'), `${ASK}${lines}\r\n`);
      assert.equal(parse(raw).status, 400, `${what}: ${server.errorLog()}`);
    }
    const path = `/${'p'.repeat(14_000)}`;
    assert.equal((await visit(edge.https, 'www.a.test', path)).status, 414);
    application.finish();
    assert.match((await waiting).body, /^halfhalf$/, server.errorLog());
  },
);
