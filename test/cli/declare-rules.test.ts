import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { run } from '../scenarios/program.ts';
import { addRecord, statusOf, visit } from '../scenarios/site.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { assertGolden, type CommandLine, startCommandLine } from './command-line.ts';

/** Access rules and rate limits in files. */

let line: CommandLine;
let scratch: Scratch;

before(async () => {
  line = await startCommandLine();
  scratch = scratchDirectory();
});
after(async () => {
  await line[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

/** A file that wants this of one zone. */
function wish(zone: string, wanted: object): string {
  const path = join(scratch.path, `${zone}.json`);
  writeFileSync(path, JSON.stringify({ version: 1, zones: { [zone]: wanted } }));
  return path;
}

interface Changes {
  readonly applied: number;
  readonly changes: readonly { readonly change: string; readonly text: string }[];
}

const texts = ({ changes }: Changes) => changes.map(({ change, text }) => `${change} ${text}`);

interface Rule {
  readonly id: string;
  readonly mode: string;
  readonly notes: string;
  readonly configuration: { readonly value: string };
}

interface Limit {
  readonly id: string;
  readonly description: string;
  readonly threshold: number;
}

const rulesOf = async (zone: string) => line.json<readonly Rule[]>('access-rules', 'list', '--zone', zone);
const limitsOf = async (zone: string) => line.json<readonly Limit[]>('rate-limits', 'list', '--zone', zone);

describe('access rules and rate limits in a file', () => {
  test('are shown, made, found to be as wanted, and exported as they were written', async () => {
    const access_rules = [
      { network: '192.0.2.0/24', mode: 'block', notes: 'scrapers' },
      { network: '192.0.2.7', mode: 'allow' },
      { network: '2001:db8::/32', mode: 'block' },
    ];
    const rate_limits = [
      {
        description: 'login',
        url: 'ruled.test/in*',
        methods: ['POST'],
        schemes: ['https'],
        threshold: 5,
        period: 60,
        action: 'ban',
        timeout: 600,
        per_host: true,
      },
      { url: 'ruled.test/api/*', threshold: 100, period: 10, action: 'simulate', timeout: 10, disabled: true },
    ];
    const path = wish('ruled.test', { access_rules, rate_limits });
    assertGolden('apply-rules-dry-run', await line.good('apply', '-f', path, '--dry-run'));
    assert.deepEqual(await line.json<unknown[]>('zones', 'list'), []);
    assert.equal((await line.json<Changes>('apply', '-f', path)).applied, 6);
    assert.equal((await line.run('diff', '-f', path, '--prune')).code, 0);
    assert.deepEqual(await line.json<Changes>('apply', '-f', path, '--prune'), { applied: 0, changes: [] });

    const exported = join(scratch.path, 'exported.yaml');
    writeFileSync(exported, await line.good('export', '--zone', 'ruled.test'));
    const { zones } = parse(await line.good('export', '--zone', 'ruled.test'));
    // In the order in which they were made: the smallest network first.
    assert.deepEqual(
      zones['ruled.test'].access_rules.map(({ network }: { readonly network: string }) => network),
      ['192.0.2.7', '2001:db8::/32', '192.0.2.0/24'],
    );
    assert.deepEqual(new Set(zones['ruled.test'].access_rules), new Set(access_rules));
    assert.deepEqual(zones['ruled.test'].rate_limits, rate_limits);
    assert.deepEqual((await line.json<Changes>('apply', '-f', exported, '--prune')).changes, []);
  });

  test('are changed in place, and removed only under --prune where the file has the section', async () => {
    const limit = { url: '*.kept.test/*', threshold: 5, period: 60 };
    const blocked = ['192.0.2.0/24', '198.51.100.0/24'].map((network) => ({ network, mode: 'block' }));
    const limits = [
      { ...limit, description: 'login' },
      { ...limit, description: 'all', threshold: 50 },
    ];
    await line.good('apply', '-f', wish('kept.test', { access_rules: blocked, rate_limits: limits }));
    const [rules, before] = [await rulesOf('kept.test'), await limitsOf('kept.test')];

    const changed = wish('kept.test', {
      access_rules: [{ network: '192.0.2.0/24', mode: 'allow', notes: 'the office' }],
      rate_limits: [{ ...limits[1], threshold: 70, disabled: true }],
    });
    const changes = [
      'change rate limit all (*.kept.test/*): 50 in 60 s → 70 in 60 s, disabled',
      'change access rule 192.0.2.0/24: block → allow, notes "the office"',
    ];
    assert.deepEqual(texts(await line.json<Changes>('apply', '-f', changed)).toSorted(), changes.toSorted());
    assert.deepEqual(
      (await rulesOf('kept.test')).map(({ id, mode, notes }) => [id, mode, notes]),
      [
        [rules[0]?.id, 'whitelist', 'the office'],
        [rules[1]?.id, 'block', ''],
      ],
    );
    assert.deepEqual(
      (await limitsOf('kept.test')).map(({ id, threshold }) => [id, threshold]),
      [
        [before[0]?.id, 5],
        [before[1]?.id, 70],
      ],
    );
    assert.deepEqual(texts(await line.json<Changes>('apply', '-f', changed)), []);
    // What is not declared at all is left alone, and an empty list removes nothing by itself.
    assert.deepEqual(texts(await line.json<Changes>('apply', '-f', wish('kept.test', {}), '--prune')), []);
    const none = wish('kept.test', { access_rules: [], rate_limits: [] });
    assert.deepEqual(texts(await line.json<Changes>('apply', '-f', none)), []);
    assert.deepEqual(texts(await line.json<Changes>('apply', '-f', none, '--prune')).toSorted(), [
      'remove access rule 192.0.2.0/24: allow (the office)',
      'remove access rule 198.51.100.0/24: block',
      'remove rate limit all (*.kept.test/*): 70 in 60 s, ban 60 s, disabled',
      'remove rate limit login (*.kept.test/*): 5 in 60 s, ban 60 s',
    ]);
    assert.deepEqual([await rulesOf('kept.test'), await limitsOf('kept.test')], [[], []]);
  });

  test('with a mistake change nothing, and the line is named', async () => {
    const path = join(scratch.path, 'wrong.yaml');
    const rules = ['      - {network: 192.0.2.0/24, mode: block}', '      - {network: 192.0.2.1/24, mode: block}'];
    writeFileSync(path, ['version: 1', 'zones:', '  wrong.test:', '    access_rules:', ...rules].join('\n'));
    const ended = await line.run('apply', '-f', path, '--json');
    assert.equal(ended.code, 2);
    const { message } = JSON.parse(ended.stdout).error as { message: string };
    assert.match(message, /wrong\.yaml:6: zones\.wrong\.test\.access_rules\[1\]\.network must be an address/);
    assert.equal((await line.run('zones', 'show', 'wrong.test')).code, 2);
  });

  test('that the zone has no room for are told before anything is changed', async () => {
    const limits = (url: string, count: number) =>
      Array.from({ length: count }, (_, index) => ({ url: `${url}/${index}`, threshold: 5, period: 60 }));
    await line.good('apply', '-f', wish('full.test', { rate_limits: limits('a.full.test', 60) }));
    const more = wish('full.test', { paused: true, rate_limits: limits('b.full.test', 60) });
    const ended = await line.run('apply', '-f', more);
    assert.equal(ended.code, 2);
    assert.match(
      ended.stderr,
      /full\.test: it has 60 rate limits and 60 would be added .* it may have 100\. Remove some/,
    );
    assert.equal((await line.json<{ paused: boolean }>('zones', 'show', 'full.test')).paused, false);
  });

  test('are not asked for where a file says nothing of them, and left out of an export, by a token without them', async () => {
    await line.good('apply', '-f', wish('apart.test', { access_rules: [{ network: '192.0.2.1', mode: 'block' }] }));
    const rights = ['zone:read', 'zone:edit', 'dns:read', 'ssl:read', 'settings:read'].flatMap((right) => [
      '--permission',
      right,
    ]);
    const made = await line.good('tokens', 'create', 'apart', ...rights, '--zone', 'apart.test');
    const own = { POSTERN_API: line.postern.base, POSTERN_TOKEN: made.trim() };
    const exported = await run(['export', '--zone', 'apart.test'], own);
    assert.equal(exported.code, 0, exported.stderr);
    assert.match(
      exported.stderr,
      /apart\.test: access rules and rate limits are left out: the token lacks firewall:read/,
    );
    assert.equal(parse(exported.stdout).zones['apart.test'].access_rules, undefined);
    const silent = await run(['apply', '-f', wish('apart.test', { paused: true })], own);
    assert.equal(silent.code, 0, silent.stderr);
    const refused = await run(['apply', '-f', wish('apart.test', { access_rules: [] })], own);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /firewall:read/);
  });
});

test('at the edge a limit of a file turns visitors away with 429, and a rule with 403, until they are gone', async () => {
  const host = 'www.felt.test';
  const limit = { url: `${host}/login`, threshold: 2, period: 600 };
  await line.good('apply', '-f', wish('felt.test', { rate_limits: [limit] }));
  const [zone] = (await line.postern.call<readonly { readonly id: string }[]>('GET', '/zones?name=felt.test')).result;
  await addRecord(line.postern, zone?.id ?? '', { name: host });
  const status = async (path: string) => statusOf(await visit(line.postern, host, { path }));
  const tries = [await status('/login'), await status('/login'), await status('/login')];
  assert.deepEqual(
    tries.map((one) => one === 429),
    [false, false, true],
  );
  assert.notEqual(await status('/'), 429);
  const blocked = wish('felt.test', { access_rules: [{ network: '127.0.0.0/8', mode: 'block' }] });
  await line.good('apply', '-f', blocked);
  assert.equal(await status('/'), 403);
  await line.good('apply', '-f', wish('felt.test', { access_rules: [], rate_limits: [] }), '--prune');
  assert.deepEqual(
    [await status('/'), await status('/login')].filter((one) => one === 403 || one === 429),
    [],
  );
});
