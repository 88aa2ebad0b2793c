import { lookup as systemLookup } from 'node:dns';
import type { LookExtent } from '../../domain/attestation.ts';
import { diagnose } from '../../doctor/diagnosis/diagnose.ts';
import { examine } from '../../doctor/examine.ts';
import type { Observation } from '../../doctor/observation.ts';
import type { Target } from '../../doctor/target.ts';
import { diagnosisView } from '../../doctor/view.ts';
import type { AddressPolicy } from '../../pull/address-policy.ts';
import { createResolver, type Resolved, type Resolver, type SystemLookup } from '../../pull/resolve.ts';
import type { Seen } from './attestor.ts';
import type { Attestee } from './look-order.ts';

/** From where looks go out, once that is known. */
export interface AttestGround {
  /** Where origins may lie. */
  readonly addresses: AddressPolicy;
  /** The system's, where it is left out. */
  readonly lookup?: SystemLookup;
}

const TIMEOUT = 5_000;
/** Addresses of one origin that are looked at. */
const MOST_ADDRESSES = 4;

/** Looks at an origin as a stranger would, and as the edge would. */
export function examination({ addresses, lookup = systemLookup }: AttestGround) {
  const resolver = createResolver(() => performance.now(), lookup);
  return async (attestee: Attestee, _extent: LookExtent, signal: AbortSignal): Promise<Seen> => {
    const { origin, mayBePrivate } = attestee;
    const { allowed, notChecked } = await placesOf(attestee, resolver, (address) =>
      addresses.objection(address, origin.port, mayBePrivate),
    );
    const targets = allowed.map(
      (address): Target => ({ host: askedName(attestee), address, port: origin.port, door: 'https' }),
    );
    const observations: Observation[] = [];
    for await (const one of examine({ targets, path: '/', timeout: TIMEOUT, signal })) observations.push(one);
    const diagnosis = diagnose({ targets, observations, configuration: null, notChecked });
    return {
      verdict: diagnosis.verdict,
      findings: [...new Set(diagnosis.findings.map(({ code }) => code))],
      evidence: JSON.stringify(diagnosisView(diagnosis)),
      knocks: observations.length,
    };
  };
}

/** A name that stands below a wildcard, for want of one that visitors use. */
function askedName({ origin: { hostname, hostHeader } }: Attestee): string {
  return (hostHeader ?? hostname).replace(/:\d+$/, '').replace(/^\*\./, 'postern-attestation.');
}

async function placesOf(
  { origin: { address } }: Attestee,
  resolver: Resolver,
  objection: (address: string) => string | null,
) {
  const resolved = await new Promise<Resolved>((done) => resolver.resolve(address, done));
  if (resolved.kind === 'failed') {
    const why = `the name ${address} does not resolve (${resolved.error.code ?? 'unknown'})`;
    return { allowed: [], notChecked: [{ what: `the origin ${address}`, why }] };
  }
  const some = resolved.addresses.slice(0, MOST_ADDRESSES);
  const judged = some.map((one) => ({ one, against: objection(one) }));
  return {
    allowed: judged.filter(({ against }) => against === null).map(({ one }) => one),
    notChecked: [
      ...judged
        .filter(({ against }) => against !== null)
        .map(({ one, against }) => ({ what: `the address ${one}`, why: `no edge may connect to it (${against})` })),
      ...resolved.addresses.slice(MOST_ADDRESSES).map((one) => ({
        what: `the address ${one}`,
        why: `of one origin ${MOST_ADDRESSES} addresses are looked at`,
      })),
    ],
  };
}
