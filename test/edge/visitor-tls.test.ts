import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect, type SecureVersion } from 'node:tls';
import type { EdgeZoneRules } from '../../src/domain/edge-zone.ts';
import { hostname } from '../../src/domain/ids.ts';
import { dial, exchange, parse } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

/** The oldest TLS that visitors of a zone may speak. */

const WWW = must(hostname('www.a.test'));
const ASK = 'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n';

async function world(t: Parameters<typeof startTestEdge>[0], visitorTls: EdgeZoneRules['visitorTls']) {
  const zone = await makeZone('a.test');
  const other = await makeZone('b.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const edge = await startTestEdge(t, [zone, other]);
  edge.change(zone, { ...zone.rules, visitorTls }, [host(WWW, { https: origin.port })]);
  edge.change(other, other.rules, []);
  return { zone, origin, edge };
}

/** How a visitor that speaks nothing newer fares: the version agreed on, or that the handshake ended, and what it read. */
async function greeted(port: number, servername: string, maxVersion: SecureVersion) {
  const socket = connect({ port, host: '127.0.0.1', servername, maxVersion, rejectUnauthorized: false });
  let read = '';
  let agreed: string | null = null;
  socket.on('data', (chunk: Buffer) => {
    read += chunk.toString('latin1');
  });
  socket.on('secureConnect', () => {
    agreed = socket.getProtocol();
    socket.write(ASK);
  });
  // A reset is one of the ends that are meant.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return { agreed, status: read === '' ? null : parse(read).status };
}

test('a zone that wants TLS 1.3 ends the handshake of a visitor with 1.2, and says so in the log', async (t) => {
  const { edge, origin } = await world(t, '1.3');
  assert.deepEqual(await greeted(edge.https, 'www.a.test', 'TLSv1.2'), { agreed: null, status: null });
  assert.deepEqual(
    edge.logged.filter(({ event }) => event === 'visitor_tls_too_old'),
    [
      {
        event: 'visitor_tls_too_old',
        host: 'www.a.test',
        address: '127.0.0.1',
        protocol: 'TLSv1.2',
        wanted: '1.3',
      },
    ],
  );
  assert.equal(origin.seen.length, 0);
  assert.deepEqual(await greeted(edge.https, 'www.a.test', 'TLSv1.3'), { agreed: 'TLSv1.3', status: 200 });
});

test('another zone of the same edge is not bound by it, and neither is this one once it has changed its mind', async (t) => {
  const { zone, edge } = await world(t, '1.3');
  assert.equal((await greeted(edge.https, 'www.b.test', 'TLSv1.2')).agreed, 'TLSv1.2');
  edge.change(zone, { ...zone.rules, visitorTls: '1.2' }, []);
  assert.deepEqual(await greeted(edge.https, 'www.a.test', 'TLSv1.2'), { agreed: 'TLSv1.2', status: 200 });
});

test('a session with TLS 1.2 from before is no way around it', async (t) => {
  const { zone, edge } = await world(t, '1.2');
  const first = connect({
    port: edge.https,
    host: '127.0.0.1',
    servername: 'www.a.test',
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  });
  await once(first, 'secureConnect');
  const session = first.getSession();
  first.destroy();
  edge.change(zone, { ...zone.rules, visitorTls: '1.3' }, []);
  const again = connect({
    port: edge.https,
    host: '127.0.0.1',
    servername: 'www.a.test',
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
    ...(session === undefined ? {} : { session }),
  });
  await assert.rejects(once(again, 'secureConnect'));
});

test('a connection that stands when the setting changes is served to its end', async (t) => {
  const { zone, edge } = await world(t, '1.2');
  const socket = await dial(edge.https, 'www.a.test');
  edge.change(zone, { ...zone.rules, visitorTls: '1.3' }, []);
  assert.equal(parse(await exchange(socket, ASK)).status, 200);
});
