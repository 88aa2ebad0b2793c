import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeedMessage } from '../wire/feed.ts';
import { type ApiAccess, apiAccess, callApi } from './api.ts';
import { DEMO_HOST, type DemoOrigin, startOpenOrigin } from './demo-application.ts';
import { type DemoServer, issueDemoServerCertificate, startDemoOrigin } from './demo-origin.ts';
import { formatHostPort } from './host-port.ts';
import { type Running, serve } from './serve.ts';

/** Everything that the demo runs. */
export interface DemoWorld {
  readonly directory: string;
  readonly running: Running;
  readonly origin: DemoOrigin;
  /** The application of the origin without the lock: where the shop's record leads at first. */
  readonly open: Pick<DemoOrigin, 'port'>;
  readonly access: ApiAccess;
  readonly shop: string;
  /** Points the shop's record to the locked origin. */
  readonly lock: () => Promise<void>;
  /** A client certificate that is valid, for another zone: as the edge holds it. */
  readonly neighbourCredential: { readonly cert: string; readonly key: string };
  readonly close: () => Promise<void>;
}

type KeyMessage = Extract<FeedMessage, { kind: 'key' }>;

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** Starts control plane and edge, makes two zones through the API, and locks an origin for the first. */
export async function openDemoWorld(server: DemoServer | null): Promise<DemoWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
  const undo: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const keys: KeyMessage[] = [];
    const dir = join(directory, 'data');
    const running = await serve({
      dir,
      kek: join(directory, 'kek'),
      api: LOOPBACK,
      apiHosts: [],
      https: LOOPBACK,
      http: LOOPBACK,
      workers: null,
      log: () => undefined,
      watch: (message) => {
        if (message.kind === 'key') keys.push(message);
      },
    });
    undo.push(() => running.close(0));
    const access = apiAccess({ api: `http://${formatHostPort(running.api)}`, data: dir });
    const shop = await createZone(access, 'shop.test');
    const certificate = await issueDemoServerCertificate();
    await trustServerCa(access, shop, certificate.ca);
    const origin = await startDemoOrigin({ access, directory, zone: shop, certificate, server });
    undo.push(() => origin.close());
    const open = await startOpenOrigin(certificate);
    undo.push(() => open.close());
    const record = await addRecord(access, shop, { name: 'www.shop.test', origin: { https_port: open.port } });
    await limitLogins(access, shop);
    const { neighbour, neighbourCredential } = await addNeighbour(access, { origin, keys });
    await trustServerCa(access, neighbour, certificate.ca);
    const lock = async (): Promise<void> => {
      const path = `/client/v4/zones/${shop}/dns_records/${record}`;
      await callApi(access, 'PATCH', path, { origin: { https_port: origin.port } });
    };
    return { directory, running, origin, open, access, shop, lock, neighbourCredential, close };
  } catch (error) {
    await close();
    throw error;
  }
}

// The neighbour does what any customer of the same edge can do: it points a name of its own at the origin's address,
// with the origin's name in the handshake and in Host.
async function addNeighbour(
  access: ApiAccess,
  { origin, keys }: { readonly origin: DemoOrigin; readonly keys: readonly KeyMessage[] },
) {
  const neighbour = await createZone(access, 'neighbour.test');
  const own = keys.at(-1);
  if (own === undefined) throw new Error('the edge was not given the key of the neighbour');
  const options = { https_port: origin.port, server_name: 'www.shop.test', host_header: 'www.shop.test' };
  await addRecord(access, neighbour, { name: 'www.neighbour.test', origin: options });
  await callApi(access, 'PUT', `/client/v4/zones/${neighbour}/origin_tls_client_auth/settings`, { enabled: true });
  return { neighbour, neighbourCredential: { cert: own.chain, key: own.key } };
}

async function createZone(access: ApiAccess, name: string): Promise<string> {
  const { result } = await callApi<{ readonly id: string }>(access, 'POST', '/client/v4/zones', { name });
  return result.id;
}

async function addRecord(
  access: ApiAccess,
  zone: string,
  record: { readonly name: string; readonly origin: object },
): Promise<string> {
  const path = `/client/v4/zones/${zone}/dns_records`;
  const body = { type: 'A', content: '127.0.0.1', proxied: true, ...record };
  const { result } = await callApi<{ readonly id: string }>(access, 'POST', path, body);
  return result.id;
}

/** How many logins the edge lets through, and of how many the demo tries. */
export const LOGINS = { allowed: 5, tried: 8 } as const;

async function limitLogins(access: ApiAccess, zone: string): Promise<void> {
  await callApi(access, 'POST', `/client/v4/zones/${zone}/rate_limits`, {
    match: { request: { url: `${DEMO_HOST}/login*` } },
    threshold: LOGINS.allowed,
    period: 60,
    action: { mode: 'ban', timeout: 60 },
  });
}

async function trustServerCa(access: ApiAccess, zone: string, certificate: string): Promise<void> {
  await callApi(access, 'POST', `/client/v4/zones/${zone}/acm/custom_trust_store`, { certificate });
}
