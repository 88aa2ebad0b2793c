import { Command } from 'commander';
import { accountId } from '../../domain/ids.ts';
import { type ApiAccess, callApi, listAll } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { didYouMean } from '../nearest.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';

interface Flags extends ApiCommandFlags {
  readonly yes?: boolean;
}

/** An account as the API shows it. */
interface AccountFacts {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly created_on: string;
}

const PATH = '/client/v4/accounts';
const MOST_ACCOUNTS = 50;
const WHICH = 'name or id of the account';

/** `postern accounts …` */
export function accountsCommand(): Command {
  return new Command('accounts')
    .description('who zones belong to')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(renameCommand())
    .addCommand(deleteCommand());
}

/** The account of that name or id. */
export async function accountNamed(access: ApiAccess, text: string): Promise<AccountFacts> {
  const { result } = await listAll<AccountFacts>(access, PATH, MOST_ACCOUNTS);
  const id = accountId(text.toLowerCase());
  const [found, ...others] = result.filter((one) => one.id === id || one.name === text);
  if (found === undefined) {
    const names = result.map(({ name }) => name);
    throw new Failure(
      `There is no account ${JSON.stringify(text)}.`,
      `${didYouMean(text, names)}"postern accounts list" shows those that exist.`,
    );
  }
  if (others.length === 0) return found;
  const ids = [found, ...others].map((one) => one.id).join(', ');
  throw new Failure(`${others.length + 1} accounts are called ${text}.`, `Name one by its id: ${ids}.`);
}

function listCommand(): Command {
  return apiCommand('list', 'the accounts that the token may see', ['accounts list']).action(
    calling<Flags>(async ({ access, json }) => {
      const { result, messages } = await listAll<AccountFacts>(access, PATH, MOST_ACCOUNTS);
      show(json, result, () =>
        fittedTable(
          ['NAME', 'TYPE', 'CREATED', 'ID'],
          result.map(({ name, type, created_on, id }) => [name, type, created_on.slice(0, 10), onStdout('dim', id)]),
        ),
      );
      note(...messages);
    }),
  );
}

function createCommand(): Command {
  return apiCommand('create', 'make an account', ['accounts create Shop'])
    .argument('<name>', 'what it is called')
    .action(
      calling<Flags>(async ({ access, json }, name) => {
        const { result, messages } = await callApi<AccountFacts>(access, 'POST', PATH, { name });
        show(json, result, () => `${result.name} was made: ${result.id}`);
        note(...messages);
      }),
    );
}

function renameCommand(): Command {
  return apiCommand('rename', 'give an account another name', ['accounts rename Shop "Shop Ltd"'])
    .argument('<account>', WHICH)
    .argument('<name>', 'its new name')
    .action(
      calling<Flags>(async ({ access, json }, text = '', name = '') => {
        const { id, name: old } = await accountNamed(access, text);
        const { result, messages } = await callApi<AccountFacts>(access, 'PUT', `${PATH}/${id}`, { name });
        show(json, result, () => `${old} is called ${result.name}.`);
        note(...messages);
      }),
    );
}

function deleteCommand(): Command {
  return apiCommand('delete', 'delete an account that has no zones', ['accounts delete Shop --yes'])
    .argument('<account>', WHICH)
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const { id, name } = await accountNamed(access, text);
        await confirm(
          `This deletes the account ${name} (${id}); tokens that are for it alone are of no use then.`,
          flags,
        );
        const { result, messages } = await callApi<{ readonly id: string }>(access, 'DELETE', `${PATH}/${id}`);
        show(json, result, () => `${name} was deleted.`);
        note(...messages);
      }),
    );
}
