import { randomBytes } from 'node:crypto';
import type { AccountId, Hostname, Instant, Revision, RotationId, ZoneId } from '../domain/ids.ts';
import type { Notice } from '../domain/notice.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { Phase, Rotated } from '../domain/rotation.ts';
import type { Verdict } from '../domain/verdict.ts';

interface InZone {
  readonly zone: ZoneId;
  readonly account: AccountId;
  readonly zoneName: string;
}

/** Something that happened to an edge. */
export type EdgeEvent =
  | { readonly kind: 'edge_connected'; readonly edge: string }
  | { readonly kind: 'edge_gone'; readonly edge: string; readonly because: string }
  | { readonly kind: 'edge_applied'; readonly edge: string; readonly revision: Revision }
  | { readonly kind: 'edge_rejected'; readonly edge: string; readonly revision: number; readonly because: string };

/** Something that happened, for whoever listens. Names and ids only: never a key or a token. */
export type PlaneEvent =
  | EdgeEvent
  | ({ readonly kind: 'revision_committed'; readonly revision: Revision; readonly action: string } & (
      | InZone
      | { readonly zone: null; readonly account: null; readonly zoneName: null }
    ))
  /** Something that people are told: what ends, and how rotations go. */
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** A rotation was begun, steered, or brought on by itself. */
  | ({
      readonly kind: 'rotation_moved';
      readonly rotation: RotationId;
      readonly what: Rotated;
      readonly phase: Phase['kind'];
      /** Origins that show the new certificate. */
      readonly switched: number;
      readonly paused: boolean;
    } & InZone)
  /** A lock was seen otherwise than before. */
  | ({
      readonly kind: 'lock_seen';
      readonly hostname: Hostname;
      readonly verdict: Verdict;
      /** null where it was seen for the first time. */
      readonly before: Verdict | null;
    } & InZone)
  /** An origin told who came while it refuses nobody: one for each report, however many names it is about. */
  | ({
      readonly kind: 'callers_reported';
      readonly hostnames: readonly Hostname[];
      readonly requests: number;
      /** It told of other certificates of its own than before. */
      readonly certificates: boolean;
    } & InZone)
  /** Origins of the zone have something to install. */
  | ({ readonly kind: 'bundle_changed' } & InZone)
  | { readonly kind: 'account_changed'; readonly account: AccountId; readonly name: string; readonly action: string }
  /** Told to listeners so that they look at their rights again; shown to nobody. */
  | { readonly kind: 'token_changed'; readonly token: string }
  | { readonly kind: 'session_ended'; readonly token: string };

/** An event with its place in the ring. */
export interface StampedEvent {
  readonly id: string;
  readonly at: Instant;
  readonly event: PlaneEvent;
}

interface Listener {
  readonly token: string;
  readonly hear: (event: StampedEvent) => void;
  readonly ended: () => void;
}

/** What happened of late: what the API needs of the ring. */
export interface Events {
  /** The events after this one, or `null` where they are no longer known. */
  readonly after: (id: string) => readonly StampedEvent[] | null;
  /** Hears what happens from now on. Answers the function that ends it, or why there is no room. */
  readonly listen: (listener: Listener) => (() => void) | Problem;
}

const KEPT = 1000;
const MAX_PER_TOKEN = 8;
const MAX_LISTENERS = 1000;

/** The last events in memory. After a restart it begins anew, under another name, so that no id means two things. */
export class EventRing implements Events {
  readonly #clock: () => Instant;
  readonly #run = randomBytes(6).toString('hex');
  readonly #listeners = new Set<Listener>();
  #events: StampedEvent[] = [];
  #count = 0;

  constructor(clock: () => Instant) {
    this.#clock = clock;
  }

  /** Keeps an event and tells it to whoever listens. */
  add(event: PlaneEvent): void {
    const isTold = event.kind !== 'token_changed' && event.kind !== 'session_ended';
    if (isTold) this.#count += 1;
    const stamped = { id: `${this.#run}-${this.#count}`, at: this.#clock(), event };
    // What nobody is shown need not be told again, and takes nobody's room.
    if (isTold) this.#events.push(stamped);
    if (this.#events.length > KEPT) this.#events = this.#events.slice(-KEPT / 2);
    for (const listener of this.#listeners) this.#tell(listener, stamped);
  }

  // A listener that fails must not fail whatever happened.
  #tell(listener: Listener, stamped: StampedEvent): void {
    try {
      listener.hear(stamped);
    } catch {
      this.#listeners.delete(listener);
      listener.ended();
    }
  }

  readonly after = (id: string): readonly StampedEvent[] | null => {
    const [run, number = ''] = id.split('-');
    const oldest = this.#count - this.#events.length;
    const seen = /^\d{1,15}$/.test(number) ? Number(number) : -1;
    if (run !== this.#run || seen < oldest || seen > this.#count) return null;
    return this.#events.slice(seen - oldest);
  };

  readonly listen = (listener: Listener): (() => void) | Problem => {
    const own = [...this.#listeners].filter(({ token }) => token === listener.token).length;
    if (own >= MAX_PER_TOKEN) return problem('too_many_listeners', `${MAX_PER_TOKEN} for each token`);
    if (this.#listeners.size >= MAX_LISTENERS) return problem('too_many_listeners', `${MAX_LISTENERS} in all`);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Lets all listeners go. */
  close(): void {
    for (const { ended } of this.#listeners) ended();
    this.#listeners.clear();
  }
}
