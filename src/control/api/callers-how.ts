import type { Hostname } from '../../domain/ids.ts';
import type { ZoneCall } from './route.ts';

/** What to run at an origin so that it is known who comes to a hostname. */
export function callersHow(hostname: Hostname, { base, zone }: Pick<ZoneCall, 'base' | 'zone'>): string {
  return `Nobody reports who comes to ${hostname}. Run at the origin, with a token that may origin:report in POSTERN_TOKEN: postern origin watch-report --api ${base} --zone ${zone.id} --hostname ${hostname} --log FILE --follow`;
}
