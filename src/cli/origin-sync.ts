import { hostname } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { Command } from 'commander';
import { instant } from '../domain/ids.ts';
import { runCommand } from '../origin/sync/command.ts';
import { type LockOutcome, reportOf, verdict } from '../origin/sync/outcome.ts';
import { untilShut } from '../origin/sync/until-shut.ts';
import { syncLock } from '../origin/sync/sync-lock.ts';
import { callerRound, type WatchedLog } from '../origin/watch/caller-round.ts';
import { originReportsPath } from '../wire/origin-report.ts';
import { callApi } from './api.ts';
import { untilCalledOff } from './called-off.ts';
import { EXIT, Failure, failureView, sentences } from './failure.ts';
import { collect } from './flag-value.ts';
import { stderrLog } from './log.ts';
import { note, show, writeJson } from './print.ts';
import { sendCallers } from './send-callers.ts';
import { keepInStep } from './sync-daemon.ts';
import { installService, uninstallService } from './sync-service.ts';
import { type AskedTarget, type SyncFlags, syncTargets } from './sync-targets.ts';
import { concerns, outcomeText, outcomeView } from './sync-text.ts';
import { spokenSpan } from './time-span.ts';

const EXAMPLES = `
Examples:
  postern origin sync --api http://10.0.0.5:8400 \\
      --zone 5f0c2a7e9b1d4c38a6e0d17f42b95c83 --bundle /etc/postern/edge.pem \\
      --test "nginx -t" --reload "systemctl reload nginx"
  postern origin sync --interval 5m
  postern origin sync --dry-run --json

Without --zone it keeps every lock in step that "postern origin install" put on
record. What is fetched is believed only as far as what is installed vouches for
it: the first bundle is believed for the fingerprint of its root, --trust.`;

const WORST = {
  in_step: EXIT.good,
  not_in_step: EXIT.notGood,
  wrong_use: EXIT.wrongUse,
  undetermined: EXIT.undetermined,
} as const;

/** `postern origin sync`: keeps bundle and lists on the origin current. */
export function syncCommand(): Command {
  return new Command('sync')
    .description('keep the trust bundle of an origin current')
    .option('--zone <zone>', 'id of the zone, or with a token its name')
    .option('--bundle <file>', 'the trust bundle that the server reads')
    .option('--crl <file>', 'the revocation lists that the server reads')
    .option('--test <command>', 'the server\'s own test, such as "nginx -t"; without a shell')
    .option('--reload <command>', 'what has the server take new files, such as "systemctl reload nginx"')
    .option('--trust <sha256>', 'fingerprint of a root to believe the first bundle for; repeatable', collect)
    .option('--state <file>', 'what one run leaves for the next (default: beside the bundle)')
    .option('--name <name>', 'what reports call it (default: the name of the bundle file)')
    .option('--locks <dir>', 'where the records of installed locks are (default: /etc/postern/locks)')
    .option('--watch', 'go on until it is ended, and say on stderr what happens')
    .option('--interval <span>', 'how often, with --watch or --install-service (default: 5m)')
    .option('--stay <span>', 'wait for the end of an opening that ends within this time, and shut it')
    .option('--log-level <level>', 'debug, info, warn or error, with --watch (default: info)')
    .option('--install-service', 'write a systemd service and timer, and start the timer')
    .option('--uninstall-service', 'stop them and remove them')
    .option('--unit-dir <dir>', 'where units go (default: /etc/systemd/system); elsewhere nothing is started')
    .option('--dry-run', 'only say what would be done')
    .option('--api <url>', 'control plane (POSTERN_API)')
    .option('--api-ca <file>', 'CA of a control plane over TLS, in PEM (POSTERN_API_CA)')
    .option('--public <url>', 'where bundles are served, if not at --api: "postern up --public"')
    .option('--token-file <file>', 'API token for reports, readable for its owner alone (POSTERN_TOKEN)')
    .option('--data <dir>', 'data directory of a local "postern up"')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SyncFlags) => {
      try {
        await originSync(flags);
      } catch (error) {
        if (flags.json === true) writeJson(failureView(error));
        throw error;
      }
    });
}

const clock = () => instant(Date.now());
const USUAL_INTERVAL = '5m';
const LEAST_INTERVAL = 1;

