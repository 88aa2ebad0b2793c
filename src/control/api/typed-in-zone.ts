import { type Hostname, isWithin } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname, typedPattern } from '../../wire/names.ts';

type Named = Pick<Zone, 'name'>;

/** A hostname of the zone, as somebody typed it. `pointer`: where it stood in a body. */
export function typedHostnameIn(zone: Named, text: string, pointer?: string): Hostname | Problem {
  return within(zone, { name: typedHostname(text), text, pointer });
}

/** The same, or a wildcard. */
export function typedPatternIn(zone: Named, text: string, pointer?: string): Hostname | Problem {
  return within(zone, { name: typedPattern(text), text, pointer });
}

interface Typed {
  readonly name: Hostname | null;
  readonly text: string;
  readonly pointer: string | undefined;
}

function within(zone: Named, { name, text, pointer }: Typed): Hostname | Problem {
  if (name !== null && isWithin(name, zone.name)) return name;
  return problem('hostname_outside_zone', `${shown(text)} is not in ${zone.name}`, pointer);
}
