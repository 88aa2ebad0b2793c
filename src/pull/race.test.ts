import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import fc from 'fast-check';
import { interleaved, type Race, type RaceOutcome, type Runner, race } from './race.ts';
import { silentPort } from './silent-port.fixture.ts';

/** A listener on one address of loopback. */
async function startListener(t: TestContext, host: string, port = 0) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.resume().on('error', () => socket.destroy());
  });
  await once(server.listen(port, host), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return { port: address !== null && typeof address === 'object' ? address.port : 0, sockets, server };
}

type Outcome = RaceOutcome<Runner>;

function raceAt(addresses: readonly string[], port: number, done: (outcome: Outcome) => void): Race {
  return race(addresses, (host) => ({ socket: connect({ host, port }) }), done);
}

function outcomeOf(addresses: readonly string[], port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    raceAt(addresses, port, (outcome) => {
      if (outcome.kind === 'won') outcome.winner.socket.destroy();
      resolve(outcome);
    });
  });
}

test('the first address wins where it takes the connection, and no other is asked', async (t) => {
  const first = await startListener(t, '127.0.0.1');
  const second = await startListener(t, '127.0.0.2', first.port);
  const outcome = await outcomeOf(['127.0.0.1', '127.0.0.2'], first.port);
  assert.equal(outcome.kind === 'won' && outcome.address, '127.0.0.1');
  assert.equal(second.sockets.length, 0);
});

test('where one refuses, the next is tried', async (t) => {
  const { port } = await startListener(t, '127.0.0.3');
  const outcome = await outcomeOf(['127.0.0.1', '::1', '127.0.0.3'], port);
  assert.equal(outcome.kind === 'won' && outcome.address, '127.0.0.3');
});

test('where one says nothing, the next is tried beside it, and nothing is sent on the one that lost', async (t) => {
  const silent = await silentPort(t);
  await startListener(t, '127.0.0.2', silent.port);
  const outcome = await new Promise<Outcome>((resolve) => {
    raceAt(['127.0.0.1', '127.0.0.2'], silent.port, resolve);
  });
  assert.ok(outcome.kind === 'won');
  assert.equal(outcome.address, '127.0.0.2');
  outcome.winner.socket.end('for the winner');
  silent.wake();
  await once(outcome.winner.socket, 'close');
  assert.equal(silent.pieces(), 0);
});

test('an attempt is not given up because another was begun: it may still win', async (t) => {
  const silent = await silentPort(t);
  const outcome = new Promise<Outcome>((resolve) => {
    raceAt(['127.0.0.1', '127.0.0.2'], silent.port, resolve);
  });
  // Nobody listens at the second address. The first knock is lost by now, and the system repeats it after a second.
  await immediate();
  silent.wake();
  const won = await outcome;
  assert.ok(won.kind === 'won');
  assert.equal(won.address, '127.0.0.1');
  won.winner.socket.destroy();
});

test('where all refuse, the error says so', async (t) => {
  const { port, server } = await startListener(t, '127.0.0.1');
  server.close();
  await once(server, 'close');
  const outcome = await outcomeOf(['127.0.0.1', '127.0.0.2'], port);
  assert.equal(outcome.kind === 'lost' && outcome.error.code, 'ECONNREFUSED');
});

test('a race that is called off tells nobody and leaves no connection', async (t) => {
  const { port, server } = await startListener(t, '127.0.0.1');
  const arrived = once(server, 'connection');
  const { cancel } = raceAt(['127.0.0.1'], port, () => assert.fail('nobody is to be told'));
  cancel();
  const probe = raceAt(['127.0.0.1'], port, (outcome) => outcome.kind === 'won' && outcome.winner.socket.destroy());
  await arrived;
  probe.cancel();
});

test('the families take turns, beginning with the first; no address is lost', () => {
  assert.deepEqual(interleaved(['::1', '::2', '::3', '192.0.2.1']), ['::1', '192.0.2.1', '::2', '::3']);
  assert.deepEqual(interleaved(['192.0.2.1', '192.0.2.2', '::1']), ['192.0.2.1', '::1', '192.0.2.2']);
  assert.deepEqual(interleaved([]), []);
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6())), (addresses) => {
      assert.deepEqual(interleaved(addresses).toSorted(), addresses.toSorted());
    }),
  );
});
