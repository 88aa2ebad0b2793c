import { existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { DASHBOARD } from '../control/listener/dashboard.ts';
import { attestationPace } from './attestation-pace.ts';
import { hasDashboard } from './built-dashboard.ts';
import { publicAddresses } from './edge-listening.ts';
import { Failure } from './failure.ts';
import { collect } from './flag-value.ts';
import { formatHostPort, parseHostPort } from './host-port.ts';
import { chosenLimits, LIMIT_KEYS } from './limits.ts';
import { apiUrl, listeningPath } from './listening.ts';
import { LOG_LEVELS, logLevel, stderrLog } from './log.ts';
import { placeOfReadyFile, writeReady } from './ready-file.ts';
import { type Running, serve } from './serve.ts';
import { readConfigFile, type SettingNames, setting } from './settings.ts';
import { asked, reloadSignals } from './signals.ts';
import { apiSettings, withApiFlags } from './up-api.ts';
import { edgeSettings, withEdgeFlags } from './up-edge.ts';
import { mailServer, withNoticeFlags } from './up-notices.ts';
import { welcome } from './welcome.ts';

const NAMES = {
  data: { flag: 'data', env: 'POSTERN_DATA', key: 'data' },
  kek: { flag: 'kek', env: 'POSTERN_KEK', key: 'kek' },
  oldKek: { flag: 'oldKek', env: 'POSTERN_OLD_KEK', key: 'old_kek' },
  https: { flag: 'https', env: 'POSTERN_HTTPS', key: 'https' },
  http: { flag: 'http', env: 'POSTERN_HTTP', key: 'http' },
  publicAddress: { flag: 'publicAddress', env: 'POSTERN_PUBLIC_ADDRESS', key: 'public_address' },
  workers: { flag: 'workers', env: 'POSTERN_WORKERS', key: 'workers' },
  readyFile: { flag: 'readyFile', env: 'POSTERN_READY_FILE', key: 'ready_file' },
  attestEvery: { flag: 'attestEvery', env: 'POSTERN_ATTEST_EVERY', key: 'attest_every' },
  logLevel: { flag: 'logLevel', env: 'POSTERN_LOG_LEVEL', key: 'log_level' },
} as const satisfies Record<string, SettingNames>;

const DEFAULTS = { https: ':8443', http: ':8080', attestEvery: '5m' };
const DRAIN = 30_000;

const EXAMPLES = `
Examples:
  postern up --data ./data
  postern up --data /var/lib/postern --https :443 --http :80
  postern up --data ./data --api 127.0.0.1:0 --https 127.0.0.1:0 --http off \\
      --ready-file ready.json

Settings come from flags, then POSTERN_* in the environment (POSTERN_DATA,
POSTERN_HTTPS, …), then --config.
The first start writes DATA/bootstrap-token (mode 0600): a bearer token with all
permissions. On a terminal each start prints an address that signs a browser in
with that token, once and within ten minutes. The key that seals all private
keys is DATA.kek, beside the data: back it up in another place. SIGHUP and
SIGUSR2 read the certificate of the API again and replace the workers.`;

/** `postern up`: control plane and edge in one command. */
export function upCommand(): Command {
  const command = new Command('up');
  command
    .description('run the control plane and an edge, in the foreground, until SIGTERM; SIGUSR2 replaces the workers')
    .option('--data <dir>', 'data directory; made where it does not exist')
    .option('--kek <where>', 'key-encryption key: a file, env:NAME or command:… (default: DATA.kek)')
    .option('--old-kek <where>', 'the present one: its keys are sealed anew with --kek');
  return withNoticeFlags(withEdgeFlags(withApiFlags(command)))
    .option('--https <host:port>', `where visitors come in over TLS (default: ${DEFAULTS.https})`)
    .option('--http <host:port>', `where visitors come in without TLS, or off (default: ${DEFAULTS.http})`)
    .option(
      '--public-address <host[:port],…>',
      'where visitors reach the edges, behind another router or balancer (default: as they listen)',
    )
    .option('--workers <n>', 'edge processes (default: one for each core)')
    .option(
      '--attest-every <span>',
      `how often the lock of each origin is looked at, or off (default: ${DEFAULTS.attestEvery})`,
    )
    .option(
      '--ready-file <file>',
      'write {api, api_url, https, http, public, dashboard, bootstrap_token_file, pid} as JSON there once all answer',
    )
    .option('--limit <name=n>', `how many of something to take; repeatable (${LIMIT_KEYS.join(', ')})`, collect)
    .option('--log-level <level>', `${LOG_LEVELS.join(', ')} (default: info)`)
    .option('--config <file>', 'settings as YAML or JSON')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const settings = upSettings(command);
      const running = await serve(settings);
      await stay(running, settings);
    });
}

