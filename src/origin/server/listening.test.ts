import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { listeningSockets } from './listening.ts';

for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::'] as const) {
  test(`a socket on ${host} is seen as long as it listens`, {
    skip: process.platform === 'linux' ? false : 'needs /proc',
  }, async () => {
    const server = createServer();
    server.listen(0, host);
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const seen = () =>
      listeningSockets()
        .filter((one) => one.port === port)
        .map((one) => one.host);
    assert.deepEqual(seen(), [host]);
    server.close();
    await once(server, 'close');
    assert.deepEqual(seen(), []);
  });
}
