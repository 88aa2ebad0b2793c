/** Enforcing that is decided in the dashboard, and carried out by whoever sits at the terminal of the origin. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { atTerminal, NEEDS_TERMINAL } from '../cli/terminal.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startNginxSite } from './installed-site.ts';

const HOST = 'www.example.test';
const QUESTION = 'Enforce now? [y/k/N]';
const OTHERS = { server: 'nginx', other_names: ['example.test'] };

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

interface SetUp {
  readonly terminal: { readonly state: string } | null;
}

function setUp(method: string, body?: unknown): Promise<{ readonly result: SetUp }> {
  return edge.postern.call<SetUp>(method, `/postern/v1/zones/${edge.zone}/setups/${HOST}`, body);
}

async function chosen(mode: 'watch' | 'enforce'): Promise<void> {
  await setUp('PUT', { choices: { ...OTHERS, mode } });
}

/** Waits until a terminal is heard, or until none is any more. */
async function heard(isHeard: boolean): Promise<void> {
  await until(`a terminal is ${isHeard ? '' : 'not '}heard`, async () => {
    const { result } = await setUp('GET');
    return (result.terminal !== null) === isHeard;
  });
}

function watchingCommand({ directory }: Site): readonly string[] {
  const places = ['--config-dir', join(directory, 'postern'), '--backup-dir', join(directory, 'state')];
  const found = ['--server-config', join(directory, 'server.conf'), '--log-dir', directory];
  const names = ['--hostname', HOST, '--hostname', 'example.test'];
  const through = ['--through', `127.0.0.1:${edge.postern.https}`, '--api', edge.postern.base];
  return ['origin', 'install', ...names, ...through, ...places, ...found, '--watch', '--stay', '1h'];
}

async function statusOf({ tls }: Site): Promise<number | string> {
  const saw = await knock({ port: tls, sni: HOST });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

const WATCHED = ['the server is reloaded. Nobody is refused yet. Go on? [y/N]', 'y\n'] as const;

describe('enforcing that is decided while the watching command still runs', needs('nginx'), () => {
  test('is asked at its terminal, carried out by a yes, and ends the command', NEEDS_TERMINAL, async () => {
    await using site = await startNginxSite(edge);
    await chosen('watch');
    const env = { POSTERN_TOKEN: edge.postern.token };
    const answers = [WATCHED, [QUESTION, 'y\n']] as const;
    const command = atTerminal(watchingCommand(site), { columns: 200, answers, env });
    await heard(true);
    assert.equal(await statusOf(site), 200, 'nobody is refused yet');
    await chosen('enforce');
    const { code, screen } = await command;
    assert.equal(code, 0, screen);
    assert.match(screen, /Enforce was decided in the dashboard\. Nothing is changed before you answer here\./);
    assert.match(screen, /Installed and proved\. .*\r?\n.*so this command ends\. The dashboard looks at the lock\./);
    assert.equal(await statusOf(site), 400);
    assert.equal((await setUp('GET')).result.terminal?.state, 'enforced');
    const gone = await site.origin('uninstall', HOST);
    assert.equal(gone.code, 0);
    const stays =
      /^note: The log of who came .* stays, with their addresses: (\/\S+\.log)\. Remove it when you like\.$/m;
    const [, log = ''] = stays.exec(gone.stderr) ?? [];
    assert.ok(existsSync(log), gone.stderr);
  });

  test(
    'is not asked once it is taken back; a no leaves all as it is, and is not asked again',
    NEEDS_TERMINAL,
    async () => {
      await using site = await startNginxSite(edge);
      await chosen('watch');
      const env = { POSTERN_TOKEN: edge.postern.token, XDG_STATE_HOME: site.directory };
      const answers = [
        WATCHED,
        // What is typed before anybody asks is no answer.
        ['you are asked here', 'y\n'],
        [QUESTION, () => void chosen('watch')],
        ['does not ask for it any more', () => void chosen('enforce')],
        [QUESTION, 'n\n'],
        ['this command does not ask again', '\x03'],
      ] as const;
      const command = atTerminal(watchingCommand(site), { columns: 200, answers, env });
      await heard(true);
      await chosen('enforce');
      const { screen } = await command;
      assert.ok(screen.includes('The dashboard does not ask for it any more. Watching goes on.'), screen);
      assert.match(screen, /Nothing was done\./);
      assert.match(
        screen,
        /Nobody tells Postern any more who comes; .* To go on telling: postern origin watch-report /,
      );
      assert.equal(await statusOf(site), 200, 'nobody is refused');
      await heard(false);
      assert.equal((await site.origin('uninstall', HOST)).code, 0);
    },
  );
});
