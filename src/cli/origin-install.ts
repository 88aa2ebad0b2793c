import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { installation, type InstallationRequest } from '../origin/install/installation.ts';
import { type Installed, install } from '../origin/install/install.ts';
import { type InstallPlan, refusedCallers } from '../origin/install/plan.ts';
import { INSTALLABLE, isInstallable } from '../origin/install/planner.ts';
import { prospect } from '../origin/install/prospect.ts';
import { takeHostLock, undoCutOff } from '../origin/install/change-files.ts';
import type { ProofGround } from '../origin/install/prove.ts';
import { isServer, type ServerName } from '../origin/generate/server-facts.ts';
import { isOpen } from '../origin/server/doors.ts';
import { ORIGIN_PROBLEMS } from '../origin/problems.ts';
import { knownLock } from '../origin/install/uninstall.ts';
import { splitCommand } from '../origin/sync/command.ts';
import { type VerifiedHeader, verifiedHeader } from '../origin/verified-header.ts';
import { readBundle } from '../pki/bundle.ts';
import { apiAccess } from './api.ts';
import { mayAskAtTerminal } from './confirm.ts';
import type { AskedNow, EnforceAsked } from './enforce-when-asked.ts';
import { EXIT, Failure, failureView } from './failure.ts';
import { absolute, collect, flagName } from './flag-value.ts';
import { parseHostPort } from './host-port.ts';
import { BACKUP_DIR, CONFIG_DIR, refusingCommand, undoingCommand } from './install-commands.ts';
import { agreedPlan, type Ready } from './install-question.ts';
import { failureOf, type Further, lockedText, outcomeText, outcomeView } from './origin-install-text.ts';
import { reportWatching } from './install-stay.ts';
import { originTrust } from './origin-trust.ts';
import { note, progress, writeJson } from './print.ts';
import { withRememberedServer } from './remembered-server.ts';
import { spokenSpan } from './time-span.ts';
import { checkLists } from './revocation-file.ts';
import { NotServed } from './unserved-names.ts';

const EXAMPLES = `
Examples:
  postern origin install --data ./data --hostname www.example.test --dry-run
  postern origin install --api https://postern.example.test \\
      --hostname www.example.test --hostname example.test
  postern origin uninstall www.example.test

The lock is put into the virtual hosts that exist: first it only watches; once
the edge was seen to present an accepted certificate it enforces, and is proven.
Whatever fails on the way, every file is put back as it was.`;

interface InstallFlags {
  readonly hostname: string[];
  readonly zone?: string[];
  readonly name?: string;
  readonly server?: string;
  readonly program?: string;
  readonly serverConfig?: string;
  readonly reload?: string;
  readonly bundle?: string;
  readonly crl?: string;
  readonly alsoTrust?: string;
  readonly alsoTrustCrl?: string;
  readonly alsoListen?: string;
  readonly allNames?: boolean;
  readonly acceptShared?: boolean;
  readonly defaultServer?: boolean;
  readonly replace?: boolean;
  readonly watch?: boolean;
  readonly verifiedHeader?: string;
  readonly logDir?: string;
  readonly through?: string[];
  readonly stay?: string;
  readonly patience: string;
  readonly configDir: string;
  readonly backupDir: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly api?: string;
  readonly apiCa?: string;
  readonly token?: string;
  readonly data?: string;
}

/** `postern origin install`. */
export function installCommand(): Command {
  return placed(new Command('install'))
    .description('lock the web server of this machine, and prove it')
    .requiredOption('--hostname <name>', 'name that visitors use; repeatable', collect)
    .option('--zone <zone>', 'name or id of its zone (default: the one that holds the name)', collect)
    .option('--name <name>', 'what the lock is called here (default: the first hostname)')
    .option('--server <server>', 'nginx, apache, haproxy or caddy (default: the one that runs)')
    .option('--program <file>', "the server's program, where it is not in PATH")
    .option('--server-config <file>', "the server's main file, where several run")
    .option('--reload <command>', 'makes the server read its configuration again (default: found out)')
    .option('--bundle <file>', 'a trust bundle, instead of the one of the control plane')
    .option('--crl <file>', 'revocation lists of all CAs in the bundle (postern ca crl)')
    .addOption(new Option('--also-trust <file>').hideHelp())
    .addOption(new Option('--also-trust-crl <file>').hideHelp())
    .addOption(new Option('--also-listen <host:port>').hideHelp())
    .option('--all-names', 'lock the other names of the same virtual hosts too')
    .option('--default-server', 'have the server refuse names that no site has, where another site answers for them')
    .option('--replace', 'take the place of a lock of another kind, without watching')
    .option('--accept-shared', 'accept the identity that all zones share, and pin it')
    .addOption(new Option('--enforce', 'refuse whoever comes without the certificate (default)').conflicts('watch'))
    .option('--watch', 'ask, and refuse nobody')
    .option('--verified-header <name>', 'request header that tells the application what was verified (default: none)')
    .option('--log-dir <dir>', "where it is logged who comes while watching (default: the server's own logs)")
    .option('--stay <span>', 'with --watch: go on so long, and report who comes')
    .option('--through <host:port>', 'where the edge answers (default: what the hostname resolves to)', collect)
    .option('--patience <seconds>', 'how long the server may take to reload', '15')
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do not ask at a terminal')
    .option('--api <url>', 'control plane (POSTERN_API)')
    .option('--api-ca <file>', 'CA of a control plane over TLS, in PEM (POSTERN_API_CA)')
    .option('--token <token>', 'API token (POSTERN_TOKEN)')
    .option('--data <dir>', 'data directory of a local "postern up"')
    .addHelpText('after', EXAMPLES)
    .action(reported(installOrigin));
}

