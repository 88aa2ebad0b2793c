import type { AddressInfo } from 'node:net';
import { createApiServer } from '../control/server.ts';
import { openControlPlane } from '../control/start.ts';
import { instant } from '../domain/ids.ts';
import type { Limits } from '../domain/limits.ts';
import { type AccessLogOptions, DEFAULT_ACCESS_LOG } from '../edge/access-log.ts';
import type { FeedMessage } from '../wire/feed.ts';
import { EXIT, Failure } from './failure.ts';
import { figuresDesk } from './figures-desk.ts';
import { formatHostPort, type HostPort } from './host-port.ts';
import { startLocalEdges } from './local-edge.ts';
import type { Log } from './log.ts';
import { undoAll } from './undo.ts';
import { VERSION } from './version.ts';

/** What control plane and edge are started with. */
export interface ServeOptions {
  readonly dir: string;
  readonly kek: string | null;
  readonly api: HostPort;
  readonly apiHosts: readonly string[];
  readonly https: HostPort;
  readonly http: HostPort | null;
  /** Edge processes beside this one; `null` for an edge inside it. */
  readonly workers: number | null;
  readonly log: Log;
  /** Which requests of visitors get a line in the log; those that failed, where left out. */
  readonly accessLog?: AccessLogOptions;
  /** How many of each thing the control plane takes; those left out are its defaults. */
  readonly limits?: Partial<Limits>;
  /** Sees every message of the feed to an edge. */
  readonly watch?: (message: FeedMessage) => void;
  /** How long the edge may take to have the stored configuration in force, in milliseconds. */
  readonly readyWithin?: number;
}

/** A running Postern. */
export interface Running {
  readonly api: HostPort;
  readonly https: HostPort;
  readonly http: HostPort | null;
  /** Replaces the worker processes, one by one, without a request lost. */
  readonly reload: () => Promise<void>;
  /** Lets requests under way finish, for so many milliseconds at most, then ends everything. */
  readonly close: (deadline: number) => Promise<void>;
}

const READY_WITHIN = 30_000;

/**
 * Starts control plane, API and edge; resolves when all listeners answer and the edge has acknowledged its
 * configuration. Throws a Failure, or what stood in the way; then everything is ended again.
 */
export async function serve(options: ServeOptions): Promise<Running> {
  const { log } = options;
  const clock = () => instant(Date.now());
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const plane = await openControlPlane({
      dir: options.dir,
      kek: options.kek,
      clock,
      log,
      limits: options.limits ?? {},
    });
    undo.push(() => plane.close());
    const figures = figuresDesk();
    const server = createApiServer({
      plane,
      clock,
      log,
      version: VERSION,
      hosts: options.apiHosts,
      figures: figures.read,
    });
    undo.push(() => server.close());
    await listening('api', options.api, () => server.listen(options.api));
    const api = { host: options.api.host, port: (server.server.address() as AddressInfo).port };
    const { https, http, workers, watch = () => undefined, readyWithin = READY_WITHIN } = options;
    const { accessLog = DEFAULT_ACCESS_LOG } = options;
    const parts = { plane, https, http, api, workers, watch, log, accessLog, figures, readyWithin };
    const edges = await listening('https', https, () => startLocalEdges(parts));
    undo.push(() => edges.close(0));
    await edges.ready;
    return {
      api,
      https: edges.https,
      http: edges.http,
      reload: edges.reload,
      close: async (deadline) => {
        await edges.close(deadline);
        await server.close();
        await plane.close();
      },
    };
  } catch (error) {
    await undoAll(undo, log);
    throw error;
  }
}

interface ListenError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  readonly scheme?: 'https' | 'http';
}

async function listening<T>(usual: string, address: HostPort, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    // The system names the address that failed, and `startEdge`, which binds two, its scheme.
    const { code, address: at, port, scheme } = error as ListenError;
    const where = formatHostPort({ host: at ?? address.host, port: port ?? address.port });
    throw listenFailure(code, ` (--${scheme ?? usual} ${where})`) ?? error;
  }
}

const LISTEN_FAILURES: Readonly<Record<string, { readonly text: string; readonly fix: string }>> = {
  EADDRINUSE: {
    text: 'The port is in use',
    fix: 'Stop what listens there, or choose another port; 0 takes a free one.',
  },
  EACCES: {
    text: 'This user may not listen there',
    fix: 'Choose a port above 1023, or grant CAP_NET_BIND_SERVICE.',
  },
  EADDRNOTAVAIL: {
    text: 'This machine has no such address',
    fix: 'Use an address of this machine; "ip addr" lists them.',
  },
  ENOTFOUND: { text: 'There is no such host', fix: 'Use an address of this machine; "ip addr" lists them.' },
};

function listenFailure(code: string | undefined, where: string): Failure | null {
  const row = LISTEN_FAILURES[code ?? ''];
  return row === undefined ? null : new Failure(`${row.text}${where}.`, row.fix, EXIT.undetermined);
}
