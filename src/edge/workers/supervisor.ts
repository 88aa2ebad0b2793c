import { createServer, type Server } from 'node:net';
import type { OwnListener } from '../../pull/address-policy.ts';
import type { EdgeListening, EdgeMessage, FeedLink } from '../../wire/feed.ts';
import type { Log } from '../../wire/log.ts';
import type { Snapshot } from '../../wire/metrics.ts';
import type { Traffic } from '../../wire/traffic.ts';
import { bind, type HostPort } from '../../inbound/bind.ts';
import type { EdgeSettings } from '../edge-settings.ts';
import { joinFeed } from '../join-feed.ts';
import { newLoopName } from '../start.ts';
import { rotatingTicketKey, type TicketKey } from '../ticket-key.ts';
import type { Beginning, Scheme } from './messages.ts';
import { RECEPTION_LIMITS, Reception } from './reception.ts';
import { restartPause } from './restart-pause.ts';
import { type Silence, type WorkerEnd, WorkerProcess } from './worker-process.ts';

/** Who learns what workers have counted. */
interface WorkerFigures {
  readonly reported: (worker: string, snapshot: Snapshot) => void;
  readonly ended: (worker: string) => void;
  /** What zones and hostnames have counted since the worker told so last. */
  readonly counted: (traffic: Traffic) => void;
}

/** What workers are supervised with. */
export interface SupervisorOptions {
  readonly workers: number;
  readonly https: HostPort;
  readonly http: HostPort | null;
  /** Other listeners of this Postern, which must never be origins. */
  readonly own: readonly OwnListener[];
  readonly settings: EdgeSettings;
  readonly log: Log;
  /** Learns what each worker has counted so far, and that one has ended. */
  readonly figures?: WorkerFigures;
  /** Adds a worker to the feed; answers the function that takes it away. */
  readonly connect: (link: FeedLink) => () => void;
  /** What is told of the listeners, once they are there. */
  readonly listening?: (at: { readonly https: HostPort; readonly http: HostPort | null }) => EdgeListening;
  /** Hears what workers say to the feed. */
  readonly heard?: (message: EdgeMessage) => void;
  /** The feed let a worker go, or the worker ended, and why. */
  readonly lost?: (because: string) => void;
  readonly silence?: Silence;
}

/** Edge workers at work. */
export interface Supervisor {
  readonly https: HostPort;
  readonly http: HostPort | null;
  /** Resolves once every worker has been ready. */
  readonly ready: Promise<void>;
  /** Replaces the workers one by one, without a visitor noticing. */
  readonly reload: () => Promise<void>;
  /** Takes no more visitors, lets requests under way finish, and ends all workers. */
  readonly close: (deadline: number) => Promise<void>;
}

const TICK = 1_000;
const SILENCE: Silence = { atStart: 30, suspect: 2, hung: 10 };
const RELOAD_DRAIN = 30_000;
/** How long a new worker may take before the old one is kept. */
const READY_WITHIN = 60_000;
/** How long visitors of a worker that is replaced may stay idle before their connections are closed. */
const RELOAD_PATIENCE = 5_000;

/** Listens, and starts the workers. Rejects with the system's error where it cannot listen. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const reception = new Reception(RECEPTION_LIMITS, () => performance.now());
  const servers: Server[] = [];
  const listen = async (scheme: Scheme, wanted: HostPort): Promise<HostPort> => {
    const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
      // Nobody reads here, so nothing is noticed here: the worker will.
      socket.on('error', () => socket.destroy());
      reception.receive(scheme, socket);
    });
    servers.push(server);
    return bind(server, wanted, scheme);
  };
  try {
    const https = await listen('https', options.https);
    const http = options.http === null ? null : await listen('http', options.http);
    const crew = new Crew({ options, reception, https, http });
    return {
      https,
      http,
      ready: crew.ready,
      reload: () => crew.reload(),
      close: async (deadline) => {
        for (const server of servers) server.close();
        reception.end();
        await crew.close(deadline);
      },
    };
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
}

interface CrewParts {
  readonly options: SupervisorOptions;
  readonly reception: Reception;
  readonly https: HostPort;
  readonly http: HostPort | null;
}

/** A place that is always to be filled. */
interface Post {
  worker: Member | null;
  /** How many workers in a row ended soon after their start. */
  failures: number;
  restart: NodeJS.Timeout | undefined;
  /** Called whenever a worker here is ready. */
  readonly filled: () => void;
}

/** A worker with what hangs on it. */
interface Member {
  readonly process: WorkerProcess;
  readonly since: number;
  /** Resolves with true when it may have visitors, with false when it ended before. */
  readonly fit: Promise<boolean>;
  readonly ended: Promise<void>;
}

/** Keeps so many workers alive. */
class Crew {
  readonly ready: Promise<void>;
  readonly #parts: CrewParts;
  readonly #posts: readonly Post[];
  readonly #members = new Set<Member>();
  readonly #ticketKey: TicketKey;
  readonly #loopName = newLoopName();
  readonly #ticker: NodeJS.Timeout;
  #closing = false;
  #reloading: Promise<void> | null = null;
  #reloadAgain = false;

