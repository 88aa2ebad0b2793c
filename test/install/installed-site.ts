import { lchownSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { instant } from '../../src/domain/ids.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { type Ended, run } from '../scenarios/program.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import type { Credential } from '../support/knock.ts';
import { type RunningServer, startApache, startCaddy, startHaproxy, startNginx } from '../support/server-process.ts';
import { debianApache } from './apache-tree.ts';
import { packagedCaddy } from './caddy-tree.ts';
import { debianHaproxy } from './haproxy-tree.ts';
import { debianNginx, type TreeFiles, type TreePlaces, writeTree } from './nginx-tree.ts';
import { snapshot } from './snapshot.ts';

/** A host with a web server that serves `www.example.test`, behind the edge of a running Postern. */
export interface Site extends AsyncDisposable {
  readonly postern: Postern;
  readonly server: RunningServer;
  readonly directory: string;
  readonly tls: number;
  readonly http: number;
  readonly application: EchoApplication;
  /** Runs `postern origin VERB` on it. */
  readonly origin: (verb: string, ...argv: readonly string[]) => Promise<Ended>;
  /** Runs `postern origin install` as somebody who may write none of the server's files, with a bundle from a file. */
  readonly installWithoutRights: (...argv: readonly string[]) => Promise<Ended>;
  /** The server's files as they are now. */
  readonly files: () => Readonly<Record<string, string>>;
}

/** The edge of a running Postern. */
export interface Edge extends AsyncDisposable {
  readonly postern: Postern;
  /** Id of the zone. */
  readonly zone: string;
  /** Has the zone's hosts pulled from this port of loopback. */
  readonly pointAt: (port: number) => Promise<void>;
  /** Switches the zone's certificate on and off. */
  readonly pull: (enabled: boolean) => Promise<void>;
  /** Has the edge show the identity that all zones share, instead of the zone's own. */
  readonly shared: (enabled: boolean) => Promise<void>;
  /** Opens the locks of a hostname for ten minutes, and shuts them again. */
  readonly open: (hostname: string) => Promise<void>;
  readonly shut: (hostname: string) => Promise<void>;
  /** The bundle of another zone. */
  readonly otherBundle: () => Promise<string>;
}

/** A control plane and edge with the zone `example.test`, whose pulls show the zone's certificate; with further arguments of `postern up`. */
export async function startEdge(...argv: readonly string[]): Promise<Edge> {
  const postern = await startPostern({ argv });
  const { result } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'example.test' });
  await postern.call('PATCH', `/zones/${result.id}/settings/ssl`, { value: 'full' });
  const pull = async (enabled: boolean) => {
    await postern.call('PUT', `/zones/${result.id}/origin_tls_client_auth/settings`, { enabled });
  };
  await pull(true);
  const other = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'other.test' });
  const records: string[] = [];
  for (const name of ['www', '@', 'later']) {
    const made = await postern.call<{ readonly id: string }>('POST', `/zones/${result.id}/dns_records`, {
      type: 'A',
      name,
      content: '127.0.0.1',
      proxied: true,
    });
    records.push(made.result.id);
  }
  return {
    postern,
    zone: result.id,
    pointAt: async (port) => {
      for (const record of records) {
        await postern.call('PATCH', `/zones/${result.id}/dns_records/${record}`, { origin: { https_port: port } });
      }
    },
    pull,
    shared: async (enabled) => {
      await pull(!enabled);
      await postern.call('PATCH', `/zones/${result.id}/settings/tls_client_auth`, { value: enabled ? 'on' : 'off' });
    },
    open: async (hostname) => {
      const opening = { hostname, seconds: 600, reason: 'a test' };
      await postern.call('POST', `/postern/v1/zones/${result.id}/openings`, opening);
    },
    shut: async (hostname) => {
      await postern.call('DELETE', `/postern/v1/zones/${result.id}/openings/${hostname}`);
    },
    otherBundle: async () => {
      const path = `/ssl/static/zones/${other.result.id}/authenticated_origin_pull_ca.pem`;
      return (await fetch(postern.base + path)).text();
    },
    [Symbol.asyncDispose]: () => postern[Symbol.asyncDispose](),
  };
}

