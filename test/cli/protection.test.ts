import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertGolden, type CommandLine, startCommandLine } from './command-line.ts';
import { atTerminal, NEEDS_TERMINAL } from './terminal.ts';

/** Access rules and rate limits on the command line. */

let line: CommandLine;

before(async () => {
  line = await startCommandLine();
});
after(() => line[Symbol.asyncDispose]());

/** The flag for a new zone. */
async function zone(name: string): Promise<readonly ['--zone', string]> {
  await line.postern.call('POST', '/zones', { name });
  return ['--zone', name];
}

interface Rule {
  readonly id: string;
  readonly mode: string;
  readonly configuration: { readonly target: string; readonly value: string };
}

describe('access rules', () => {
  const values = async (...words: readonly string[]) =>
    (await line.json<readonly Rule[]>('access-rules', 'list', ...words)).map(
      ({ configuration }) => configuration.value,
    );

  test('are added, listed by mode and deleted, by network and by id', async () => {
    const at = await zone('access.test');
    assert.match(await line.good('access-rules', 'list', ...at), /^access\.test has no such access rule\.$/m);
    const noted = ['--notes', 'scrapers'] as const;
    const blocked = await line.good('access-rules', 'add', 'block', '192.0.2.0/24', ...at, ...noted);
    assert.equal(blocked, 'Visitors from 192.0.2.0/24 are blocked at access.test.\n');
    const { mode, configuration } = await line.json<Rule>('access-rules', 'add', 'allow', '192.0.2.7', ...at);
    assert.deepEqual([mode, configuration], ['whitelist', { target: 'ip', value: '192.0.2.7' }]);
    const six = await line.json<Rule>('access-rules', 'add', 'block', '2001:DB8::1', ...at);
    assert.deepEqual(six.configuration, { target: 'ip6', value: '2001:db8::1' });
    assertGolden('access-rules-list', await line.good('access-rules', 'list', ...at));
    assert.deepEqual(await values(...at, '--mode', 'block'), ['192.0.2.0/24', '2001:db8::1']);
    assert.deepEqual(await values(...at, '--mode', 'allow'), ['192.0.2.7']);

    assert.equal((await line.run('access-rules', 'delete', '192.0.2.0/24', ...at)).code, 2);
    assert.match(await line.good('access-rules', 'delete', '192.0.2.0/24', ...at, '--yes'), /192\.0\.2\.0\/24 have no/);
    assert.deepEqual(await line.json('access-rules', 'delete', six.id.slice(0, 10), ...at, '--yes'), { id: six.id });
    await line.good('access-rules', 'delete', '192.0.2.7/32', ...at, '--yes');
    assert.deepEqual(await values(...at), []);
  });

  test('what is none, or there already, is said with what to do', async () => {
    const at = await zone('mistaken.test');
    await line.good('access-rules', 'add', 'block', '192.0.2.0/24', ...at);
    const [network, mode, twice, unknown] = await Promise.all([
      line.run('access-rules', 'add', 'block', '192.0.2.1/24', ...at),
      line.run('access-rules', 'add', 'challenge', '192.0.2.1', ...at),
      line.run('access-rules', 'add', 'allow', '192.0.2.0/24', ...at, '--json'),
      line.run('access-rules', 'delete', '198.51.100.1', ...at, '--yes'),
    ]);
    assert.deepEqual(
      [network, mode, twice, unknown].map(({ code }) => code),
      [2, 2, 2, 2],
    );
    assert.match(network.stderr, /"192\.0\.2\.1\/24" is no network/);
    assert.match(mode.stderr, /Allowed choices are allow, block/);
    assert.equal(JSON.parse(twice.stdout).error.errors[0].code, 10009);
    assert.match(unknown.stderr, /"postern access-rules list --zone mistaken\.test" shows/);
  });
});

interface Limit {
  readonly id: string;
  readonly disabled: boolean;
  readonly match: { readonly request: Readonly<Record<string, unknown>> };
  readonly threshold: number;
  readonly period: number;
  readonly action: { readonly mode: string; readonly timeout: number };
  readonly characteristics: readonly string[];
}

