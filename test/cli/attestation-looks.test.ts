import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CommandLine, startCommandLine } from './command-line.ts';

/** What is said of looks at locks, on the command line. */

let line: CommandLine;
before(async () => {
  line = await startCommandLine();
  await line.postern.call('POST', '/zones', { name: 'looked.test' });
});
after(() => line[Symbol.asyncDispose]());

const AT = ['--zone', 'looked.test'] as const;

interface Looks {
  readonly path: string;
  readonly hostnames: Readonly<Record<string, string>>;
  readonly paused: { readonly until: string; readonly reason: string; readonly paused_by: string } | null;
}

test('what is asked for is said, shown and taken back, and what is no path is refused', async () => {
  assert.equal(await line.good('attestations', 'path', ...AT), 'every hostname: /\n');
  await line.good('attestations', 'path', '/status', ...AT);
  const own = await line.json<Looks>('attestations', 'path', '/healthz', '--hostname', '*.looked.test');
  assert.deepEqual([own.path, own.hostnames], ['/status', { '*.looked.test': '/healthz' }]);
  for (const [argv, because] of [
    [['status', ...AT], /must be a path like \/status/],
    [['/a#b', ...AT], /must be a path like \/status/],
    [['/a', '--zone', 'looked.test', '--hostname', 'www.other.test'], /not in looked\.test/],
    [['/a', '--reset', ...AT], /Leave one out/],
    [['/a'], /Name one with --zone or --hostname/],
  ] as const) {
    const refused = await line.run('attestations', 'path', ...argv);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, because);
  }
  const back = await line.json<Looks>('attestations', 'path', '--reset', ...AT);
  assert.deepEqual([back.path, back.hostnames], ['/', { '*.looked.test': '/healthz' }]);
});

test('nobody looks for a stated time and reason, everybody is told, and it is audited', async () => {
  const pause = ['attestations', 'pause', ...AT] as const;
  for (const [argv, because] of [
    [['--for', '2h'], /Say with --reason/],
    [['--reason', 'so'], /Give either --for or --until/],
    [['--reason', 'so', '--for', '2h', '--until', '1h'], /Give either --for or --until/],
    [['--reason', 'so', '--for', '8d'], /must be a whole number from 60 to 604800/],
    [['--reason', 'so', '--until', '2020-01-01'], /must lie a minute ahead at least, and a week at most/],
  ] as const) {
    const refused = await line.run(...pause, ...argv);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, because);
  }
  const said = await line.good(...pause, '--for', '2h', '--reason', 'moving');
  assert.match(said, /^The locks of looked\.test are not looked at until 20\S+ \S+ UTC, because: moving\n$/);
  const longer = await line.json<Looks>(...pause, '--until', '3d', '--reason', 'moving slowly');
  assert.equal(longer.paused?.paused_by, 'bootstrap');
  assert.match((await line.run('attestations', 'list', ...AT)).stderr, /not looked at until .* because: moving slowly/);
  const { result } = await line.postern.call<readonly { readonly paused: Looks['paused'] }[]>(
    'GET',
    '/postern/v1/locks',
  );
  assert.deepEqual(
    result.map(({ paused }) => paused?.reason),
    ['moving slowly'],
  );
  assert.match(await line.good('attestations', 'resume', ...AT), /are looked at again/);
  assert.match((await line.run('attestations', 'resume', ...AT)).stderr, /are not paused/);
  assert.match(await line.good('audit', ...AT, '--json'), /"pause_looks".*moving slowly|moving slowly.*"pause_looks"/s);
});
