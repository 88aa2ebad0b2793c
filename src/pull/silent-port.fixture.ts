/** A port that takes no connection: the system drops what knocks, as an address does that nobody has. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

// A listener whose thread stands still takes nothing from its queue, and the queue is short.
const LISTENER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const gate = new Int32Array(workerData);
  const server = require('node:net').createServer((socket) => {
    socket.on('data', () => Atomics.add(gate, 1, 1)).on('error', () => undefined);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    parentPort.once('message', () => Atomics.wait(gate, 0, 0));
  });
`;

/** Its port on 127.0.0.1, and how many pieces of data have come in, which is known once it has been woken. */
export async function silentPort(t: TestContext) {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(LISTENER, { eval: true, workerData: gate.buffer });
  const [port] = await once(worker, 'message');
  assert.equal(typeof port, 'number');
  worker.postMessage('stand still');
  const filling = await filled(Number(port));
  const wake = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  t.after(async () => {
    wake();
    for (const socket of filling) socket.destroy();
    await worker.terminate();
  });
  return { port: Number(port), wake, pieces: () => Atomics.load(gate, 1) };
}

/** Knocks until a knock is not answered within a while: then the queue is full. */
async function filled(port: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (let tries = 0; tries < 20; tries++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    const answered = await Promise.race([once(socket, 'connect').then(() => true), later(500)]);
    if (!answered) return sockets;
  }
  throw new Error('the queue of the listener is never full here');
}

function later(milliseconds: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), milliseconds);
  });
}
