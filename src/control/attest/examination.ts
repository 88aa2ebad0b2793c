import { lookup as systemLookup } from 'node:dns';
import type { LookExtent } from '../../domain/attestation.ts';
import type { NotChecked } from '../../doctor/configuration.ts';
import { rightIdentity } from '../../doctor/credentials.ts';
import { diagnose } from '../../doctor/diagnosis/diagnose.ts';
import { examineAll } from '../../doctor/examine.ts';
import type { Target } from '../../doctor/target.ts';
import { diagnosisView } from '../../doctor/view.ts';
import type { AddressPolicy } from '../../pull/address-policy.ts';
import { createResolver, type Resolved, type Resolver, type SystemLookup } from '../../pull/resolve.ts';
import type { ControlState } from '../control-state.ts';
import type { Seen } from './attestor.ts';
import type { Attestee } from './look-order.ts';
import { Canary, presented } from './presented.ts';

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
const AGENT = 'Postern-Attestation';

/** Looks at an origin as a stranger would, and as the edge would. */
export function examination(state: ControlState, { addresses, lookup = systemLookup }: AttestGround) {
  const canary = new Canary(state);
  const resolver = createResolver(() => performance.now(), lookup);
  return async (attestee: Attestee, extent: LookExtent, signal: AbortSignal): Promise<Seen> => {
    const { origin, mayBePrivate } = attestee;
    const places = await placesOf(attestee, resolver, (address) =>
      addresses.objection(address, origin.port, mayBePrivate),
    );
    const host = askedName(attestee);
    const { serverName } = origin;
    const targets = places.allowed.map(
      (address): Target => ({ host, address, port: origin.port, serverName, door: 'https' }),
    );
    const zone = state.zones.index.get(attestee.zone);
    const hand = zone === undefined ? null : await presented(state, { zone, id: attestee.certificate, extent, canary });
    const { observations, notChecked } = await examineAll({
      targets,
      path: attestee.path,
      timeout: TIMEOUT,
      signal,
      agent: AGENT,
      thoroughness: extent,
      ...(hand === null ? {} : { hand }),
    });
    const diagnosis = diagnose({
      targets,
      observations,
      configuration: null,
      identity: hand?.identity ? rightIdentity(hand.identity, hand.authority) : null,
      notChecked: [...places.notChecked, ...notChecked],
    });
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

interface Places {
  readonly allowed: readonly string[];
  readonly notChecked: readonly NotChecked[];
}

async function placesOf(
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
