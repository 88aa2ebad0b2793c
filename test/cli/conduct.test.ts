import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { candidates } from '../../src/cli/completion/candidates.ts';
import { COMPLETION_SCRIPTS } from '../../src/cli/completion/scripts.ts';
import { familiesFor } from '../../src/cli/families.ts';
import { spokenMoment } from '../../src/cli/moment.ts';
import { didYouMean } from '../../src/cli/nearest.ts';
import { run } from '../scenarios/program.ts';
import { helpOf, leaves, wordsOf } from '../support/command-help.ts';
import { assertGolden, type CommandLine, startCommandLine } from './command-line.ts';
import { atTerminal, NEEDS_TERMINAL } from './terminal.ts';

/** How all commands behave, whatever they do. */

let line: CommandLine;

before(async () => {
  line = await startCommandLine();
});
after(() => line[Symbol.asyncDispose]());

describe('help', () => {
  test('every command has it, with examples that name the command', async () => {
    const families = await familiesFor(undefined);
    assert.ok(families.length >= 15);
    for (const command of families.flatMap(leaves)) {
      const path = wordsOf(command).join(' ');
      assert.match(helpOf(command), new RegExp(`Examples:\\n[\\s\\S]*postern ${path}`), path);
    }
  });

  test('is printed with exit 0 when asked for, and a misspelt command is exit 2 with the right one', async () => {
    const [asked, misspelt, flag] = await Promise.all([
      run(['aop', 'on', '--help']),
      run(['aopp', 'on']),
      run(['zones', 'list', '--jsn']),
    ]);
    assert.deepEqual([asked.code, misspelt.code, flag.code], [0, 2, 2]);
    assert.match(asked.stdout, /^Usage: postern aop on/);
    assert.match(misspelt.stderr, /Did you mean aop\?/);
    assert.match(flag.stderr, /Did you mean --json\?/);
  });

  test('commands that work on this machine alone say so to who names a control plane', async () => {
    const commands = [
      ['uninstall', 'www.example.test'],
      ['rollback', '--list'],
      ['audit', '/dev/null'],
    ];
    for (const words of commands) {
      const told = await run(['origin', ...words, '--api', 'http://127.0.0.1:1', '--token', 'secret']);
      assert.equal(told.code, 2, told.stdout);
      assert.equal(
        told.stderr,
        'postern: This command needs no --api, no --token: it works on this machine alone and asks no control plane.\n  Leave them out.\n',
      );
      assert.doesNotMatch((await run(['origin', words[0] ?? '', '--help'])).stdout, /--api|--token/);
    }
    const json = await run(['origin', 'uninstall', 'www.example.test', '--zone', 'example.test', '--json']);
    assert.match(json.stdout, /"This command needs no --zone: it works on this machine alone/);
  });
});

describe('at a terminal', NEEDS_TERMINAL, () => {
  const env = () => ({ POSTERN_API: line.postern.base, POSTERN_TOKEN: line.postern.token });

  test('what destroys asks first: "n" does nothing, "y" goes on', async () => {
    await line.good('zones', 'create', 'asked.test');
    const no = await atTerminal(['zones', 'delete', 'asked.test'], { answers: [['[y/N]', 'n\n']], env: env() });
    assert.equal(no.code, 2);
    assert.match(no.screen, /its origins will let nobody in any more\. Go on\? \[y\/N\][\s\S]*Nothing was done/);
    const calledOff = await atTerminal(['zones', 'delete', 'asked.test'], { answers: [['[y/N]', '\x03']], env: env() });
    assert.equal(calledOff.code, 2);
    assert.match(calledOff.screen, /Nothing was done/);
    await line.good('zones', 'show', 'asked.test');
    const yes = await atTerminal(['zones', 'delete', 'asked.test'], { answers: [['[y/N]', 'y\n']], env: env() });
    assert.equal(yes.code, 0, yes.screen);
    assert.equal((await line.run('zones', 'show', 'asked.test')).code, 2);
  });

  test('tables are coloured unless NO_COLOR is set, and fit into the window', async () => {
    await line.good('zones', 'create', 'coloured.test');
    await line.good('zones', 'create', `${'long-'.repeat(8)}name.coloured.test`);
    const [coloured, plain] = await Promise.all([
      atTerminal(['zones', 'list'], { env: env() }),
      atTerminal(['zones', 'list'], { columns: 60, env: { ...env(), NO_COLOR: '1' } }),
    ]);
    const introducer = String.fromCharCode(27);
    assert.ok(coloured.screen.includes(introducer) && !plain.screen.includes(introducer));
    assert.ok(plain.screen.includes('…'));
    for (const row of plain.screen.split('\r\n')) assert.ok(row.length <= 60, row);
  });
});

describe('completion', () => {
  const cases: readonly (readonly [words: readonly string[], fits: readonly string[]])[] = [
    [['zo'], ['zones']],
    [['zones', 's'], ['show']],
    [['aop', 'on', '--le'], ['--level']],
    [
      ['aop', 'on', '--level', ''],
      ['global', 'zone'],
    ],
    [['import', '--from', ''], ['cloudflare']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['records', 'add', 'www', ''], []],
    [['certs', 'upload', '--cert', ''], []],
    [
      ['access-rules', 'add', ''],
      ['allow', 'block'],
    ],
    [
      ['rate-limits', 'add', '*', '--action', ''],
      ['ban', 'simulate'],
    ],
    [['--v'], []],
  ];
  for (const [words, fits] of cases) {
    test(`of "postern ${words.join(' ')}" is ${fits.join(', ') || 'nothing'}`, async () => {
      const root = (await import('commander')).createCommand('postern');
      for (const family of await familiesFor(undefined)) root.addCommand(family);
      const found = candidates(root, words);
      assert.deepEqual(found.kind === 'words' ? found.words.toSorted() : found.kind, fits);
    });
  }

  test('knows the zones, by flag and by argument, and is silent where nobody answers', async () => {
    await line.good('zones', 'create', 'completed.test');
    await line.good('zones', 'create', 'other.test');
    const nobody = { POSTERN_API: 'http://127.0.0.1:1' };
    const [flag, argument, silent] = await Promise.all([
      line.run('__complete', 'records', 'list', '--zone', 'com'),
      line.run('__complete', 'zones', 'show', '--json', 'comp'),
      run(['__complete', 'zones', 'show', ''], nobody),
    ]);
    assert.equal(flag.stdout, 'completed.test\n');
    assert.equal(argument.stdout, 'completed.test\n');
    assert.deepEqual(silent, { code: 0, stdout: '', stderr: '' });
  });

  test('the script for bash is one that bash takes, and it completes', () => {
    const script = `postern() { shift; printf '%s\\n' "$@" more; }
${COMPLETION_SCRIPTS.bash}
COMP_WORDS=(postern zones s) COMP_CWORD=2 COMPREPLY=()
_postern; printf '<%s>' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['<zones><s><more>', '']);
  });
});

describe('words', () => {
  test('times are spans, days or in full', () => {
    const now = Date.parse('2031-01-31T12:00:00Z');
    assert.equal(spokenMoment('--since', '7d', now, -1), '2031-01-24T12:00:00.000Z');
    assert.equal(spokenMoment('--expires', '12h', now, 1), '2031-02-01T00:00:00.000Z');
    assert.equal(spokenMoment('--expires', '2031-03-01', now, 1), '2031-03-01T00:00:00.000Z');
    for (const text of ['tomorrow', '7', '-7d', '2031-13-01', '']) {
      assert.throws(() => spokenMoment('--since', text, now, -1), /not a time/);
    }
  });

  test('only what is near is suggested', () => {
    assert.equal(didYouMean('sll', ['ssl', 'always_use_https']), 'Did you mean ssl? ');
    assert.equal(didYouMean('xyz', ['ssl', 'always_use_https']), '');
  });
});

describe('tokens and the audit log', () => {
  test('a token is made for one zone, shown once, rolled and revoked; the log says who did what', async () => {
    await line.good('zones', 'create', 'token.test');
    const rights = ['--permission', 'dns:edit', '--permission', 'zone:read'] as const;
    const made = await line.run('tokens', 'create', 'ci', ...rights, '--zone', 'token.test', '--expires', '90d');
    assert.equal(made.code, 0, made.stderr);
    const text = made.stdout.trim();
    assert.match(made.stderr, /not shown again/);
    const own = { POSTERN_API: line.postern.base, POSTERN_TOKEN: text };
    const added = await run(['records', 'add', 'www', 'A', '192.0.2.1', '--zone', 'token.test'], own);
    assert.equal(added.code, 0, added.stderr);
    assert.equal((await run(['settings', 'set', 'ssl', 'full', '--zone', 'token.test'], own)).code, 2);
    assertGolden('tokens-list', await line.good('tokens', 'list'));

    assert.equal((await line.run('tokens', 'roll', 'ci')).code, 2);
    const rolled = (await line.json<{ token: string }>('tokens', 'roll', 'ci', '--yes')).token;
    assert.notEqual(rolled, text);
    assert.equal((await run(['zones', 'list'], own)).code, 2);
    const shown = await line.good('tokens', 'show', 'ci');
    assert.ok(!shown.includes(rolled) && /dns:edit, zone:read/.test(shown));

    assert.match(await line.good('tokens', 'sessions', 'ci'), /^Nobody is signed in with ci/);
    for (const _ of [1, 2, 3]) {
      const body = JSON.stringify({ token: rolled });
      assert.equal((await fetch(`${line.postern.base}/postern/v1/session`, { method: 'POST', body })).status, 200);
    }
    const sessions = await line.json<readonly { id: string }[]>('tokens', 'sessions', 'ci');
    const [first] = sessions;
    assert.equal(sessions.length, 3);
    assert.match(await line.good('tokens', 'sessions', 'ci'), /^SIGNED IN +ENDS +LAST CALL +FROM +ID\n.*127\.0\.0\.1/s);
    assert.equal((await line.run('tokens', 'sign-out', 'ci')).code, 2, 'it asks first');
    const one = await line.good('tokens', 'sign-out', 'ci', '--session', first?.id ?? '', '--yes');
    assert.match(one, /^Ended 1 session of ci/);
    const unknown = await line.run('tokens', 'sign-out', 'ci', '--session', first?.id ?? '', '--yes');
    assert.deepEqual([unknown.code, /No such session/.test(unknown.stderr)], [2, true]);
    assert.match(await line.good('tokens', 'sign-out', 'ci', '--yes'), /^Ended 2 sessions of ci/);
    assert.match(await line.good('tokens', 'revoke', 'ci', '--yes'), /Revoked ci/);

    const entries = await line.json<{ action: string; actor: { name: string } }[]>(
      'audit',
      '--zone',
      'token.test',
      '--since',
      '1h',
    );
    assert.ok(entries.length >= 2 && entries[0]?.actor.name === 'ci', JSON.stringify(entries));
    const table = await line.good('audit', '--limit', '3');
    assert.match(table, /^WHEN +WHO +FROM +ZONE +ACTION\n/);
    assert.equal(table.trimEnd().split('\n').length, 5);
    assert.equal((await line.run('tokens', 'create', 'x', '--permission', 'zone:read')).code, 2);
  });
});
