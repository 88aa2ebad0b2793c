import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import type { EdgeMessage, FeedMessage } from '../../wire/feed.ts';
import type { Log } from '../../wire/log.ts';
import type { Snapshot } from '../../wire/metrics.ts';
import type { Traffic } from '../../wire/traffic.ts';
import type { CountedRequests } from '../request-counts.ts';
import { type FeedSender, feedSender } from './feed-sender.ts';
import type { Beginning, Order, Report } from './messages.ts';
import type { Desk, Visitor } from './reception.ts';

/** How a worker ended. */
export interface WorkerEnd {
  readonly cause: string;
  /** The last words on its stderr. */
  readonly said: string;
  /** Visitors that were on their way to it, whose connections it has not touched. */
  readonly untouched: readonly Visitor[];
}

/** What a worker's process tells its supervisor. */
interface WorkerWatch {
  /** It has in force all that the feed has sent: it may have visitors. */
  readonly ready: () => void;
  /** It has taken a visitor. */
  readonly took: () => void;
  readonly ended: (end: WorkerEnd) => void;
  /** It has counted requests for rate limits. */
  readonly counted: (counted: readonly CountedRequests[]) => void;
  /** It has told what it has counted since it started. */
  readonly figures: (snapshot: Snapshot) => void;
  /** It has told what zones and hostnames have counted since it told so last. */
  readonly traffic: (traffic: Traffic) => void;
  readonly log: Log;
}

/** How long a worker may be silent, in ticks of its supervisor. */
export interface Silence {
  readonly atStart: number;
  readonly suspect: number;
  readonly hung: number;
}

const SAID = 1_000;
/** What a worker needs beyond its deadline to end. */
const GRACE = 2_000;

// Taking in a configuration of 100,000 hostnames, V8 would make room for 128 MB of young objects and never give it back.
// Pulls cost the same with a quarter of that.
const YOUNG_GENERATION = '--max-semi-space-size=16';

// Beside this file, and in a package compiled like it.
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js', import.meta.url);

/** One worker: a process with an edge, and the channel to it. */
export class WorkerProcess implements Desk {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #watch: WorkerWatch;
  readonly #silence: Silence;
  readonly #coming = new Map<number, Visitor>();
  readonly #feed: FeedSender;
  #reply: (message: EdgeMessage) => void = () => undefined;
  #visitors = 0;
  #count = 0;
  /** Ticks since it was last heard. */
  #quiet = 0;
  #heard = false;
  #ready = false;
  #hung = false;
  #ended = false;
  /** The newest revision that it was sent. */
  #sent = 0;
  #said = '';
  #kill: NodeJS.Timeout | undefined;

  constructor(beginning: Beginning, watch: WorkerWatch, silence: Silence) {
    this.name = beginning.name;
    this.#watch = watch;
    this.#silence = silence;
    const cache = getCompileCacheDir();
    this.#child = fork(ENTRY, {
      execArgv: [...process.execArgv, YOUNG_GENERATION],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) },
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-SAID);
    });
    this.#child.on('message', (message) => this.#hear(message as Report));
    // Where a write fails the process is gone, and `close` says so. After it nothing more is read from the channel, so
    // whoever is not taken by then never was.
    this.#child.on('error', (error) => this.#child.pid === undefined && this.#end(error.message));
    this.#child.on('close', (code, signal) => this.#end(signal ?? `exit ${code}`));
    this.#feed = feedSender((order, written) => this.#write(order, written));
    this.#write({ kind: 'begin', beginning });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get visitors(): number {
    return this.#visitors + this.#coming.size;
  }

  get coming(): number {
    return this.#coming.size;
  }

  get silent(): boolean {
    return this.#quiet >= this.#silence.suspect;
  }

  /** Hands a connection over. A copy stays here until the worker says that it has it. */
  give(visitor: Visitor): void {
    const id = this.#count++;
    this.#coming.set(id, visitor);
    const order: Order = { kind: 'visitor', id, scheme: visitor.scheme };
    this.#child.send(order, visitor.socket, { keepOpen: true }, () => undefined);
  }

  /** Connects its edge to a feed, as an edge's own `subscribe` does. */
  subscribe(reply: (message: EdgeMessage) => void): (message: FeedMessage) => void {
    this.#reply = reply;
    this.#write({ kind: 'subscribe' });
    return (message) => {
      if ('revision' in message) this.#sent = message.revision;
      this.#feed.send(message);
    };
  }

  /** Whether the channel has room for more of the feed, as a link says it. */
  readonly room = (): Promise<void> | null => this.#feed.room();

  setTicketKey(key: Buffer): void {
    this.#write({ kind: 'ticket_key', key: key.toString('base64') });
  }

  /** Tells it what another worker counted; one that has no configuration yet begins with nothing. */
  addCounted(counted: readonly CountedRequests[]): void {
    if (this.#ready) this.#write({ kind: 'counted', counted });
  }

  /** Lets requests under way finish, and ends. */
  drain(within: number, patience: number): void {
    this.#write({ kind: 'drain', within, patience });
    clearTimeout(this.#kill);
    this.#kill = setTimeout(() => this.#child.kill('SIGKILL'), within + patience + GRACE);
  }

  /** Called about once a second: kills a worker that has not been heard for long. */
  tick(): void {
    this.#quiet += 1;
    if (this.#hung || this.#quiet < (this.#heard ? this.#silence.hung : this.#silence.atStart)) return;
    this.#hung = true;
    this.#watch.log('worker_hung', { worker: this.name, pid: this.pid });
    this.#child.kill('SIGKILL');
  }

  #write(order: Order, written: () => void = () => undefined): boolean {
    return this.#child.connected && this.#child.send(order, undefined, undefined, written);
  }

  #hear(report: Report): void {
    this.#quiet = 0;
    this.#heard = true;
    switch (report.kind) {
      case 'alive':
        return;
      case 'told':
        this.#reply(report.message);
        return this.#look(report.message);
      case 'took':
        return this.#took(report.id);
      case 'left':
        this.#visitors -= 1;
        return;
      case 'logged':
        for (const { event, fields } of report.lines) this.#watch.log(event, { ...fields, worker: this.name });
        return;
      case 'counted':
        return this.#watch.counted(report.counted);
      case 'figures':
        return this.#watch.figures(report.snapshot);
      case 'traffic':
        return this.#watch.traffic(report.traffic);
      case 'log_lost':
        return this.#watch.log('log_lost', { worker: this.name, count: report.count });
    }
  }

  // What was sent after the snapshot is in force elsewhere already: a visitor must not find less here.
  #look(message: EdgeMessage): void {
    if (this.#ready || message.kind !== 'applied' || message.revision < this.#sent) return;
    this.#ready = true;
    this.#watch.ready();
  }

  #took(id: number): void {
    const visitor = this.#coming.get(id);
    if (visitor === undefined) return;
    this.#coming.delete(id);
    this.#visitors += 1;
    // Closes this copy only: the connection lives on in the worker.
    visitor.socket.destroy();
    this.#watch.took();
  }

  #end(cause: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#kill);
    const untouched = [...this.#coming.values()];
    this.#coming.clear();
    this.#watch.ended({
      cause: this.#hung ? `${cause}: it was silent for too long` : cause,
      said: this.#said,
      untouched,
    });
  }
}
