import { inZone, useResource } from '../../api/resource.ts';
import { useZone } from '../../api/zone.ts';
import { useAction } from '../../parts/action.ts';
import { Awaited, Empty, Skeleton } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { PageHead } from '../../parts/panel.tsx';
import { Problems } from '../../parts/problems.tsx';
import type { PageProps } from '../../page-props.ts';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { NO_SETUP, type Setup, setupApi } from './setup.ts';
import { SetupGuide } from './guide.tsx';
import '../../style/pages/setup.css';

/** The guided set-up of one hostname: from a record to a lock that was seen to hold. */
export function Page({ params }: PageProps) {
  const name = params['zone'] ?? '';
  const hostname = params['hostname'] ?? '';
  const [zones, retry] = useZone(name);
  return (
    <Awaited of={zones} retry={retry} lines={10}>
      {([zone]) =>
        zone === undefined ? (
          <NotBegun hostname={hostname} why={`There is no zone ${name}, or this token may not see it.`} />
        ) : (
          <OfZone zone={zone} hostname={hostname} />
        )
      }
    </Awaited>
  );
}

/** Counts move on by themselves: what is an hour old counts no more. */
const PACE = 15_000;

function OfZone({ zone, hostname }: { readonly zone: Zone; readonly hostname: string }) {
  const [setup, refresh] = useResource<Setup>(setupApi(zone.id, hostname), { on: inZone(zone.id), every: PACE });
  // Not begun, or ended in another window while this one looked.
  const problems = setup.kind === 'failed' ? setup.problems : setup.kind === 'ready' ? (setup.stale ?? []) : [];
  if (problems.some(({ code }) => code === NO_SETUP))
    return <Begin zone={zone} hostname={hostname} onBegun={refresh} />;
  if (setup.kind === 'loading') return <Skeleton lines={12} />;
  return (
    <Awaited of={setup} retry={refresh}>
      {(value) => <SetupGuide zone={zone} setup={value} refresh={refresh} />}
    </Awaited>
  );
}

interface BeginProps {
  readonly zone: Zone;
  readonly hostname: string;
  readonly onBegun: () => void;
}

function Begin({ zone, hostname, onBegun }: BeginProps) {
  const action = useAction();
  const begin = async () => {
    const call = { method: 'PUT', path: setupApi(zone.id, hostname), body: { choices: {} } } as const;
    if ((await action.run<Setup>(call)) !== null) onBegun();
  };
  return (
    <NotBegun hostname={hostname} why={`No set-up of ${hostname} is under way.`}>
      <Problems problems={action.problems} />
      {may('ssl:edit') && (
        <Button kind="primary" busy={action.busy} onPress={() => void begin()}>
          Begin
        </Button>
      )}
    </NotBegun>
  );
}

interface NotBegunProps {
  readonly hostname: string;
  readonly why: string;
  readonly children?: preact.ComponentChildren;
}

function NotBegun({ hostname, why, children }: NotBegunProps) {
  return (
    <>
      <PageHead title={`Lock ${hostname}`} />
      <Empty>
        <p>{why}</p>
        {children}
        <p>
          <Link to="/setup">All set-ups</Link>
        </p>
      </Empty>
    </>
  );
}
