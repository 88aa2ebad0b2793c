import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import type { Zone } from '../../zone.tsx';
import { setupPath } from '../setup/setup.ts';
import type { Glance } from './glance.ts';

interface UnderWayProps {
  readonly zone: Zone;
  readonly setups: NonNullable<Glance['setups']>;
}

/** Set-ups of hostnames of the zone that are not finished: until then an origin may well be open. */
export function UnderWay({ zone, setups }: UnderWayProps) {
  if (setups.length === 0) return null;
  return (
    <Note>
      {setups.map(({ hostname, step }) => (
        <p key={hostname}>
          {step.kind === 'proved'
            ? `The lock of ${hostname} is proved, and its set-up waits to be finished.`
            : `A set-up of ${hostname} is under way: it is not locked before that ends.`}{' '}
          <Link to={setupPath(zone.name, hostname)}>Go on with {hostname}</Link>
        </p>
      ))}
    </Note>
  );
}
