import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeHost, EdgeZoneDelta } from '../../domain/edge-zone.ts';
import { certificateId, type Hostname, hostname, revision, type ZoneId, zoneId } from '../../domain/ids.ts';
import type { FeedMessage } from '../../wire/feed.ts';
import { feedSender } from './feed-sender.ts';
import type { Order } from './messages.ts';

function sure<T>(value: T | null): T {
  assert.ok(value !== null);
  return value;
}

const idOf = (count: number): ZoneId => sure(zoneId(count.toString(16).padStart(32, '0')));
const nameOf = (count: number): Hostname => sure(hostname(`h${count}.example.test`));
const hostOf = (count: number): EdgeHost => ({ hostname: nameOf(count), targets: [], pull: { kind: 'inherit' } });

function zone(id: number, hosts: number): EdgeZoneDelta {
  const put = Array.from({ length: hosts }, (_, count) => hostOf(count));
  return { zone: idOf(id), rules: null, put, dropped: [nameOf(99_999)] };
}

const snapshot = (...zones: readonly EdgeZoneDelta[]): FeedMessage => ({
  kind: 'snapshot',
  revision: revision(7),
  zones,
});

/** A channel that takes everything until it is told to be full. */
function channel() {
  const orders: Order[] = [];
  const later: (() => void)[] = [];
  const state = { full: false };
  const { send, room } = feedSender((order, written) => {
    orders.push(order);
    if (state.full) later.push(written);
    return !state.full;
  });
  return { orders, later, state, send, room };
}

function zonesIn(orders: readonly Order[]): readonly EdgeZoneDelta[] {
  return orders.flatMap((order) => {
    if (order.kind === 'zones') return order.zones;
    return order.kind === 'feed' ? order.messages.flatMap((one) => (one.kind === 'snapshot' ? one.zones : [])) : [];
  });
}

const key = (count: number): FeedMessage => ({
  kind: 'key_dropped',
  certificate: sure(certificateId(`00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`)),
});

/** A turn of the loop: what was sent in one go is written then. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a small message goes as it is, and what is sent in one go goes together', async () => {
  const { orders, send } = channel();
  const messages = Array.from({ length: 250 }, (_, count) => key(count));
  for (const message of messages.slice(0, 249)) send(message);
  const configuration = snapshot(zone(1, 3));
  send(configuration);
  send(messages[249] ?? assert.fail());
  await turn();
  assert.deepEqual(
    orders.map((order) => (order.kind === 'feed' ? order.messages.length : order.kind)),
    [100, 100, 49, 1, 1],
  );
  const sent = orders.flatMap((order) => (order.kind === 'feed' ? order.messages : []));
  assert.deepEqual(sent, [...messages.slice(0, 249), configuration, messages[249]]);
});

test('a large zone, and many small ones, go in pieces that add up to the same and drop nothing twice', async () => {
  for (const zones of [[zone(1, 1_234)], Array.from({ length: 900 }, (_, id) => zone(id, 1))]) {
    const { orders, send } = channel();
    send(snapshot(...zones));
    await turn();
    assert.ok(orders.length > 3);
    assert.ok(zonesIn(orders.slice(0, -1)).every(({ put }) => put.length <= 400));
    const sent = zonesIn(orders);
    assert.deepEqual(
      sent.flatMap(({ zone: id, put }) => put.map(({ hostname: name }) => `${id} ${name}`)),
      zones.flatMap(({ zone: id, put }) => put.map(({ hostname: name }) => `${id} ${name}`)),
    );
    assert.equal(sent.flatMap(({ dropped }) => dropped).length, zones.length);
    const last = orders.at(-1);
    assert.ok(last?.kind === 'feed' && last.messages[0]?.kind === 'snapshot' && last.messages[0].revision === 7);
  }
});

test('many lists of CAs go in pieces, too, and those that are gone are dropped once', async () => {
  const lists = Array.from({ length: 50 }, (_, count) => ({ hostname: nameOf(count), certificates: [] }));
  const dropped = [nameOf(99_999)];
  const { orders, send } = channel();
  send(snapshot({ ...zone(1, 500), authorities: { put: lists, dropped } }, zone(2, 1)));
  await turn();
  const sent = zonesIn(orders);
  assert.ok(sent.every(({ authorities }) => (authorities?.put.length ?? 0) <= 20));
  assert.deepEqual(
    sent.flatMap(({ authorities }) => authorities?.put ?? []),
    lists,
  );
  assert.deepEqual(
    sent.flatMap(({ authorities }) => authorities?.dropped ?? []),
    dropped,
  );
  assert.deepEqual(sent.flatMap(({ put }) => put).length, 501);
  assert.equal(sent.flatMap(({ dropped: names }) => names).length, 2);
});

test('while the channel is full nothing is written; what comes meanwhile follows in order', async () => {
  const { orders, later, state, send } = channel();
  state.full = true;
  send(snapshot(zone(1, 900)));
  send({ kind: 'origin_ca', certificate: 'pem' });
  await turn();
  assert.equal(orders.length, 1);
  state.full = false;
  later[0]?.();
  await turn();
  assert.deepEqual(
    orders.map((order) => (order.kind === 'feed' ? order.messages[0]?.kind : order.kind)),
    ['zones', 'zones', 'snapshot', 'origin_ca'],
  );
});

test('there is room while few wait, and then again as soon as few do', async () => {
  const { orders, later, state, send, room } = channel();
  state.full = true;
  let sent = 0;
  while (room() === null) send(key(sent++));
  assert.ok(sent > 100 && sent < 1_000, 'enough to go together, and not all of very many');
  await turn();
  assert.equal(orders.length, 1);
  // The channel took some: others can be made while it takes the next.
  while (room() === null) send(key(sent++));
  const there = room();
  later[0]?.();
  await there;
  assert.equal(room(), null);
  assert.equal(orders.length, 2, 'written as the channel took the one before');
});

test('a list of origins to look at goes by itself, in its place among the others', async () => {
  const { orders, send } = channel();
  const prove = (id: string): FeedMessage => ({ kind: 'prove', id, zone: idOf(1), tasks: [] });
  for (const message of [key(1), key(2), prove('a'), prove('b'), key(3), snapshot(zone(1, 1)), prove('c')])
    send(message);
  await turn();
  assert.deepEqual(
    orders.map((order) =>
      order.kind === 'feed' ? order.messages.map((one) => ('id' in one ? one.id : one.kind)) : [],
    ),
    [['key_dropped', 'key_dropped'], ['a'], ['b'], ['key_dropped'], ['snapshot'], ['c']],
  );
});
