import type { AddressInfo, Server } from 'node:net';
import { type Hostname, type Instant, nearestOf } from '../../domain/ids.ts';
import { DEFAULT_SERVER_LIMITS } from '../../http1/server-limits.ts';
import { type HostPort, listenAnyFamily, listenAt } from '../../inbound/bind.ts';
import { followFiles } from '../../files/followed-files.ts';
import type { PoolLimits } from '../../pull/pool-limits.ts';
import type { Log } from '../../wire/log.ts';
import type { WatchLine } from '../watch/watch-line.ts';
import { type Applications, createApplications } from './applications.ts';
import type { GuardLimits, GuardWorld } from './guard-world.ts';
import { type Health, healthServer, type SiteHealth } from './health.ts';
import { type GuardListener, guardListener } from './listener.ts';
import { LockedSite } from './locked-site.ts';
import { GuardMeters } from './meters.ts';
import { refusalLog } from './refusal-log.ts';
import type { Site } from './site.ts';

/** What a guard is started with. */
export interface GuardOptions {
  readonly listen: readonly HostPort[];
  readonly sites: readonly Site[];
  /** Where this machine may ask how it is; `null` for nowhere. */
  readonly health: HostPort | null;
  readonly limits?: Partial<GuardLimits>;
  readonly poolLimits?: Partial<PoolLimits>;
  readonly log: Log;
  readonly now: () => Instant;
  /** Told who comes to a site that watches, for each request. */
  readonly came?: (site: Site, line: WatchLine) => void;
  /** How often files are looked at, in milliseconds. */
  readonly lookEvery?: number;
}

/** A running guard. */
export interface Guard {
  readonly listen: readonly HostPort[];
  readonly health: HostPort | null;
  /** Reads all files again (SIGHUP). */
  readonly reload: () => void;
  /** Lets requests under way finish, for so many milliseconds at most, then ends everything. */
  readonly close: (deadline: number) => Promise<void>;
}

const DEFAULT_GUARD_LIMITS: GuardLimits = {
  ...DEFAULT_SERVER_LIMITS,
  connections: 10_000,
  handshakes: 1_000,
  handshakeTimeout: 10_000,
  retireTimeout: 30_000,
};

const TICK_EVERY = 1_000;

/** Locks all sites, then listens. Throws `LockFault`, or the error of a listener; then nothing listens. */
export async function startGuard(options: GuardOptions): Promise<Guard> {
  const { log, now } = options;
  const sites = options.sites.map((site) => new LockedSite(site, log, now()));
  const running = new Running(options, sites);
  try {
    await running.listen();
  } catch (error) {
    await running.close(0);
    throw error;
  }
  return running.view();
}

class Running {
  readonly #options: GuardOptions;
  readonly #sites: readonly LockedSite[];
  readonly #meters = new GuardMeters();
  readonly #applications: Applications;
  readonly #listeners: readonly GuardListener[];
  readonly #health: Server | null;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #followed: { readonly close: () => void }[] = [];
  readonly #bound: HostPort[] = [];
  #boundHealth: HostPort | null = null;
  #draining = false;

  constructor(options: GuardOptions, sites: readonly LockedSite[]) {
    const { log, now } = options;
    this.#options = options;
    this.#sites = sites;
    const clock = (): number => performance.now();
    const limits = options.poolLimits ?? {};
    this.#applications = createApplications({ own: () => this.#bound, limits, clock, now, log });
    const world: GuardWorld = {
      siteFor: directory(sites),
      applications: this.#applications,
      meters: this.#meters,
      refusals: refusalLog(log),
      came: options.came ?? null,
      log,
      now,
      clock,
      limits: { ...DEFAULT_GUARD_LIMITS, ...options.limits },
    };
    this.#listeners = options.listen.map(() => guardListener(world));
    this.#health =
      options.health === null
        ? null
        : healthServer({ health: () => this.#healthNow(), figures: () => this.#figures() });
    this.#follow(world);
  }

  async listen(): Promise<void> {
    const { listen, health } = this.#options;
    for (const [index, { server }] of this.#listeners.entries()) {
      const wanted = listen[index];
      if (wanted !== undefined) this.#bound.push(await bound(server, wanted));
    }
    if (this.#health !== null && health !== null) this.#boundHealth = await bound(this.#health, health);
  }

  view(): Guard {
    return {
      listen: this.#bound,
      health: this.#boundHealth,
      reload: () => this.#reload(),
      close: (deadline) => this.close(deadline),
    };
  }

  async close(deadline: number): Promise<void> {
    this.#draining = true;
    await Promise.all(this.#listeners.map((listener) => listener.drain(deadline)));
    for (const timer of this.#timers) clearInterval(timer);
    for (const followed of this.#followed) followed.close();
    this.#applications.close();
    this.#health?.close();
  }

  #follow(world: GuardWorld): void {
    const { now, lookEvery } = this.#options;
    for (const site of this.#sites) {
      const every = lookEvery === undefined ? {} : { every: lookEvery };
      this.#followed.push(followFiles(site.paths, { changed: () => site.reload(now()), ...every }));
    }
    const tick = (): void => {
      // What a signed manifest opens shuts by the clock alone.
      for (const site of this.#sites) site.tick(now());
      for (const listener of this.#listeners) listener.tick();
      world.refusals.tick(world.clock());
    };
    this.#timers.push(
      setInterval(tick, Math.min(TICK_EVERY, world.limits.headTimeout, lookEvery ?? TICK_EVERY)).unref(),
    );
  }

  #reload(): void {
    for (const site of this.#sites) site.reload(this.#options.now());
  }

  #healthNow(): Health {
    const now = this.#options.now();
    return { draining: this.#draining, sites: this.#sites.map((site) => siteHealth(site, now)) };
  }

  #figures() {
    const now = this.#options.now();
    return this.#meters.snapshot({
      connections: sum(this.#listeners.map((listener) => listener.connections())),
      handshakes: sum(this.#listeners.map((listener) => listener.handshakes())),
      pools: this.#applications.snapshot(),
      sites: this.#sites.map((site) => ({
        name: site.name,
        enforced: site.mode(now) === 'enforce',
        stale: site.stale,
        bundleLasts: Math.round((site.bundleEnds - now) / 1_000),
        certificateLasts: Math.round((site.credential.leaf.notAfter - now) / 1_000),
      })),
    });
  }
}

function siteHealth(site: LockedSite, now: Instant): SiteHealth {
  const serves = now <= site.bundleEnds && now <= site.credential.leaf.notAfter;
  return { site: site.name, serves, mode: site.mode(now), stale: site.stale };
}

/** The site that a name leads to, by itself or by the nearest wildcard above it. */
function directory(sites: readonly LockedSite[]): (name: Hostname) => LockedSite | null {
  const named = new Map<Hostname, LockedSite>();
  for (const locked of sites) {
    for (const name of [...locked.site.hostnames, ...locked.site.serverNames]) named.set(name, locked);
  }
  return (name) => nearestOf(named, name) ?? null;
}

async function bound(server: Server, wanted: HostPort): Promise<HostPort> {
  await listenAnyFamily(wanted, (at) => listenAt(server, at));
  return { host: wanted.host, port: (server.address() as AddressInfo).port };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
