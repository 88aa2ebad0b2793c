import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createApp } from './app.ts';
import { listenerServers } from './servers.ts';

for (const [what, bytes, noticed] of [
  ['never sent a byte', '', 'connection'],
  ['sent half a request', 'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf', 'request'],
] as const) {
  test(`a caller that ${what} does not keep a listener from ending`, async (t) => {
    const app = createApp(listenerServers(null), () => undefined);
    app.post('/x', async () => 'whole');
    t.after(() => app.close());
    const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const known = once(app.server, noticed);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined).resume();
    t.after(() => socket.destroy());
    socket.write(bytes);
    await known;
    const closed = once(socket, 'close');
    await app.close();
    await closed;
  });
}

for (const [what, bytes] of [
  ['head', 'POST /x HTTP/1.1\r\nHost: loc'],
  ['body', 'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf'],
] as const) {
  test(`who sends half a ${what} and no more is told that it took too long`, async (t) => {
    // As the servers of every listener, with less patience.
    const patience = { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 };
    const servers = { ...listenerServers(null), create: (handler: RequestListener) => createServer(patience, handler) };
    const app = createApp(servers, () => undefined);
    app.post('/x', async () => 'whole');
    t.after(() => app.close());
    const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(port), hostname);
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /^HTTP\/1\.1 408 Request Timeout\r\n.*"code":6010/s);
  });
}

test('who leaves in the middle of a body is no fault of ours, and not logged as one', async (t) => {
  const logged: string[] = [];
  const app = createApp(listenerServers(null), (event) => void logged.push(event));
  app.post('/x', async () => 'whole');
  t.after(() => app.close());
  const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const known = once(app.server, 'request');
  const socket = connect(Number(port), hostname);
  socket.write('POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf');
  const [, response] = (await known) as [IncomingMessage, ServerResponse];
  socket.resetAndDestroy();
  await once(response, 'close');
  // The answer that nobody hears has been made by then: the next call is served.
  assert.equal((await fetch(`http://${hostname}:${port}/x`, { method: 'POST' })).status, 200);
  assert.deepEqual(
    logged.filter((event) => event !== 'api_request'),
    [],
  );
});
