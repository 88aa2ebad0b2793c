import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type RunningServer, startCaddy, startHaproxy } from '../support/server-process.ts';
import type { Postern } from './postern.ts';
import { addRecord, createZone, type Site, type SiteRequest, zonePull } from './site.ts';

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
  admin off
  auto_https off
  storage file_system ${directory}
}
https://${host}:${tls} {
  bind 127.0.0.1
  tls ${join(directory, 'site.pem')} ${join(directory, 'site.key')} {
    client_auth {
      mode require_and_verify
      trusted_ca_cert_file ${join(directory, 'bundle.pem')}
    }
  }
  reverse_proxy 127.0.0.1:${application}
}
`;
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
  const origin = lockedProxy(server, application);
  const record = await addRecord(postern, zone, { name: host, origin: { https_port: origin.tlsPort } });
  return { zone, name, host, record, origin, [Symbol.asyncDispose]: () => origin[Symbol.asyncDispose]() };
}

function lockedProxy(server: RunningServer, application: EchoApplication): Site['origin'] {
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
