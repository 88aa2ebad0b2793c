import type { NotChecked } from '../../doctor/configuration.ts';
import type { Resolved, Resolver } from '../../pull/resolve.ts';
import type { Attestee } from './look-order.ts';

/** Where and as whom locks are looked at. */

/** Milliseconds that each of connecting, handshake and answer may take. */
export const TIMEOUT = 5_000;
/** How a look calls itself in the log of the origin. */
export const AGENT = 'Postern-Attestation';
/** Addresses of one origin that are looked at. */
const MOST_ADDRESSES = 4;

/** A name that stands below a wildcard, for want of one that visitors use. */
export function askedName({ origin: { hostname, hostHeader } }: Attestee): string {
  return (hostHeader ?? hostname).replace(/:\d+$/, '').replace(/^\*\./, 'postern-attestation.');
}

interface Places {
  readonly allowed: readonly string[];
  readonly notChecked: readonly NotChecked[];
}

/** The addresses of an origin, and which of them are not looked at. */
export async function placesOf(
  { origin: { address } }: Attestee,
  resolver: Resolver,
  objection: (address: string) => string | null,
): Promise<Places> {
  const resolved = await new Promise<Resolved>((done) => resolver.resolve(address, done));
  if (resolved.kind === 'failed') {
    const why = `the name ${address} does not resolve (${resolved.error.code ?? 'unknown'})`;
    return { allowed: [], notChecked: [{ what: `the origin ${address}`, why }] };
  }
  const judged = resolved.addresses.slice(0, MOST_ADDRESSES).map((one) => ({ one, against: objection(one) }));
  const forbidden = judged.filter(({ against }) => against !== null);
  const beyond = resolved.addresses.slice(MOST_ADDRESSES);
  return {
    allowed: judged.filter(({ against }) => against === null).map(({ one }) => one),
    notChecked: [
      ...forbidden.map(({ one, against }) => notSeen(one, `no edge may connect to it (${against})`)),
      ...beyond.map((one) => notSeen(one, `of one origin ${MOST_ADDRESSES} addresses are looked at`)),
    ],
  };
}

function notSeen(address: string, why: string): NotChecked {
  return { what: `the address ${address}`, why };
}
