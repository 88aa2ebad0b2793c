import { moment } from '../../wire/views.ts';
import type { ControlPlane } from '../plane.ts';
import { lookSoon } from './look-soon.ts';
import type { ZoneCall } from './route.ts';

type Heard = Parameters<ControlPlane['heardTerminal']>[1];

/**
 * Takes note of a command that can ask the person at its terminal. When it was decided that it shall; `null` where nobody is to
 * be asked. Once it says that the lock enforces, that is looked at: its word proves nothing.
 */
export function askedOf(heard: Heard, { plane, zone }: Pick<ZoneCall, 'plane' | 'zone'>): string | null {
  const { askedOn, hasEnforced } = plane.heardTerminal(zone.id, heard);
  if (hasEnforced) lookSoon(heard.hostnames, { plane, zone });
  return askedOn === null ? null : moment(askedOn);
}
