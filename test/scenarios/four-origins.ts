import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../support/availability.ts';
import type { ServerAuthority } from './authorities.ts';
import { type Stream, startStream } from './keep-alive.ts';
import type { Postern } from './postern.ts';
import { lockedProxyOrigin, type ProxyName, trustAnew } from './proxies.ts';
import { addRecord, createZone, type LockedOrigin, lockedOrigin, type ServerName, zonePull } from './site.ts';
import { until } from './until.ts';

/** One origin of a zone that has several, each on another server. */
interface NamedOrigin {
  readonly server: ServerName | ProxyName;
  readonly host: string;
  readonly origin: LockedOrigin;
  /** Fetches the bundle of the zone as it is now, and has the server take it. */
  readonly update: () => Promise<void>;
  /** Has the server take this bundle. */
  readonly install: (bundle: string) => void;
}

/** A zone with a locked origin on each of these servers. */
export interface Origins extends AsyncDisposable {
  readonly zone: string;
  readonly all: readonly NamedOrigin[];
  readonly named: (server: NamedOrigin['server']) => NamedOrigin;
  /** The bundle of the zone as it is now. */
  readonly bundle: () => Promise<string>;
}

export const FOUR = ['nginx', 'apache', 'haproxy', 'caddy'] as const;

/** Makes the zone, locks the origins, and switches the zone level on. */
export async function lockedOrigins(
  postern: Postern,
  {
    name,
    authority,
    servers,
  }: { readonly name: string; readonly authority: ServerAuthority; readonly servers: readonly (typeof FOUR)[number][] },
): Promise<Origins> {
  const zone = await createZone(postern, name, authority);
  await zonePull(postern, zone, true);
  const bundle = async () =>
    (await fetch(`${postern.base}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`)).text();
  const all: NamedOrigin[] = [];
  for (const server of servers) {
    const host = `${server}.${name}`;
    const origin =
      server === 'nginx' || server === 'apache'
        ? await lockedOrigin(server, postern, { zone: name, host, authority })
        : await lockedProxyOrigin(server, postern, { zone, host, authority });
    await addRecord(postern, zone, { name: host, origin: { https_port: origin.tlsPort } });
    const install = (text: string) => {
      writeFileSync(origin.bundle, text);
      reload(server, origin);
    };
    all.push({ server, host, origin, install, update: async () => install(await bundle()) });
  }
  return {
    zone,
    all,
    bundle,
    named: (server) => all.find((one) => one.server === server) ?? assert.fail(`no ${server}`),
    [Symbol.asyncDispose]: async () => {
      for (const { origin } of all) await origin[Symbol.asyncDispose]();
    },
  };
}

function reload(server: NamedOrigin['server'], { server: running }: LockedOrigin): void {
  const { directory } = running;
  switch (server) {
    case 'nginx':
      return running.signal('SIGHUP');
    case 'apache':
      return running.signal('SIGUSR1');
    case 'haproxy':
      return running.signal('SIGUSR2');
    case 'caddy': {
      trustAnew(directory);
      const config = ['--config', join(directory, 'server.conf'), '--adapter', 'caddyfile', '--force'];
      const admin = ['--address', `unix/${join(directory, 'admin.sock')}`];
      execFileSync(programPath('caddy'), ['reload', ...config, ...admin], { stdio: 'pipe' });
    }
  }
}

/** Visitors who keep asking for each host. */
export interface Visitors extends AsyncDisposable {
  readonly each: readonly Stream[];
  /** Resolves with what went wrong, by host. */
  readonly stop: () => Promise<readonly string[]>;
}

/** Two visitors for each host. */
export function visitorsOf(postern: Postern, { all }: Origins): Visitors {
  const each = all.map(({ host }) => startStream(2, { port: postern.https, host }));
  const stop = async () => {
    const failures = await Promise.all(each.map((stream) => stream.stop()));
    return failures.flatMap((list, index) => list.map((failure) => `${all[index]?.host}: ${failure}`));
  };
  return { each, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** A rotation as the API shows it, as far as tests look at it. */
export interface RotationFacts {
  readonly id: string;
  readonly phase: string;
  readonly outcome: string | null;
  readonly because: string;
  readonly waits_for: string;
  readonly counts: { readonly origins: number; readonly switched: number; readonly held: number };
  readonly certificates: readonly { readonly old_id: string; readonly new_id: string }[];
  readonly origins: readonly RotatedOrigin[];
  readonly history: readonly { readonly did: string; readonly because: string }[];
}

export interface RotatedOrigin {
  readonly hostname: string;
  readonly server_name: string | null;
  readonly shows: 'old' | 'new';
  readonly finding: string;
  readonly fix: string;
  readonly reverted: string | null;
  readonly evidence: {
    readonly edges: readonly {
      readonly addresses: readonly {
        readonly old_certificate: { readonly saw: string };
        readonly new_certificate: { readonly saw: string };
        readonly no_certificate: { readonly saw: string };
      }[];
    }[];
  } | null;
}

/** Fast, for tests: each time is a second or two. */
export const FAST = {
  canary_seconds: 1,
  watch_seconds: 2,
  drain_seconds: 1,
  notice_seconds: 1,
  retry_seconds: 2,
};

/** Starts a rotation. */
export async function startRotation(postern: Postern, zone: string, body: object): Promise<RotationFacts> {
  const path = `/postern/v1/zones/${zone}/rotations`;
  return (await postern.call<RotationFacts>('POST', path, { pace: FAST, reason: 'a test', ...body })).result;
}

/** The newest rotation of a zone. */
export async function newestRotation(postern: Postern, zone: string): Promise<RotationFacts> {
  const { result } = await postern.call<readonly RotationFacts[]>('GET', `/postern/v1/zones/${zone}/rotations`);
  return result[0] ?? assert.fail('the zone had no rotation');
}

const LONG = 60_000;

/** Looks until the newest rotation is as wanted. */
export function rotationUntil(
  postern: Postern,
  zone: string,
  what: string,
  fits: (rotation: RotationFacts) => boolean,
): Promise<RotationFacts> {
  let last = '';
  return until(
    what,
    async () => {
      const rotation = await newestRotation(postern, zone);
      last = JSON.stringify(rotation);
      return fits(rotation) && rotation;
    },
    LONG,
  ).catch((error: unknown) => {
    throw new Error(`${what}: ${last}`, { cause: error });
  });
}

/** The origin of a hostname in a rotation. */
export function originOf({ origins }: RotationFacts, host: string): RotatedOrigin {
  return origins.find(({ hostname }) => hostname === host) ?? assert.fail(`${host} is not in it`);
}
