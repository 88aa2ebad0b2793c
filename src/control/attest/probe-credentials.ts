import { randomBytes } from 'node:crypto';
import { chainPem } from '../../domain/certificate.ts';
import { type Hostname, hostname, type Instant, instant, wildcardAbove, zoneId } from '../../domain/ids.ts';
import { decidingLevel } from '../../domain/plan.ts';
import { longestRevoked } from '../../domain/revocation.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import { bentLeafs, MINTED_LIFE, rightLeaf } from '../../doctor/mint.ts';
import { serialOctets } from '../../doctor/revoked-serial.ts';
import { type Authority, issueForKey } from '../../pki/issue.ts';
import { createZoneAuthority, zoneUri } from '../../pki/zone-authority.ts';
import { writeAuditEvent } from '../audit-events.ts';
import type { ControlState } from '../control-state.ts';
import type { Actor } from '../actor.ts';
import { currentIntermediate } from '../rotation/prepare.ts';

/** Certificates to knock with, for a key that only who asked has. PEM, each with its chain. */
export interface ProbeCredentials {
  readonly kind: 'probe_credentials';
  /** When the last one ends that an origin would let in. */
  readonly endsAt: Instant;
  readonly certificates: Readonly<Record<ProbeKind, string>> & { readonly revoked?: string };
}

/** Which kinds there are: the right one, those that are wrong in one respect, and a neighbour's. */
type ProbeKind = keyof ReturnType<typeof bentLeafs>;

/** What somebody wants to knock with. */
export interface ProbeRequest {
  readonly hostname: Hostname;
  /** The public key, as a certification request holds it. */
  readonly spki: Uint8Array;
}

/**
 * Signs certificates with which the lock of a hostname can be tried from elsewhere: for five minutes the right one opens it,
 * as the edge does. Nothing of them is kept but that somebody asked. Belongs in a turn.
 */
export async function mintProbeCredentials(
  state: ControlState,
  zone: Zone,
  { request, actor }: { readonly request: ProbeRequest; readonly actor: Actor },
): Promise<ProbeCredentials | Problem> {
  if (!isOurs(state, zone, request.hostname))
    return problem('probe_credentials_foreign', request.hostname, '/hostname');
  const now = state.clock();
  const authority = await currentIntermediate(state, zone);
  const host = state.installation.host;
  const names = [
    { kind: 'uri', value: zoneUri(host, zone.id) },
    { kind: 'dns', value: request.hostname },
  ] as const;
  const signed = (by: Authority, bend: object) => {
    const { certificate, chain } = issueForKey(by, request.spki, { ...rightLeaf(now), ...bend });
    return chainPem(certificate, chain);
  };
  const { neighbour: _, ...own } = bentLeafs(authority, now);
  const made = Object.fromEntries(
    Object.entries(own).map(([kind, bend]) => [kind, signed(authority, { names, ...bend })]),
  ) as Record<Exclude<ProbeKind, 'neighbour'>, string>;
  const other = await canaryAuthority(host, now);
  const revoked = revokedLeaf(zone, authority, now);
  await writeAuditEvent(state.store, state.revision, {
    at: now,
    actor,
    zone: zone.id,
    account: zone.account,
    command: 'mint_probe_credentials',
    before: {},
    after: { hostname: request.hostname },
  });
  state.log('probe_credentials_minted', { zone: zone.id, host: request.hostname, by: actor.token });
  return {
    kind: 'probe_credentials',
    endsAt: instant(now + MINTED_LIFE),
    certificates: {
      ...made,
      neighbour: signed(other.authority, { names: other.names }),
      ...(revoked === null ? {} : { revoked: signed(authority, { names, ...revoked }) }),
    },
  };
}

/** What makes a certificate of the zone's CA a revoked one; null where its list names none that has not ended. */
export function revokedLeaf(zone: Zone, { certificate }: Authority, now: Instant) {
  const serial = longestRevoked(zone, certificate.fingerprint, now);
  const octets = serial === null ? null : serialOctets(serial);
  return octets === null ? null : { serial: octets };
}

/** The CA of a zone that is nobody's, and what one of its certificates says: such as a neighbour has. */
export async function canaryAuthority(host: string, now: Instant) {
  const zone = zoneId(randomBytes(16).toString('hex'));
  const zoneName = hostname('canary.postern.invalid');
  if (zone === null || zoneName === null) throw new TypeError('the canary has an id and a name');
  const { intermediate } = await createZoneAuthority({ installation: host, now, zone, zoneName });
  return { authority: intermediate, names: [{ kind: 'uri', value: zoneUri(host, zone) } as const] };
}

// An origin of a certificate that somebody else's CA signed would refuse what this one signs, and rightly so.
function isOurs({ zones }: ControlState, { id, certificates }: Zone, name: Hostname): boolean {
  const edge = zones.entry(id)?.edge;
  const host = edge?.hosts.get(name) ?? (edge && wildcardAbove(name, (wildcard) => edge.hosts.get(wildcard)));
  if (edge === undefined || host === undefined) return false;
  const decided = decidingLevel(edge.rules, host);
  if (decided.kind !== 'level' || decided.identity === null) return false;
  return certificates.get(decided.identity.certificate)?.source === 'managed';
}
