import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startPostern, upArguments } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { scratchDirectory } from '../support/scratch.ts';

test('a ready file in a directory that is not there is refused before anything is made', async () => {
  using scratch = scratchDirectory();
  writeFileSync(join(scratch.path, 'file'), '');
  for (const nowhere of ['missing/ready.json', 'file/ready.json']) {
    const data = join(scratch.path, 'data');
    const { code, stderr } = await run(upArguments(data, join(scratch.path, nowhere)));
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^postern: \S+ready\.json cannot be written \((?:ENOENT|ENOTDIR)\)\.\n {2}\S/);
    assert.ok(!existsSync(data), 'a data directory was made');
  }
});

test('a ready file that turns out not to be writable ends a Postern that already serves', async () => {
  using scratch = scratchDirectory();
  const [data, taken] = [join(scratch.path, 'data'), join(scratch.path, 'taken')];
  mkdirSync(join(taken, 'full'), { recursive: true });
  const { code, stderr } = await run(upArguments(data, taken));
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^postern: \S+taken cannot be written/m);
  assert.ok(existsSync(join(data, 'postern.db')), 'it never served');
  assert.ok(!existsSync(join(data, 'listening.json')), 'somebody would look for it there');
  assert.deepEqual(
    readdirSync(scratch.path).filter((name) => name.startsWith('taken.')),
    [],
  );
});

test('who starts Postern without a terminal finds the dashboard and the token in its log and beside its data', async () => {
  await using postern = await startPostern();
  await until('the log says it, too', () => postern.logged('ready').length > 0);
  const expected = {
    dashboard: `${postern.base}/dashboard/`,
    bootstrap_token_file: join(postern.dir, 'bootstrap-token'),
  };
  const written = ['ready', 'listening'].map((what): unknown =>
    JSON.parse(readFileSync(what === 'ready' ? postern.readyFile : join(postern.dir, 'listening.json'), 'utf8')),
  );
  for (const said of [...postern.logged('ready'), ...written]) {
    const { dashboard, bootstrap_token_file } = said as Readonly<Record<string, unknown>>;
    assert.deepEqual({ dashboard, bootstrap_token_file }, expected);
  }
  assert.equal(postern.logged('ready').length, 1);
  assert.equal((await fetch(expected.dashboard)).status, 200);
  const token = readFileSync(expected.bootstrap_token_file, 'utf8').trim();
  assert.ok(!postern.logged().some((line) => JSON.stringify(line).includes(token)), 'the token itself is not told');
  assert.ok(!postern.logged().some((line) => JSON.stringify(line).includes('#sign-in=')), 'no code without a terminal');
});
