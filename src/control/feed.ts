import { setImmediate as breath } from 'node:timers/promises';
import type { EdgeZoneDelta } from '../domain/edge-zone.ts';
import { type Instant, type Revision, revision as revisionOf } from '../domain/ids.ts';
import type { EdgeListening, EdgeMessage, FeedLink, FeedMessage } from '../wire/feed.ts';
import type { EdgeEvent } from './event-ring.ts';
import { errorFields, type Log } from './log.ts';
import { OriginWatch } from './origin-watch.ts';
import type { InTurn } from './turns.ts';

/** Everything that an edge needs to begin with. Each piece is asked for in turn, and holds at that moment. */
export interface Greeting {
  /** All keys, some at a time: there may be very many. */
  readonly keys: AsyncIterator<readonly FeedMessage[]>;
  /** The configuration; asked for last. */
  readonly configuration: () => Snapshot;
}

/** A whole configuration. */
export interface Snapshot {
  readonly revision: Revision;
  readonly zones: readonly EdgeZoneDelta[];
}

/** What follows from one commit. */
export interface Publication {
  readonly revision: Revision;
  /** Sent before the revision that needs them. */
  readonly keys: readonly FeedMessage[];
  readonly zones: readonly EdgeZoneDelta[];
  /** Sent to each edge once it has the revision in force. */
  readonly drops: readonly FeedMessage[];
}

interface FeedParts {
  readonly inTurn: InTurn;
  readonly current: () => Revision;
  readonly greeting: () => Greeting;
  readonly log: Log;
  readonly clock?: () => Instant;
  /** Told of whatever happens to edges. */
  readonly watch?: (event: EdgeEvent) => void;
}

interface Edge {
  readonly link: FeedLink;
  name: string;
  /** It has had nothing in force yet and serves nobody: nobody waits for it. */
  empty: boolean;
  /** `welcome`: gets keys, then its snapshot. `live`: gets deltas. `astray`: rejected its snapshot, waits for a change. */
  phase: 'silent' | 'welcome' | 'live' | 'astray' | 'gone';
  /** What it is being sent in the phase `welcome`. */
  greeting: Greeting | null;
  /** Revision of the last snapshot it was sent. */
  greeted: Revision | null;
  applied: number;
  rejected: number | null;
  because: string;
  connectedAt: Instant | null;
  listening: EdgeListening | null;
  drops: readonly Drop[];
}

/** An edge that is connected, or expected and absent: what it has in force, and what it refused after that. */
export interface EdgeState {
  readonly name: string;
  readonly connected: boolean;
  readonly connectedAt: Instant | null;
  /** `null` where it is absent, or does not tell. */
  readonly listening: EdgeListening | null;
  readonly applied: number;
  readonly rejected: { readonly revision: number; readonly because: string } | null;
}

interface Drop {
  readonly after: Revision;
  readonly message: FeedMessage;
}

interface Waiter {
  readonly wanted: Revision;
  readonly settle: (inForce: boolean) => void;
}

/**
 * The edges that are connected, and what each of them has in force. Snapshots are made in turn, so that no commit falls
 * between one and the first delta; `publish` is called in turn. An edge that is slow to take its keys holds no turn.
 */
