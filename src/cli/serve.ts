import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { RateLimitOptions } from '../control/api/rate-limits.ts';
import { type AnalyticsKeeping, keepAnalytics } from '../control/analytics/keeping.ts';
import { lastHour } from '../control/analytics/last-hour.ts';
import { type CertificateFiles, type Credential, loadCredential } from '../control/listener/certificate.ts';
import { keepCredential } from '../control/listener/keep-credential.ts';
import { listenerServers } from '../control/listener/servers.ts';
import type { MailServer } from '../control/notices/mail.ts';
import { createPublicServer } from '../control/public-server.ts';
import { type ApiServerOptions, createApiServer } from '../control/server.ts';
import { builtDashboard } from './built-dashboard.ts';
import type { ControlPlane } from '../control/plane.ts';
import { type Invitation, SignInCode } from '../control/sign-in-code.ts';
import { openControlPlane } from '../control/start.ts';
import { type Instant, instant } from '../domain/ids.ts';
import type { AttestationPace } from '../domain/attestation.ts';
import type { Limits } from '../domain/limits.ts';
import { listenAnyFamily } from '../inbound/bind.ts';
import { DEFAULT_EDGE_SETTINGS, type EdgeSettings } from '../edge/edge-settings.ts';
import { addressPolicy } from '../pull/address-policy.ts';
import type { FeedMessage } from '../wire/feed.ts';
import { figuresDesk } from './figures-desk.ts';
import type { PublicAddress } from './edge-listening.ts';
import { formatHostPort, type HostPort } from './host-port.ts';
import { listenFailure } from './listen-failure.ts';
import { invite } from './invitation.ts';
import { configureOrigin } from './origin-configurator.ts';
import { startLocalEdges } from './local-edge.ts';
import type { Log } from './log.ts';
import { undoAll } from './undo.ts';
import { VERSION } from './version.ts';

/** What control plane and edge are started with. */
export interface ServeOptions extends Partial<EdgeSettings> {
  readonly dir: string;
  readonly kek: string | null;
  readonly oldKek?: string | null;
  readonly api: HostPort;
  readonly apiHosts: readonly string[];
  /** With these the API speaks TLS; without, it is for loopback only. */
  readonly apiCertificate?: CertificateFiles | null;
  /** Where everybody may fetch trust bundles. */
  readonly public?: HostPort | null;
  /** The address by which everybody reaches it. */
  readonly publicUrl?: string | null;
  readonly legacyKeys?: boolean;
  /** How long a sign-in by cookie lasts at most. */
  readonly sessionHours?: number;
  readonly rateLimits?: Partial<RateLimitOptions>;
  readonly https: HostPort;
  /** Where visitors reach the edges, where those do not know it themselves. */
  readonly publicAddresses?: readonly PublicAddress[];
  readonly http: HostPort | null;
  /** Edge processes beside this one; `null` for an edge inside it. */
  readonly workers: number | null;
  readonly log: Log;
  /** How many of each thing the control plane takes; those left out are its defaults. */
  readonly limits?: Partial<Limits>;
  /** Where mail with notices goes out. */
  readonly mail?: MailServer | null;
  /** How often origins are looked at; never where left out. */
  readonly attestation?: AttestationPace | null;
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
  readonly public: HostPort | null;
  /** What the API shows over TLS; `null` where it does not speak TLS. */
  readonly certificate: ShownCertificate | null;
  /** Makes the code that signs a browser in once, for whoever sits at the terminal; `null` where there can be none. */
  readonly invite: () => Invitation | null;
  /** Reads the API's certificate again, and replaces the worker processes one by one, without a request lost. */
  readonly reload: () => Promise<void>;
  /** Lets requests under way finish, for so many milliseconds at most, then ends everything. */
  readonly close: (deadline: number) => Promise<void>;
}

