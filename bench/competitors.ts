import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edge } from './run-load.ts';
import { accepting, freePort, nginxConfiguration, type Workshop } from './servers.ts';

/** What an edge of somebody else needs to do the same job: files by their paths, and the port of the origin. */
export interface Job {
  /** The name that all visitors ask for, and the origin's. */
  readonly name: string;
  /** What visitors are shown. */
  readonly server: { readonly ca: string; readonly chain: string; readonly key: string };
  /** What the origin is shown. */
  readonly pull: { readonly chain: string; readonly key: string };
  readonly origin: number;
}

/** Starts nginx with one worker, unbuffered, as an edge streams. */
export async function startNginxEdge(workshop: Workshop, { name, server, pull, origin }: Job): Promise<Edge> {
  const port = await freePort();
  const body = `upstream origin { server 127.0.0.1:${origin}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 300s; }
  server {
    listen 127.0.0.1:${port} ssl http2; server_name ${name};
    ssl_certificate ${server.chain}; ssl_certificate_key ${server.key}; ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass https://origin; proxy_http_version 1.1; proxy_buffering off;
      proxy_ssl_certificate ${pull.chain}; proxy_ssl_certificate_key ${pull.key};
      proxy_ssl_protocols TLSv1.2 TLSv1.3; proxy_ssl_server_name on; proxy_ssl_name ${name};
      proxy_ssl_verify on; proxy_ssl_trusted_certificate ${server.ca};
      proxy_set_header Host $host; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;
      proxy_set_header CF-Connecting-IP $remote_addr; proxy_set_header CF-Ray $request_id;
    }
  }`;
  const file = workshop.file('nginx-edge.conf', nginxConfiguration('edge', workshop.directory, body));
  return started('nginx', port, workshop.start('nginx', ['-p', workshop.directory, '-c', file]));
}

/** Starts HAProxy with one thread. */
export async function startHaproxyEdge(workshop: Workshop, { name, server, pull, origin }: Job): Promise<Edge> {
  const port = await freePort();
  const both = (kind: string, { chain, key }: Job['pull']) =>
    workshop.file(kind, readFileSync(chain, 'utf8') + readFileSync(key, 'utf8'));
  const file = workshop.file(
    'haproxy.cfg',
    `global
  nbthread 1
  no strict-limits
  maxconn 10100
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 300s
  timeout server 300s
frontend edge
  bind 127.0.0.1:${port} ssl crt ${both('haproxy-server.pem', server)} alpn h2,http/1.1
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header CF-Connecting-IP %[src]
  http-request set-header CF-Ray %[rand]
  default_backend origin
backend origin
  server origin 127.0.0.1:${origin} ssl crt ${both('haproxy-pull.pem', pull)} sni str(${name}) verifyhost ${name} verify required ca-file ${server.ca}
`,
  );
  return started('haproxy', port, workshop.start('haproxy', ['-db', '-f', file]));
}

/** Starts Caddy on one core. */
export async function startCaddyEdge(workshop: Workshop, { name, server, pull, origin }: Job): Promise<Edge> {
  const port = await freePort();
  const file = workshop.file(
    'Caddyfile',
    `{
  admin off
  auto_https off
  storage file_system ${join(workshop.directory, 'caddy')}
  log {
    level ERROR
  }
}
https://${name}:${port} {
  bind 127.0.0.1
  tls ${server.chain} ${server.key}
  reverse_proxy https://127.0.0.1:${origin} {
    header_up Host {host}
    header_up CF-Connecting-IP {remote_host}
    header_up CF-Ray {http.request.uuid}
    flush_interval -1
    transport http {
      versions 1.1
      keepalive_idle_conns_per_host 256
      tls_client_auth ${pull.chain} ${pull.key}
      tls_server_name ${name}
      tls_trusted_ca_certs ${server.ca}
    }
  }
}
`,
  );
  const child = workshop.start('caddy', ['run', '--adapter', 'caddyfile', '--config', file], { GOMAXPROCS: '1' });
  return started('caddy', port, child);
}

/** Starts the fastest proxy library for Node: fastify's, with undici towards the origin. */
export async function startNodeEdge(workshop: Workshop, job: Job): Promise<Edge> {
  const port = await freePort();
  const program = fileURLToPath(new URL('node-proxy.ts', import.meta.url));
  return started('fastify', port, workshop.start(process.execPath, [program, JSON.stringify({ ...job, port })]));
}

async function started(name: string, port: number, { pid }: { readonly pid?: number | undefined }): Promise<Edge> {
  await accepting(port);
  return { name, port, pid: pid ?? 0 };
}
