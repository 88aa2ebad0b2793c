import { dirname } from 'node:path/posix';
import { shellCommand } from '../doctor/report/shell-word.ts';
import { isInstallable } from '../origin/install/planner.ts';
import type { View } from '../wire/answer-fields.ts';
import type { ORIGIN_CONFIG, OriginConfigRequest, OriginConfigWish } from '../wire/origin-config.ts';

type OriginCommand = View<typeof ORIGIN_CONFIG>['commands'][number];

interface Around {
  readonly logs: readonly { readonly path: string; readonly hostnames: readonly string[] }[];
  readonly configuration: string;
}

/** What to run at the origin, line by line, with the address of this API in it. */
export function originCommands(asked: OriginConfigRequest, around: Around): readonly OriginCommand[] {
  return [
    ...installing(asked),
    ...(asked.wish.lines === true ? [] : [configured(asked, around, 'configure')]),
    ...(asked.wish.mode === 'watch'
      ? [...reporting(asked, around), ...reportingInstalled(asked), ...enforcing(asked, around)]
      : []),
    {
      what: 'look',
      text: shellCommand(['postern', 'doctor', ...asked.wish.hostnames, '--api', asked.api]),
      says: 'Looks at the lock from outside, with the right certificate and with wrong ones, and says what is found.',
      reports: false,
      permissions: ['zone:read', 'ssl:read', 'dns:read', 'locks:probe'],
    },
  ];
}

function installing({ wish, zone, api }: OriginConfigRequest): readonly OriginCommand[] {
  if (!isInstallable(wish.server)) return [];
  const stays = wish.mode === 'watch' && staysReporting(wish.server);
  const goesOn = stays ? ' It goes on for an hour to tell this Postern who comes; Ctrl-C ends that alone.' : '';
  return [
    {
      what: 'install',
      text: shellCommand([...installWords({ wish, zone, api }, wish.mode), ...(stays ? ['--stay', '1h'] : [])]),
      says:
        wish.mode === 'watch'
          ? `Puts the lock into the virtual hosts that are there, refusing nobody yet; shows the change, tests it, and takes everything back where it fails.${goesOn}`
          : 'Puts the lock into the virtual hosts that are there and proves it; takes everything back where that fails.',
      reports: stays,
      permissions: ['zone:read', 'ssl:read', ...(stays ? ['origin:report'] : [])],
    },
    {
      what: 'uninstall',
      text: shellCommand(['postern', 'origin', 'uninstall', wish.hostnames[0] ?? '']),
      says: 'Takes the lock out again: every file is as it was before.',
      reports: false,
      permissions: [],
    },
  ];
}

/** Whether the command that installs can read there who comes: others write that to the system's log. */
function staysReporting(server: OriginConfigWish['server']): boolean {
  return server === 'nginx' || server === 'apache';
}

function enforcing(asked: OriginConfigRequest, around: Around): readonly OriginCommand[] {
  const { wish } = asked;
  return isInstallable(wish.server)
    ? [
        {
          what: 'enforce',
          text: shellCommand(installWords(asked, 'enforce')),
          says: 'From then on who comes without the certificate is refused. It is proven, or taken back.',
          reports: false,
          permissions: ['zone:read', 'ssl:read'],
        },
      ]
    : [configured({ ...asked, wish: { ...wish, mode: 'enforce' } }, around, 'enforce')];
}

function installWords(
  { wish, zone, api }: Pick<OriginConfigRequest, 'wish' | 'zone' | 'api'>,
  mode: OriginConfigWish['mode'],
): readonly string[] {
  return [
    'postern',
    'origin',
    'install',
    '--api',
    api,
    '--zone',
    zone.name,
    ...named('--hostname', wish.hostnames),
    '--server',
    wish.server,
    ...flag('--server-config', wish.server_config),
    ...(wish.all_names === true ? ['--all-names'] : []),
    ...flag('--crl', wish.crl),
    ...flag('--verified-header', wish.verified_header),
    ...(wish.accept_shared === true ? ['--accept-shared'] : []),
    ...(mode === 'watch' ? ['--watch'] : []),
  ];
}

