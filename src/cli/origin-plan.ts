import { hostname } from '../domain/ids.ts';
import { type HostnameTrust, hostnameTrust, type TrustPlan, VETOED } from '../wire/hostname-trust.ts';
import { type ApiAccess, callApi, fetchText } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import type { ZoneFacts } from './zone-lookup.ts';

interface PlanView extends TrustPlan {
  readonly bundle: { readonly path: string } | null;
}

/** Asks the control plane who is to be trusted for a hostname of one of the zones. */
export async function plannedTrust(
  access: ApiAccess,
  text: string,
  zones: readonly ZoneFacts[],
): Promise<HostnameTrust> {
  const name = hostname(text);
  if (name === null)
    throw new Failure(`--hostname ${JSON.stringify(text)} is not a hostname.`, 'Write it like www.example.test.');
  const { id } = zoneHolding('--hostname', name, zones);
  const path = `/postern/v1/zones/${id}/hostnames/${encodeURIComponent(name)}/plan`;
  const { result } = await callApi<PlanView>(access, 'GET', path);
  if (result.bundle === null) throw new Failure(`${name} ${VETOED.text}.`, VETOED.fix, EXIT.notGood);
  return hostnameTrust(name, result, await fetchText(access, result.bundle.path));
}

/** The zone of a name among those given: the longest that fits, since a zone may lie below another. */
export function zoneHolding(flag: string, name: string, zones: readonly ZoneFacts[]): ZoneFacts {
  const [found] = zones
    .filter((zone) => name === zone.name || name.endsWith(`.${zone.name}`))
    .sort((a, b) => b.name.length - a.name.length);
  if (found !== undefined) return found;
  throw new Failure(
    `${flag} ${name} lies in none of the zones given (${zones.map((zone) => zone.name).join(', ')}).`,
    'Name its zone with a further --zone, or correct the name.',
  );
}
