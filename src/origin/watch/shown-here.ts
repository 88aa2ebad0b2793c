import { networkInterfaces } from 'node:os';
import { hostname as parsedHostname, type Hostname, instant, type ZoneId } from '../../domain/ids.ts';
import { addressPolicy } from '../../pull/address-policy.ts';
import { Intake } from '../../pull/intake.ts';
import { originContext } from '../../pull/origin-context.ts';
import { createResolver } from '../../pull/resolve.ts';
import { showing } from '../../pull/showing.ts';
import type { Showing } from '../../domain/shown-certificate.ts';
import {
  LONGEST_SUBJECT,
  type LookAt,
  MOST_LOOKED_AT,
  MOST_TOLD_CERTIFICATES,
  type ToldInReport,
} from '../../wire/told-certificates.ts';

/** Milliseconds for one handshake: it stays on the machine. */
const TIMEOUT = 2_000;
/** Addresses of the machine that are tried. */
const MOST_ADDRESSES = 6;

/**
 * Which certificates servers on this machine show where the edge asks for them: a handshake at its own addresses, and nothing
 * more. Whoever sits between the edge and the machine is not on this way.
 */
export async function shownHere(places: readonly LookAt[], zone: ZoneId): Promise<readonly ToldInReport[]> {
  const addresses = ownAddresses();
  const options = lookOptions();
  const looks = places
    .slice(0, MOST_LOOKED_AT)
    .flatMap((place) => addresses.map((address) => ({ place, address })))
    .map(async ({ place, address }) => ({ place, seen: await look(place, { address, zone }, options) }));
  const told = new Map<string, ToldInReport>();
  for (const { place, seen } of await Promise.all(looks)) {
    if (seen.kind === 'unseen') continue;
    const { fingerprint: sha256, subject } = seen.certificate;
    told.set(`${place.hostname} ${sha256}`, {
      hostname: place.hostname,
      sha256,
      subject: subject.slice(0, LONGEST_SUBJECT),
      self_signed: seen.faults.some(({ code }) => code === 'self_signed'),
    });
  }
  return [...told.values()].slice(0, MOST_TOLD_CERTIFICATES);
}

/** Loopback first, where most servers answer too. */
function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const others = all.filter(({ address }) => !LOOPBACK.includes(address) && !/^fe[89ab]/i.test(address));
  return [...LOOPBACK, ...others.map(({ address }) => address)].slice(0, MOST_ADDRESSES);
}

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

type LookOptions = Parameters<typeof showing>[1];

const UNSEEN: Showing = { kind: 'unseen', why: 'There is no such name.' };

// One for all looks: to make a TLS context costs more than a handshake.
function lookOptions(): LookOptions {
  const clock = () => performance.now();
  return {
    policy: addressPolicy([]),
    resolver: createResolver(clock),
    intake: new Intake(),
    // Who is believed here does not matter: what signed itself is told by it.
    context: originContext(null, { check: NOBODY, compliance: 'none' }, null),
    timeout: TIMEOUT,
    clock,
    now: instant(Date.now()),
    revoked: [],
  };
}

function look(
  { server_name, port }: LookAt,
  { address, zone }: { readonly address: string; readonly zone: ZoneId },
  options: LookOptions,
): Promise<Showing> {
  const serverName = parsedHostname(server_name);
  if (serverName === null || !Number.isInteger(port) || port < 1 || port > 65_535) return Promise.resolve(UNSEEN);
  return new Promise((resolve) => {
    showing(doorOf(serverName, { address, port, zone }), options, ({ showing: seen }) => resolve(seen));
  });
}

const NOBODY = { kind: 'none' } as const;

function doorOf(
  serverName: Hostname,
  where: { readonly address: string; readonly port: number; readonly zone: ZoneId },
) {
  const tls = { serverName, identity: null, check: NOBODY, compliance: 'none', http2: false } as const;
  return { ...where, hostname: serverName, scheme: 'https', mayBePrivate: true, tls } as const;
}
