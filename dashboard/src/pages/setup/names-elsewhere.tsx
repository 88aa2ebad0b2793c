import { useEffect, useState } from 'preact/hooks';
import { Link } from '../../route.tsx';
import { ask } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { Fact } from './fact.tsx';
import { SameRecord } from './name-records.tsx';
import { useRecordsOf } from './records-of.tsx';
import { setupPath } from './setup.ts';

interface NamesElsewhereProps {
  /** Of which they are no names. */
  readonly zone: Zone;
  readonly hostname: string;
  readonly names: readonly string[];
}

const MOST_ASKED = 5;

/** Names that belong to another zone, or to none: its certificate is another one, so a lock for these lets nobody of it in. */
export function NamesElsewhere({ zone, hostname, names }: NamesElsewhereProps) {
  if (names.length === 0) return null;
  return (
    <ul class="setup-facts" aria-label="Names outside the zone">
      {names.slice(0, MOST_ASKED).map((name) => (
        <NameElsewhere key={name} {...{ zone, hostname, name }} />
      ))}
    </ul>
  );
}

function NameElsewhere({ zone, hostname, name }: Omit<NamesElsewhereProps, 'names'> & { readonly name: string }) {
  const home = useZoneOf(name);
  if (home === 'asking') return null;
  if (home === null)
    return (
      <Fact ok={false}>
        <p>
          <strong>{name} belongs to no zone here,</strong> so the edge cannot serve it.{' '}
          <Link to="/zones">Add its zone</Link>, then lock it by a set-up of its own.
        </p>
      </Fact>
    );
  return (
    <Fact ok={false}>
      <p>
        <strong>
          {name} belongs to the zone {home.name},
        </strong>{' '}
        which has a certificate of its own: take it out here, and{' '}
        <Link to={setupPath(home.name, name)}>lock it by a set-up of its own</Link>.
      </p>
      <RecordElsewhere from={zone} home={home} hostname={hostname} name={name} />
    </Fact>
  );
}

interface RecordElsewhereProps {
  readonly from: Zone;
  readonly home: Zone;
  readonly hostname: string;
  readonly name: string;
}

function RecordElsewhere({ from, home, hostname, name }: RecordElsewhereProps) {
  const [own] = useRecordsOf(from.id, hostname);
  const [there, again] = useRecordsOf(home.id, name);
  if (own.kind !== 'ready' || there.kind !== 'ready' || there.value.length > 0) return null;
  return <SameRecord zone={home} name={name} model={own.value.filter(({ proxied }) => proxied)} onMade={again} />;
}

/** The zone of this account that holds a name: the nearest one above it. */
function useZoneOf(name: string): Zone | 'asking' | null {
  const [found, setFound] = useState<Zone | 'asking' | null>('asking');
  useEffect(() => {
    const ended = new AbortController();
    void zoneOf(name, ended.signal).then((zone) => ended.signal.aborted || setFound(zone));
    return () => ended.abort();
  }, [name]);
  return found;
}

async function zoneOf(name: string, signal: AbortSignal): Promise<Zone | null> {
  const labels = name.split('.');
  for (let at = 0; at + 1 < labels.length; at += 1) {
    const path = `/client/v4/zones?name=${encodeURIComponent(labels.slice(at).join('.'))}`;
    const zones = await ask<readonly Zone[]>({ method: 'GET', path }, signal);
    if (signal.aborted || zones.kind !== 'answer') return null;
    if (zones.result[0] !== undefined) return zones.result[0];
  }
  return null;
}
