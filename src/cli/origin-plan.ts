import { hostname } from '../domain/ids.ts';
import { type ApiAccess, callApi, fetchText } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import type { ZoneFacts } from './zone-lookup.ts';

/** What a hostname's origin must trust, as the control plane says it. */
export interface HostnameTrust {
  readonly zone: string;
  /** The hostname, and the names that the edge sends as SNI in its stead. */
  readonly names: readonly string[];
  readonly kind: 'zone' | 'shared';
  /** The bundle. */
  readonly text: string;
  /** PEM of the certificate that the edge presents, for pinning. */
  readonly pins: readonly string[];
  /** What a person should know. */
  readonly messages: readonly string[];
}

interface PlanView {
  readonly zone: { readonly id: string; readonly name: string };
  readonly accept_shared: boolean;
  readonly why: string;
  /** What the edge does with a visit over https. */
  readonly https: { readonly kind: string; readonly sentence: string };
  readonly certificate: { readonly pem: string } | null;
  readonly bundle: { readonly path: string } | null;
  readonly server_names: readonly string[];
  readonly notices: readonly { readonly message: string }[];
}

/** Asks the control plane who is to be trusted for a hostname of one of the zones. */
export async function hostnameTrust(
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
  if (result.bundle === null)
    throw new Failure(
      `${name} is vetoed: the edge shows it no certificate, so a lock would keep the edge out.`,
      'Void the association of the hostname first (enabled: null).',
      EXIT.notGood,
    );
  return {
    zone: result.zone.name,
    names: [...new Set([name, ...result.server_names])],
    kind: result.accept_shared ? 'shared' : 'zone',
    text: await fetchText(access, result.bundle.path),
    pins: result.certificate === null ? [] : [result.certificate.pem],
    messages: [...effect(result), result.why, ...result.notices.map(({ message }) => message)],
  };
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

// A lock for a name that nobody is led to is a typing error, or a record that is still to come.
function effect({ https }: PlanView): readonly string[] {
  switch (https.kind) {
    case 'present':
    case 'without':
      return [];
    case 'not_served':
      return [`No proxied record leads here yet: ${https.sentence}`];
    default:
      return [`The edge does not pull over TLS here yet: ${https.sentence}`];
  }
}
