import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OriginPolicy } from '../../src/pull/address-policy.ts';
import type { Resolver } from '../../src/pull/resolve.ts';
import { OK, rawWorld, startRawOrigin, WWW } from './raw-origin.ts';
import { visit } from './visit.ts';
import { host, makeZone, startTestEdge } from './world.ts';

/** Where pulls may lead: looked at after resolution, at each connect. */

test('a name that leads to a private address is refused unless whoever wrote it had the right', async (t) => {
  const { zone, origin, edge } = await rawWorld(t, (socket) => socket.write(OK));
  const names = { serverName: null, hostHeader: null, http2: false };
  const led = async (address: string, mayBePrivate: boolean) => {
    const target = { address, httpsPort: origin.port, httpPort: 1, ...names, mayBePrivate };
    edge.change(zone, zone.rules, [{ hostname: WWW, targets: [target], pull: { kind: 'inherit' } }]);
    return (await visit(edge.https, 'www.a.test')).status;
  };
  for (const address of ['localhost', '127.0.0.1', '::ffff:127.0.0.1']) {
    assert.equal(await led(address, false), 530, address);
    const failure = edge.logged.at(-1);
    assert.equal(failure?.['code'], 'address_forbidden');
    assert.match(String(failure?.['detail']), /private, and the record was not written with origins:private/);
  }
  assert.equal(origin.requests(), 0);
  assert.equal(await led('localhost', true), 200);
  assert.equal(await led('localhost', false), 530, 'the connection that stands is not lent to it');
});

test('of the addresses of a name only those are tried that are allowed, and one that refuses is no end', async (t) => {
  const zone = await makeZone('a.test');
  const origin = await startRawOrigin(t, (socket) => socket.write(OK));
  let addresses: readonly string[] = [];
  const resolver: Resolver = { resolve: (_name, done) => done({ kind: 'found', addresses }) };
  const edge = await startTestEdge(t, [zone], { resolver });
  const [target] = host(WWW, { https: origin.port }).targets;
  assert.ok(target);
  const led = async (found: readonly string[], mayBePrivate = true) => {
    addresses = found;
    const targets = [{ ...target, address: `${found.length}.test`, mayBePrivate }];
    edge.change(zone, zone.rules, [{ ...host(WWW, {}), targets }]);
    return (await visit(edge.https, 'www.a.test')).status;
  };
  assert.equal(await led(['169.254.169.254', '127.0.0.3', '127.0.0.1']), 200);
  assert.equal(await led(['169.254.169.254', 'fe80::1']), 530);
  assert.equal(await led(['169.254.169.254', '127.0.0.1'], false), 530);
  assert.equal(await led([]), 530);
  assert.deepEqual(
    edge.logged.map(({ code }) => code),
    ['address_forbidden', 'address_forbidden', 'name_unresolved'],
  );
});

test('an origin outside the operator’s policy is not connected to, whoever wrote the record', async (t) => {
  const zone = await makeZone('a.test');
  const origin = await startRawOrigin(t, (socket) => socket.write(OK));
  const status = async (originPolicy: OriginPolicy) => {
    const edge = await startTestEdge(t, [zone], { originPolicy });
    const literally = host(WWW, { https: origin.port });
    edge.change(zone, zone.rules, [literally]);
    const literal = (await visit(edge.https, 'www.a.test')).status;
    const targets = literally.targets.map((target) => ({ ...target, address: 'localhost' }));
    edge.change(zone, zone.rules, [{ ...literally, targets }]);
    return [literal, (await visit(edge.https, 'www.a.test')).status];
  };
  assert.deepEqual(await status({ kind: 'public' }), [530, 530]);
  assert.deepEqual(await status({ kind: 'list', networks: ['10.0.0.0/8'] }), [530, 530]);
  assert.equal(origin.requests(), 0);
  assert.deepEqual(await status({ kind: 'list', networks: ['127.0.0.0/8'] }), [200, 200]);
});