export async function serverCertificate(names: readonly string[]): Promise<Credential> {
  const now = instant(Date.now());
  const validity = validFor(now, 86_400_000);
  const root = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'Servers' },
    validity,
    key: await generateKey(),
  });
  const leaf = issueLeaf(root, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: names[0] ?? '' },
    key: await generateKey(),
    validity,
    names: names.map((value) => ({ kind: 'dns' as const, value })),
  });
  return { cert: [leaf.certificate, ...leaf.chain].map(({ pem }) => pem).join(''), key: leaf.key.reveal() };
}

const NOBODY = 65_534;
// Somebody else could not even read the program where it lies in a directory of root's. What root may do to files of others
// is a right of its own (capabilities(7)), which a program can be started without.
const WITHOUT_RIGHTS = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--'];

/** What the server's own work leaves: no part of its configuration. */
const RUNTIME = /^(?:error\.log|(?:nginx|apache)\.pid|tmp-|state|sockets|.*\.log$)/;

/** Makes the files there those of somebody else, who lets root read them. */
export function giveAway(directory: string): void {
  for (const name of ['.', ...readdirSync(directory, { encoding: 'utf8', recursive: true })]) {
    lchownSync(join(directory, name), NOBODY, NOBODY);
  }
}

export interface SiteOptions {
  readonly tree?: (places: TreePlaces) => TreeFiles;
}

const START = { nginx: startNginx, apache: startApache, haproxy: startHaproxy, caddy: startCaddy } as const;
const TREES = { nginx: debianNginx, apache: debianApache, haproxy: debianHaproxy, caddy: packagedCaddy } as const;

/** Starts nginx with a tree of its own. */
export function startNginxSite(edge: Edge, options: SiteOptions = {}): Promise<Site> {
  return startSite('nginx', edge, options);
}

/** Starts a server with a tree of its own. */
export async function startSite(
  kind: keyof typeof START,
  edge: Edge,
  { tree = TREES[kind] }: SiteOptions = {},
): Promise<Site> {
  const application = await startEcho();
  const otherApplication = await startEcho();
  const certificate = await serverCertificate(['www.example.test', 'example.test', '*.example.test', 'other.test']);
  const server = await START[kind]({
    ports: 2,
    quiet: [1],
    configuration: ({ ports: [tls = 0, http = 0], directory }) => {
      const places = { directory, tls, http, app: application.port, otherApp: otherApplication.port, certificate };
      const { 'server.conf': main = '', ...others } = tree(places);
      writeTree(directory, others);
      return main;
    },
  });
  const [tls = 0, http = 0] = server.ports;
  await edge.pointAt(tls);
  const { directory } = server;
  const placed = ['--config-dir', join(directory, 'postern'), '--backup-dir', join(directory, 'state')];
  const found = ['--server-config', join(directory, 'server.conf'), '--log-dir', directory];
  const asking = [...found, '--data', edge.postern.dir];
  const through = ['--through', `127.0.0.1:${edge.postern.https}`];
  return {
    postern: edge.postern,
    server,
    directory,
    tls,
    http,
    application,
    origin: (verb, ...argv) =>
      run(['origin', verb, ...placed, ...(verb === 'install' ? [...asking, ...through] : []), ...argv]),
    installWithoutRights: async (...argv) => {
      const bundle = join(directory, 'sockets');
      writeFileSync(bundle, await edge.otherBundle());
      return run(
        ['origin', 'install', ...placed, ...through, '--bundle', bundle, ...found, ...argv],
        {},
        WITHOUT_RIGHTS,
      );
    },
    files: () => snapshot(directory, RUNTIME),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await application[Symbol.asyncDispose]();
      await otherApplication[Symbol.asyncDispose]();
    },
  };
}