export class Feed {
  /** What the edges see of origins. */
  readonly origins = new OriginWatch<Edge>({
    serving: () => serving(this.#edges).filter(({ phase }) => phase === 'live'),
    greeted: () => [...this.#edges].filter(({ phase }) => phase === 'live'),
    send: (edge, message) => this.#send(edge, message),
  });
  readonly #parts: FeedParts;
  readonly #edges = new Set<Edge>();
  /** The edges that belong to this installation whether connected or not, with what each last acknowledged. */
  readonly #expected = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** From now on nothing is in force while this edge is absent. */
  expect(name: string): void {
    if (!this.#expected.has(name)) this.#expected.set(name, 0);
  }

  /** Answers the function that ends the connection: a carrier calls it when its edge is gone. */
  connect(link: FeedLink): () => void {
    const unknown = {
      empty: false,
      greeting: null,
      greeted: null,
      applied: 0,
      rejected: null,
      because: '',
      connectedAt: null,
      listening: null,
      drops: [],
    };
    const edge: Edge = { link, name: '', phase: 'silent', ...unknown };
    link.receive((message) => this.#receive(edge, message));
    return () => this.#part(edge, 'the connection ended', 'by the carrier');
  }

  /** Tells the edges of a revision that the store has. */
  publish(publication: Publication): void {
    for (const edge of this.#edges) {
      if (edge.phase === 'astray') this.#welcome(edge);
      // Also where a snapshot is on its way: its keys may have gone by already, and hold what is dropped now.
      const listens = edge.phase === 'live' || edge.phase === 'welcome';
      for (const key of listens ? publication.keys : []) this.#sendKey(edge, key);
      edge.drops = [...edge.drops, ...dropsAfter(publication)];
      const { revision, zones } = publication;
      if (edge.phase === 'live') this.#send(edge, { kind: 'delta', revision, zones });
    }
  }

  /**
   * The newest revision in force at every edge that serves: an expected one that is absent counts with what it last
   * acknowledged. The present one where there is no edge and none is expected.
   */
  applied(): Revision {
    const absent = this.#absent().map((name) => this.#expected.get(name) ?? 0);
    const known = [...absent, ...serving(this.#edges).map(({ applied }) => applied)];
    return known.length === 0 ? this.#parts.current() : revisionOf(Math.min(...known));
  }

  /**
   * True once all edges have the revision in force and no expected one is absent; false after `within` milliseconds,
   * or as soon as an edge has rejected it.
   */
  inForce(wanted: Revision, within: number): Promise<boolean> {
    const verdict = this.#judge(wanted);
    if (verdict !== 'waiting') return Promise.resolve(verdict === 'in_force');
    return new Promise((resolve) => {
      const waiter: Waiter = {
        wanted,
        settle: (inForce) => {
          clearTimeout(deadline);
          this.#waiters.delete(waiter);
          resolve(inForce);
        },
      };
      const deadline = setTimeout(() => waiter.settle(false), within);
      this.#waiters.add(waiter);
    });
  }

  /** The edges that are connected, in the order in which they came, then those that are expected and absent. */
  edges(): readonly EdgeState[] {
    const present = [...this.#edges].map(({ name, connectedAt, listening, applied, rejected, because }) => {
      const refused = rejected === null || rejected <= applied ? null : { revision: rejected, because };
      return { name, connected: true, connectedAt, listening, applied, rejected: refused };
    });
    const absent = this.#absent().map((name) => {
      const applied = this.#expected.get(name) ?? 0;
      return { name, connected: false, connectedAt: null, listening: null, applied, rejected: null };
    });
    return [...present, ...absent];
  }

  /** Lets all edges go. Who waits for a revision is told that it is not in force. */
  close(): void {
    for (const waiter of this.#waiters) waiter.settle(false);
    for (const edge of this.#edges) this.#part(edge, 'the control plane ends');
  }

  #receive(edge: Edge, message: EdgeMessage): void {
    if (edge.phase === 'gone') return;
    switch (message.kind) {
      case 'hello':
        edge.connectedAt = this.#parts.clock?.() ?? null;
        Object.assign(edge, {
          name: message.edge,
          empty: message.empty === true,
          listening: message.listening ?? null,
          applied: 0,
          rejected: null,
          drops: [],
        });
        this.#edges.add(edge);
        // Who says it again has forgotten what it was asked before.
        this.origins.parted(edge);
        this.#parts.log('edge_connected', { edge: edge.name });
        this.#parts.watch?.({ kind: 'edge_connected', edge: edge.name });
        return this.#welcome(edge);
      case 'applied':
        // An edge cannot have what nobody sent.
        edge.applied = Math.min(message.revision, this.#parts.current());
        edge.empty = false;
        // A rejection that was on its way when the snapshot went out was about the delta, not about the snapshot.
        if (edge.phase === 'astray' && edge.applied === edge.greeted) edge.phase = 'live';
        if (this.#expected.has(edge.name)) this.#expected.set(edge.name, edge.applied);
        for (const drop of takeDue(edge)) this.#send(edge, drop.message);
        this.#parts.watch?.({ kind: 'edge_applied', edge: edge.name, revision: revisionOf(edge.applied) });
        return this.#look();
      case 'rejected':
        edge.rejected = message.revision;
        edge.because = message.because;
        this.#parts.log('edge_rejected', { edge: edge.name, revision: message.revision, because: message.because });
        this.#tellRejected(edge);
        this.#look();
        if (edge.phase === 'live') this.#mend(edge, message.revision);
        return;
      case 'proof':
      case 'pulled':
        return this.origins.heard(edge, message);
    }
  }

  #tellRejected({ name, rejected, because }: Edge): void {
    if (rejected !== null) this.#parts.watch?.({ kind: 'edge_rejected', edge: name, revision: rejected, because });
  }

  // A delta that does not fit is mended by a snapshot at once; the same snapshot again would be rejected again.
  #mend(edge: Edge, rejected: Revision): void {
    if (edge.greeted === rejected) edge.phase = 'astray';
    else this.#welcome(edge);
  }

  #welcome(edge: Edge): void {
    edge.phase = 'welcome';
    const greeting = this.#parts.greeting();
    edge.greeting = greeting;
    this.#greet(edge, greeting).catch((error: unknown) => {
      this.#parts.log('snapshot_failed', { edge: edge.name, ...errorFields(error) });
      this.#part(edge, 'no snapshot could be made');
    });
  }

  // Whenever the edge has enough to take for now, others get their turn. What they change follows by `publish`.
  async #greet(edge: Edge, greeting: Greeting): Promise<void> {
    for (let waits = true; waits; ) {
      waits = await this.#parts.inTurn(() => this.#greetOn(edge, greeting));
      if (waits) await edge.link.room?.();
    }
  }

