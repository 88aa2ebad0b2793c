import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { EdgeHost } from '../../src/domain/edge-zone.ts';
import { accountId, hostnamePattern } from '../../src/domain/ids.ts';
import { anotherIdentity, inWords, prove, task } from './proofs.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

/** An edge that is asked to look at many origins that hang: how many it takes on at once, and who else gets a turn. */

type Test = Parameters<typeof startTestEdge>[0];

const pattern = (text: string) => must(hostnamePattern(text));

function at(name: string, port: number, address: string): EdgeHost {
  const one = host(pattern(name), { https: port });
  return { ...one, targets: one.targets.map((target) => ({ ...target, address })) };
}

async function world(t: Test) {
  const zone = await makeZone('a.test');
  const other = await makeZone('b.test');
  const edge = await startTestEdge(t, [zone, other], { knockTimeout: 600_000 });
  const next = await anotherIdentity(zone);
  const theirs = await anotherIdentity(other);
  edge.send(next.key);
  edge.send(theirs.key);
  const connected: string[] = [];
  // Takes connections at every address of loopback, and says nothing.
  const silent = createServer((socket) => {
    connected.push(socket.localAddress ?? '');
    socket.on('error', () => socket.destroy()).resume();
  });
  await once(silent.listen(0, '0.0.0.0'), 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const pair = { from: zone.identity.certificate, to: next.identity.certificate };
  const theirPair = { from: other.identity.certificate, to: theirs.identity.certificate };
  return { zone, other, edge, pair, theirPair, connected, port };
}

test('what one account has hanging leaves room for another one, and for pulls', async (t) => {
  const { zone, other, edge, pair, theirPair, connected, port } = await world(t);
  const origin = await startOrigin(t, other.authority, await serverCertificate(['www.b.test']));
  const tasks = Array.from({ length: 40 }, (_, index) => task(`n${index}.a.test`, port, pair, `127.0.1.${index + 1}`));
  edge.change(
    zone,
    zone.rules,
    tasks.map(({ hostname, address }) => at(hostname, port, address)),
  );
  const account = must(accountId('1'.repeat(32)));
  edge.change(other, { ...other.rules, account }, [at('www.b.test', origin.port, '127.0.0.1')]);
  edge.send({ kind: 'prove', id: 'many', zone: zone.id, tasks });
  await until(() => connected.length >= 12);
  const [seen] = await prove(edge, other, task('www.b.test', origin.port, theirPair));
  assert.deepEqual(seen && inWords(seen), ['refused', '200', '200']);
  assert.equal((await visit(edge.https, 'www.b.test')).status, 200);
  // While these went to and fro, a thirteenth would have come.
  assert.equal(connected.length, 12);
});

test('no address is set upon by more than four looks at once, and others do not wait for it', async (t) => {
  const { zone, edge, pair, connected, port } = await world(t);
  const same = Array.from({ length: 10 }, (_, index) => task(`n${index}.a.test`, port, pair, '127.0.1.1'));
  const last = task('last.a.test', port, pair, '127.0.1.2');
  const tasks = [...same, last];
  edge.change(
    zone,
    zone.rules,
    tasks.map(({ hostname, address }) => at(hostname, port, address)),
  );
  edge.send({ kind: 'prove', id: 'same', zone: zone.id, tasks });
  await until(() => connected.includes('127.0.1.2'));
  await until(() => connected.length >= 5);
  assert.deepEqual(connected.toSorted(), [...Array.from({ length: 4 }, () => '127.0.1.1'), '127.0.1.2']);
});
