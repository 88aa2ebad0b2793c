import type { Command } from 'commander';
import type { Hostname } from '../../domain/ids.ts';
import type { ApiAccess } from '../api.ts';
import { confirm, confirmAtTerminal } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { EXIT, Failure, sentences } from '../failure.ts';
import { note, onStderr, progress, show, writeJson } from '../print.ts';
import { accountNamed } from '../manage/accounts.ts';
import { isNamed } from './account-plan.ts';
import { differenceText, stepView } from './difference.ts';
import { readWanted } from './file.ts';
import { performer } from './perform.ts';
import { planChanges } from './planner.ts';
import { type Reading, readPresent } from './read-present.ts';
import type { AccountRef, Wanted } from './state.ts';
import { describeStep, type Step } from './step.ts';

interface Flags extends ApiCommandFlags {
  readonly file: string;
  readonly prune?: boolean;
  readonly pruneZones?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly account?: string;
}

/** `postern apply`: makes zones what a file says. */
export function applyCommand(): Command {
  return fileCommand('apply', 'make zones what a file says', [
    'apply -f zones.yaml --dry-run        show what would change',
    'apply -f zones.yaml                  change it; again changes nothing',
    'apply -f zones.yaml --prune          and remove what it does not name',
    'apply -f zones.yaml --account Shop   zones of this account alone',
    'export > zones.yaml                  start from what is there',
  ])
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const wanted = readWanted(flags.file);
        await applyWanted(access, wanted, { ...flags, json });
      }),
    );
}

/** `postern diff`: the same difference, and exit 1 where there is one. */
export function diffCommand(): Command {
  return fileCommand('diff', 'show how zones differ from a file; exit 1 where they do', [
    'diff -f zones.yaml',
    'diff -f zones.yaml --prune --json',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { steps } = await planned(access, readWanted(flags.file), flags);
      show(json, { changes: steps.map(stepView) }, () => differenceText(steps));
      if (steps.length > 0) process.exitCode = EXIT.notGood;
    }),
  );
}

function fileCommand(name: string, description: string, examples: readonly string[]): Command {
  return apiCommand(name, description, examples)
    .requiredOption('-f, --file <file>', 'zones as YAML or JSON; - for stdin')
    .option('--prune', 'remove what the file does not name, inside the zones that it names')
    .option('--prune-zones', 'remove zones that the file does not name')
    .option('--account <account>', 'make new zones in this account, and look at no other; name or id');
}

/** How a wish is carried out. */
interface Manner {
  readonly json: boolean;
  readonly prune?: boolean;
  readonly pruneZones?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly account?: string;
}

/** Shows the way to what is wanted, asks where something would be lost, and goes it. */
export async function applyWanted(access: ApiAccess, wanted: Wanted, manner: Manner): Promise<void> {
  const { steps, reading } = await planned(access, wanted, manner);
  const changes = steps.map(stepView);
  if (!manner.json) process.stdout.write(`${differenceText(steps)}\n`);
  if (manner.dryRun === true || steps.length === 0) {
    if (manner.json) writeJson({ applied: 0, changes });
    return;
  }
  await asked(steps, manner);
  const messages = await perform(access, steps, reading);
  show(manner.json, { applied: steps.length, changes }, () => `\nDone: ${steps.length} of ${steps.length} changes.`);
  note(...messages);
}

async function planned(
  access: ApiAccess,
  file: Wanted,
  { prune, pruneZones, account: text }: Pick<Manner, 'prune' | 'pruneZones' | 'account'>,
): Promise<{ readonly steps: readonly Step[]; readonly reading: Reading }> {
  const account = text === undefined ? null : await accountNamed(access, text);
  const wanted = account === null ? file : inAccount(file, account);
  const reading = await readPresent(access, {
    dialect: 'postern',
    wanted: new Set(wanted.keys()),
    others: pruneZones === true,
    rules: zonesWithRules(wanted),
    account: account?.id ?? null,
    accounts: [...wanted.values()].some((zone) => zone.account !== null),
  });
  const plan = planChanges(wanted, reading.present, { inside: prune === true, zones: pruneZones === true });
  if (plan.kind === 'conflicts') {
    throw new Failure(`${plan.conflicts.join('.\npostern: ')}.`, 'Nothing was changed.');
  }
  return { steps: plan.steps, reading };
}

// A file that says nothing of rules needs no permission to read them.
function zonesWithRules(wanted: Wanted): ReadonlySet<Hostname> {
  const some = [...wanted].filter(([, { accessRules, rateLimits }]) => accessRules !== null || rateLimits !== null);
  return new Set(some.map(([name]) => name));
}

/** All zones of a file in one account. One that the file wants elsewhere is a contradiction. */
function inAccount(wanted: Wanted, account: AccountRef): Wanted {
  for (const [name, zone] of wanted) {
    if (zone.account === null || isNamed(account, zone.account)) continue;
    throw new Failure(
      `The file wants ${name} in the account ${zone.account}, --account says ${account.name}.`,
      'Leave one of both out. Nothing was changed.',
    );
  }
  return new Map([...wanted].map(([name, zone]) => [name, { ...zone, account: account.id }]));
}

async function asked(steps: readonly Step[], manner: Manner): Promise<void> {
  const zones = steps.filter(({ kind }) => kind === 'delete_zone').map(({ zone }) => zone);
  if (zones.length > 0) {
    await confirm(
      `This deletes ${zones.join(', ')} with all certificate authorities: their origins will let nobody in.`,
      manner,
    );
    return;
  }
  const removed = steps.filter((step) => describeStep(step).sign === '-').length;
  // --prune is itself the word for it; a person at a terminal sees the list and is asked once more.
  if (removed > 0) await confirmAtTerminal(`This removes ${removed} of the things shown.`, manner);
}

/** One step after another; the first that fails ends it, and what was not done is named. */
async function perform(access: ApiAccess, steps: readonly Step[], { ids }: Reading): Promise<readonly string[]> {
  const { perform: take } = performer(access, ids);
  const said = new Map<string, readonly string[]>();
  for (const [index, step] of steps.entries()) {
    const { sign, text } = describeStep(step);
    const line = `[${index + 1}/${steps.length}] ${step.zone} ${sign} ${text}`;
    try {
      // What the API says about a whole zone holds until its next step: only the last word counts.
      said.set(RECORD_STEP.test(step.kind) ? line : step.zone, await take(step));
      progress(`${onStderr('green', '✓')} ${line}`);
    } catch (error) {
      progress(`${onStderr('red', '✗')} ${line}`);
      throw interrupted(error, steps, index);
    }
  }
  return [...said.values()].flat();
}

const RECORD_STEP = /_record$/;

function interrupted(error: unknown, steps: readonly Step[], failed: number): Failure {
  const open = steps
    .slice(failed)
    .map((step) => `\n  ${step.zone} ${describeStep(step).sign} ${describeStep(step).text}`);
  return new Failure(
    `${sentences(error).text}\n${failed} of ${steps.length} changes were made. Not made:${open.join('')}`,
    'Mend the cause and apply the file again: it goes on from here.',
    EXIT.notGood,
  );
}
