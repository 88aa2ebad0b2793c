import type { Argv } from './command.ts';

/** What a service is made from. */
export interface UnitRequest {
  /** Without the ending. */
  readonly name: string;
  readonly command: Argv;
  /** Directories below /etc and /usr that it replaces files in. */
  readonly writable: readonly string[];
  /** Seconds between two runs. */
  readonly interval: number;
  /** Handed to the service as a credential; `null` without one. */
  readonly tokenFile: string | null;
}

/** Where the service finds the token: systemd's `%d` is the directory of its credentials. */
export const TOKEN_CREDENTIAL = '%d/token';

/**
 * The service: one run. It runs as root, because it replaces files of root and has a server reload, and may do nothing else
 * that root may. /var and /run stay writable, since the servers' own tests open logs and process ids there.
 */
export function serviceUnit({ command, writable, tokenFile, interval }: UnitRequest): string {
  return lines(
    '[Unit]',
    'Description=Keep the locks of this origin in step with Postern',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=${command.map(word).join(' ')}`,
    '# The control plane did not answer: what is installed stays, and the next run asks again.',
    'SuccessExitStatus=3',
    `TimeoutStartSec=${MOST_RUN + stayFor(interval)}s`,
    ...(tokenFile === null ? [] : [`LoadCredential=token:${path(tokenFile)}`]),
    '',
    'ProtectSystem=full',
    ...writable.map((directory) => `ReadWritePaths=${word(directory)}`),
    ...HARDENING,
  );
}

// nginx -t binds the listeners that it would have; Node compiles as it runs, so memory stays executable.
const HARDENING = [
  'CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_NET_BIND_SERVICE',
  'NoNewPrivileges=yes',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'KeyringMode=private',
  'LockPersonality=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'UMask=0022',
];

/** Part of the interval that a run may come later, so that origins do not all ask at once. */
const SPREAD = 5;

/** What one run may take, and what the next may take until it has asked. */
const MOST_RUN = 600;
const MARGIN = 60;

/** Seconds that a run stays to shut what is open: until after the next one would have come and asked. */
export function stayFor(interval: number): number {
  return interval + spread(interval) + MARGIN;
}

function spread(interval: number): number {
  return Math.ceil(interval / SPREAD);
}

/** The timer that starts it. */
export function timerUnit({ name, interval }: UnitRequest): string {
  return lines(
    '[Unit]',
    'Description=Keep the locks of this origin in step with Postern, again and again',
    '',
    '[Timer]',
    'OnBootSec=30s',
    `OnUnitInactiveSec=${interval}s`,
    `RandomizedDelaySec=${spread(interval)}s`,
    'AccuracySec=1s',
    `Unit=${name}.service`,
    '',
    '[Install]',
    'WantedBy=timers.target',
  );
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

// systemd.service(5): "%" begins a specifier and "$" a variable; quotes and backslashes are those of C.
function word(text: string): string {
  if (text === TOKEN_CREDENTIAL) return text;
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? escaped : `"${escaped}"`;
}

// The rest of the line is the path: no quotes there.
function path(text: string): string {
  return text.replaceAll('%', '%%');
}
