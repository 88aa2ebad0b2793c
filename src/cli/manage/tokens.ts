import { Command } from 'commander';
import { type ApiAccess, callApi } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { collect } from '../flag-value.ts';
import { spokenMoment } from '../moment.ts';
import { note, onStdout, show } from '../print.ts';
import { facts, fittedTable } from '../table.ts';
import { previewAt, type PreviewFlags, previewOption } from './preview.ts';
import { sessionsCommand, signOutCommand } from './token-sessions.ts';

interface Flags extends ApiCommandFlags, PreviewFlags {
  readonly permission?: string[];
  readonly zone?: string[];
  readonly allZones?: boolean;
  readonly account?: string[];
  readonly from?: string[];
  readonly expires?: string;
  readonly notBefore?: string;
  readonly yes?: boolean;
}

/** A token as the API shows it. Its text is in the answer that makes it, and nowhere after that. */
interface TokenFacts {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly permissions: readonly string[];
  readonly zones: 'all' | readonly string[];
  readonly accounts: 'all' | readonly string[];
  readonly addresses: readonly string[];
  readonly not_before: string | null;
  readonly expires_on: string | null;
  readonly created_on: string;
  /** When it made its last call; `null` where it made none. */
  readonly last_used_on: string | null;
}

interface Granted extends TokenFacts {
  readonly token: string;
}

const PATH = '/postern/v1/tokens';

/** `postern tokens …` */
export function tokensCommand(): Command {
  return new Command('tokens')
    .description('who may call the API, and for what')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(showCommand())
    .addCommand(rollCommand())
    .addCommand(revokeCommand())
    .addCommand(sessionsCommand(theToken))
    .addCommand(signOutCommand(theToken));
}

function listCommand(): Command {
  return apiCommand('list', 'the tokens that this one may manage', ['tokens list']).action(
    calling<Flags>(async ({ access, json }) => {
      const { result, messages } = await callApi<readonly TokenFacts[]>(access, 'GET', PATH);
      show(json, result, () =>
        fittedTable(
          ['NAME', 'EXPIRES', 'USED', 'ZONES', 'ID'],
          result.map((one) => [
            one.name,
            expiry(one),
            one.last_used_on?.slice(0, 10) ?? 'never',
            one.zones === 'all' ? 'all' : String(one.zones.length),
            onStdout('dim', one.id),
          ]),
        ),
      );
      note(...messages);
    }),
  );
}

function state({ status }: TokenFacts): string {
  return onStdout(status === 'active' ? 'green' : 'yellow', status);
}

/** Until when a token counts, or why it does no more. */
function expiry(token: TokenFacts): string {
  return token.status === 'active' ? (token.expires_on?.slice(0, 10) ?? 'never') : state(token);
}

function createCommand(): Command {
  return apiCommand('create', 'make a token; its text is printed once', [
    'tokens create ci --permission ssl:edit --zone example.test \\\n      --expires 90d',
    'tokens create shop --permission "*" --all-zones --account Shop',
    'tokens create reader --permission zone:read --all-zones \\\n      --from 192.0.2.0/24',
  ])
    .argument('<name>', 'what it is for')
    .requiredOption('--permission <permission>', 'what it may do; repeatable', collect)
    .option('--zone <zone>', 'name or id of a zone that it may touch; repeatable', collect)
    .option('--all-zones', 'it may touch every zone')
    .option(
      '--account <account>',
      'name or id of an account that it is for; repeatable (default: that of its zones)',
      collect,
    )
    .option('--from <network>', 'network that it may be used from; repeatable (default: everywhere)', collect)
    .option('--expires <time>', 'when it ends: 90d, 2031-01-31 (default: never)')
    .option('--not-before <time>', 'when it begins: 12h, 2031-01-31 (default: now)')
    .action(
      calling<Flags>(async ({ access, flags, json }, name = '') => {
        const { result, messages } = await callApi<Granted>(access, 'POST', PATH, draft(name, flags));
        grant(json, result);
        note(...messages);
      }),
    );
}

