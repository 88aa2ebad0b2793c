import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle } from '../../src/pki/bundle.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type RunningServer, startCaddy, startHaproxy } from '../support/server-process.ts';
import type { Postern } from './postern.ts';
import {
  addRecord,
  createZone,
  type LockedOrigin,
  type LockRequest,
  type Site,
  type SiteRequest,
  zonePull,
} from './site.ts';

export type ProxyName = 'haproxy' | 'caddy';

/** Servers that have no generator yet: locked here by hand, as origins that read HTTP in ways of their own. */
export const PROXIES: readonly ProxyName[] = ['haproxy', 'caddy'];

/** What a configuration is made of: files in the server's directory, and ports. */
interface Parts {
  readonly directory: string;
  readonly host: string;
  readonly tls: number;
  readonly application: number;
}

// HAProxy wants certificate and key in one file.
function haproxy({ directory, tls, application }: Parts): string {
  return `global
  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
  stats socket ${join(directory, 'haproxy.sock')} mode 600 expose-fd listeners level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend site
  bind 127.0.0.1:${tls} ssl crt ${join(directory, 'both.pem')} verify required ca-file ${join(directory, 'bundle.pem')}
  default_backend application
backend application
  server one 127.0.0.1:${application}
`;
}

function caddy({ directory, host, tls, application }: Parts): string {
  return `{
  admin unix/${join(directory, 'admin.sock')}
  auto_https off
  storage file_system ${directory}
}
https://${host}:${tls} {
  bind 127.0.0.1
  tls ${join(directory, 'site.pem')} ${join(directory, 'site.key')} {
    client_auth {
      mode require_and_verify
${caddyTrust(directory)}
    }
  }
  reverse_proxy 127.0.0.1:${application}
}
`;
}

// Caddy 2.6 reads only the first certificate of a file: each has a file of its own.
function caddyTrust(directory: string): string {
  const bundle = readBundle(readFileSync(join(directory, 'bundle.pem'), 'utf8'));
  return bundle.map(({ pem }, index) => trusting(directory, pem, index)).join('\n');
}

function trusting(directory: string, pem: string, index: number): string {
  const file = join(directory, `bundle-${index}.pem`);
  writeFileSync(file, pem);
  return `      trusted_ca_cert_file ${file}`;
}

/** Brings a Caddyfile of this module up to the bundle that lies beside it. */
export function trustAnew(directory: string): void {
  const file = join(directory, 'server.conf');
  const lines = readFileSync(file, 'utf8').split('\n');
  const first = lines.findIndex((line) => line.includes('trusted_ca_cert_file'));
  const others = lines.filter((line) => !line.includes('trusted_ca_cert_file'));
  writeFileSync(file, others.toSpliced(first, 0, caddyTrust(directory)).join('\n'));
}

const SERVERS = {
  haproxy: { start: startHaproxy, configuration: haproxy },
  caddy: { start: startCaddy, configuration: caddy },
} as const;

/** Makes a zone whose `www` leads to a locked proxy with an application behind it, and switches the zone level on. */
export async function proxiedSite(proxy: ProxyName, postern: Postern, request: SiteRequest): Promise<Site> {
  const { name, authority } = request;
  const host = `www.${name}`;
  const zone = await createZone(postern, name, authority);
  await zonePull(postern, zone, true);
  const origin = await lockedProxyOrigin(proxy, postern, { zone, host, authority });
  const record = await addRecord(postern, zone, { name: host, origin: { https_port: origin.tlsPort } });
  return { zone, name, host, record, origin, [Symbol.asyncDispose]: () => origin[Symbol.asyncDispose]() };
}

/** A proxy that is locked for a zone, by its id, with an application behind it. */
export async function lockedProxyOrigin(
  proxy: ProxyName,
  postern: Postern,
  { zone, host, authority }: Pick<LockRequest, 'zone' | 'host' | 'authority'>,
): Promise<LockedOrigin> {
  const bundle = await (
    await fetch(`${postern.base}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`)
  ).text();
  const { cert, key } = await authority.issue([host]);
  const application = await startEcho();
  const { start, configuration } = SERVERS[proxy];
  const server = await start({
    ports: 1,
    configuration: ({ ports: [tls = 0], directory }) => {
      writeFileSync(join(directory, 'bundle.pem'), bundle);
      writeFileSync(join(directory, 'site.pem'), cert);
      writeFileSync(join(directory, 'site.key'), key, { mode: 0o600 });
      writeFileSync(join(directory, 'both.pem'), `${cert}${key}`, { mode: 0o600 });
      return configuration({ directory, host, tls, application: application.port });
    },
  });
  return lockedProxy(server, application);
}

function lockedProxy(server: RunningServer, application: EchoApplication): LockedOrigin {
  const [tlsPort = 0] = server.ports;
  return {
    application,
    server,
    tlsPort,
    httpPort: 0,
    bundle: join(server.directory, 'bundle.pem'),
    notes: '',
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await application[Symbol.asyncDispose]();
    },
  };
}
