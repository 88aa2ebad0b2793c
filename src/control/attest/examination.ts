import { lookup as systemLookup } from 'node:dns';
import type { LookExtent } from '../../domain/attestation.ts';
import type { PlanSource } from '../../domain/edge-zone.ts';
import type { NotChecked } from '../../doctor/configuration.ts';
import { credentialOf, type Hand, rightIdentity } from '../../doctor/credentials.ts';
import { type Diagnosis, diagnose } from '../../doctor/diagnosis/diagnose.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import { examineAll } from '../../doctor/examine.ts';
import type { Credential } from '../../doctor/knock-request.ts';
import type { Observation } from '../../doctor/observation.ts';
import { type Target, targetText } from '../../doctor/target.ts';
import { diagnosisView, NOTHING_BESIDE, type Report } from '../../doctor/view.ts';
import type { AddressPolicy } from '../../pull/address-policy.ts';
import { createResolver, type SystemLookup } from '../../pull/resolve.ts';
import type { ControlState } from '../control-state.ts';
import type { Seen } from './attestor.ts';
import { type EdgeSaw, edgeLook } from './edge-look.ts';
import type { Attestee } from './look-order.ts';
import { AGENT, askedName, placesOf, TIMEOUT } from './look-place.ts';
import { inPageWords } from './page-words.ts';
import { Canary, presented } from './presented.ts';

/** From where looks go out, once that is known. */
export interface AttestGround {
  /** Where origins may lie. */
  readonly addresses: AddressPolicy;
  /** The system's, where it is left out. */
  readonly lookup?: SystemLookup;
}

/** Looks at an origin as a stranger would, and as the edge would. */
export function examination(
  state: ControlState,
  { addresses, lookup = systemLookup, source }: AttestGround & { readonly source: PlanSource },
) {
  const canary = new Canary(state);
  const resolver = createResolver(() => performance.now(), lookup);
  const originCa = state.originCa.pem;
  const asEdge = edgeLook({ source, originCa, now: state.clock, policy: addresses, resolver, timeout: TIMEOUT });
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
    const identity = identityOf(hand);
    const reached = targets.filter((target) => isReached(target, observations));
    const looks: EdgeLooked[] = [];
    // One after the other: no more connections at once than the doctor makes.
    for (const target of reached)
      looks.push({ target, saw: await asEdge({ attestee, address: target.address, identity }, signal) });
    const diagnosis = diagnose({
      targets,
      observations,
      unbelieved: unbelievedIn(looks),
      configuration: null,
      identity: hand?.identity ? rightIdentity(hand.identity, hand.authority) : null,
      notChecked: [...places.notChecked, ...notChecked, ...unseenIn(looks)],
    });
    return {
      verdict: diagnosis.verdict,
      findings: [...new Set(decidingFirst(diagnosis).map(({ code }) => code))],
      evidence: JSON.stringify(forPages(diagnosisView(diagnosis, { ...NOTHING_BESIDE, checked: checkedIn(looks) }))),
      knocks: observations.length + looks.filter(({ saw }) => saw.kind !== 'not_asked').length,
    };
  };
}

/** What was found, first what makes the verdict what it is; of one weight in the order of the diagnosis. */
function decidingFirst({ verdict, targets, findings }: Diagnosis): readonly Finding[] {
  const worst = new Set(targets.filter((one) => one.verdict === verdict).map(({ target }) => targetText(target)));
  const decides = (one: Finding) => one.decides === true && one.target !== null && worst.has(one.target);
  return [...findings.filter((one) => decides(one)), ...findings.filter((one) => !decides(one))];
}

/** Whoever reads it looks at a page, and gives the doctor no flags. */
function forPages(report: Report): Report {
  return {
    ...report,
    findings: report.findings.map((one) => ({ ...one, fix: inPageWords(one.fix) })),
    notChecked: report.notChecked.map(({ what, why }) => ({ what, why: inPageWords(why) })),
  };
}

/** What the edge would make of a target. */
interface EdgeLooked {
  readonly target: Target;
  readonly saw: EdgeSaw;
}

const EDGE_ASKS = "whether the edge believes the origin's own certificate";

function identityOf(hand: Hand | null): Credential | null {
  const identity = hand?.identity ?? null;
  return identity === null || identity.key === null ? null : credentialOf({ chain: identity.chain, key: identity.key });
}

// Where nobody shakes hands there is no certificate to judge, and nobody waits for it once more.
function isReached(target: Target, observations: readonly Observation[]): boolean {
  return observations.some(({ probe, handshake }) => probe.target === target && handshake !== null);
}

function unbelievedIn(looks: readonly EdgeLooked[]): ReadonlyMap<Target, string> {
  return new Map(looks.flatMap(({ target, saw }) => (saw.kind === 'unbelieved' ? [[target, saw.why] as const] : [])));
}

function unseenIn(looks: readonly EdgeLooked[]): readonly NotChecked[] {
  return looks.flatMap(({ target, saw }) =>
    saw.kind === 'unseen' ? [{ what: `${EDGE_ASKS}, ${targetText(target)}`, why: saw.why }] : [],
  );
}

function checkedIn(looks: readonly EdgeLooked[]): Report['checked'] {
  return looks.flatMap(({ target, saw }) => {
    if (saw.kind !== 'believed' && saw.kind !== 'unbelieved') return [];
    const told = saw.kind === 'believed' ? 'it does' : saw.why;
    return [{ probe: EDGE_ASKS, target: targetText(target), saw: told }];
  });
}