async function originSync(flags: SyncFlags): Promise<void> {
  if (flags.uninstallService === true) return uninstallService(flags);
  const interval = spokenSpan('--interval', flags.interval ?? USUAL_INTERVAL);
  if (interval < LEAST_INTERVAL) throw new Failure('--interval is too short.', `Ask every ${LEAST_INTERVAL}s at most.`);
  // Also before a service: what one run would not take is not handed to systemd.
  const { targets, broken } = await syncTargets(flags);
  if (flags.installService === true) return installService(flags, targets, interval);
  if (flags.watch === true || (flags.interval !== undefined && flags.dryRun !== true)) {
    const log = stderrLog(flags.logLevel ?? 'info');
    const unreported = (because: string) => log('report_not_sent', { because });
    // A root that was named is believed for the first bundle, and not past its rotation.
    const { trust: _named, ...later } = flags;
    let first: SyncFlags | null = flags;
    const round = async () => {
      const found = await syncTargets(first ?? later);
      for (const { message } of found.broken) log('bundle_refused', { lock: '', code: 'record', because: message });
      const outcomes = await roundOver(found.targets, unreported);
      if (verdict(outcomes) === 'in_step') first = null;
      return outcomes;
    };
    return untilCalledOff((signal) => keepInStep({ round, interval: interval * 1_000, log, signal }));
  }
  const dryRun = flags.dryRun === true;
  const stay = flags.stay === undefined ? 0 : spokenSpan('--stay', flags.stay);
  const outcomes = dryRun
    ? await lookedAt(targets)
    : await untilShut({ round: () => roundOver(targets, note), stay: stay * 1_000, clock, wait: after });
  show(flags.json === true, outcomes.map(outcomeView), () => outcomeText(outcomes, dryRun));
  note(...targets.flatMap(({ notes }) => notes), ...concerns(outcomes));
  note(...broken.map((failure) => sentences(failure).text));
  process.exitCode = broken.length > 0 ? EXIT.notGood : WORST[verdict(outcomes)];
}

async function lookedAt(targets: readonly AskedTarget[]): Promise<readonly LockOutcome[]> {
  const outcomes: LockOutcome[] = [];
  for (const asked of targets) outcomes.push(await syncOne(asked, true));
  return outcomes;
}

/** Brings all in step, one after the other, and reports what came of it. */
async function roundOver(
  targets: readonly AskedTarget[],
  unreported: (because: string) => void,
): Promise<readonly LockOutcome[]> {
  const outcomes: LockOutcome[] = [];
  for (const asked of targets) {
    const outcome = await syncOne(asked, false);
    outcomes.push(outcome);
    for (const because of await reported(asked, outcome)) unreported(because);
  }
  return outcomes;
}

function syncOne({ target, get }: AskedTarget, dryRun: boolean): Promise<LockOutcome> {
  return syncLock(target, { get, run: runCommand, clock, dryRun });
}

/** Tells the control plane what is in force, and who comes; answers why it does not know. Nothing depends on that. */
async function reported(asked: AskedTarget, outcome: LockOutcome): Promise<readonly string[]> {
  const { access } = asked;
  if (access.token === null) return [];
  const failures: string[] = [];
  for (const zone of outcome.zones) {
    try {
      await callApi(access, 'POST', originReportsPath(zone.zone), reportOf(outcome, zone, hostname()));
      const watched = watchedOf(asked, outcome, zone.zone);
      if (watched === null) continue;
      const send = sendCallers(access, zone.zone, {
        told: (why) => failures.push(`Who comes was refused as a report: ${why}`),
      });
      failures.push(...(await callerRound(watched, { send, now: Date.now })).notes);
    } catch (error) {
      failures.push(`What is in force was not reported: ${sentences(error).text.replace('\n ', '')}`);
    }
  }
  return failures;
}

/** What of a zone is watched; `null` where nothing is, or no log says who comes. */
function watchedOf(
  { target, watch: { logs, since, lockNames } }: AskedTarget,
  outcome: LockOutcome,
  zone: string,
): WatchedLog | null {
  const hostnames = outcome.hostnames
    .filter((one) => one.zone === zone && one.mode === 'watch')
    .map((one) => one.hostname);
  if (hostnames.length === 0 || logs.length === 0) return null;
  // What installs writes records of one zone.
  const state = `${target.state.replace(/\.sync$/, '')}.callers${outcome.zones.length === 1 ? '' : `-${zone}`}`;
  return { host: hostname(), lock: outcome.lock, hostnames, lockNames, logs, since, state };
}
