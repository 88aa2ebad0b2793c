import { hostname } from 'node:os';
import { Command } from 'commander';
import { instant } from '../domain/ids.ts';
import { runCommand } from '../origin/sync/command.ts';
import { type LockOutcome, reportOf, verdict } from '../origin/sync/outcome.ts';
import { syncLock } from '../origin/sync/sync-lock.ts';
import { originReportsPath } from '../wire/origin-report.ts';
import { callApi } from './api.ts';
import { EXIT, failureView, sentences } from './failure.ts';
import { note, show, writeJson } from './print.ts';
import { type AskedTarget, type SyncFlags, syncTargets } from './sync-targets.ts';
import { concerns, outcomeText, outcomeView } from './sync-text.ts';

const EXAMPLES = `
Examples:
  postern origin sync --api http://10.0.0.5:8400 \\
      --zone 5f0c2a7e9b1d4c38a6e0d17f42b95c83 --bundle /etc/postern/example.pem \\
      --test "nginx -t" --reload "systemctl reload nginx"
  postern origin sync --interval 5m
  postern origin sync --dry-run --json

Without --zone it keeps every lock in step that "postern origin install" put on
record. What is fetched is believed only as far as what is installed vouches for
it: the first bundle is believed for the fingerprint of its root, --trust.`;

const WORST = { in_step: EXIT.good, not_in_step: EXIT.notGood, undetermined: EXIT.undetermined } as const;

/** `postern origin sync`: keeps bundle and lists on the origin current. */
export function syncCommand(): Command {
  const collect = (value: string, before: string[] = []): string[] => [...before, value];
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

async function originSync(flags: SyncFlags): Promise<void> {
  const targets = await syncTargets(flags);
  const dryRun = flags.dryRun === true;
  const outcomes: LockOutcome[] = [];
  for (const asked of targets) {
    const outcome = await syncOne(asked, dryRun);
    outcomes.push(outcome);
    if (!dryRun) note(...(await reported(asked, outcome)));
  }
  show(flags.json === true, outcomes.map(outcomeView), () => outcomeText(outcomes, dryRun));
  note(...concerns(outcomes));
  process.exitCode = WORST[verdict(outcomes)];
}

function syncOne({ target, get }: AskedTarget, dryRun: boolean): Promise<LockOutcome> {
  return syncLock(target, { get, run: runCommand, clock: () => instant(Date.now()), dryRun });
}

/** Tells the control plane what is in force; answers why it does not know. Nothing depends on that. */
async function reported({ access }: AskedTarget, outcome: LockOutcome): Promise<readonly string[]> {
  if (access.token === null) return [];
  const failures: string[] = [];
  for (const zone of outcome.zones) {
    try {
      await callApi(access, 'POST', originReportsPath(zone.zone), reportOf(outcome, zone, hostname()));
    } catch (error) {
      failures.push(`What is in force was not reported: ${sentences(error).text}`);
    }
  }
  return failures;
}