function draft(name: string, { permission, zone, allZones, account, from, expires, notBefore }: Flags) {
  if ((zone === undefined) === (allZones !== true)) {
    throw new Failure(
      'Which zones the token may touch is not clear.',
      'Add either --zone example.test or --all-zones.',
    );
  }
  const now = Date.now();
  return {
    name,
    permissions: permission,
    zones: zone ?? 'all',
    ...(account === undefined ? {} : { accounts: account }),
    addresses: from ?? [],
    ...(expires === undefined ? {} : { expires_on: spokenMoment('--expires', expires, now, 1) }),
    ...(notBefore === undefined ? {} : { not_before: spokenMoment('--not-before', notBefore, now, 1) }),
  };
}

/** The text alone on stdout, so that it can go straight into a file or a variable. */
function grant(json: boolean, result: Granted): void {
  show(json, result, () => result.token);
  note(`This is the text of the token ${result.name} (${result.id}). It is not shown again.`);
}

function showCommand(): Command {
  return apiCommand('show', 'what a token may do', ['tokens show ci'])
    .argument('<token>', WHICH)
    .action(
      calling<Flags>(async ({ access, json }, text = '') => {
        const one = await theToken(access, text);
        show(json, one, () =>
          facts([
            ['name', one.name],
            ['id', one.id],
            ['state', state(one)],
            ['permissions', one.permissions.join(', ')],
            ['zones', one.zones === 'all' ? 'all' : one.zones.join(', ')],
            ['accounts', one.accounts === 'all' ? 'all' : one.accounts.join(', ')],
            ['addresses', one.addresses.length === 0 ? 'everywhere' : one.addresses.join(', ')],
            ['created', one.created_on],
            ['begins', one.not_before ?? 'at once'],
            ['ends', one.expires_on ?? 'never'],
            ['last used', one.last_used_on ?? 'never'],
          ]),
        );
      }),
    );
}

const WHICH = 'name or id of the token';

function rollCommand(): Command {
  return apiCommand('roll', 'give a token another text; the old one ends at once', ['tokens roll ci --yes'])
    .argument('<token>', WHICH)
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const one = await theToken(access, text);
        if (flags.preview === true) return previewAt(access, `${PATH}/${one.id}/impact`, { kind: 'token_roll' }, json);
        await confirm(`The present text of the token ${one.name} ends at once.`, flags);
        const { result, messages } = await callApi<Granted>(access, 'POST', `${PATH}/${one.id}/roll`);
        grant(json, result);
        note(...messages);
      }),
    );
}

function revokeCommand(): Command {
  return apiCommand('revoke', 'end a token at once and for good', ['tokens revoke ci --yes'])
    .argument('<token>', WHICH)
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const one = await theToken(access, text);
        if (flags.preview === true) {
          return previewAt(access, `${PATH}/${one.id}/impact`, { kind: 'token_revoke' }, json);
        }
        await confirm(`The token ${one.name} (${one.id}) ends at once and for good.`, flags);
        const { result, messages } = await callApi<unknown>(access, 'DELETE', `${PATH}/${one.id}`);
        show(json, result, () => `Revoked ${one.name}.`);
        note(...messages);
      }),
    );
}

async function theToken(access: ApiAccess, text: string): Promise<TokenFacts> {
  const { result } = await callApi<readonly TokenFacts[]>(access, 'GET', PATH);
  const byId = result.filter(({ id }) => id === text.toLowerCase());
  const [found, ...others] = byId.length > 0 ? byId : result.filter(({ name }) => name === text);
  if (found === undefined) {
    throw new Failure(`There is no token ${JSON.stringify(text)}.`, '"postern tokens list" shows those that exist.');
  }
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => id).join(', ');
  throw new Failure(`${others.length + 1} tokens are called ${text}.`, `Name one by its id: ${ids}.`);
}
