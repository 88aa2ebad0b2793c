import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instant } from '../src/domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from '../src/pki/issue.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';
import { createSharedAuthority, issueIdentity, sharedUri } from '../src/pki/zone-authority.ts';
import { accepting, freePort, nginxConfiguration, openWorkshop, POSTERN, type Workshop } from './servers.ts';

/** An edge under test: where it listens and which process to charge. */
export interface Edge {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

export interface BenchWorld {
  readonly postern: Edge;
  readonly nginx: Edge;
  /** Switches origin pulls of the Postern edge on or off. */
  readonly pulls: (enabled: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The name that all requests ask for. */
export const NAME = 'www.bench.test';
const DAY = 86_400_000;
const now = instant(Date.now());

/**
 * One origin (nginx, asks for a client certificate, serves from memory and disk), and two edges in front of it that do
 * the same job: TLS to the visitor, TLS with a client certificate to the origin, its certificate verified, keep-alive on
 * both sides.
 */
export async function openBenchWorld(): Promise<BenchWorld> {
  const workshop = openWorkshop();
  try {
    const server = await serverCertificate(workshop);
    const postern = await startPostern(workshop);
    const api = apiOf(postern);
    const { id } = await api('POST', '/client/v4/zones', { name: 'bench.test' });
    const other = await otherIdentity(workshop);
    const path = `/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`;
    const bundle = await (await fetch(`http://${postern.api}${path}`)).text();
    const origin = await startOrigin(workshop, server, workshop.file('bundle.pem', bundle + other.root));
    const zone = `/client/v4/zones/${id}`;
    await api('POST', `${zone}/acm/custom_trust_store`, { certificate: readFileSync(server.ca, 'utf8') });
    await api('POST', `${zone}/dns_records`, {
      type: 'A',
      name: NAME,
      content: '127.0.0.1',
      proxied: true,
      origin: { https_port: origin },
    });
    const pulls = async (enabled: boolean): Promise<void> => {
      await api('PUT', `${zone}/origin_tls_client_auth/settings`, { enabled });
    };
    await pulls(true);
    const nginx = await startNginxEdge(workshop, { server, other, origin });
    return { postern: { name: 'postern', port: postern.port, pid: postern.pid }, nginx, pulls, close: workshop.close };
  } catch (error) {
    await workshop.close();
    throw error;
  }
}

async function serverCertificate(workshop: Workshop) {
  const validity = validFor(now, DAY);
  const ca = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'bench CA' },
    key: await generateKey(),
    validity,
  });
  const names = [{ kind: 'dns', value: NAME }] as const;
  const leaf = issueLeaf(ca, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: NAME },
    key: await generateKey(),
    validity,
    names,
  });
  return {
    ca: workshop.file('ca.pem', ca.certificate.pem),
    chain: workshop.file('server.pem', leaf.certificate.pem),
    key: workshop.file('server.key', leaf.key.reveal()),
  };
}

// The identity that nginx presents: of the same kind as Postern's, from an authority that the origin trusts as well.
async function otherIdentity(workshop: Workshop) {
  const { root, intermediate } = await createSharedAuthority({ installation: 'bench.postern.internal', now });
  const leaf = await issueIdentity(intermediate, { uri: sharedUri('bench.postern.internal'), now });
  return {
    root: root.certificate.pem,
    chain: workshop.file('pull.pem', [leaf.certificate, ...leaf.chain].map(({ pem }) => pem).join('')),
    key: workshop.file('pull.key', leaf.key.reveal()),
  };
}

async function startPostern(workshop: Workshop) {
  const ready = join(workshop.directory, 'ready.json');
  const loopback = '127.0.0.1:0';
  const data = join(workshop.directory, 'data');
  const args = [
    'up',
    '--data',
    data,
    '--api',
    loopback,
    '--https',
    loopback,
    '--http',
    'off',
    '--workers',
    '1',
    '--ready-file',
    ready,
    '--log-level',
    'silent',
  ];
  const child = workshop.start(process.execPath, [POSTERN, ...args]);
  for (;;) {
    try {
      const { api, https } = JSON.parse(readFileSync(ready, 'utf8')) as { api: string; https: string };
      const token = readFileSync(join(data, 'bootstrap-token'), 'utf8').trim();
      return { api, port: Number(https.split(':').at(-1)), pid: child.pid ?? 0, token };
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function apiOf({ api, token }: { readonly api: string; readonly token: string }) {
  return async (method: string, path: string, body: unknown): Promise<{ readonly id: string }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`http://${api}${path}`, { method, headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as { success: boolean; result: { id: string } };
    if (!answer.success) throw new Error(JSON.stringify(answer));
    return answer.result;
  };
}

async function startOrigin(
  workshop: Workshop,
  server: Awaited<ReturnType<typeof serverCertificate>>,
  bundle: string,
): Promise<number> {
  const port = await freePort();
  workshop.file('large', 'x'.repeat(10_000_000));
  const body = `server {
    listen 127.0.0.1:${port} ssl; server_name ${NAME}; root ${workshop.directory};
    ssl_certificate ${server.chain}; ssl_certificate_key ${server.key};
    ssl_client_certificate ${bundle}; ssl_verify_client optional; ssl_verify_depth 2;
    location = / { default_type text/plain; return 200 "${'hello from the origin '.repeat(8)}"; }
  }`;
  workshop.start('nginx', [
    '-p',
    workshop.directory,
    '-c',
    workshop.file('origin.conf', `user root; ${nginxConfiguration('origin', workshop.directory, body)}`),
  ]);
  await accepting(port);
  return port;
}

interface NginxEdge {
  readonly server: Awaited<ReturnType<typeof serverCertificate>>;
  readonly other: Awaited<ReturnType<typeof otherIdentity>>;
  readonly origin: number;
}

async function startNginxEdge(workshop: Workshop, { server, other, origin }: NginxEdge): Promise<Edge> {
  const port = await freePort();
  const body = `upstream origin { server 127.0.0.1:${origin}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 300s; }
  server {
    listen 127.0.0.1:${port} ssl; server_name ${NAME};
    ssl_certificate ${server.chain}; ssl_certificate_key ${server.key}; ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass https://origin; proxy_http_version 1.1; proxy_buffering off;
      proxy_ssl_certificate ${other.chain}; proxy_ssl_certificate_key ${other.key};
      proxy_ssl_protocols TLSv1.2 TLSv1.3; proxy_ssl_server_name on; proxy_ssl_name ${NAME};
      proxy_ssl_verify on; proxy_ssl_trusted_certificate ${server.ca};
      proxy_set_header Host $host; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;
      proxy_set_header CF-Connecting-IP $remote_addr; proxy_set_header CF-Ray $request_id;
    }
  }`;
  const file = workshop.file('edge.conf', nginxConfiguration('edge', workshop.directory, body));
  const child = workshop.start('nginx', ['-p', workshop.directory, '-c', file]);
  await accepting(port);
  return { name: 'nginx', port, pid: child.pid ?? 0 };
}