function upSettings(command: Command) {
  const file = readConfigFile(command.getOptionValue('config') as string | undefined);
  const read = (names: SettingNames) => setting(command, names, file);
  const data = read(NAMES.data);
  if (data === undefined) throw new Failure('No data directory is given.', 'Add --data DIR, or set POSTERN_DATA.');
  const http = read(NAMES.http) ?? DEFAULTS.http;
  const workers = workerCount(read(NAMES.workers));
  return {
    dir: resolve(data),
    kek: read(NAMES.kek) ?? null,
    oldKek: read(NAMES.oldKek) ?? null,
    ...apiSettings(read),
    https: parseHostPort(read(NAMES.https) ?? DEFAULTS.https, '--https'),
    http: http === 'off' ? null : parseHostPort(http, '--http'),
    publicAddresses: publicAddresses(read(NAMES.publicAddress)),
    workers,
    readyFile: placeOfReadyFile(read(NAMES.readyFile)),
    log: stderrLog(logLevel(read(NAMES.logLevel))),
    ...edgeSettings(read),
    mail: mailServer(read),
    attestation: attestationPace(read(NAMES.attestEvery) ?? DEFAULTS.attestEvery),
    limits: chosenLimits({
      flags: (command.getOptionValue('limit') as string[] | undefined) ?? [],
      env: process.env['POSTERN_LIMITS'],
      file: file.limits,
    }),
  };
}

const MOST_WORKERS = 64;

function workerCount(text: string | undefined): number {
  if (text === undefined) return Math.min(availableParallelism(), MOST_WORKERS);
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_WORKERS) return count;
  throw new Failure(
    `--workers is ${JSON.stringify(text)}.`,
    `Give a number from 1 to ${MOST_WORKERS}, or leave it out.`,
  );
}

type UpSettings = ReturnType<typeof upSettings>;

/** For who reads the log because no terminal was there: where a browser signs in, and with what. The token itself is never told. */
function signingIn(dir: string, url: string) {
  const token = join(dir, 'bootstrap-token');
  return {
    dashboard: hasDashboard() ? `${url}${DASHBOARD}` : null,
    bootstrap_token_file: existsSync(token) ? token : null,
  };
}

async function stay(running: Running, { dir, readyFile, log }: UpSettings): Promise<void> {
  const url = apiUrl(running.api, running.certificate !== null);
  const ready = {
    api: formatHostPort(running.api),
    api_url: url,
    https: formatHostPort(running.https),
    http: running.http === null ? null : formatHostPort(running.http),
    public: running.public === null ? null : formatHostPort(running.public),
    ...signingIn(dir, url),
    pid: process.pid,
  };
  const listening = listeningPath(dir);
  // What shows that the API is ours is for who may read the data directory.
  const announce = (): void =>
    writeReady(listening, { ...ready, api_certificate: running.certificate?.current() ?? null });
  const withdraw = (): void => {
    for (const path of [listening, ...(readyFile === null ? [] : [readyFile])]) rmSync(path, { force: true });
  };
  // Listened for before anybody can know that there is something to end.
  const wish = asked();
  for (const signal of reloadSignals()) process.on(signal, () => void running.reload());
  try {
    announce();
    if (readyFile !== null) writeReady(readyFile, ready);
  } catch (error) {
    rmSync(listening, { force: true });
    await running.close(0);
    throw error;
  }
  running.certificate?.replaced(() => {
    try {
      announce();
    } catch (error) {
      log('listening_not_written', { file: listening, error: (error as Error).message });
    }
  });
  const { isTTY } = process.stderr;
  // People at a terminal are told the rest in fewer words.
  log('ready', isTTY ? {} : ready);
  if (isTTY) process.stderr.write(`\n${welcome(ready, ready.dashboard === null ? null : running.invite())}\n`);
  await wish;
  log('draining', { within_ms: DRAIN });
  withdraw();
  await running.close(DRAIN);
  log('ended', {});
}
