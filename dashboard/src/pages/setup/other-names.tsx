import { useEffect, useState } from 'preact/hooks';
import { inZone, type Resource, useResource } from '../../api/resource.ts';
import { Button } from '../../parts/button.tsx';
import type { Zone } from '../../zone.tsx';
import type { DnsRecord } from '../dns/record.ts';
import type { Looks } from './certificate-looks.ts';
import { NameRecords, type RecordPlan } from './name-records.tsx';
import { NamesElsewhere } from './names-elsewhere.tsx';
import { namesIn } from './server-draft.ts';
import { type ServerFieldsProps, Text } from './server-text.tsx';

interface OtherNamesProps extends ServerFieldsProps {
  readonly zone: Zone;
  readonly hostname: string;
  /** Names that the certificate of the origin has besides, as far as it was seen. */
  readonly shown: readonly string[];
}

/** Other names of the same site: left out, they stay as they are, and may serve the same to anybody. */
export function OtherNames({ zone, hostname, shown, ...props }: OtherNamesProps) {
  const { draft, change } = props;
  const chosen = namesIn(draft.otherNames);
  const neighbours = useNeighbours(zone, hostname).filter((name) => !chosen.includes(name));
  const certified = shown.filter((name) => !chosen.includes(name) && !neighbours.includes(name));
  const others = [...certified, ...neighbours];
  const [typed, settle] = useSettled(draft.otherNames);
  const add = () => {
    const otherNames = [...chosen, ...others].join(', ');
    change({ otherNames });
    settle(otherNames);
  };
  return (
    <>
      <div class="fields">
        <Text
          {...props}
          name="otherNames"
          label="Other names of the same site"
          pointer="/hostnames"
          hint={`Besides ${hostname}, with commas; empty where there are none. One that is left out is not locked.`}
        />
      </div>
      {others.length > 0 && (
        <div class="row">
          <span class="hint">
            {certified.length > 0 && `The origin's certificate also names ${certified.join(', ')}. `}
            {neighbours.length > 0 && `The records of ${neighbours.join(', ')} lead to the same address and port.`}
          </span>
          <Button small onPress={add}>
            {others.length === 1 ? `Add ${others[0]}` : 'Add them'}
          </Button>
        </div>
      )}
      <TypedNames
        zone={zone}
        hostname={hostname}
        names={namesIn(typed)}
        plan={{ isMade: draft.makeRecords, set: (makeRecords) => change({ makeRecords }) }}
      />
    </>
  );
}

const NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** What is to be said of those that are typed, before a configuration is made for them. */
function TypedNames({
  zone,
  hostname,
  names,
  plan,
}: Pick<OtherNamesProps, 'zone' | 'hostname'> & { readonly names: readonly string[]; readonly plan: RecordPlan }) {
  const typed = typedNames(names, hostname);
  const isInside = (name: string) => isOfZone(name, zone);
  return (
    <>
      <NameRecords zone={zone} hostname={hostname} names={typed.filter(isInside)} plan={plan} />
      <NamesElsewhere zone={zone} hostname={hostname} names={typed.filter((name) => !isInside(name))} />
    </>
  );
}

function typedNames(names: readonly string[], hostname: string): readonly string[] {
  const all = new Set(names.map((name) => name.toLowerCase().replace(/\.$/, '')));
  return [...all].filter((name) => NAME.test(name) && name !== hostname);
}

function isOfZone(name: string, zone: Pick<Zone, 'name'>): boolean {
  return name === zone.name || name.endsWith(`.${zone.name}`);
}

/** The other names of the zone in a list that somebody typed. */
export function othersIn(text: string, zone: Zone, hostname: string): readonly string[] {
  return typedNames(namesIn(text), hostname).filter((name) => isOfZone(name, zone));
}

/** Names of the zone in what the origins of a hostname show. */
export function shownNames(seen: Resource<Looks>, zone: Zone, hostname: string): readonly string[] {
  if (seen.kind !== 'ready') return [];
  const names = seen.value.looks.flatMap(({ origins }) =>
    origins.flatMap(({ certificate }) => certificate?.names ?? []),
  );
  return typedNames(names, hostname)
    .filter((name) => isOfZone(name, zone))
    .slice(0, MOST_SHOWN);
}

const SETTLING = 400;

/** What was typed, once nobody types; and what settles it at once. */
function useSettled(text: string): readonly [string, (text: string) => void] {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), SETTLING);
    return () => clearTimeout(timer);
  }, [text]);
  return [settled, settle];
}
const USUAL_PORT = 443;
const MOST_ASKED = 50;
const MOST_SHOWN = 5;

/** Names of the zone whose records lead to the same address and port as those of the hostname. */
export function useNeighbours({ id }: Zone, hostname: string): readonly string[] {
  const on = inZone(id);
  const path = `/client/v4/zones/${id}/dns_records`;
  const [own] = useResource<readonly DnsRecord[]>(`${path}?name=${encodeURIComponent(hostname)}`, { on });
  const first = own.kind === 'ready' ? own.value[0] : undefined;
  const alike =
    first === undefined ? null : `${path}?content=${encodeURIComponent(first.content)}&per_page=${MOST_ASKED}`;
  const [others] = useResource<readonly DnsRecord[]>(alike, { on });
  if (first === undefined || others.kind !== 'ready') return [];
  const port = portOf(first);
  const names = others.value.filter((one) => one.name !== hostname && portOf(one) === port).map(({ name }) => name);
  return [...new Set(names)].filter((name) => !name.startsWith('*')).slice(0, MOST_SHOWN);
}

function portOf({ origin }: DnsRecord): number {
  return origin?.https_port ?? USUAL_PORT;
}
