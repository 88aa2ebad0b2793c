import type { EdgeZoneDelta } from '../../domain/edge-zone.ts';
import type { FeedMessage } from '../../wire/feed.ts';
import type { Order } from './messages.ts';

/** Writes one order. Answers false where the channel has enough; `written` is called once this one is through. */
type Write = (order: Order, written: () => void) => boolean;

/** Hostnames in one message: about 100 KB, which takes a millisecond to write. */
const PIECE = 400;
/** The list of CAs of one hostname takes about as much room as so many hostnames. */
const LIST = 20;

/** What carries feed messages into a channel. */
export interface FeedSender {
  readonly send: (message: FeedMessage) => void;
  /** `null` where more can be sent at once, else when it can. */
  readonly room: () => Promise<void> | null;
}

/** A whole configuration, or what changed in it. */
type Configuration = Extract<FeedMessage, { kind: 'snapshot' | 'delta' }>;

/** Messages that are no configuration go together, so many at most: keys are small and very many. */
const TOGETHER = 100;
/** So many messages may wait: while the channel takes some, the next are made. */
const MOST_WAITING = 2 * TOGETHER;

/**
 * Sends feed messages in order, large ones in pieces, and waits whenever the channel is full: a configuration of 100,000
 * hostnames must neither hold up the sender nor pile up as text. What is sent in one go is written in one go.
 */
export function feedSender(write: Write): FeedSender {
  const waiting: FeedMessage[] = [];
  let present: Iterator<Order> | null = null;
  let sending = false;
  let room: PromiseWithResolvers<void> | null = null;

  const tellRoom = (): void => {
    if (waiting.length >= MOST_WAITING) return;
    room?.resolve();
    room = null;
  };
  const flush = (): void => {
    while (present !== null || waiting.length > 0) {
      present ??= orders(waiting);
      const next = present.next();
      if (next.done === true) present = null;
      else if (!write(next.value, () => setImmediate(flush))) return tellRoom();
    }
    sending = false;
    tellRoom();
  };

  return {
    send: (message) => {
      waiting.push(message);
      if (!sending) queueMicrotask(flush);
      sending = true;
    },
    room: () => {
      if (waiting.length < MOST_WAITING) return null;
      room ??= Promise.withResolvers();
      return room.promise;
    },
  };
}

/** Takes from what waits as much as goes together, and answers the orders that carry it. */
function orders(waiting: FeedMessage[]): Iterator<Order> {
  const [first] = waiting;
  if (first !== undefined && isConfiguration(first)) {
    waiting.shift();
    return inPieces(first);
  }
  const end = waiting.slice(0, TOGETHER).findIndex(goesAlone);
  // What goes alone and stands first goes by itself.
  const messages = waiting.splice(0, end === -1 ? TOGETHER : Math.max(1, end));
  return [{ kind: 'feed', messages } as const].values();
}

// A list of origins to look at is as long as a piece of a configuration.
function goesAlone(message: FeedMessage): boolean {
  return isConfiguration(message) || message.kind === 'prove';
}

function isConfiguration(message: FeedMessage): message is Configuration {
  return message.kind === 'snapshot' || message.kind === 'delta';
}

function* inPieces(message: Configuration): Generator<Order> {
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
  yield { kind: 'feed', messages: [{ ...message, zones }] };
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
