import { randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { instant, type ZoneId } from '../domain/ids.ts';
import { addressPolicy, type OwnListener } from '../pull/address-policy.ts';
import type { Pool } from '../pull/pool.ts';
import { DEFAULT_POOL_LIMITS, type PoolLimits } from '../pull/pool.ts';
import { createPools } from '../pull/pools.ts';
import type { EdgeMessage, FeedMessage } from '../wire/feed.ts';
import type { Log } from '../wire/log.ts';
import { createCurrent } from './current.ts';
import { createHandler } from './handle.ts';
import { createKeyring } from './keyring.ts';
import { httpListener, httpsListener, type Listener, type ListenWorld } from './listen.ts';
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
  const own: OwnListener[] = [...options.own];
  const policy = addressPolicy(own);
  const context: Parameters<typeof createPools>[0]['context'] = ({ tls }) =>
    tls === null ? null : keyring.context(tls.identity?.certificate ?? null, tls.check);
  const pools = createPools(
    { policy, context, limits: { ...DEFAULT_POOL_LIMITS, ...options.pullLimits }, clock },
    Date.now,
  );

  const bound: Bound = { https: null, http: null };
  let turns = 0;
  const handle = createHandler({
    planner,
    pools,
    now: () => instant(Date.now()),
    loopName: `postern-${randomBytes(4).toString('hex')}`,
    turn: () => turns++,
    log: options.log,
    publicPort: (scheme) => bound[scheme]?.port ?? null,
  });
  const world: ListenWorld = {
    contexts,
    handle,
    limits: { ...DEFAULT_VISITOR_LIMITS, ...options.visitorLimits },
    clock,
    ...reports(options.log),
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
    close: async (deadline) => {
      await Promise.all(listeners.map((listener) => listener.drain(deadline)));
      pools.close();
    },
  };
}

interface Bound {
  https: HostPort | null;
  http: HostPort | null;
}

function reports(log: EdgeOptions['log']): Pick<ListenWorld, 'fault' | 'refused'> {
  return {
    fault: (error, id) => {
      log('edge_fault', { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
    refused: (code, address, id) => log('request_refused', { id, code, address }),
  };
}

/** Binds the listeners wanted; where one fails, those before it are closed again. */
async function startListeners(
  options: EdgeOptions,
  world: ListenWorld,
  bound: (scheme: 'https' | 'http', at: HostPort) => void,
): Promise<readonly Listener[]> {
  const listeners: Listener[] = [];
  for (const scheme of ['https', 'http'] as const) {
    const wanted = options[scheme];
    if (wanted === null) continue;
    const listener = scheme === 'https' ? httpsListener(world) : httpListener(world);
    try {
      bound(scheme, await bind(listener, wanted));
    } catch (error) {
      for (const open of listeners) await open.drain(0);
      throw Object.assign(error instanceof Error ? error : new Error(String(error)), { scheme });
    }
    listeners.push(listener);
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
