import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Report, Unresolved } from '../doctor/view.ts';
import { connectText, type Target, targetText } from '../doctor/target.ts';
import { formatHostPort, type HostPort } from './host-port.ts';

/** A name that should be locked, and a place where it may be reached. */
export interface Door {
  readonly host: string;
  readonly place: HostPort;
  readonly door: Target['door'];
}

/** The doors that there are today: names lead elsewhere tomorrow. */
export interface FoundDoors {
  readonly targets: readonly Target[];
  readonly unresolved: readonly Unresolved[];
  /** Usual ports that nobody listens on. */
  readonly checked: Report['checked'];
}

/** Ports where an application is often found beside the locked one; 80 speaks plain HTTP. */
const USUAL_PORTS = [80, 8000, 8008, 8080, 8443, 8888, 3000, 5000, 2083, 2087, 4443, 9443] as const;

const LOOKUP_TIME = 10_000;
const CONNECT_TIME = 2_000;

/** Resolves the doors, and where that was asked for adds the usual ports that somebody listens on. */
export async function findDoors(doors: readonly Door[], usualPorts: boolean): Promise<FoundDoors> {
  const asked = new Map<string, Promise<Addresses>>();
  const targets = new Map<string, Target>();
  const unresolved: Unresolved[] = [];
  for (const { place } of doors) asked.set(place.host, asked.get(place.host) ?? addressesOf(place.host));
  for (const { host, place, door } of doors) {
    const found = await (asked.get(place.host) ?? addressesOf(place.host));
    if (typeof found === 'string') unresolved.push({ host, place: formatHostPort(place), door, why: found });
    else for (const address of found) add(targets, { host, address, port: place.port, door });
  }
  if (!usualPorts) return { targets: [...targets.values()], unresolved, checked: [] };
  const { open, checked } = await usualDoors([...targets.values()]);
  for (const target of open) add(targets, target);
  return { targets: [...targets.values()], unresolved, checked };
}

function add(targets: Map<string, Target>, target: Target): void {
  const key = `${target.host} ${connectText(target)}`;
  if (!targets.has(key)) targets.set(key, target);
}

/** Or why there is none. */
type Addresses = readonly string[] | string;

async function addressesOf(host: string): Promise<Addresses> {
  if (isIP(host) !== 0) return [host];
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve('no answer from the resolver'), LOOKUP_TIME);
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    (error: NodeJS.ErrnoException) => `does not resolve (${error.code ?? 'unknown'})`,
  );
  try {
    return await Promise.race([found, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface UsualDoors {
  readonly open: readonly Target[];
  readonly checked: Report['checked'];
}

// A port that nobody listens on is no door; it must not make a locked origin unknown.
async function usualDoors(targets: readonly Target[]): Promise<UsualDoors> {
  const candidates = targets
    .filter(({ door }) => door === 'https')
    .flatMap(({ host, address }) =>
      USUAL_PORTS.map((port) => ({ host, address, port, door: port === 80 ? ('http' as const) : ('other' as const) })),
    );
  const sockets = [...new Set(candidates.map(connectText))];
  const listening = new Map<string, boolean>();
  await inTurn(sockets, async (socket) => {
    const one = candidates.find((candidate) => connectText(candidate) === socket);
    if (one !== undefined) listening.set(socket, await accepts(one));
  });
  const isOpen = (target: Target) => listening.get(connectText(target)) === true;
  return {
    open: candidates.filter(isOpen),
    checked: candidates
      .filter((candidate) => !isOpen(candidate))
      .map((target) => ({ probe: 'TCP connection', target: targetText(target), saw: 'nobody accepts it' })),
  };
}

const AT_ONCE = 8;

async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function accepts({ address, port }: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: CONNECT_TIME });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}