/** The flags that say where Postern's own files are on this host. */
export function placed(command: Command): Command {
  return command
    .option('--config-dir <dir>', "where the lock's files go", CONFIG_DIR)
    .option('--backup-dir <dir>', 'where backups go', BACKUP_DIR)
    .option('--json', 'print the result as JSON');
}

/** Under --json a failure is JSON on stdout too. */
export function reported<Args extends readonly unknown[]>(
  action: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      const json = args.some((arg) => typeof arg === 'object' && arg !== null && 'json' in arg && arg.json === true);
      if (json) writeJson(failureView(error));
      throw error;
    }
  };
}

async function installOrigin(given: InstallFlags): Promise<void> {
  const { flags, told } = withRememberedServer(given);
  if (flags.stay !== undefined && flags.watch !== true)
    throw new Failure('--stay goes with --watch.', 'Leave it out: who comes is refused, and not counted.');
  // Who is asked sees the server named in what is shown.
  if (!mayAskAtTerminal(given)) note(...told);
  const ready = await prepared(flags);
  if (flags.dryRun === true) {
    const seen = await prospect(ready.ground);
    if (seen.kind !== 'prospect') throw failureOf(seen);
    const shown = { kind: 'dry_run', plan: seen.plan } as const;
    if (!flags.json) process.stdout.write(`${outcomeText(shown, ready)}\n`);
    mustBeServed(ready, seen.plan);
    if (flags.json) writeJson(outcomeView(shown, ready));
    return;
  }
  const isGood = await finished(ready, flags);
  if (!isGood || flags.watch !== true) return;
  const { directory, name } = ready.ground.request;
  const known = knownLock(directory, name);
  const stay = flags.stay === undefined ? 0 : spokenSpan('--stay', flags.stay) * 1_000;
  const enforce = mayAskAtTerminal(flags) && flags.json !== true ? enforcing(given) : null;
  if (known.kind === 'known') await reportWatching({ record: known.record, directory, stay, flags, enforce });
}

/** The same without its watching, for when the person at this terminal is asked. */
function enforcing({ watch: _watch, stay: _stay, ...given }: InstallFlags): EnforceAsked {
  return async (asked) => {
    const { flags } = withRememberedServer(given);
    return finished(await prepared(flags), flags, asked);
  };
}

/** Carries it out, and says how it ended; whether it is in force. */
async function finished(ready: Ready, flags: InstallFlags, asked?: AskedNow): Promise<boolean> {
  const { outcome, isKept } = await carriedOut(ready, flags, asked);
  if (outcome.kind === 'refused' || outcome.kind === 'impossible') throw failureOf(outcome);
  if (flags.json) writeJson(outcomeView(outcome, ready));
  else
    process.stdout.write(
      `${outcomeText(outcome, ready, mayAskAtTerminal(flags) ? further(ready, flags, isKept) : null)}\n`,
    );
  const isGood = outcome.kind === 'installed' || outcome.kind === 'unchanged';
  process.exitCode = isGood && !outcome.plan.doors.some(isOpen) ? EXIT.good : EXIT.notGood;
  return isGood;
}

async function carriedOut(ready: Ready, flags: InstallFlags, asked?: AskedNow): Promise<Carried> {
  using _held = heldHostLock(ready.ground.backups);
  note(...(await undoCutOff(ready.ground.backups)));
  const first = await prospect(ready.ground);
  if (first.kind !== 'prospect') return { outcome: first, isKept: false };
  if (flags.json !== true) process.stdout.write(`${lockedText(first.plan, ready)}\n`);
  mustBeServed(ready, first.plan);
  const { ground, seen, isKept } = await agreedPlan(ready, first, { flags, over: asked?.over });
  asked?.agreed();
  return { outcome: await install(ground, seen), isKept };
}

interface Carried {
  readonly outcome: Installed;
  /** The person at the terminal had names go on that no site has. */
  readonly isKept: boolean;
}

// Whoever comes to such a name comes directly, and would be refused: the proof would fail after the server was changed twice.
function mustBeServed({ ground, unserved }: Ready, plan: InstallPlan): void {
  if (ground.mode === 'enforce' && unserved.length > 0 && plan.changes.length > 0) throw new NotServed(unserved);
}

function further({ ground: { request, backups } }: Ready, flags: InstallFlags, isKept: boolean): Further {
  const places = { configDir: request.directory, backupDir: backups };
  return {
    undo: undoingCommand(request.name, places),
    refuse: isKept ? refusingCommand({ ...flags, ...places }) : null,
  };
}

