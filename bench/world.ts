import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instant } from '../src/domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from '../src/pki/issue.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';
import { createSharedAuthority, issueIdentity, sharedUri } from '../src/pki/zone-authority.ts';
import type { Job } from './competitors.ts';
import { startInstallation } from './installation.ts';
import type { Edge } from './run-load.ts';
import { accepting, freePort, nginxConfiguration, openWorkshop, type Workshop } from './servers.ts';

/** A Postern edge in front of an origin, and what others need to stand there too. */
export interface BenchWorld {
  readonly postern: Edge;
  readonly job: Job;
  readonly workshop: Workshop;
  /** Switches origin pulls of the Postern edge on or off. */
  readonly pulls: (enabled: boolean) => Promise<void>;
  /** How many pulls there were so far, by whether their connection to the origin was there already. */
  readonly connections: () => Promise<Connections>;
  readonly close: () => Promise<void>;
}

/** Pulls by the connection that they went over. */
export interface Connections {
  readonly fresh: number;
  readonly reused: number;
}

/** The names that requests ask for, by how their origin treats connections. */
export const NAMES = {
  /** It keeps them. */
  kept: 'www.bench.test',
  /** It speaks HTTP/2, and the record says so. */
  http2: 'http2.bench.test',
  /** It closes each after one answer, and resumes no session. */
  closed: 'closed.bench.test',
  /** It closes each after one answer, and gives tickets for the next. */
  resumed: 'resumed.bench.test',
} as const;

const DAY = 86_400_000;
const now = instant(Date.now());

/**
 * One origin (nginx, asks for a client certificate, serves from memory and disk) and a Postern edge in front of it: TLS to
 * the visitor, TLS with a client certificate to the origin, its certificate verified, keep-alive on both sides.
 */
export async function openBenchWorld({ accessLog = false } = {}): Promise<BenchWorld> {
  const workshop = openWorkshop();
  try {
    const server = await serverCertificate(workshop);
    const postern = await startInstallation(workshop, join(workshop.directory, 'data'), { accessLog });
    const api = apiOf(postern);
    const { id } = await api('POST', '/client/v4/zones', { name: 'bench.test' });
    const pull = await otherIdentity(workshop);
    const path = `/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`;
    const bundle = await (await fetch(`http://${postern.api}${path}`)).text();
    const origin = await startOrigin(workshop, server, workshop.file('bundle.pem', bundle + pull.root));
    const zone = `/client/v4/zones/${id}`;
    await api('POST', `${zone}/acm/custom_trust_store`, { certificate: readFileSync(server.ca, 'utf8') });
    for (const [kind, name] of Object.entries(NAMES)) {
      const record = { type: 'A', name, content: '127.0.0.1', proxied: true };
      const https_port = origin[kind as keyof Origin];
      await api('POST', `${zone}/dns_records`, { ...record, origin: { https_port, http2: kind === 'http2' } });
    }
    const pulls = async (enabled: boolean): Promise<void> => {
      await api('PUT', `${zone}/origin_tls_client_auth/settings`, { enabled });
    };
    await pulls(true);
    const job = { name: NAMES.kept, server, pull, origin: origin.kept };
    const edge = { name: 'postern', port: postern.port, pid: postern.pid };
    const connections = () => connectionsOf(postern);
    return { postern: edge, job, workshop, pulls, connections, close: workshop.close };
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
  const names = [{ kind: 'dns', value: '*.bench.test' }] as const;
  const leaf = issueLeaf(ca, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'bench origin' },
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

function apiOf({ api, token }: { readonly api: string; readonly token: string }) {
  return async (method: string, path: string, body: unknown): Promise<{ readonly id: string }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`http://${api}${path}`, { method, headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as { success: boolean; result: { id: string } };
    if (!answer.success) throw new Error(JSON.stringify(answer));
    return answer.result;
  };
}

async function connectionsOf({ api, token }: { readonly api: string; readonly token: string }): Promise<Connections> {
  const headers = { authorization: `Bearer ${token}` };
  const text = await (await fetch(`http://${api}/metrics`, { headers })).text();
  const count = (connection: string) =>
    text
      .split('\n')
      .filter(
        (line) => line.startsWith('postern_pull_connections_total') && line.includes(`connection="${connection}"`),
      )
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return { fresh: count('new'), reused: count('reused') };
}

/** The ports of the origin, by how it treats connections there. */
type Origin = Readonly<Record<keyof typeof NAMES, number>>;

const CONNECTIONS: Readonly<Record<keyof typeof NAMES, string>> = {
  kept: 'ssl_session_tickets off; ssl_session_cache off;',
  http2: 'ssl_session_tickets off; ssl_session_cache off;',
  closed: 'keepalive_timeout 0; ssl_session_tickets off; ssl_session_cache off;',
  resumed: 'keepalive_timeout 0; ssl_session_tickets on; ssl_session_cache shared:resumed:10m;',
};

async function startOrigin(
  workshop: Workshop,
  server: Awaited<ReturnType<typeof serverCertificate>>,
  bundle: string,
): Promise<Origin> {
  workshop.file('large', 'x'.repeat(10_000_000));
  const ports = {
    kept: await freePort(),
    http2: await freePort(),
    closed: await freePort(),
    resumed: await freePort(),
  };
  const body = Object.entries(ports).map(
    ([kind, port]) => `server {
    listen 127.0.0.1:${port} ssl${kind === 'http2' ? ' http2' : ''}; server_name ${NAMES[kind as keyof Origin]}; root ${workshop.directory};
    ssl_certificate ${server.chain}; ssl_certificate_key ${server.key}; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_client_certificate ${bundle}; ssl_verify_client optional; ssl_verify_depth 2;
    ${CONNECTIONS[kind as keyof Origin]}
    location = / { default_type text/plain; return 200 "${'hello from the origin '.repeat(8)}"; }
  }`,
  );
  const text = `user root; ${nginxConfiguration('origin', workshop.directory, body.join('\n  '))}`;
  workshop.start('nginx', ['-p', workshop.directory, '-c', workshop.file('origin.conf', text)]);
  for (const port of Object.values(ports)) await accepting(port);
  return ports;
}
