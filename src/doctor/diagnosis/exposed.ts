import type { BareLook, ExposureFacts, NamedPlace } from '../exposure/facts.ts';
import { isNarrow, networkHolds } from '../exposure/spf.ts';
import type { Finding } from './finding.ts';
import { sawText } from './told.ts';
import type { EXPOSURE } from './exposure.ts';

/** What the DNS of a zone and its bare addresses give away. Pure. */
export function exposed(facts: ExposureFacts): readonly Finding[] {
  return [
    ...facts.places.flatMap((place) => placeFindings(place, facts)),
    ...spfFindings(facts),
    ...facts.bare.flatMap((look) => bareFindings(look, facts.zone)),
  ];
}

interface Told {
  readonly detail: string;
  readonly probe: string;
  readonly saw: string;
}

function finding(code: keyof typeof EXPOSURE, zone: string, { detail, probe, saw }: Told): Finding {
  return { code, target: zone, where: null, detail, server: null, evidence: [{ probe, saw }] };
}

const AT_ORIGIN = { own: 'name_at_origin', mail: 'mx_at_origin', sibling: 'sibling_at_origin' } as const;

function placeFindings({ name, kind, addresses }: NamedPlace, facts: ExposureFacts): readonly Finding[] {
  const { zone, origins, wildcard } = facts;
  const told = (some: readonly string[]) => ({
    detail: `${name} at ${some.join(', ')}`,
    probe: `A and AAAA of ${name}`,
    saw: addresses.join(', '),
  });
  const leaked = addresses.filter((address) => origins.includes(address));
  if (leaked.length > 0) return [finding(AT_ORIGIN[kind], zone, told(leaked))];
  // Whoever said where the origin is knows now that this is another machine.
  if (kind === 'own' || origins.length > 0) return [];
  const inZone = name === zone || name.endsWith(`.${zone}`);
  const known = [...facts.places.filter((one) => one.kind === 'own').flatMap((one) => one.addresses), ...wildcard];
  const beside = addresses.filter((address) => !known.includes(address));
  if (beside.length === 0 || !inZone) return [];
  return [finding(kind === 'mail' ? 'mx_beside_edge' : 'sibling_beside_edge', zone, told(beside))];
}

function spfFindings({ zone, origins, spf }: ExposureFacts): readonly Finding[] {
  const naming = spf.filter(({ network }) => origins.some((address) => networkHolds(network, address)));
  const told = (some: ExposureFacts['spf']) => ({
    detail: [...new Set(some.map(({ term, domain }) => `${term} of ${domain}`))].join(', '),
    probe: `TXT of ${zone}`,
    saw: [...new Set(some.map(({ network }) => network))].join(', '),
  });
  if (naming.length > 0) return [finding('spf_names_origin', zone, told(naming))];
  // What a policy includes of others is their machines.
  const single = spf.filter(({ network, domain }) => domain === zone && isNarrow(network));
  return origins.length > 0 || single.length === 0 ? [] : [finding('spf_names_addresses', zone, told(single))];
}

function bareFindings({ connect, names, saw }: BareLook, zone: string): readonly Finding[] {
  const own = names.filter((name) => name === zone || name.endsWith(`.${zone}`));
  const probe = `${connect}, no name in the handshake, the address in Host`;
  const certificate = { detail: own.join(', '), probe, saw: `a certificate for ${names.join(', ')}` };
  const answered = saw.kind === 'answered' && saw.answer.status < 400;
  return [
    ...(own.length === 0 ? [] : [finding('certificate_names_zone', zone, certificate)]),
    ...(answered ? [finding('page_on_bare_address', zone, { detail: '', probe, saw: sawText(saw) })] : []),
  ];
}
