import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { go, Link } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';
import type { StepProps } from './step-props.ts';
import { Keeping } from './keeping.tsx';
import { isToFinish } from './leave.tsx';
import { LookAtLock } from './look.tsx';
import { NamesProved } from './names-proved.tsx';
import { useNeighbours } from './other-names.tsx';
import { type Setup, setupApi, setupPath } from './setup.ts';
import { SetupTokens } from './setup-tokens.tsx';

/** The end: the lock was seen to hold. */
export function Proved(props: StepProps) {
  const { zone, setup } = props;
  const guarded = useGuarded(zone.id);
  const finish = () =>
    guarded.begin({
      title: `Finish the set-up of ${setup.hostname}`,
      act: 'Finish',
      done: `${setup.hostname} is locked.`,
      call: { method: 'DELETE', path: setupApi(zone.id, setup.hostname) },
      change: null,
      onDone: () => go(zonePath(zone.name, `/attestations/${encodeURIComponent(setup.hostname)}`)),
    });
  return (
    <Panel
      title="The lock is proved"
      about={`At ${provedNames(setup).join(' and ')} the edge gets in, and every stranger who was tried was refused. Postern goes on looking, and tells where that changes.`}
      aside={
        isToFinish(setup) && (
          <Button kind="primary" onPress={finish}>
            Finish
          </Button>
        )
      }
    >
      <div class="setup-proved">
        <NamesProved {...props} />
        <LookAtLock {...props} />
        <WhatNow {...props} />
      </div>
      {guarded.view}
    </Panel>
  );
}

function provedNames({ names }: Setup): readonly string[] {
  return names.filter(({ proved }) => proved).map(({ hostname }) => hostname);
}

/** What Debian has the server read first; its owner knows where it is otherwise. */
const MAIN_FILES: Readonly<Record<string, string>> = {
  nginx: '/etc/nginx/nginx.conf',
  apache: '/etc/apache2/apache2.conf',
  haproxy: '/etc/haproxy/haproxy.cfg',
  caddy: '/etc/caddy/Caddyfile',
  lighttpd: '/etc/lighttpd/lighttpd.conf',
};

function mainFile(server = ''): string {
  return MAIN_FILES[server] ?? 'FILE';
}

/** What is not proved by it, and what keeps it so. */
function WhatNow({ zone, setup }: StepProps) {
  const { hostname, choices } = setup;
  const others = useNeighbours(zone, hostname).filter((name) => choices.other_names?.includes(name) !== true);
  return (
    <section class="setup-now" aria-labelledby="setup-now">
      <h3 id="setup-now">What now</h3>
      <ul class="setup-notes">
        <li>
          It was proved at {provedNames(setup).join(' and ')} alone. Whoever asks the same server for the name of
          another site, or at another port, was not tried:{' '}
          <span class="mono">postern origin audit {mainFile(choices.server)}</span>, run there, reads its whole
          configuration.
        </li>
        {others.map((name) => (
          <li key={name}>
            {name} leads to the same address and port. <Link to={setupPath(zone.name, name)}>Lock {name}</Link> as well.
          </li>
        ))}
        <Keeping zone={zone} setup={setup} />
        {/* The one that asked at its terminal has ended by itself. */}
        {setup.terminal?.state !== 'enforced' && (
          <li>Where a command at the origin still tells who comes, it has done its work: end it.</li>
        )}
      </ul>
      <SetupTokens hostname={hostname} />
    </section>
  );
}
