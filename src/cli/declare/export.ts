import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Hostname } from '../../domain/ids.ts';
import { typedHostname } from '../../wire/names.ts';
import { type ApiAccess, callApi, Refusal } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { collect } from '../flag-value.ts';
import { accountNamed } from '../manage/accounts.ts';
import { note, show } from '../print.ts';
import { zoneNamed } from '../zone-lookup.ts';
import { wantedFile, writeWanted } from './file.ts';
import { allAccounts, readPresent } from './read-present.ts';
import { publishedSchema, type WantedFile } from './schema.ts';
import type { AccountRef, Present } from './state.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string[];
  readonly out?: string;
  readonly account?: string;
}

/** `postern export`: what is, as a file for `postern apply`. */
export function exportCommand(): Command {
  return apiCommand('export', 'print zones as a file for "postern apply"', [
    'export > zones.yaml',
    'export --zone example.test --zone example.org --out zones.yaml',
    'export --account Shop',
  ])
    .option('--zone <zone>', 'name or id of a zone; repeatable (default: all)', collect)
    .addOption(new Option('--account <account>', 'only zones of this account; name or id').conflicts('zone'))
    .option('--out <file>', 'write there instead of printing')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const wanted = await namesOf(access, flags.zone);
        const account = flags.account === undefined ? null : (await accountNamed(access, flags.account)).id;
        const extent = { dialect: 'postern', wanted, others: false, rules: null, account, accounts: false } as const;
        const { present, remarks } = await readPresent(access, extent);
        const file = await placedFile(access, present);
        emit(flags.out, json ? null : writeWanted(file, COMMENT), file);
        note(...remarks);
      }),
    );
}

/** Names the accounts of zones that would be made in another one without that. */
async function placedFile(access: ApiAccess, present: Present): Promise<WantedFile> {
  const path = '/postern/v1/installation';
  const { result } = await callApi<{ readonly account: { readonly id: string } | null }>(access, 'GET', path);
  const home = result.account?.id ?? null;
  const away = [...present.zones.values()].some(({ account }) => account?.id !== home);
  const accounts = away ? await allAccounts(access).catch(notShown) : [];
  return wantedFile({ ...present, accounts }, home);
}

// A token that may not read accounts still sees whose its zones are: they are named by id then.
function notShown(error: unknown): readonly AccountRef[] {
  if (error instanceof Refusal && error.status === 403) return [];
  throw error;
}

const COMMENT = 'Zones of a Postern installation: postern apply -f FILE. Keys are not in here.';

async function namesOf(access: ApiAccess, zones: readonly string[] | undefined): Promise<ReadonlySet<Hostname> | null> {
  if (zones === undefined) return null;
  const names = new Set<Hostname>();
  for (const text of zones) {
    const name = typedHostname((await zoneNamed(access, text)).name);
    if (name !== null) names.add(name);
  }
  return names;
}

/** Writes the YAML to a file or to stdout; `null` stands for JSON. */
export function emit(out: string | undefined, yaml: string | null, file: unknown): void {
  if (out === undefined) {
    show(yaml === null, file, () => (yaml ?? '').trimEnd());
    return;
  }
  try {
    writeFileSync(out, yaml ?? `${JSON.stringify(file, null, 2)}\n`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new Failure(`${out} cannot be written (${code}).`, 'Name a place that this user may write to.');
  }
  note(`wrote ${out}`);
}

/** `postern schema`: what editors need to check such files. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON schema of the files that "postern apply" takes')
    .addHelpText('after', '\nExamples:\n  postern schema > postern.schema.json')
    .action(() => {
      process.stdout.write(publishedSchema());
    });
}
