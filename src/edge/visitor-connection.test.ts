import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Visitor } from './visitor.ts';
import { VisitorConnection } from './visitor-connection.ts';
import { DEFAULT_SERVER_LIMITS } from '../http1/server-limits.ts';

/** What becomes of an upload that stands still because nobody takes it. */

const HEAD = 'POST / HTTP/1.1\r\nHost: a.test\r\n';

/** A visitor's connection over TCP; a body is taken to its first piece, and then waits. */
async function stalled(t: TestContext, begin: string) {
  let now = 0;
  let body = '';
  let visitor: Visitor | null = null;
  const ended = { whole: false, gone: false };
  const started = Promise.withResolvers<{ readonly server: Socket; readonly connection: VisitorConnection }>();
  const waits = Promise.withResolvers<void>();
  const handle = (asking: Visitor): void => {
    visitor = asking;
    asking.receive({
      body: (chunk) => {
        body += chunk.toString('latin1');
        if (body.length > 1) return;
        asking.pauseBody();
        waits.resolve();
      },
      bodyEnded: () => {
        ended.whole = true;
      },
      gone: () => {
        ended.gone = true;
      },
      writable: () => undefined,
    });
    asking.startBody();
  };
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    const nothing = (): void => undefined;
    const connection = new VisitorConnection(socket, {
      scheme: 'http',
      serverName: null,
      address: '127.0.0.1',
      carrier: socket,
      trusts: null,
      tls: null,
      shown: null,
      nextId: () => '0'.repeat(16),
      handle,
      refused: nothing,
      cut: nothing,
      fault: (error) => assert.fail(String(error)),
      clock: () => now,
      limits: DEFAULT_SERVER_LIMITS,
    });
    started.resolve({ server: socket, connection });
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  t.after(() => {
    client.destroy();
    listener.close();
  });
  client.write(begin);
  const { server, connection } = await started.promise;
  t.after(() => server.destroy());
  await waits.promise;
  /** Lets the connection look after itself, as its listener does each second, until something holds. */
  const ticking = async (holds: () => boolean): Promise<void> => {
    for (let turns = 0; !holds(); turns++) {
      assert.ok(turns < 10_000, 'it did not come to hold');
      connection.tick(now);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  return {
    client,
    server,
    ended,
    ticking,
    body: () => body,
    resume: () => visitor?.resumeBody(),
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test('a visitor that is reset is noticed, however much of its body waits', async (t) => {
  const { client, server, ended, ticking } = await stalled(t, `${HEAD}Content-Length: 1000000000\r\n\r\nx`);
  while (client.write(Buffer.alloc(1_000_000))) await new Promise(setImmediate);
  client.resetAndDestroy();
  await ticking(() => ended.gone);
  assert.ok(server.bytesRead < 500_000, `${server.bytesRead} bytes were read`);
});

test('a visitor that leaves is noticed when little of its body stands before its end, and is waited for no longer', async (t) => {
  const { client, server, ended, ticking, wait } = await stalled(t, `${HEAD}Content-Length: 1000000000\r\n\r\nx`);
  client.end('a little more');
  await ticking(() => server.readableEnded);
  assert.equal(ended.gone, false, 'it may have closed its side only');
  wait(DEFAULT_SERVER_LIMITS.headTimeout);
  await ticking(() => ended.gone);
});

test('what was taken in while a body waited is handed on in order', async (t) => {
  const text = 'abcdefghij'.repeat(20_000);
  const { client, server, ended, ticking, body, resume } = await stalled(t, `${HEAD}Content-Length: 200001\r\n\r\nx`);
  client.write(text);
  await ticking(() => server.bytesRead > 100_000);
  resume();
  await ticking(() => ended.whole);
  assert.equal(body(), `x${text}`);
});

test('a visitor over http may close its side after a whole body that waits; half of one is no request', async (t) => {
  const whole = await stalled(t, `${HEAD}Content-Length: 6\r\n\r\nx`);
  whole.client.end('whole');
  await whole.ticking(() => whole.server.readableEnded);
  whole.resume();
  assert.deepEqual([whole.body(), whole.ended], ['xwhole', { whole: true, gone: false }]);
  const half = await stalled(t, `${HEAD}Content-Length: 60\r\n\r\nx`);
  half.client.end('half');
  await half.ticking(() => half.server.readableEnded);
  half.resume();
  await half.ticking(() => half.ended.gone);
  assert.deepEqual([half.body(), half.ended.whole], ['xhalf', false]);
});
