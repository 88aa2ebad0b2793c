import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { type Desk, Reception, type ReceptionLimits, type Visitor } from './reception.ts';

const LIMITS: ReceptionLimits = { waiting: 3, patience: 100, coming: 2, visitors: 4 };

function desk(state: Partial<Omit<Desk, 'give'>> = {}) {
  const given: Visitor[] = [];
  const present = { visitors: 0, coming: 0, silent: false, ...state };
  return { ...present, given, give: (visitor: Visitor) => void given.push(visitor) };
}

function reception() {
  const time = { now: 0 };
  return { time, room: new Reception(LIMITS, () => time.now) };
}

function come(room: Reception, count: number): readonly Socket[] {
  return Array.from({ length: count }, () => {
    const socket = new Socket();
    room.receive('https', socket);
    return socket;
  });
}

test('the least busy worker gets the next visitor; equals take turns', () => {
  const { room } = reception();
  const [busy, idle, equal] = [desk({ visitors: 2 }), desk({ visitors: 1 }), desk({ visitors: 1 })];
  for (const one of [busy, idle, equal]) room.open(one);
  come(room, 4);
  assert.deepEqual(
    [busy, idle, equal].map(({ given }) => given.length),
    [0, 2, 2],
  );
});

test('who is slow to take visitors, or has not been heard of, comes after all others', () => {
  const { room } = reception();
  const [slow, silent, well] = [desk({ coming: 1 }), desk({ silent: true }), desk({ visitors: 3 })];
  for (const one of [slow, silent, well]) room.open(one);
  come(room, 2);
  assert.equal(well.given.length, 2);
  room.close(well);
  come(room, 1);
  assert.equal(slow.given.length, 1);
});

test('a worker that is full gets nobody: the visitor waits until there is room', () => {
  const { room } = reception();
  const full = desk({ coming: 2 });
  room.open(full);
  room.open(desk({ visitors: 4 }));
  const [socket] = come(room, 1);
  assert.equal(full.given.length, 0);
  full.coming = 1;
  room.next();
  assert.equal(full.given[0]?.socket, socket);
});

test('visitors wait in order while there is no worker, those whose worker ended first', () => {
  const { room } = reception();
  const sockets = come(room, 2);
  const orphan: Visitor = { scheme: 'http', socket: new Socket(), since: 0 };
  room.again([orphan]);
  const worker = desk();
  room.open(worker);
  assert.deepEqual(
    worker.given.map(({ socket }) => socket),
    [orphan.socket, ...sockets],
  );
});

test('no more wait than there is room for, and nobody waits for ever; how many were sent away is told once', () => {
  const { room, time } = reception();
  const sockets = come(room, 4);
  assert.deepEqual(
    sockets.map(({ destroyed }) => destroyed),
    [false, false, false, true],
  );
  assert.equal(room.tick(), 1);
  time.now = 101;
  const [late] = come(room, 1);
  assert.equal(late?.destroyed, true, 'the room is still full');
  assert.equal(room.tick(), 4);
  assert.ok(sockets.every(({ destroyed }) => destroyed));
  assert.equal(room.tick(), 0);
  const worker = desk();
  room.open(worker);
  assert.equal(worker.given.length, 0);
});

test('at the end everybody who waits is sent away', () => {
  const { room } = reception();
  const sockets = come(room, 2);
  room.end();
  assert.ok(sockets.every(({ destroyed }) => destroyed));
});
