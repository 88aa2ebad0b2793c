import { isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { hostname } from '../domain/ids.ts';
import type { EdgeListening } from '../wire/feed.ts';
import { Failure } from './failure.ts';
import { formatHostPort, type HostPort, parseHostPort } from './host-port.ts';

/** Where visitors reach the edge, as an operator says it; without a port it is that of the listener. */
export interface PublicAddress {
  readonly host: string;
  readonly port: number | null;
}

const FLAG = '--public-address';
/** More are a slip: nobody chooses among so many. */
const MOST_ADDRESSES = 20;

/** The addresses of the flag. Throws a Failure for what nobody could connect to. */
export function publicAddresses(list: string | undefined): readonly PublicAddress[] {
  const texts = (list ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (texts.length > MOST_ADDRESSES) {
    throw new Failure(`${FLAG} names ${texts.length} addresses.`, `Name ${MOST_ADDRESSES} at most.`);
  }
  return texts.map((text) => publicAddress(text));
}

function publicAddress(text: string): PublicAddress {
  const found = isIP(text) !== 0 || hostname(text) !== null ? { host: text, port: null } : parseHostPort(text, FLAG);
  if (!isEverywhere(found) && found.port !== 0) return found;
  throw new Failure(
    `${FLAG} names ${JSON.stringify(text)}, where nobody can connect to.`,
    'Name the address that visitors see, such as 203.0.113.7:443.',
  );
}

type Interfaces = Readonly<Partial<Record<string, readonly NetworkInterfaceInfo[]>>>;

interface Ground {
  readonly said: readonly PublicAddress[];
  /** What the machine has; asked for only where the edge listens everywhere and nobody has said. */
  readonly interfaces: () => Interfaces;
}

/** What the edges of this machine report of their listeners, and where visitors reach them. */
export function edgeListening(
  { https, http }: { readonly https: HostPort; readonly http: HostPort | null },
  { said, interfaces }: Ground,
): EdgeListening {
  const listeners = { https: formatHostPort(https), http: http === null ? null : formatHostPort(http) };
  const at = (hosts: readonly string[]) => hosts.map((host) => formatHostPort({ host, port: https.port }));
  if (said.length > 0) {
    const reached = said.map(({ host, port }) => formatHostPort({ host, port: port ?? https.port }));
    return { ...listeners, reached, reachedBy: 'operator' };
  }
  if (!isEverywhere(https)) return { ...listeners, reached: at([https.host]), reachedBy: 'listener' };
  const own = machineAddresses(interfaces(), https.host === '0.0.0.0');
  return { ...listeners, reached: at(own.length > 0 ? own : ['127.0.0.1']), reachedBy: 'machine' };
}

function isEverywhere({ host }: Pick<HostPort, 'host'>): boolean {
  return host === '::' || host === '0.0.0.0';
}

// A link-local address means nothing without the interface that it is of (RFC 4007 §6).
function machineAddresses(interfaces: Interfaces, isOnlyIpv4: boolean): readonly string[] {
  return Object.values(interfaces)
    .flatMap((one) => one ?? [])
    .filter(({ internal, family }) => !internal && (family === 'IPv4' || !isOnlyIpv4))
    .map(({ address }) => address)
    .filter((address) => !/^(?:fe[89ab]|169\.254\.)/i.test(address))
    .slice(0, MOST_ADDRESSES);
}
