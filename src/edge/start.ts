import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Instant, instant } from '../domain/ids.ts';
import type { Scheme } from '../domain/plan.ts';
import { addressPolicy, type OwnListener } from '../pull/address-policy.ts';
import type { Pool, PoolWorld } from '../pull/pool.ts';
import { DEFAULT_POOL_LIMITS, type PoolLimits } from '../pull/pool-limits.ts';
import { createPools, type Pools } from '../pull/pools.ts';
import { createResolver, type Resolver } from '../pull/resolve.ts';
import type { EdgeMessage, FeedMessage } from '../wire/feed.ts';
import type { Log } from '../wire/log.ts';
import type { Snapshot } from '../wire/metrics.ts';
import type { Traffic } from '../wire/traffic.ts';
import { createAccessLog } from './access-log.ts';
import { bind, type HostPort } from '../inbound/bind.ts';
import { createCurrent } from './current.ts';
import { DEFAULT_EDGE_SETTINGS, type EdgeSettings } from './edge-settings.ts';
import { createHandler, type HandlerWorld } from './handle.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { httpListener, httpsListener, type Listener, type ListenWorld } from './listen.ts';
import { type Holdings, Meters } from './meters.ts';
import { peersOf } from './peers.ts';
import { createPlanner, type Planner } from './planner.ts';
import { createProver, type ProverWorld } from './prover.ts';
import { createPullWatch } from './pull-watch.ts';
import { type CountedRequests, RequestCounts } from './request-counts.ts';
import { type SubscriberWorld, subscribe } from './subscribe.ts';
import { createVisitorContexts } from './visitor-contexts.ts';
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from '../http1/server-limits.ts';

/** What an edge is started with. */
export interface EdgeOptions extends Partial<EdgeSettings> {
  /** Name of this edge in acknowledgements and logs. */
  readonly name: string;
  readonly https: HostPort | null;
  readonly http: HostPort | null;
  /** `elsewhere`: somebody else listens on these addresses and hands connections over with `accept`. */
  readonly listens?: 'itself' | 'elsewhere';
  /** What a request says that came through here, so that it does not go in circles: the same for all workers. */
  readonly loopName?: string;
  /** Other listeners of this Postern, which must never be origins. */
  readonly own: readonly OwnListener[];
  readonly log: Log;
  /** Bounds that differ from the usual ones. */
  readonly visitorLimits?: Partial<ServerLimits>;
  readonly pullLimits?: Partial<PoolLimits>;
  /** Milliseconds for one knock at an origin that is looked at, where they differ from the usual. */
  readonly knockTimeout?: number;
  /** How names of origins are resolved, where the system is not asked. */
  readonly resolver?: Resolver;
  /** The wall clock, in milliseconds since the epoch, where it is not the system's. */
  readonly now?: () => number;
  /** The clock of time-outs, in monotonic milliseconds, where it is not the system's. */
  readonly clock?: () => number;
}

/** A running edge. */
export interface Edge {
  readonly https: HostPort | null;
  readonly http: HostPort | null;
  /** Connects the edge to a feed; returns what takes the feed's messages. */
  readonly subscribe: (reply: (message: EdgeMessage) => void) => (message: FeedMessage) => void;
  /** What the edge has counted so far, and what it holds now. */
  readonly snapshot: () => Snapshot;
  /** What zones and hostnames have counted since the last call, as far as one report may hold it. */
  readonly takeTraffic: () => Traffic;
  /** Takes a visitor whom somebody else accepted. */
  readonly accept: (scheme: 'https' | 'http', socket: Socket) => void;
  /** What this edge counted for rate limits since the last call, for the other workers. */
  readonly takeNews: () => readonly CountedRequests[];
  /** Takes in what another worker counted. */
  readonly addCounted: (elsewhere: readonly CountedRequests[]) => void;
  /** The key under which visitors' sessions are resumed from now on. */
  readonly setTicketKey: (key: Buffer) => void;
  /**
   * Lets requests under way finish, for so many milliseconds at most, then ends. With `patience`, idle visitors may for so
   * long ask once more.
   */
  readonly close: (deadline: number, patience?: number) => Promise<void>;
}

/** A new name for `loopName`. */
export function newLoopName(): string {
  return `postern-${randomBytes(4).toString('hex')}`;
}

