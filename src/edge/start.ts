import { randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { instant, type ZoneId } from '../domain/ids.ts';
import type { Scheme } from '../domain/plan.ts';
import { addressPolicy, type OwnListener } from '../pull/address-policy.ts';
import type { Pool } from '../pull/pool.ts';
import { DEFAULT_POOL_LIMITS, type PoolLimits, type PoolWorld } from '../pull/pool.ts';
import { createPools } from '../pull/pools.ts';
import type { EdgeMessage, FeedMessage } from '../wire/feed.ts';
import type { Log } from '../wire/log.ts';
import type { Snapshot } from '../wire/metrics.ts';
import { type AccessLogOptions, createAccessLog, DEFAULT_ACCESS_LOG } from './access-log.ts';
import { createCurrent } from './current.ts';
import { createHandler, type HandlerWorld } from './handle.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { httpListener, httpsListener, type Listener, type ListenWorld } from './listen.ts';
import { Meters } from './meters.ts';
import { createPlanner, type Planner } from './planner.ts';
import { subscribe } from './subscribe.ts';
import { createVisitorContexts } from './visitor-contexts.ts';
import { DEFAULT_VISITOR_LIMITS, type VisitorLimits } from './visitor-world.ts';

/** What an edge is started with. */
export interface EdgeOptions {
  /** Name of this edge in acknowledgements and logs. */
  readonly name: string;
  readonly https: HostPort | null;
  readonly http: HostPort | null;
  /** Other listeners of this Postern, which must never be origins. */
  readonly own: readonly OwnListener[];
  readonly log: Log;
  /** Which requests get a line in the log; those that failed, where left out. */
  readonly accessLog?: AccessLogOptions;
  /** Bounds that differ from the usual ones. */
  readonly visitorLimits?: Partial<VisitorLimits>;
  readonly pullLimits?: Partial<PoolLimits>;
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A running edge. */
export interface Edge {
  readonly https: HostPort | null;
  readonly http: HostPort | null;
  /** Connects the edge to a feed; returns what takes the feed's messages. */
  readonly subscribe: (reply: (message: EdgeMessage) => void) => (message: FeedMessage) => void;
  /** What the edge has counted so far, and what it holds now. */
  readonly snapshot: () => Snapshot;
  /** Lets requests under way finish, for so many milliseconds at most, then ends. */
  readonly close: (deadline: number) => Promise<void>;
}

/** Starts an edge: listeners first, an empty configuration, which serves nobody until the feed has spoken. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const current = createCurrent();
  const keyring = createKeyring();
  const contexts = createVisitorContexts({ holder: current.holder, now: () => instant(Date.now()), log: options.log });
  const planner = createPlanner(current);
  const clock = (): number => performance.now();
  const meters = new Meters();
  const watch = reports(options, meters);
  const own: OwnListener[] = [...options.own];
  const pools = createPools({ ...poolWorld(options, keyring, meters), policy: addressPolicy(own), clock }, Date.now);

  const bound: Bound = { https: null, http: null };
  let turns = 0;
  const handle = createHandler({
    planner,
    pools,
    now: () => instant(Date.now()),
    loopName: `postern-${randomBytes(4).toString('hex')}`,
    turn: () => turns++,
    log: options.log,
    clock,
    done: watch.done,
    publicPort: (scheme) => bound[scheme]?.port ?? null,
  });
  const world: ListenWorld = {
    contexts,
    handle,
    limits: { ...DEFAULT_VISITOR_LIMITS, ...options.visitorLimits },
    clock,
    ...watch,
  };
  const listeners = await startListeners(options, world, (scheme, at) => {
    bound[scheme] = at;
    own.push(at);
  });

  const changed = (zones: readonly ZoneId[] | null): void => {
    planner.forget();
    pools.review(zones, (pool) => stillPlanned(planner, pool));
  };

  return {
    ...bound,
    subscribe: (reply) =>
      subscribe(
        {
          edge: options.name,
          current,
          keyring,
          contexts,
          changed,
          keysChanged: planner.forget,
          dropped: ({ certificate }) => {
            planner.forget();
            pools.retire(certificate);
          },
          log: options.log,
        },
        reply,
      ),
    snapshot: () => {
      const open = (scheme: Scheme) => listeners.get(scheme)?.connections() ?? 0;
      return meters.snapshot({
        now: clock(),
        connections: { http: open('http'), https: open('https') },
        pools: pools.snapshot(),
      });
    },
    close: async (deadline) => {
      await Promise.all([...listeners.values()].map((listener) => listener.drain(deadline)));
      pools.close();
    },
  };
}

interface Bound {
  https: HostPort | null;
  http: HostPort | null;
}

function poolWorld(
  { pullLimits }: EdgeOptions,
  keyring: Keyring,
  meters: Meters,
): Pick<PoolWorld, 'context' | 'limits' | 'opened'> {
  return {
    context: ({ tls }) => (tls === null ? null : keyring.context(tls.identity?.certificate ?? null, tls.check)),
    limits: { ...DEFAULT_POOL_LIMITS, ...pullLimits },
    opened: (outcome) => meters.opened(outcome),
  };
}

/** Who is told of what happens: the meters, the log, or both. */
function reports(
  { log, accessLog = DEFAULT_ACCESS_LOG }: EdgeOptions,
  meters: Meters,
): Pick<HandlerWorld, 'done'> & Pick<ListenWorld, 'fault' | 'refused' | 'handshake'> {
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
  };
}

/** Binds the listeners wanted; where one fails, those before it are closed again. */
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
      bound(scheme, await bind(listener, wanted));
    } catch (error) {
      for (const open of listeners.values()) await open.drain(0);
      throw Object.assign(error instanceof Error ? error : new Error(String(error)), { scheme });
    }
    listeners.set(scheme, listener);
  }
  return listeners;
}

function stillPlanned(planner: Planner, { key, door: { hostname, scheme } }: Pool): boolean {
  const route = planner.route(hostname, scheme, instant(Date.now()));
  return route.doors.some((way) => way.key === key);
}

/** Binds a listener; rejects with the system's error where that fails. */
async function bind({ server }: Listener, wanted: HostPort): Promise<HostPort> {
  try {
    await bindTo(server, wanted);
  } catch (error) {
    // "All addresses" must also work where the system has no IPv6.
    if (wanted.host !== '::' || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    await bindTo(server, { ...wanted, host: '0.0.0.0' });
  }
  const { port } = server.address() as AddressInfo;
  return { host: wanted.host, port };
}

function bindTo(server: Server, { host, port }: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1_024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
