import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type Knock, knock, knockPlain, type Outcome } from '../support/knock.ts';
import { type RunningServer, startApache, startNginx } from '../support/server-process.ts';
import type { ServerAuthority } from './authorities.ts';
import type { Postern } from './postern.ts';
import { runNow } from './program.ts';

export type ServerName = 'nginx' | 'apache';

/** Each server with the name of its program. */
export const SERVERS = [
  ['nginx', 'nginx'],
  ['apache', 'apache2'],
] as const;

/** A real web server under exactly the configuration that `postern origin config` printed, before an application. */
export interface LockedOrigin extends AsyncDisposable {
  readonly application: EchoApplication;
  readonly server: RunningServer;
  readonly tlsPort: number;
  /** Redirects to the other. */
  readonly httpPort: number;
  /** File of the trust bundle. */
  readonly bundle: string;
  /** What the command said on stderr. */
  readonly notes: string;
}

export interface LockRequest {
  readonly zone: string;
  readonly host: string;
  readonly authority: ServerAuthority;
  /** Names in the origin's own certificate; the host where left out. */
  readonly names?: readonly string[];
  /** Further flags of `postern origin config`. */
  readonly flags?: readonly string[];
  /** What the bundle shall hold instead, from the moment when the configuration is made. */
  readonly bundle?: string;
}

// Without root, nginx cannot use the places of its package.
const isRoot = process.getuid?.() === 0;

/** Runs `postern origin config` and starts the server with what it printed. */
export async function lockedOrigin(server: ServerName, postern: Postern, request: LockRequest): Promise<LockedOrigin> {
  const application = await startEcho();
  const site = await request.authority.issue(request.names ?? [request.host]);
  let notes = '';
  const start = server === 'nginx' ? startNginx : startApache;
  try {
    const running = await start({
      ports: 2,
      configuration: ({ ports: [tls = 0, http = 0], directory }) => {
        writeFileSync(join(directory, 'site.pem'), site.cert);
        writeFileSync(join(directory, 'site.key'), site.key, { mode: 0o600 });
        const listening = ['--listen', `127.0.0.1:${tls}`, '--listen-http', `127.0.0.1:${http}`];
        const asked = ['--upstream', `http://127.0.0.1:${application.port}`, ...listening, ...(request.flags ?? [])];
        const printed = runNow([...configCommand(server, postern, request, directory), ...asked]);
        assert.equal(printed.code, 0, printed.stderr);
        notes = printed.stderr;
        if (request.bundle !== undefined) writeFileSync(join(directory, 'bundle.pem'), request.bundle);
        return printed.stdout;
      },
      arguments: ({ directory }) => (server === 'apache' ? ['-C', `Define POSTERN_RUN "${directory}"`] : []),
    });
    const [tlsPort = 0, httpPort = 0] = running.ports;
    return {
      application,
      server: running,
      tlsPort,
      httpPort,
      bundle: join(running.directory, 'bundle.pem'),
      notes,
      [Symbol.asyncDispose]: async () => {
        await running.stop();
        await application[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await application[Symbol.asyncDispose]();
    throw error;
  }
}

function configCommand(server: ServerName, { dir }: Postern, request: LockRequest, directory: string) {
  const files = { '--bundle': 'bundle.pem', '--server-cert': 'site.pem', '--server-key': 'site.key' };
  const asked = ['origin', 'config', server, '--data', dir, '--zone', request.zone, '--hostname', request.host];
  return [
    ...asked,
    ...Object.entries(files).flatMap(([flag, name]) => [flag, join(directory, name)]),
    ...(isRoot || server === 'apache' ? [] : ['--runtime-dir', directory]),
  ];
}

/** A zone with a proxied host whose origin is locked for it. */
export interface Site extends AsyncDisposable {
  /** Id of the zone. */
  readonly zone: string;
  readonly name: string;
  readonly host: string;
  /** Id of the host's record. */
  readonly record: string;
  readonly origin: LockedOrigin;
}

export interface SiteRequest {
  readonly name: string;
  readonly authority: ServerAuthority;
  readonly flags?: readonly string[];
}

/** Makes a zone, locks an origin for its `www`, and switches the zone level on. */
export async function lockedSite(server: ServerName, postern: Postern, request: SiteRequest): Promise<Site> {
  const { name, authority, flags = [] } = request;
  const host = `www.${name}`;
  const zone = await createZone(postern, name, authority);
  await zonePull(postern, zone, true);
  const origin = await lockedOrigin(server, postern, { zone: name, host, authority, flags });
  try {
    const record = await addRecord(postern, zone, { name: host, origin: { https_port: origin.tlsPort } });
    return { zone, name, host, record, origin, [Symbol.asyncDispose]: () => origin[Symbol.asyncDispose]() };
  } catch (error) {
    await origin[Symbol.asyncDispose]();
    throw error;
  }
}

/** Makes a zone that trusts the CA of its origins; its id. */
export async function createZone(postern: Postern, name: string, authority: ServerAuthority | null): Promise<string> {
  const { result } = await postern.call<{ readonly id: string }>('POST', '/zones', { name });
  if (authority !== null) await trust(postern, result.id, authority);
  return result.id;
}

/** Lets strict verification trust the CA. */
export async function trust(postern: Postern, zone: string, { ca }: ServerAuthority): Promise<void> {
  await postern.call('POST', `/zones/${zone}/acm/custom_trust_store`, { certificate: ca });
}

/** Switches the zone level. */
export async function zonePull(postern: Postern, zone: string, enabled: boolean): Promise<void> {
  await postern.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled });
}

/** Adds a proxied record for 127.0.0.1, changed as given; its id. */
export async function addRecord(postern: Postern, zone: string, record: object): Promise<string> {
  const body = { type: 'A', content: '127.0.0.1', proxied: true, ...record };
  return (await postern.call<{ readonly id: string }>('POST', `/zones/${zone}/dns_records`, body)).result.id;
}

/** One visit to a host through the edge, over TLS. */
export function visit(postern: Postern, host: string, request: Partial<Knock> = {}): Promise<Outcome> {
  return knock({ port: postern.https, sni: host, ...request });
}

/** One visit to a host through the edge, over plain HTTP. */
export function visitPlain(postern: Postern, host: string, request: Partial<Knock> = {}): Promise<Outcome> {
  return knockPlain({ port: postern.http, host, ...request });
}

/** The status of an answer, or how the connection was refused. */
export function statusOf(outcome: Outcome): number | string {
  return outcome.kind === 'answered' ? outcome.status : `refused: ${outcome.how}`;
}

/** Asserts an answer with this status; gives its body. */
export function assertStatus(outcome: Outcome, status: number, what: string): string {
  const told = JSON.stringify({ ...outcome, sessions: undefined });
  assert.equal(statusOf(outcome), status, `${what}: ${told}`);
  return outcome.kind === 'answered' ? outcome.body : '';
}
