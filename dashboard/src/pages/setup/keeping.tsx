import { Code } from '../../parts/copy.tsx';
import { Link } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';
import { forOrigin } from './addresses.tsx';
import type { StepProps } from './step-props.ts';
import { linesOf } from './into-host.tsx';
import { type OriginConfig, useOriginConfig } from './origin-config.ts';
import type { Setup } from './setup.ts';
import { ServiceToken } from './service-token.tsx';
import { onlyWatched, syncCommand } from './sync-command.ts';
import { unlockNginx } from './unlock-host.ts';
import { chosenWay } from './ways.tsx';

/** What keeps the lock of a set-up current at its origin, and what of the watching can go. */
export function Keeping({ zone, setup }: Pick<StepProps, 'zone' | 'setup'>) {
  const { hostname, choices } = setup;
  const [enforced] = useOriginConfig(zone.id, hostname, { ...choices, mode: 'enforce' });
  const [watched] = useOriginConfig(zone.id, hostname, { ...choices, mode: 'watch' });
  // What is copied from here names the files of both: no text stands here that is about to become another.
  if (enforced.kind !== 'ready' || watched.kind === 'loading') return null;
  const made = enforced.value;
  const besides = watched.kind === 'ready' ? onlyWatched(watched.value, made) : [];
  if (chosenWay(made, choices) === 'install')
    return (
      <li>
        The bundle at the origin has to follow rotations: <span class="mono">postern origin sync</span>, run there, does
        that for every lock that was installed; with <span class="mono nowrap">--install-service</span> it stays.
        <ServiceToken
          {...{ zone, setup }}
          commandWith={(file) => `postern origin sync --token-file ${file} --install-service`}
        />
      </li>
    );
  const isPart = choices.fragment === true || choices.lines === true;
  return (
    <>
      <Following {...{ zone, setup, made, isPart }} />
      <WayBack {...{ hostname, made, choices, besides }} />
      <Leftover paths={besides} />
    </>
  );
}

interface WayBackProps extends Pick<Setup, 'hostname' | 'choices'> {
  readonly made: OriginConfig;
  /** What was there to watch alone. */
  readonly besides: readonly string[];
}

/** How a lock is taken out that nobody installed. */
function WayBack({ hostname, made, choices, besides }: WayBackProps) {
  const lines = linesOf(made);
  if (choices.lines === true && made.server === 'nginx' && lines !== undefined)
    return (
      <li>
        To take the lock out again, paste this into a shell of root at the origin. It takes out the line that includes
        it, its files, and the bundle where nothing else there names it. Copies of before ({'FILE.before-TIME'}) stay:
        it lists them.
        <Code label="Take the lock out" text={unlockNginx({ hostname, lines, besides, bundles: bundlesOf(made) })} />
      </li>
    );
  return (
    <li>
      To take the lock out again, take {choices.lines === true ? 'its lines out of the virtual host' : 'its files away'}{' '}
      and have the server load what is left.
    </li>
  );
}

function bundlesOf({ files }: OriginConfig): readonly string[] {
  return files.filter(({ what }) => what === 'trust_bundle').map(({ path }) => path);
}

interface FollowingProps extends Pick<StepProps, 'zone' | 'setup'> {
  readonly made: OriginConfig;
  readonly isPart: boolean;
}

function Following({ zone, setup, made, isPart }: FollowingProps) {
  const sync = { zone: zone.id, made, isPart, api: window.location.origin };
  const command = syncCommand(sync);
  return (
    <li>
      The bundle at the origin has to follow{' '}
      <Link to={zonePath(zone.name, '/rotations')}>each rotation of the root</Link>: with the old one it holds the
      rotation up, or refuses the edge where that goes on all the same.{' '}
      {command === null ? (
        <>
          <span class="mono">postern origin sync --zone {zone.id}</span> does that, run at the origin with{' '}
          <span class="nowrap">--bundle</span>, <span class="nowrap">--test</span> and{' '}
          <span class="nowrap">--reload</span> as the server there has them. {BY_HAND}
        </>
      ) : (
        <>
          This, run as root at the origin, sees to it from now on; it needs no token.
          <Code label="Command that keeps the bundle current" text={forOrigin(command)} />
          {BY_HAND}
          <ServiceToken
            {...{ zone, setup }}
            commandWith={(tokenFile) => syncCommand({ ...sync, tokenFile }) ?? command}
          />
        </>
      )}
    </li>
  );
}

const BY_HAND =
  'Without it, copy the bundle again by hand and have the server load it, twice in each: when the rotation waits for proof (both roots are in it), and when it waits for confirmation (the old one has left).';

function Leftover({ paths }: { readonly paths: readonly string[] }) {
  if (paths.length === 0) return null;
  return (
    <li>
      Nothing reads what was there to watch any more: <span class="mono break">{paths.join(', ')}</span> can be removed.
    </li>
  );
}
