import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { connect, type SecureVersion } from 'node:tls';
import fc from 'fast-check';
import { clientHello } from './client-hello.ts';

const NAME = 'www.example.test';

/** The first bytes that Node's own client sends. */
async function helloOf(said: {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  readonly servername?: string;
}) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', servername: NAME, ...said });
  client.on('error', () => undefined);
  const [socket] = await once(server, 'connection');
  let bytes = Buffer.alloc(0);
  while (clientHello(bytes) === 'more') bytes = Buffer.concat([bytes, ...(await once(socket, 'data'))]);
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

const both = helloOf({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
const old = helloOf({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
const NOTHING = { tls13: false, serverName: null };

/** The same handshake message in records of another size (RFC 8446 §5.1). */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const fragment = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 0xff]), fragment);
  }
  return Buffer.concat(records);
}

test('a client that speaks TLS 1.3 offers it, one that stops at 1.2 does not; both name a host', async () => {
  assert.deepEqual(clientHello(await both), { tls13: true, serverName: NAME });
  assert.deepEqual(clientHello(await old), { tls13: false, serverName: NAME });
});

test('a name is shown as it was written, and none where there is none', async () => {
  const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;
  const shouted = await helloOf({ ...versions, servername: 'WWW.Example.Test' });
  assert.deepEqual(clientHello(shouted), { tls13: true, serverName: 'WWW.Example.Test' });
  const nameless = await helloOf({ ...versions, servername: '' });
  assert.deepEqual(clientHello(nameless), { tls13: true, serverName: null });
});

test('nothing is said before all of the message is there', async () => {
  for (const hello of [await both, await old]) {
    for (let length = 0; length < hello.length; length++) assert.equal(clientHello(hello.subarray(0, length)), 'more');
  }
});

test('a message in several records is read like one in one; in very many it says nothing', async () => {
  assert.deepEqual(clientHello(inRecords(await both, 200)), { tls13: true, serverName: NAME });
  assert.deepEqual(clientHello(inRecords(await old, 200)), { tls13: false, serverName: NAME });
  assert.deepEqual(clientHello(inRecords(await both, 10)), NOTHING);
});

test('what is no ClientHello says nothing, at once', () => {
  for (const text of ['GET / HTTP/1.1\r\n', '\x15\x03\x01\x00\x02\x02\x28', '\x16\x03\x01\x00\x04\x02\x00\x00\x00']) {
    assert.deepEqual(clientHello(Buffer.from(text, 'latin1')), NOTHING);
  }
});

test('a message that announces more than anybody sends is not waited for', () => {
  assert.deepEqual(clientHello(Buffer.from([22, 3, 1, 0x40, 0, 1, 1, 0, 0])), NOTHING);
  const long = Buffer.concat([Buffer.from([22, 3, 1, 0xff, 0xff, 1, 0, 0x3f, 0xf0]), Buffer.alloc(0xffff)]);
  assert.deepEqual(clientHello(long), NOTHING);
});

test('whatever the bytes, there is an answer; bytes changed in a real one do no harm either', async () => {
  const hello = await both;
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.tuple(fc.nat(hello.length - 1), fc.nat(255)).map(([at, value]) => {
      const changed = Buffer.from(hello);
      changed[at] = value;
      return changed;
    }),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const said = clientHello(Buffer.from(some));
      return said === 'more' || typeof said.tls13 === 'boolean';
    }),
  );
});