  /** Sends as much of a greeting as the edge has room for. True where there is more. */
  async #greetOn(edge: Edge, greeting: Greeting): Promise<boolean> {
    const { keys, configuration } = greeting;
    while (edge.phase === 'welcome' && edge.greeting === greeting) {
      const piece = await keys.next();
      if (piece.done === true) {
        const { revision, zones } = configuration();
        edge.phase = 'live';
        edge.greeting = null;
        edge.greeted = revision;
        this.#send(edge, { kind: 'snapshot', revision, zones });
        if (edge.phase === 'live') this.origins.greeted(edge);
        return false;
      }
      for (const key of piece.value) this.#sendKey(edge, key);
      if ((edge.link.room?.() ?? null) !== null) return true;
      // So that requests are answered in between.
      await breath();
    }
    return false;
  }

  // What comes back must not be dropped by an older wish.
  #sendKey(edge: Edge, key: FeedMessage): void {
    edge.drops = edge.drops.filter(({ message }) => !concernsSame(message, key));
    this.#send(edge, key);
  }

  #send(edge: Edge, message: FeedMessage): void {
    if (edge.phase === 'gone') return;
    try {
      edge.link.send(message);
    } catch (error) {
      this.#part(edge, errorFields(error).error);
    }
  }

  #part(edge: Edge, because: string, how: 'by the carrier' | 'by the feed' = 'by the feed'): void {
    if (edge.phase === 'gone') return;
    edge.phase = 'gone';
    this.origins.parted(edge);
    if (this.#edges.delete(edge)) {
      this.#parts.log('edge_disconnected', { edge: edge.name, because });
      this.#parts.watch?.({ kind: 'edge_gone', edge: edge.name, because });
      this.#look();
    }
    if (how === 'by the feed') this.#tellEnd(edge, because);
  }

  // One carrier that fails must not keep a publication from the edges after it.
  #tellEnd({ link, name }: Edge, because: string): void {
    try {
      link.ended(because);
    } catch (error) {
      this.#parts.log('edge_carrier_failed', { edge: name, ...errorFields(error) });
    }
  }

  #absent(): readonly string[] {
    const present = new Set([...this.#edges].map(({ name }) => name));
    return [...this.#expected.keys()].filter((name) => !present.has(name));
  }

  #judge(wanted: Revision): Verdict {
    const verdict = judge(this.#edges, wanted);
    return verdict === 'in_force' && this.#absent().length > 0 ? 'waiting' : verdict;
  }

  #look(): void {
    for (const waiter of this.#waiters) {
      const verdict = this.#judge(waiter.wanted);
      if (verdict !== 'waiting') waiter.settle(verdict === 'in_force');
    }
  }
}

type Verdict = 'in_force' | 'rejected' | 'waiting';

function judge(edges: ReadonlySet<Edge>, wanted: Revision): Verdict {
  const late = serving(edges).filter(({ applied }) => applied < wanted);
  if (late.length === 0) return 'in_force';
  return late.some(({ rejected }) => rejected !== null && rejected >= wanted) ? 'rejected' : 'waiting';
}

function serving(edges: ReadonlySet<Edge>): readonly Edge[] {
  return [...edges].filter(({ empty }) => !empty);
}

function dropsAfter({ revision: after, drops }: Publication): readonly Drop[] {
  return drops.map((message) => ({ after, message }));
}

function takeDue(edge: Edge): readonly Drop[] {
  const due = edge.drops.filter(({ after }) => after <= edge.applied);
  edge.drops = edge.drops.filter(({ after }) => after > edge.applied);
  return due;
}

function concernsSame(drop: FeedMessage, key: FeedMessage): boolean {
  if (drop.kind === 'key_dropped') return key.kind === 'key' && key.certificate === drop.certificate;
  if (drop.kind !== 'visitor_certificate_dropped' || key.kind !== 'visitor_certificate') return false;
  return key.zone === drop.zone && key.certificate === drop.certificate;
}
