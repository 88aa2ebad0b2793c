import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { hostname, hostnamePattern } from '../../src/domain/ids.ts';
import { anotherIdentity, inWords, prove, task } from './proofs.ts';
import { host, makeZone, must, serverCertificate, startTestEdge, type TestZone } from './world.ts';

/** An edge that is asked how servers behind one address take a certificate. */

const rootOf = ({ authority }: TestZone) => authority.root.certificate.pem;
const www = must(hostnamePattern('www.a.test'));

test('servers behind one address are told apart by the names that their records call them by', async (t) => {
  const zone = await makeZone('a.test');
  const foreign = await makeZone('a.test');
  const edge = await startTestEdge(t, [zone]);
  const next = await anotherIdentity(zone, foreign.authority);
  edge.send(next.key);
  const pair = { from: zone.identity.certificate, to: next.identity.certificate };
  const asks = { requestCert: true, rejectUnauthorized: true };
  const { leaf } = await serverCertificate(['*.a.test']);
  const own = { cert: leaf.certificate.pem, key: leaf.key.reveal() };
  const hosts: (string | undefined)[] = [];
  const server = createServer({ ...own, ...asks, ca: [rootOf(zone), rootOf(foreign)] }, (request, response) => {
    hosts.push(request.headers.host);
    response.end();
  });
  server.addContext('stale.a.test', { ...own, ca: rootOf(zone) });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const [target] = host(www, { https: port }).targets;
  assert.ok(target);
  const called = (serverName: string | null, hostHeader: string | null) => ({
    serverName: serverName === null ? null : must(hostname(serverName)),
    hostHeader,
  });
  const names = [
    called(null, null),
    called('stale.a.test', null),
    called('good.a.test', null),
    called(null, 'inner.test'),
    called('gone.a.test', null),
  ];
  const targets = names.slice(0, -1).map((one) => ({ ...target, ...one }));
  edge.change(zone, zone.rules, [{ hostname: www, targets, pull: { kind: 'inherit' } }]);
  const seen = await prove(edge, zone, ...names.map((one) => ({ ...task('www.a.test', port, pair), ...one })));
  assert.deepEqual(
    seen.map(({ origin: { serverName, hostHeader } }) => ({ serverName, hostHeader })),
    names,
  );
  assert.deepEqual(seen.map(inWords), [
    ['refused', '200', '200'],
    ['refused', '200', 'refused'],
    ['refused', '200', '200'],
    ['refused', '200', '200'],
    ['the hostname has no such origin any more'],
  ]);
  assert.equal(hosts.filter((one) => one === 'inner.test').length, 2);
});