function configured(
  { wish, zone, api }: OriginConfigRequest,
  { configuration }: Around,
  what: 'configure' | 'enforce',
): OriginCommand {
  const open = (wish.open_names ?? []).map(({ hostname, upstream, root }) =>
    [hostname, upstream ?? root].filter((part) => part !== undefined).join('='),
  );
  const words = [
    'postern',
    'origin',
    'config',
    wish.server,
    '--api',
    api,
    '--zone',
    zone.name,
    ...named('--hostname', wish.hostnames),
    ...named('--open-name', open),
    ...flag('--upstream', wish.upstream),
    ...flag('--root', wish.root),
    ...named('--listen', wish.listen ?? []),
    ...named('--listen-http', wish.listen_http ?? []),
    ...flag('--server-cert', wish.server_cert),
    ...flag('--server-key', wish.server_key),
    ...(wish.origin_ca === true ? ['--origin-ca'] : []),
    ...flag('--bundle', wish.bundle),
    ...flag('--crl', wish.crl),
    ...flag('--verified-header', wish.verified_header),
    ...flag('--server-version', wish.server_version),
    ...flag('--also-trust', wish.also_trust),
    ...flag('--also-trust-crl', wish.also_trust_crl),
    ...named('--also-listen', wish.also_listen ?? []),
    ...flag('--runtime-dir', wish.runtime_dir),
    ...(wish.accept_shared === true ? ['--accept-shared'] : []),
    ...(wish.fragment === true ? ['--fragment'] : []),
    ...(wish.mode === 'watch' ? ['--watch'] : ['--enforce']),
    '--out',
    configuration,
  ];
  return {
    what,
    // The directory is not there on a machine that knew nothing of Postern before.
    text: `mkdir -p ${shellCommand([dirname(configuration)])} && ${shellCommand(words)}`,
    says:
      what === 'configure'
        ? 'Writes this configuration and the bundle beside it. Testing and loading it is left to you.'
        : 'Writes the configuration that refuses who comes without the certificate. Then load it again.',
    reports: false,
    permissions: wish.origin_ca === true ? ['zone:read', 'ssl:read', 'ssl:edit'] : ['zone:read', 'ssl:read'],
  };
}

const SYSTEM_LOG = 'journalctl -f -o cat -t haproxy';

const REPORTS = {
  says: 'Tells this Postern who comes without the certificate of the edge, for as long as it runs.',
  reports: true,
  permissions: ['origin:report'],
} as const;

function reportWords({ zone, api }: OriginConfigRequest, hostnames: readonly string[]): readonly string[] {
  return ['postern', 'origin', 'watch-report', '--api', api, '--zone', zone.id, ...named('--hostname', hostnames)];
}

/** The same for a lock that was installed: its log is another one, of which its record knows. */
function reportingInstalled(asked: OriginConfigRequest): readonly OriginCommand[] {
  const { server, hostnames } = asked.wish;
  if (!isInstallable(server) || server === 'haproxy') return [];
  const words = reportWords(asked, hostnames);
  const text =
    server === 'caddy'
      ? `journalctl -f -o cat -u caddy | ${shellCommand([...words, '--log', '-'])}`
      : shellCommand([...words, '--follow']);
  return [{ ...REPORTS, what: 'report_installed', text }];
}

function reporting(asked: OriginConfigRequest, { logs }: Around): readonly OriginCommand[] {
  const { server, hostnames } = asked.wish;
  if (server === 'haproxy') {
    const text = `${SYSTEM_LOG} | ${shellCommand([...reportWords(asked, hostnames), '--log', '-'])}`;
    return [{ ...REPORTS, what: 'report_callers', text }];
  }
  return logs.map((log) => ({
    ...REPORTS,
    what: 'report_callers',
    text: shellCommand([...reportWords(asked, log.hostnames), '--log', log.path, '--follow']),
  }));
}

function named(flagName: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flagName, value]);
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