/** The certificate of the API, which may be renewed at any time. */
interface ShownCertificate {
  /** The leaf in force, in PEM. */
  readonly current: () => string;
  /** What to call when another one is in force. */
  readonly replaced: (then: () => void) => void;
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
    const tls = apiTls(options, clock);
    undo.push(async () => tls.kept?.close());
    const { dir, kek, oldKek = null, limits = {}, publicUrl = null, mail = null } = options;
    const plane = await openControlPlane({ dir, kek, oldKek, clock, log, limits, publicUrl, mail });
    undo.push(() => plane.close());
    const figures = figuresDesk();
    const counting = await countingFor(plane, figures, { clock, log });
    undo.push(() => counting.close());
    const signInCode = new SignInCode(clock);
    const { analytics } = counting;
    const server = apiServer(options, { plane, clock, signInCode, servers: tls.servers, figures, analytics });
    undo.push(() => server.close());
    const api = await bound(server, 'api', options.api);
    const open = createPublicServer({ plane, clock, log, rateLimits: options.rateLimits ?? {} });
    undo.push(() => open.close());
    const at = options.public ? await bound(open, 'public', options.public) : null;
    const own = at === null ? [api] : [api, at];
    const { https, http, workers, watch = () => undefined, readyWithin = READY_WITHIN, publicAddresses = [] } = options;
    const settings = edgeSettingsOf(options);
    const parts = { plane, https, http, own, workers, settings, publicAddresses, watch, log, figures, readyWithin };
    const edges = await listening('https', https, () => startLocalEdges(parts));
    undo.push(() => edges.close(0));
    await edges.ready;
    const all = [...own, edges.https, ...(edges.http === null ? [] : [edges.http])];
    const ground = { addresses: addressPolicy(all, settings.originPolicy) };
    plane.deliverNotices(ground);
    plane.attest(ground, options.attestation ?? null);
    return {
      api,
      https: edges.https,
      http: edges.http,
      public: at,
      certificate: tls.shown,
      invite: () => {
        const file = join(dir, 'bootstrap-token');
        return invite(signInCode, { plane, file, now: clock(), api, tls: tls.shown !== null });
      },
      reload: async () => {
        tls.kept?.reload();
        await edges.reload();
      },
      close: async (deadline) => {
        await edges.close(deadline);
        await counting.close();
        tls.kept?.close();
        await Promise.all([open.close(), server.close()]);
        await plane.close();
      },
    };
  } catch (error) {
    await undoAll(undo, log);
    throw error;
  }
}

type FiguresDesk = ReturnType<typeof figuresDesk>;

interface ApiParts
  extends Required<Pick<ApiServerOptions, 'plane' | 'clock' | 'signInCode' | 'servers' | 'analytics'>> {
  readonly figures: FiguresDesk;
}

/** The API with what the command line says of it, not listening yet. */
function apiServer(options: ServeOptions, { figures, ...parts }: ApiParts): FastifyInstance {
  const { log, apiHosts: hosts, legacyKeys = false, rateLimits = {}, sessionHours = 12 } = options;
  return createApiServer({
    ...parts,
    log,
    hosts,
    legacyKeys,
    sessionHours,
    rateLimits,
    version: VERSION,
    configureOrigin,
    figures: figures.read,
    dashboard: builtDashboard(),
  });
}

/** What edges count over time, for charts, and for what a change would break. */
async function countingFor(
  plane: ControlPlane,
  figures: FiguresDesk,
  rim: { readonly clock: () => Instant; readonly log: Log },
): Promise<AnalyticsKeeping> {
  const counting = await keepAnalytics(figures, plane, rim);
  plane.countTraffic(async (zone) => {
    const { edges } = await figures.read();
    // One that is away for a moment may go on serving visitors.
    const all = plane.edges().map(({ name }) => name);
    return lastHour(counting.analytics, zone, { all, telling: new Set(edges.map(({ edge }) => edge)) });
  });
  return counting;
}

function edgeSettingsOf(options: Partial<EdgeSettings>): EdgeSettings {
  const usual = DEFAULT_EDGE_SETTINGS;
  const { originPolicy = usual.originPolicy, peers = usual.peers, accessLog = usual.accessLog } = options;
  return { originPolicy, peers, accessLog };
}

/** The servers of the API, and what keeps their certificate up to date where they have one. */
function apiTls({ apiCertificate: files = null, log }: ServeOptions, clock: () => Instant) {
  if (files === null) return { servers: listenerServers(null), kept: null, shown: null };
  const first = loadCredential(files, clock());
  const servers = listenerServers(first);
  let leaf = first.leaf.pem;
  let then = (): void => undefined;
  const replaced = (credential: Credential): void => {
    servers.show(credential);
    leaf = credential.leaf.pem;
    then();
  };
  const shown: ShownCertificate = {
    current: () => leaf,
    replaced: (next) => {
      then = next;
    },
  };
  return { servers, kept: keepCredential(first, { files, clock, log, replaced }), shown };
}

async function bound(server: FastifyInstance, flag: string, wanted: HostPort): Promise<HostPort> {
  await listening(flag, wanted, () => listenAnyFamily(wanted, (at) => server.listen(at)));
  return { host: wanted.host, port: (server.server.address() as AddressInfo).port };
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
