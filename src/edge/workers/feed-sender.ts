import type { EdgeZoneDelta } from '../../domain/edge-zone.ts';
import type { FeedMessage } from '../../wire/feed.ts';
import type { Order } from './messages.ts';

/** Writes one order. Answers false where the channel has enough; `written` is called once this one is through. */
type Write = (order: Order, written: () => void) => boolean;

/** Hostnames in one message: about 100 KB, which takes a millisecond to write. */
const PIECE = 400;
/** The list of CAs of one hostname takes about as much room as so many hostnames. */
const LIST = 20;

/**
 * Sends feed messages in order, large ones in pieces, and waits whenever the channel is full: a configuration of 100,000
 * hostnames must neither hold up the sender nor pile up as text.
 */
export function feedSender(write: Write): (message: FeedMessage) => void {
  const waiting: Iterator<Order>[] = [];
  let sending = false;

  const send = (): void => {
    sending = true;
    for (let current = waiting[0]; current !== undefined; current = waiting[0]) {
      const next = current.next();
      if (next.done === true) waiting.shift();
      else if (!write(next.value, () => setImmediate(send))) return;
    }
    sending = false;
  };

  return (message) => {
    waiting.push(orders(message));
    if (!sending) send();
  };
}

/** The orders that carry a message. */
function* orders(message: FeedMessage): Generator<Order> {
  if (message.kind !== 'snapshot' && message.kind !== 'delta') {
    yield { kind: 'feed', message };
    return;
  }
  let zones: EdgeZoneDelta[] = [];
  let size = 0;
  for (const piece of message.zones.flatMap(pieces)) {
    const weight = 1 + piece.put.length + LIST * (piece.authorities?.put.length ?? 0);
    if (size + weight > PIECE && zones.length > 0) {
      yield { kind: 'zones', zones };
      zones = [];
      size = 0;
    }
    zones.push(piece);
    size += weight;
  }
  yield { kind: 'feed', message: { ...message, zones } };
}

/** A large zone as several deltas that add up to it. */
function pieces(delta: EdgeZoneDelta): readonly EdgeZoneDelta[] {
  const { put, authorities, ...rest } = delta;
  const lists = authorities?.put ?? [];
  if (put.length + LIST * lists.length <= PIECE) return [delta];
  const inFirst = (index: number) => (index === 0 ? delta.dropped : []);
  const hosts = slices(put, PIECE).map((some, index) => ({ ...rest, put: some, dropped: inFirst(index) }));
  const asking = slices(lists, PIECE / LIST).map((some, index) => {
    const dropped = index === 0 ? (authorities?.dropped ?? []) : [];
    return { ...rest, put: [], dropped: [], authorities: { put: some, dropped } };
  });
  return authorities === undefined ? hosts : [...hosts, ...asking];
}

/** A list in parts, one at least. */
function slices<Item>(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  const count = Math.max(1, Math.ceil(items.length / most));
  return Array.from({ length: count }, (_, index) => items.slice(index * most, (index + 1) * most));
}
