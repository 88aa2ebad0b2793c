import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { WWW } from './raw-origin.ts';
import { visit } from './visit.ts';
import { host, makeZone, serverCertificate, startTestEdge } from './world.ts';

/** TLS sessions with origins: resumed where they may be, and only there. */

/** An origin that ends each connection with its answer, so that the next request needs another. */
async function world(t: Parameters<typeof startTestEdge>[0], version: SecureVersion) {
  const zone = await makeZone('a.test');
  const { leaf } = await serverCertificate(['*.a.test']);
  const resumed: boolean[] = [];
  const tls = { cert: leaf.certificate.pem, key: leaf.key.reveal(), minVersion: version, maxVersion: version };
  const server = createServer(tls, (request, response) => {
    resumed.push((request.socket as TLSSocket).isSessionReused());
    response.setHeader('connection', 'close');
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const edge = await startTestEdge(t, [zone]);
  const { port } = server.address() as AddressInfo;
  edge.change(zone, zone.rules, [host(WWW, { https: port })]);
  const visits = async (count: number) => {
    for (let n = 0; n < count; n++) assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  };
  return { server, resumed, visits, edge, zone, port };
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`one full handshake of ${version} is enough for many connections, one after the other`, async (t) => {
    const { resumed, visits } = await world(t, version);
    await visits(8);
    assert.deepEqual(resumed, [false, ...Array.from({ length: 7 }, () => true)]);
  });

  test(`an origin that takes no tickets of ${version} any more is greeted anew, and gives others`, async (t) => {
    const { server, resumed, visits } = await world(t, version);
    await visits(2);
    server.setTicketKeys(randomBytes(48));
    await visits(3);
    assert.deepEqual(resumed, [false, true, false, true, true]);
  });

  test(`a change of the identity leaves no session of ${version} behind`, async (t) => {
    const { resumed, visits, edge, zone } = await world(t, version);
    await visits(2);
    edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
    await visits(1);
    edge.change(zone, zone.rules, []);
    await visits(1);
    assert.deepEqual(resumed, [false, true, false, false]);
  });
}
