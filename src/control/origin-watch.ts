import { randomUUID } from 'node:crypto';
import type { CertificateId, ZoneId } from '../domain/ids.ts';
import { type OriginSights, originKey, type ProofTask, type PullCount } from '../domain/proof.ts';
import type { EdgeMessage, FeedMessage } from '../wire/feed.ts';

/** An edge as far as it is asked what it sees. */
interface Watcher {
  readonly name: string;
}

/** What the feed lends. */
interface OriginWatchParts<Edge> {
  /** The edges that serve visitors. */
  readonly serving: () => readonly Edge[];
  /** The edges that have been sent their snapshot, whether or not they have it in force. */
  readonly greeted: () => readonly Edge[];
  readonly send: (edge: Edge, message: FeedMessage) => void;
}

/** What was seen, by the name of the edge; `silent` where one did not answer, or answered something else. */
export type SeenByEdges = ReadonlyMap<string, readonly OriginSights[] | 'silent'>;

// What comes back for so many is some 100 KB: it crosses a channel without holding up what visitors wait for.
const TASKS_AT_ONCE = 200;

/** What edges see of origins: by looking when they are asked, and by the pulls of visitors. */
export class OriginWatch<Edge extends Watcher> {
  readonly #parts: OriginWatchParts<Edge>;
  /** By the id of the message that waits for an answer. */
  readonly #asked = new Map<string, Question<Edge>>();
  readonly #watches = new Map<ZoneId, Counts>();

  constructor(parts: OriginWatchParts<Edge>) {
    this.#parts = parts;
  }

  /** The names of the edges whose sights count. */
  serving(): readonly string[] {
    return this.#parts.serving().map(({ name }) => name);
  }

  /**
   * Asks every edge that serves to look at these origins. Resolves when all have answered or gone, or after so many
   * milliseconds. In what an edge saw there is one entry for each task, in order.
   */
  async prove(zone: ZoneId, tasks: readonly ProofTask[], within: number): Promise<SeenByEdges> {
    const questions = this.#parts.serving().map((edge) => new Question(edge, zone, tasks));
    const deadline = setTimeout(() => {
      for (const question of questions) this.#silent(question);
    }, within);
    for (const question of questions) this.#goOn(question);
    const seen = new Map<string, readonly OriginSights[] | 'silent'>();
    for (const { edge, answer } of questions) {
      const saw = await answer.promise;
      // Of two edges by one name both must have answered.
      if (seen.get(edge.name) !== 'silent') seen.set(edge.name, saw);
    }
    clearTimeout(deadline);
    return seen;
  }

  /** From now on counts how pulls of a zone go that show one of these certificates; none ends it. */
  watch(zone: ZoneId, certificates: readonly CertificateId[]): void {
    if (certificates.length === 0) this.#watches.delete(zone);
    else this.#watches.set(zone, new Counts(certificates, this.#watches.get(zone)));
    for (const edge of this.#parts.greeted()) this.#parts.send(edge, { kind: 'watch', zone, certificates });
  }

  /** What edges have counted of a watched zone since the last call: one entry for each origin and certificate. */
  takeCounts(zone: ZoneId): readonly PullCount[] {
    return this.#watches.get(zone)?.take() ?? [];
  }

  /** An edge has been sent its snapshot. */
  greeted(edge: Edge): void {
    for (const [zone, { certificates }] of this.#watches) {
      this.#parts.send(edge, { kind: 'watch', zone, certificates: [...certificates] });
    }
  }

  heard(edge: Edge, message: Extract<EdgeMessage, { kind: 'proof' | 'pulled' }>): void {
    if (message.kind === 'pulled') return this.#watches.get(message.zone)?.add(message.counts);
    const question = this.#asked.get(message.id);
    if (question === undefined || question.edge !== edge) return;
    this.#asked.delete(message.id);
    if (question.take(message.seen)) this.#goOn(question);
    else this.#silent(question);
  }

  /** An edge is gone: it answers nothing any more. */
  parted(edge: Edge): void {
    for (const question of this.#asked.values()) if (question.edge === edge) this.#silent(question);
  }

  #goOn(question: Question<Edge>): void {
    const next = question.next();
    if (next === null) return;
    this.#asked.set(question.id, question);
    this.#parts.send(question.edge, next);
  }

  #silent(question: Question<Edge>): void {
    this.#asked.delete(question.id);
    question.answer.resolve('silent');
  }
}

/** What one edge is asked, in as many messages as it takes: each after the answer to the one before. */
class Question<Edge> {
  readonly edge: Edge;
  readonly answer = Promise.withResolvers<readonly OriginSights[] | 'silent'>();
  /** Of the message that was sent last. */
  id = '';
  readonly #zone: ZoneId;
  readonly #tasks: readonly ProofTask[];
  readonly #seen: OriginSights[] = [];

  constructor(edge: Edge, zone: ZoneId, tasks: readonly ProofTask[]) {
    this.edge = edge;
    this.#zone = zone;
    this.#tasks = tasks;
  }

  /** What is to be sent next; `null` where all is answered. */
  next(): FeedMessage | null {
    const tasks = this.#piece();
    if (tasks.length === 0) {
      this.answer.resolve(this.#seen);
      return null;
    }
    this.id = randomUUID();
    return { kind: 'prove', id: this.id, zone: this.#zone, tasks };
  }

  /** Takes an answer; false where it is none to what was asked. */
  take(seen: readonly OriginSights[]): boolean {
    if (seen.length !== this.#piece().length) return false;
    this.#seen.push(...seen);
    return true;
  }

  #piece(): readonly ProofTask[] {
    return this.#tasks.slice(this.#seen.length, this.#seen.length + TASKS_AT_ONCE);
  }
}

/** What was counted of one zone. */
class Counts {
  readonly certificates: ReadonlySet<CertificateId>;
  readonly #sums: Map<string, PullCount>;

  /** What was counted before, and not taken, stays. */
  constructor(certificates: readonly CertificateId[], before: Counts | undefined) {
    this.certificates = new Set(certificates);
    this.#sums = new Map(before === undefined ? [] : before.#sums);
  }

  add(counts: readonly PullCount[]): void {
    for (const { origin, certificate, answered, refused } of counts) {
      if (!this.certificates.has(certificate)) continue;
      const key = `${originKey(origin)} ${certificate}`;
      const before = this.#sums.get(key);
      this.#sums.set(key, {
        origin,
        certificate,
        answered: sum(before?.answered, answered),
        refused: sum(before?.refused, refused),
      });
    }
  }

  take(): readonly PullCount[] {
    const taken = [...this.#sums.values()];
    this.#sums.clear();
    return taken;
  }
}

function sum(before = 0, more: number): number {
  return Number.isSafeInteger(more) && more > 0 ? Math.min(before + more, Number.MAX_SAFE_INTEGER) : before;
}
