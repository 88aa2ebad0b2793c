import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { proxyHeader } from '../../src/inbound/proxy-header.ts';
import { until } from '../scenarios/until.ts';
import { type Credential, knock } from '../support/knock.ts';
import { pullCredentials } from '../support/pull-credentials.ts';
import { dialGuard, startBytes, startGuardWorld } from './world.ts';

/** An application that speaks something else than HTTP, behind the PROXY protocol. */

const NAME = 'db.example.test';

async function world(t: TestContext, mode: 'enforce' | 'watch' = 'enforce') {
  const credentials = await pullCredentials('example.test', Date.now());
  const came: { readonly header: Buffer; readonly socket: Socket }[] = [];
  const behind = await startBytes(t, (socket) => {
    let seen = Buffer.alloc(0);
    const begin = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const header = proxyHeader(seen);
      if (header.kind !== 'header') return assert.notEqual(header.kind, 'refused');
      socket.off('data', begin);
      came.push({ header: seen.subarray(0, header.length), socket });
      socket.write(seen.subarray(header.length));
      socket.pipe(socket);
    };
    socket.on('data', begin);
  });
  const upstream = `tcp://127.0.0.1:${behind.port}`;
  const limits = { retireTimeout: 50 };
  const guard = await startGuardWorld(t, { credentials, hostnames: [NAME], upstream, limits, site: () => ({ mode }) });
  return { ...guard, credentials, came, behind };
}

async function echoed(port: number, credential: Credential | null, text: string) {
  const socket = await dialGuard(port, NAME, credential);
  socket.write(text);
  let got = '';
  socket.on('data', (chunk: Buffer) => {
    got += chunk.toString('latin1');
  });
  await until('it comes back', () => got.length >= text.length);
  return { socket, got };
}

// The TLV of the certificate: client flags, then zero where it was verified (proxy-protocol.txt §2.2.6).
function tlvs(header: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  const addresses = header.readUInt8(13) === 0x11 ? 12 : 36;
  for (let at = 16 + addresses; at < header.length; ) {
    const length = header.readUInt16BE(at + 1);
    found.set(header.readUInt8(at), header.subarray(at + 3, at + 3 + length));
    at += 3 + length;
  }
  return found;
}

test('bytes go both ways behind a header that says who came, and nobody else comes', async (t) => {
  const { port, credentials, came, behind } = await world(t);
  const { socket, got } = await echoed(port, credentials.right, 'SELECT 1');
  assert.equal(got, 'SELECT 1');
  const header = came[0]?.header ?? assert.fail();
  const said = proxyHeader(header);
  assert.equal(said.kind === 'header' && said.source, '127.0.0.1');
  assert.equal(header.readUInt16BE(16 + 8), socket.localPort);
  const fields = tlvs(header);
  assert.equal(fields.get(0x02)?.toString(), NAME);
  const ssl = fields.get(0x20) ?? assert.fail();
  assert.equal(ssl.readUInt8(0), 0x07);
  assert.equal(ssl.readUInt32BE(1), 0);
  assert.match(ssl.toString('latin1'), /TLSv1\.[23]/);
  for (const credential of [null, ...Object.values(credentials.wrong)]) {
    assert.equal((await knock({ port, sni: NAME, credential })).kind, 'refused');
  }
  assert.equal(came.length, 1);
  socket.destroy();
  await until('the far side ends, too', () => behind.sockets.size === 0);
});

test('while watching, the header says that nobody was verified', async (t) => {
  const { port, came } = await world(t, 'watch');
  const { got, socket } = await echoed(port, null, 'hello');
  assert.equal(got, 'hello');
  const ssl = tlvs(came[0]?.header ?? assert.fail()).get(0x20) ?? assert.fail();
  assert.equal(ssl.readUInt8(0), 0x01);
  assert.notEqual(ssl.readUInt32BE(1), 0);
  socket.destroy();
});

test('a connection whose certificate ends is cut off, whatever it speaks', async (t) => {
  const { port, credentials, turn, lines } = await world(t);
  const { socket } = await echoed(port, credentials.right, 'x');
  turn(60 * 365 * 86_400_000);
  if (!socket.destroyed) await once(socket, 'close');
  assert.ok(lines.some(({ msg, because }) => msg === 'guard_retired' && because === 'outside_validity'));
});

test('where the application is not there, callers are sent away and it is said', async (t) => {
  const { port, credentials, behind, lines } = await world(t);
  behind.server.close();
  assert.equal((await knock({ port, sni: NAME, credential: credentials.right })).kind, 'refused');
  await until('it is said', () => lines.some(({ msg }) => msg === 'guard_application_failed'));
});