  constructor(parts: CrewParts) {
    this.#parts = parts;
    this.#ticketKey = rotatingTicketKey((key) => {
      for (const { process } of this.#members) process.setTicketKey(key);
    });
    const first = Array.from({ length: parts.options.workers }, () => Promise.withResolvers<void>());
    this.#posts = first.map(({ resolve: filled }) => ({ worker: null, failures: 0, restart: undefined, filled }));
    for (const post of this.#posts) this.#fill(post);
    this.ready = Promise.all(first.map(({ promise }) => promise)).then(() => undefined);
    this.#ticker = setInterval(() => this.#tick(), TICK);
  }

  async reload(): Promise<void> {
    if (this.#reloading !== null) {
      this.#reloadAgain = true;
      return this.#reloading;
    }
    this.#reloading = this.#reloadAll();
    await this.#reloading;
    this.#reloading = null;
  }

  async close(deadline: number): Promise<void> {
    this.#closing = true;
    this.#ticketKey.end();
    for (const { restart } of this.#posts) clearTimeout(restart);
    for (const { process } of this.#members) process.drain(deadline, 0);
    await Promise.all([...this.#members].map(({ ended }) => ended));
    clearInterval(this.#ticker);
  }

  #fill(post: Post): void {
    const member = this.#hire();
    this.#appoint(post, member);
    void member.fit.then((isFit) => isFit && post.filled());
  }

  /** Gives a worker the post; when it ends, somebody else gets it. */
  #appoint(post: Post, member: Member): void {
    post.worker = member;
    void member.ended.then(() => {
      if (post.worker !== member || this.#closing) return;
      post.worker = null;
      const { failures, pause } = restartPause(post.failures, performance.now() - member.since);
      post.failures = failures;
      post.restart = setTimeout(() => this.#fill(post), pause);
    });
  }

  #hire(): Member {
    const { reception, options, https, http } = this.#parts;
    const fit = Promise.withResolvers<boolean>();
    const ended = Promise.withResolvers<void>();
    const worker = new WorkerProcess(
      this.#beginning(),
      {
        ready: () => {
          reception.open(worker);
          fit.resolve(true);
        },
        took: () => reception.next(),
        counted: (counted) => {
          for (const { process } of this.#members) if (process !== worker) process.addCounted(counted);
        },
        figures: (snapshot) => options.figures?.reported(worker.name, snapshot),
        traffic: (traffic) => options.figures?.counted(traffic),
        log: options.log,
        ended: (end) => {
          leave();
          this.#members.delete(member);
          options.figures?.ended(worker.name);
          reception.close(worker);
          this.#tellEnd(worker, end);
          fit.resolve(false);
          ended.resolve();
          reception.again(end.untouched);
        },
      },
      options.silence ?? SILENCE,
    );
    const member: Member = { process: worker, since: performance.now(), fit: fit.promise, ended: ended.promise };
    this.#members.add(member);
    options.log('worker_started', { worker: worker.name, pid: worker.pid });
    const { connect, log, heard = () => undefined, lost = () => undefined } = options;
    const listening = options.listening?.({ https, http });
    const leave = joinFeed({ name: worker.name, connect, edge: worker, listening, log, heard, lost });
    return member;
  }

  #tellEnd(worker: WorkerProcess, { cause, said }: WorkerEnd): void {
    const fields = { worker: worker.name, pid: worker.pid, cause };
    if (cause === 'exit 0') return this.#parts.options.log('worker_ended', fields);
    this.#parts.options.log('worker_lost', { ...fields, said });
    this.#parts.options.lost?.(`${worker.name} ended (${cause})`);
  }

  #beginning(): Beginning {
    const { options, https, http } = this.#parts;
    const ticketKey = this.#ticketKey.present().toString('base64');
    const { own, settings } = options;
    const loopName = this.#loopName;
    return { name: this.#freeName(), https, http, own, settings, loopName, ticketKey };
  }

  // Names are few, so that whatever counts by them stays small, and no two that live have the same.
  #freeName(): string {
    const taken = new Set([...this.#members].map(({ process }) => process.name));
    for (let number = 1; ; number++) if (!taken.has(`local-${number}`)) return `local-${number}`;
  }

  async #reloadAll(): Promise<void> {
    const { log } = this.#parts.options;
    do {
      this.#reloadAgain = false;
      log('reloading', { workers: this.#posts.length });
      for (const post of this.#posts) {
        if (this.#closing) return;
        if (!(await this.#replace(post))) return log('reload_failed', {});
      }
      log('reloaded', { workers: this.#posts.length });
    } while (this.#reloadAgain && !this.#closing);
  }

  /** The new one is ready before the old one goes; where it does not get ready, the old one stays. */
  async #replace(post: Post): Promise<boolean> {
    const next = this.#hire();
    const late = setTimeout(() => next.process.drain(0, 0), READY_WITHIN);
    const isFit = await next.fit;
    clearTimeout(late);
    if (!isFit) return false;
    if (this.#closing) return true;
    clearTimeout(post.restart);
    const old = post.worker;
    this.#appoint(post, next);
    if (old === null) return true;
    this.#parts.reception.close(old.process);
    old.process.drain(RELOAD_DRAIN, RELOAD_PATIENCE);
    await old.ended;
    return true;
  }

  #tick(): void {
    for (const { process } of this.#members) process.tick();
    const count = this.#parts.reception.tick();
    if (count > 0) this.#parts.options.log('visitors_turned_away', { count });
  }
}
