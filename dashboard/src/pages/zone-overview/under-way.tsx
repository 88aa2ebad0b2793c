import { useResource } from '../../api/resource.ts';
import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import type { Zone } from '../../zone.tsx';
import { setupPath, type SetupSummary } from '../setup/setup.ts';

/** The newest of all: who looks at a zone looks for what somebody has just begun there. */
const MOST = 100;

/** Set-ups of hostnames of the zone that are not finished: until then an origin may well be open. */
export function UnderWay({ zone }: { readonly zone: Zone }) {
  const [setups] = useResource<readonly SetupSummary[]>(`/postern/v1/setups?per_page=${MOST}`, {
    on: (event) => event.zone?.id === zone.id,
  });
  const own = setups.kind === 'ready' ? setups.value.filter((setup) => setup.zone.id === zone.id) : [];
  if (own.length === 0) return null;
  return (
    <Note>
      {own.map(({ hostname, step }) => (
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
