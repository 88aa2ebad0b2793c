import type { Command } from 'commander';
import { type ApiAccess, callApi } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { minute } from '../moment.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';

interface Flags extends ApiCommandFlags {
  readonly session?: string;
  readonly yes?: boolean;
}

/** A session as the API shows it. */
interface SessionFacts {
  readonly id: string;
  readonly created_on: string;
  readonly expires_on: string;
  readonly last_used_on: string | null;
  readonly last_used_from: string | null;
}

/** Finds the token that somebody means, by name or id. */
type FindToken = (access: ApiAccess, text: string) => Promise<{ readonly id: string; readonly name: string }>;

const WHICH = 'name or id of the token';

/** `postern tokens sessions`: who is signed in with it. */
export function sessionsCommand(find: FindToken): Command {
  return apiCommand('sessions', 'the browsers that are signed in with a token', ['tokens sessions ci'])
    .argument('<token>', WHICH)
    .action(
      calling<Flags>(async ({ access, json }, text = '') => {
        const { id, name } = await find(access, text);
        const { result, messages } = await callApi<readonly SessionFacts[]>(access, 'GET', sessionsPath(id));
        show(json, result, () => (result.length === 0 ? `Nobody is signed in with ${name}.` : sessionTable(result)));
        note(...messages);
      }),
    );
}

/** `postern tokens sign-out`: ends sessions, while the token stays. */
export function signOutCommand(find: FindToken): Command {
  return apiCommand('sign-out', 'sign out the browsers that are signed in with a token; the token stays', [
    'tokens sign-out ci --yes',
    'tokens sign-out ci --session 9a1f0c7be4d25836 --yes',
  ])
    .argument('<token>', WHICH)
    .option('--session <id>', 'only this one; ids as "tokens sessions" has them (default: all)')
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const { id, name } = await find(access, text);
        const { session } = flags;
        const which = session === undefined ? 'Every browser' : 'One browser';
        await confirm(`${which} that is signed in with ${name} is signed out at once.`, flags);
        const path = session === undefined ? sessionsPath(id) : `${sessionsPath(id)}/${encodeURIComponent(session)}`;
        const { result, messages } = await callApi<{ readonly ended: readonly string[] }>(access, 'DELETE', path);
        const { length } = result.ended;
        show(json, result, () => `Ended ${length} ${length === 1 ? 'session' : 'sessions'} of ${name}.`);
        note(...messages);
      }),
    );
}

function sessionTable(sessions: readonly SessionFacts[]): string {
  return fittedTable(
    ['SIGNED IN', 'ENDS', 'LAST CALL', 'FROM', 'ID'],
    sessions.map(({ id, created_on, expires_on, last_used_on, last_used_from }) => [
      minute(created_on),
      minute(expires_on),
      last_used_on === null ? 'not known' : minute(last_used_on),
      last_used_from ?? '',
      onStdout('dim', id),
    ]),
  );
}

function sessionsPath(id: string): string {
  return `/postern/v1/tokens/${id}/sessions`;
}