/** Nobody else may change the host's servers meanwhile, and backups must be possible. */
export function heldHostLock(backups: string): Disposable {
  const lock = takeHostLock(backups);
  switch (lock.kind) {
    case 'held':
      return lock;
    case 'busy':
      throw new Failure('Another run of postern is changing this host.', 'Wait until it has ended.', EXIT.undetermined);
    case 'denied':
      throw new Failure(
        `This user may not do what is needed: ${backups} cannot be written to.`,
        'Run it as root, or name another place with --backup-dir.',
        EXIT.undetermined,
      );
  }
}

/** Throws Failure where callers of the owner's own CA are to come in. */
function noOwnCallers(flags: InstallFlags): void {
  const asked = (['alsoTrust', 'alsoTrustCrl', 'alsoListen'] as const).find((flag) => flags[flag] !== undefined);
  if (asked !== undefined) throw failureOf(refusedCallers(flagName(asked)));
}

async function prepared(flags: InstallFlags): Promise<Ready> {
  noOwnCallers(flags);
  // What was mistyped is said before anybody is asked.
  const typed = {
    server: serverOf(flags.server),
    reload: reloadOf(flags.reload),
    patience: patienceOf(flags.patience),
    verifiedHeader: headerOf(flags.verifiedHeader),
  };
  for (const text of flags.through ?? []) parseHostPort(text, '--through');
  const trust = await trustFor(flags);
  if (flags.crl !== undefined) checkLists(resolve(flags.crl), readBundle(trust.text));
  for (const message of trust.messages) note(message);
  const request: InstallationRequest = {
    trust: { ...trust, pins: trust.kind === 'shared' && flags.acceptShared === true ? trust.pins : [] },
    hostnames: flags.hostname,
    lockName: flags.name,
    server: typed.server,
    hints: { program: absolute(flags.program), config: absolute(flags.serverConfig), reload: typed.reload },
    crl: absolute(flags.crl),
    allNames: flags.allNames === true,
    defaultServer: flags.defaultServer === true,
    replace: flags.replace === true,
    verifiedHeader: typed.verifiedHeader,
    logs: absolute(flags.logDir),
    directory: resolve(flags.configDir),
    backups: resolve(flags.backupDir),
    mode: flags.watch === true ? 'watch' : 'enforce',
    edges: await edgesOf(flags),
    patience: typed.patience,
    tell: progress,
    stop: callable(),
  };
  const made = await installation(request);
  if (made.kind === 'impossible') throw failureOf(made);
  const { ground, refusing } = made;
  return {
    ground,
    refusing,
    found: ground.found,
    mode: ground.mode,
    hostnames: ground.request.hostnames,
    unserved: trust.unserved,
    place: { zone: trust.zone, id: trust.zoneId, api: trust.controlPlane?.url ?? null, apiCa: flags.apiCa },
  };
}

// A person at the keyboard may call it off: what was done is undone then.
function callable(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

async function trustFor(flags: InstallFlags) {
  return originTrust(flags, () => apiAccess(flags));
}

const MAX_PATIENCE = 600;

function patienceOf(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,3}$/.test(text) && seconds > 0 && seconds <= MAX_PATIENCE) return seconds * 1000;
  throw new Failure(`--patience is ${JSON.stringify(text)}.`, `Give seconds, from 1 to ${MAX_PATIENCE}.`);
}

function serverOf(text: string | undefined): ServerName | undefined {
  if (text === undefined || (isServer(text) && isInstallable(text))) return text;
  const fix = isServer(text) ? `, or make a whole configuration: postern origin config ${text}` : '';
  throw new Failure(
    `A lock cannot be installed into ${JSON.stringify(text)} (--server).`,
    `Use ${INSTALLABLE.join(', ')}${fix}.`,
  );
}

function headerOf(text: string | undefined): VerifiedHeader | null {
  if (text === undefined) return null;
  const name = verifiedHeader(text);
  if (name !== null) return name;
  const { text: what, fix } = ORIGIN_PROBLEMS.bad_header;
  throw new Failure(`--verified-header ${JSON.stringify(text)} is ${what}.`, fix);
}

function reloadOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const words = splitCommand(text);
  if (words === null)
    throw new Failure(`--reload ${JSON.stringify(text)} is not a command.`, 'Write it without what a shell would do.');
  return words;
}

async function edgesOf({ through, hostname }: InstallFlags): Promise<ProofGround['edges']> {
  if (through !== undefined) {
    const named = through.map((text) => parseHostPort(text, '--through'));
    return Promise.all(
      named.map(async ({ host, port }) => ({ address: isIP(host) === 0 ? (await lookup(host)).address : host, port })),
    );
  }
  const [first = ''] = hostname;
  try {
    const found = await lookup(first.replace(/^\*\./, 'postern-proof.'), { all: true });
    return found.map(({ address }) => ({ address, port: 443 }));
  } catch {
    throw new Failure(
      `${first} does not resolve, so it is not known where the edge answers for it.`,
      'Say where with --through HOST:PORT; where Postern runs, "postern edges" tells.',
      EXIT.undetermined,
    );
  }
}
