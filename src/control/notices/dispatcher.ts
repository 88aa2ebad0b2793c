import { setTimeout as after } from 'node:timers/promises';
import { attempted, type Delivery, deliveryState, type Outcome } from '../../domain/delivery.ts';
import type { ChannelId, Instant } from '../../domain/ids.ts';
import type { NoticeChannel } from '../../domain/notice-channel.ts';
import { errorFields, type Log } from '../log.ts';
import type { Store } from '../store.ts';
import { dueDelivery, type Letter, nextDue, pruneDeliveries, writeDelivery } from './delivery-rows.ts';

interface DispatcherParts {
  readonly store: Store;
  readonly clock: () => Instant;
  readonly log: Log;
  /** The channel of an id as it is now; undefined where it was deleted. */
  readonly channel: (id: ChannelId) => NoticeChannel | undefined;
  /** Told of each attempt. */
  readonly tried: (channel: NoticeChannel, delivery: Delivery) => void;
  /** Milliseconds before the second attempt. */
  readonly firstPause: number;
}

/** Sends one message through a channel. */
export type Post = (channel: NoticeChannel, letter: Letter, signal: AbortSignal) => Promise<Outcome>;

/** Channels that are written to at the same time; each gets one message at a time. */
const AT_ONCE = 16;
/** However far away the next one is, the clock may have been set meanwhile. */
const LOOK_EVERY = 60_000;

/** Brings deliveries on their way, one after the other in each channel, and tries those again that did not arrive. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #post: Post;
  readonly #busy = new Map<ChannelId, Promise<void>>();
  readonly #ending = new AbortController();
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: DispatcherParts, post: Post) {
    this.#parts = parts;
    this.#post = post;
  }

  /** Something may be due now. */
  wake(): void {
    if (this.#ending.signal.aborted) return;
    this.#turn = this.#turn.then(() => this.#look()).catch((error: unknown) => this.#failed(error));
  }

  /** Calls off what is under way: it is tried again after the next start. */
  async close(): Promise<void> {
    this.#ending.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turn;
    await Promise.all(this.#busy.values());
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#parts;
    while (this.#busy.size < AT_ONCE && !this.#ending.signal.aborted) {
      const letter = await dueDelivery(store, clock(), [...this.#busy.keys()]);
      if (letter === null) break;
      const { channel } = letter.delivery;
      const done = this.#send(letter)
        .catch((error: unknown) => this.#rest(error))
        .finally(() => {
          this.#busy.delete(channel);
          this.wake();
        });
      this.#busy.set(channel, done);
    }
    if (!this.#ending.signal.aborted) this.#sleep(await nextDue(store));
  }

  #sleep(next: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const pause = next === null ? LOOK_EVERY : Math.min(Math.max(next - this.#parts.clock(), 0), LOOK_EVERY);
    // What is due already waits for its channel, and that wakes us when it is free.
    if (pause === 0 && this.#busy.size > 0) return;
    this.#timer = setTimeout(() => this.wake(), pause).unref();
  }

  async #send(letter: Letter): Promise<void> {
    const { store, clock, log, firstPause, tried } = this.#parts;
    const channel = this.#parts.channel(letter.delivery.channel);
    if (channel === undefined) return;
    const outcome = channel.enabled
      ? await this.#post(channel, letter, this.#ending.signal)
      : ({ failure: 'switched_off', status: null } as const);
    // Called off is no attempt, and nobody stands behind a channel that is gone.
    if (this.#ending.signal.aborted && outcome.failure !== null) return;
    if (this.#parts.channel(channel.id) === undefined) return;
    const retry = { now: clock(), first: firstPause, chance: Math.random() };
    const delivery = attempted(letter.delivery, outcome, retry);
    await writeDelivery(store, { delivery, body: letter.body });
    tried(channel, delivery);
    if (deliveryState(delivery) === 'waiting') return;
    await pruneDeliveries(store, channel.id);
    if (outcome.failure === null) return;
    const { failure, status } = outcome;
    const about = { channel: channel.id, name: channel.name, kind: channel.target.kind, delivery: delivery.id };
    log('notices_not_delivered', { ...about, failure, status, attempts: delivery.attempts.length });
  }

  // What came of an attempt could not be stored: without a pause the receiver would get the same again and again.
  async #rest(error: unknown): Promise<void> {
    this.#failed(error);
    await after(LOOK_EVERY, undefined, { signal: this.#ending.signal, ref: false }).catch(() => undefined);
  }

  #failed(error: unknown): void {
    if (!this.#ending.signal.aborted) this.#parts.log('notices_not_stored', errorFields(error));
  }
}