describe('rate limits', () => {
  const five = ['--threshold', '5', '--period', '60'] as const;

  test('are added, listed, changed field by field and deleted', async () => {
    const at = await zone('limits.test');
    assert.match(await line.good('rate-limits', 'list', ...at), /^limits\.test limits nothing\.$/m);
    const login = ['*.limits.test/login*', ...at, ...five, '--method', 'post', '--method', 'PUT'] as const;
    assert.equal(
      await line.good('rate-limits', 'add', ...login, '--scheme', 'https', '--description', 'login'),
      'Added the limit for *.limits.test/login*: 5 in 60 s, then ban 60 s.\n',
    );
    const api = await line.json<Limit>(
      'rate-limits',
      'add',
      'limits.test/api/*',
      ...at,
      ...five,
      '--action',
      'simulate',
    );
    assert.deepEqual(
      [api.match.request, api.action, api.disabled, api.characteristics],
      [
        { methods: ['_ALL_'], schemes: ['_ALL_'], url: 'limits.test/api/*' },
        { mode: 'simulate', timeout: 60 },
        false,
        ['ip.src'],
      ],
    );
    assertGolden('rate-limits-list', await line.good('rate-limits', 'list', ...at));

    const set = (...words: readonly string[]) => line.json<Limit>('rate-limits', 'set', ...words, ...at);
    const more = await set('login', '--threshold', '50', '--timeout', '600', '--per-host');
    assert.deepEqual(
      [more.threshold, more.period, more.action, more.characteristics],
      [50, 60, { mode: 'ban', timeout: 600 }, ['ip.src', 'http.host']],
    );
    assert.deepEqual(more.match.request, { methods: ['POST', 'PUT'], schemes: ['HTTPS'], url: '*.limits.test/login*' });
    const wide = await set(api.id.slice(0, 12), '--method', 'ALL', '--scheme', 'all', '--url', '*', '--disable');
    assert.deepEqual(wide.match.request, { methods: ['_ALL_'], schemes: ['_ALL_'], url: '*' });
    assert.deepEqual([wide.disabled, (await set('*', '--enable')).disabled], [true, false]);
    assert.deepEqual((await set('login', '--no-per-host')).characteristics, ['ip.src']);

    assert.equal((await line.run('rate-limits', 'delete', 'login', ...at)).code, 2);
    assert.match(
      await line.good('rate-limits', 'delete', 'login', ...at, '--yes'),
      /^Deleted the limit for .*50 in 60 s/,
    );
    assert.deepEqual(await line.json('rate-limits', 'delete', '*', ...at, '--yes'), { id: api.id });
    assert.deepEqual(await line.json('rate-limits', 'list', ...at), []);
  });

  test('what is wrong, missing or without effect is said with what to do', async () => {
    const at = await zone('wrong.test');
    for (const url of ['a.wrong.test/', 'b.wrong.test/']) {
      await line.good('rate-limits', 'add', url, ...at, ...five, '--description', 'twin');
    }
    const [number, without, both, none, twin, url] = await Promise.all([
      line.run('rate-limits', 'add', '*', ...at, '--threshold', 'five', '--period', '60'),
      line.run('rate-limits', 'add', '*', ...at, '--threshold', '5'),
      line.run('rate-limits', 'set', 'a.wrong.test/', ...at, '--disable', '--enable'),
      line.run('rate-limits', 'set', 'a.wrong.test/', ...at, '--threshold', '5'),
      line.run('rate-limits', 'delete', 'twin', ...at, '--yes'),
      line.run('rate-limits', 'add', '/login', ...at, ...five, '--json'),
    ]);
    for (const { code } of [number, without, both, none, twin, url]) assert.equal(code, 2);
    assert.match(number.stderr, /--threshold is "five", which is not a whole number/);
    assert.match(without.stderr, /required option '--period <seconds>'/);
    assert.match(both.stderr, /both --disable and --enable/);
    assert.match(none.stderr, /Nothing to change was named/);
    assert.match(twin.stderr, /twin stands for 2 rules\.\n.*[0-9a-f]{8}, [0-9a-f]{8}/);
    assert.equal(JSON.parse(url.stdout).error.errors[0].code, 6007);
    assert.equal((await line.json<readonly Limit[]>('rate-limits', 'list', ...at)).length, 2);
  });
});

test('at a terminal a person is asked before a rule ends', NEEDS_TERMINAL, async () => {
  const at = await zone('asked.test');
  await line.good('access-rules', 'add', 'block', '192.0.2.0/24', ...at);
  const env = { POSTERN_API: line.postern.base, POSTERN_TOKEN: line.postern.token };
  const no = await atTerminal(['access-rules', 'delete', '192.0.2.0/24', ...at], { answers: [['[y/N]', 'n\n']], env });
  assert.equal(no.code, 2);
  assert.match(no.screen, /Visitors from 192\.0\.2\.0\/24 are blocked at asked\.test: this rule ends\. Go on\?/);
  const yes = await atTerminal(['access-rules', 'delete', '192.0.2.0/24', ...at], { answers: [['[y/N]', 'y\n']], env });
  assert.equal(yes.code, 0, yes.screen);
});
