import { useEffect } from 'preact/hooks';
import { useZone } from './api/zone.ts';
import { Awaited, Empty } from './parts/awaited.tsx';
import { PageHead } from './parts/panel.tsx';
import { Link } from './route.tsx';
import { Lazy } from './lazy.tsx';
import type { LoadPage, Params, ZonePageProps } from './page-props.ts';

export type { Zone } from './api/zone.ts';
export { zonePath } from './paths.ts';

interface ZoneFrameProps {
  readonly name: string;
  readonly load: LoadPage<ZonePageProps>;
  readonly params: Params;
}

/** Finds the zone that the address names, and shows its page. */
export function ZoneFrame({ name, load, params }: ZoneFrameProps) {
  const [zones, refresh] = useZone(name);
  useEffect(() => fetchAhead(load), [load]);
  return (
    <Awaited of={zones} retry={refresh} lines={8}>
      {([zone]) =>
        zone === undefined ? (
          <NoSuchZone name={name} />
        ) : (
          // One for each address and zone: what was done for one hostname must not stand under another, nor what is of a
          // zone that was deleted under the one that has its name now.
          <Lazy key={[zone.id, ...Object.values(params)].join('/')} load={load} props={{ zone, params }} />
        )
      }
    </Awaited>
  );
}

/** The code of a page comes while its zone is asked for. Where it does not, the page says so once it is shown. */
function fetchAhead(load: () => Promise<unknown>): void {
  load().catch(() => undefined);
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
