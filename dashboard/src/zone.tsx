import { useResource } from './api/resource.ts';
import { Awaited, Empty } from './parts/awaited.tsx';
import { PageHead } from './parts/panel.tsx';
import { Link } from './route.tsx';
import { Lazy } from './lazy.tsx';
import type { Params, ZONE_PAGES } from './pages.ts';

export { zonePath } from './paths.ts';

/** A zone as `GET /client/v4/zones` has it: what pages need of it. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly paused: boolean;
  readonly account: { readonly id: string; readonly name: string };
}

export interface ZonePageProps {
  readonly zone: Zone;
  readonly params: Params;
}

interface ZoneFrameProps {
  readonly name: string;
  readonly load: (typeof ZONE_PAGES)[number]['load'];
  readonly params: Params;
}

/** Finds the zone that the address names, and shows its page. */
export function ZoneFrame({ name, load, params }: ZoneFrameProps) {
  const [zones, refresh] = useResource<readonly Zone[]>(`/client/v4/zones?name=${encodeURIComponent(name)}`, {
    on: (event) => event.zone?.name === name,
  });
  return (
    <Awaited of={zones} retry={refresh} lines={8}>
      {([zone]) =>
        zone === undefined ? (
          <NoSuchZone name={name} />
        ) : (
          // One for each address: what was done for one hostname must not stand under another.
          <Lazy key={Object.values(params).join('/')} load={load} props={{ zone, params }} />
        )
      }
    </Awaited>
  );
}

function NoSuchZone({ name }: { readonly name: string }) {
  return (
    <>
      <PageHead title="No such zone" />
      <Empty>
        <p>
          There is no zone {name}, or this token may not see it. <Link to="/zones">All zones</Link>
        </p>
      </Empty>
    </>
  );
}
