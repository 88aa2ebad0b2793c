/** Several locks in one process: of several zones, or of hostnames that not the same callers may reach. */

import { type Hostname, nearestOf } from '../domain/ids.ts';
import { askedHost, type NodeRequest } from './asked-host.ts';
import { frameworks } from './frameworks.ts';
import type { Verdict } from './lock-options.ts';
import { type OriginLock, originPullServerOptions, tellRefused } from './origin-lock.ts';

/**
 * One lock out of several: the name that a request is for decides which of them judges it, and a name that none serves is
 * refused, in watch mode too. Throws `TypeError` where a lock serves any name, or two serve the same.
 */
export function lockByName(...locks: readonly OriginLock[]): OriginLock {
  const byName = new Map<Hostname, OriginLock>();
  for (const lock of locks) {
    if (lock.names === null) throw new TypeError('A lock among several needs hostnames: without, it serves any name.');
    for (const name of lock.names) {
      if (byName.has(name)) throw new TypeError(`Two locks serve ${name}: nobody could say which one counts.`);
      byName.set(name, lock);
    }
  }
  const listeners = new Set(locks.flatMap(({ options }) => options.map(({ onRefused }) => onRefused)));
  const judge = (request: NodeRequest): Verdict => {
    const host = askedHost(request);
    const lock = host === null ? undefined : nearestOf(byName, host);
    if (lock !== undefined) return lock.judge(request);
    const because = host === null ? 'no_host' : 'misdirected';
    for (const onRefused of listeners) tellRefused(request, because, { onRefused, mode: 'enforce' });
    return { kind: 'refuse', because };
  };
  const all: OriginLock = {
    ...frameworks(judge),
    judge,
    reload: () => locks.map((lock) => lock.reload()).find((problem) => problem !== null) ?? null,
    follow: (server, tls) => all.whenReloaded(() => server.setSecureContext(originPullServerOptions(all, tls))),
    whenReloaded: (listener) => {
      for (const lock of locks) lock.whenReloaded(listener);
    },
    close: () => {
      for (const lock of locks) lock.close();
    },
    options: locks.flatMap(({ options }) => options),
    get policies() {
      return locks.flatMap(({ policies }) => policies);
    },
    names: new Set(byName.keys()),
  };
  return all;
}
