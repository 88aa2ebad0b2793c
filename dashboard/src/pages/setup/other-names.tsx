import { useEffect, useState } from 'preact/hooks';
import { inZone, useResource } from '../../api/resource.ts';
import { Button } from '../../parts/button.tsx';
import type { Zone } from '../../zone.tsx';
import type { DnsRecord } from '../dns/record.ts';
import { NameRecords } from './name-records.tsx';
import { NamesElsewhere } from './names-elsewhere.tsx';
import { namesIn } from './server-draft.ts';
import { type ServerFieldsProps, Text } from './server-text.tsx';

interface OtherNamesProps extends ServerFieldsProps {
  readonly zone: Zone;
  readonly hostname: string;
}

/** Other names of the same site: left out, they stay as they are, and may serve the same to anybody. */
export function OtherNames({ zone, hostname, ...props }: OtherNamesProps) {
  const { draft, change } = props;
  const chosen = namesIn(draft.otherNames);
  const others = useNeighbours(zone, hostname).filter((name) => !chosen.includes(name));
  const typed = useSettled(draft.otherNames);
  return (
    <>
      <div class="fields">
        <Text
          {...props}
          name="otherNames"
          label="Other names of the same site"
          pointer="/hostnames"
          hint={`All that its virtual host has beside ${hostname}, with commas. One that is left out may go on serving the same to anybody.`}
        />
      </div>
      {others.length > 0 && (
        <div class="row">
          <span class="hint">The records of {others.join(', ')} lead to the same address and port.</span>
          <Button small onPress={() => change({ otherNames: [...chosen, ...others].join(', ') })}>
            {others.length === 1 ? `Add ${others[0]}` : 'Add them'}
          </Button>
        </div>
      )}
      <TypedNames zone={zone} hostname={hostname} names={namesIn(typed)} />
    </>
  );
}

const NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** What is to be said of those that are typed, before a configuration is made for them. */
function TypedNames({
  zone,
  hostname,
  names,
}: Pick<OtherNamesProps, 'zone' | 'hostname'> & { names: readonly string[] }) {
  const typed = [...new Set(names.map((name) => name.toLowerCase().replace(/\.$/, '')))].filter(
    (name) => NAME.test(name) && name !== hostname,
  );
  const isInside = (name: string) => name === zone.name || name.endsWith(`.${zone.name}`);
  return (
    <>
      <NameRecords zone={zone} hostname={hostname} names={typed.filter(isInside)} />
      <NamesElsewhere zone={zone} hostname={hostname} names={typed.filter((name) => !isInside(name))} />
    </>
  );
}

const SETTLING = 400;

/** What was typed, once nobody types. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), SETTLING);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
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