/** Starts an edge: listeners first, an empty configuration, which serves nobody until the feed has spoken. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { now: wall = Date.now, clock = () => performance.now() } = options;
  const now = (): Instant => instant(wall());
  const current = createCurrent();
  const keyring = createKeyring();
  const contexts = createVisitorContexts({ holder: current.holder, asked: current.asked, now, log: options.log });
  const counts = new RequestCounts(options.listens === 'elsewhere' ? 'several' : 'one');
  const planner = createPlanner(current, counts);
  const meters = new Meters();
  const watch = reports(options, meters);
  const own: OwnListener[] = [...options.own];
  const { resolver = createResolver(clock), loopName = newLoopName() } = options;
  const reach = { keyring, clock, now, resolver, policy: addressPolicy(own, options.originPolicy) };
  const pools = startPools(options, { ...reach, opened: (outcome, zone) => meters.opened(outcome, zone) });
  const sights = createSights(options, { ...reach, config: current, loopName });

  const sweeper = setInterval(() => counts.sweep(clock()), SWEEP_EVERY).unref();
  const bound: Bound = { https: null, http: null };
  let turns = 0;
  const handle = createHandler({
    planner,
    pools,
    now,
    clock,
    loopName,
    tally: sights.pullWatch.tally,
    turn: () => turns++,
    log: options.log,
    done: watch.done,
    simulated: (plan) => meters.simulated(plan),
    publicPort: (scheme) => bound[scheme]?.port ?? null,
  });
  const world: ListenWorld = {
    contexts,
    handle,
    limits: { ...DEFAULT_SERVER_LIMITS, ...options.visitorLimits },
    peers: peersOf(options.peers ?? DEFAULT_EDGE_SETTINGS.peers),
    clock,
    ...watch,
  };
  const listeners = await startListeners(options, world, (scheme, at) => {
    bound[scheme] = at;
    own.push(at);
  });

  const { name: edge, log } = options;
  const after = consequences(planner, pools, now);
  const subscriber: SubscriberWorld = { ...after, ...sights, edge, log, current, keyring, contexts };

  return {
    ...bound,
    subscribe: (reply) => subscribe(subscriber, reply),
    snapshot: () => meters.snapshot({ now: clock(), connections: openAt(listeners), pools: pools.snapshot() }),
    takeTraffic: () => meters.takeTraffic(),
    accept: (scheme, socket) => handOver(listeners.get(scheme), socket),
    takeNews: () => counts.takeNews(),
    addCounted: (elsewhere) => counts.add(elsewhere, clock()),
    setTicketKey: (key) => {
      for (const listener of listeners.values()) listener.setTicketKey(key);
    },
    close: async (deadline, patience) => {
      await Promise.all([...listeners.values()].map((listener) => listener.drain(deadline, patience)));
      pools.close();
      sights.prover.forget();
      sights.pullWatch.forget();
      clearInterval(sweeper);
    },
  };
}

const SWEEP_EVERY = 60_000;
const KNOCK_TIMEOUT = 5_000;

/** What follows from a change of the configuration for plans that are kept and connections that are open. */
function consequences(
  planner: Planner,
  pools: Pools,
  now: () => Instant,
): Pick<SubscriberWorld, 'changed' | 'keysChanged' | 'dropped'> {
  return {
    changed: (zones) => {
      planner.forget();
      pools.review(zones, (pool) => stillPlanned(planner, pool, now()));
    },
    keysChanged: planner.forget,
    dropped: ({ certificate }) => {
      planner.forget();
      pools.retire(certificate);
    },
  };
}

function createSights(
  { log, knockTimeout: timeout = KNOCK_TIMEOUT }: EdgeOptions,
  around: Omit<ProverWorld, 'log' | 'timeout'>,
): Pick<SubscriberWorld, 'prover' | 'pullWatch'> {
  return { prover: createProver({ ...around, timeout, log }), pullWatch: createPullWatch() };
}

interface PoolParts extends Pick<PoolWorld, 'policy' | 'resolver' | 'clock' | 'now' | 'opened'> {
  readonly keyring: Keyring;
}

function startPools(options: EdgeOptions, { keyring, ...parts }: PoolParts): Pools {
  const context: PoolWorld['context'] = ({ tls }) =>
    tls === null ? null : keyring.context(tls.identity?.certificate ?? null, tls);
  const limits = { ...DEFAULT_POOL_LIMITS, ...options.pullLimits };
  return createPools({ ...parts, context, limits, random: Math.random, log: options.log });
}

function handOver(listener: Listener | undefined, socket: Socket): void {
  if (listener === undefined) socket.destroy();
  else listener.accept(socket);
}

function openAt(listeners: ReadonlyMap<Scheme, Listener>): Holdings['connections'] {
  const open = (scheme: Scheme) => listeners.get(scheme)?.connections() ?? 0;
  return { http: open('http'), https: open('https') };
}

interface Bound {
  https: HostPort | null;
  http: HostPort | null;
}

/** Who is told of what happens: the meters, the log, or both. */
function reports(
  { log, accessLog = DEFAULT_EDGE_SETTINGS.accessLog }: EdgeOptions,
  meters: Meters,
): Pick<HandlerWorld, 'done'> & Pick<ListenWorld, 'cut' | 'fault' | 'refused' | 'handshake'> {
  const access = createAccessLog(accessLog, log);
  return {
    done: (visitor, end, at) => {
      meters.request(visitor, end, at);
      access?.(visitor, end, at);
    },
    fault: (error, id) => {
      log('edge_fault', { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
    refused: (code, address, id) => {
      meters.refused(code);
      // Slow visitors are many, and have said nothing that could be looked into.
      if (code !== 'head_timeout' && code !== 'body_timeout') log('request_refused', { id, code, address });
    },
    handshake: (ended) => meters.handshake(ended),
    cut: (because, address) => log('visitor_cut', { because, address }),
  };
}

/** Makes the listeners wanted and binds them; where one fails, those before it are closed again. */
async function startListeners(
  options: EdgeOptions,
  world: ListenWorld,
  bound: (scheme: Scheme, at: HostPort) => void,
): Promise<ReadonlyMap<Scheme, Listener>> {
  const listeners = new Map<Scheme, Listener>();
  for (const scheme of ['https', 'http'] as const) {
    const wanted = options[scheme];
    if (wanted === null) continue;
    const listener = scheme === 'https' ? httpsListener(world) : httpListener(world);
    try {
      bound(scheme, options.listens === 'elsewhere' ? wanted : await bind(listener.server, wanted, scheme));
    } catch (error) {
      for (const open of listeners.values()) await open.drain(0);
      throw error;
    }
    listeners.set(scheme, listener);
  }
  return listeners;
}

function stillPlanned(planner: Planner, { key, door: { hostname, scheme } }: Pool, now: Instant): boolean {
  const route = planner.route(hostname, scheme, now);
  return [...route.doors, ...route.http1Doors].some((way) => way.key === key);
}
