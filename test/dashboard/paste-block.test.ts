/** The block that is pasted into a shell of root, by real shells. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PastedFile, pasteBlock } from '../../dashboard/src/pages/setup/paste-block.ts';
import { scratchDirectory } from '../support/scratch.ts';

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

async function shell(text: string, program = 'sh', ...argv: readonly string[]): Promise<Ended> {
  const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  child.stdin.end(`${text}\n`);
  const [code] = await once(child, 'close');
  return { code, said: Buffer.concat(said).toString('utf8') };
}

/** Texts in which a shell could find something of its own. */
const TEXTS = [
  'if ($ssl_server_name !~* "^(?:www\\.example\\.test)$") { return 421; }\n',
  '$(id) `id` $HOME "quoted" \'single\' \\ back!slash !! ~\n\n\n    room \n',
  "site {\n\ttab\t\\t \\\\ %s $HOME '!x'\n}\n",
  'POSTERN_FILE\nPOSTERN_FILE_\nPOSTERN_BLOCK\n',
  "no line's end $HOME",
  '',
  '\n',
];

function filesIn(directory: string): readonly PastedFile[] {
  return TEXTS.map((text, index) => ({ path: join(directory, `it's ${index}`, `$file ${index}.conf`), text }));
}

for (const [title, program, ...argv] of [
  ['a script', 'sh'],
  ['whoever types, with a history that expands', 'bash', '--norc', '-i', '-o', 'histexpand'],
] as const) {
  test(`files come out as they are, with their directories, by ${title}`, async () => {
    using scratch = scratchDirectory();
    const files = filesIn(scratch.path);
    const { code, said } = await shell(pasteBlock(files), program, ...argv);
    assert.equal(code, 0, said);
    for (const { path, text } of files) assert.equal(readFileSync(path, 'utf8'), text, path);
    assert.equal(readdirSync(scratch.path).length, files.length);
  });
}

test('a file that says something else is kept beside the new one, and one that says the same is left alone', async () => {
  using scratch = scratchDirectory();
  const path = join(scratch.path, 'conf.d', 'site.conf');
  mkdirSync(join(scratch.path, 'conf.d'));
  writeFileSync(path, 'of the owner\n');
  const block = pasteBlock([{ path, text: 'of the lock\n' }]);
  assert.equal((await shell(block)).code, 0);
  assert.equal(readFileSync(path, 'utf8'), 'of the lock\n');
  const kept = readdirSync(join(scratch.path, 'conf.d')).filter((name) => name !== 'site.conf');
  assert.match(kept.join(), /^site\.conf\.before-\d{8}-\d{6}$/);
  assert.equal(readFileSync(join(scratch.path, 'conf.d', kept[0] ?? ''), 'utf8'), 'of the owner\n');
  assert.equal((await shell(block)).code, 0);
  assert.equal(readdirSync(join(scratch.path, 'conf.d')).length, 2);
});

test('what follows is done in its order, and nothing behind what fails; the shell that it is pasted into goes on', async () => {
  using scratch = scratchDirectory();
  const path = join(scratch.path, 'one.conf');
  const block = pasteBlock([{ path, text: 'one\n' }], [`cat '${path}'`, 'false', 'echo loaded']);
  const { code, said } = await shell(`${block}\necho "ended $?"`);
  assert.equal(code, 0);
  assert.match(said, /one\nended 1\n$/);
  assert.doesNotMatch(said, /loaded/);
  const nowhere = pasteBlock([{ path: join(path, 'below a file'), text: 'one\n' }], ['echo loaded']);
  const refused = await shell(nowhere);
  assert.notEqual(refused.code, 0);
  assert.doesNotMatch(refused.said, /^loaded$/m);
});

test('where one file cannot be written, or is a link, those before it are as they were', async () => {
  using scratch = scratchDirectory();
  const [first, made, second] = ['one.conf', 'two.conf', 'three.conf'].map((name) => join(scratch.path, name));
  assert.ok(first !== undefined && made !== undefined && second !== undefined);
  writeFileSync(first, 'before\n', { mode: 0o600 });
  const files = (last: string) => [first, made, last].map((path) => ({ path, text: 'new\n' }));
  for (const last of [join(first, 'below a file'), second]) {
    if (last === second) symlinkSync(first, second);
    const { code, said } = await shell(pasteBlock(files(last), ['echo loaded']));
    assert.notEqual(code, 0);
    assert.match(said, /every file is as it was before/);
    assert.doesNotMatch(said, /^loaded$/m);
    assert.equal(readFileSync(first, 'utf8'), 'before\n');
    assert.equal(existsSync(made), false);
    assert.equal(statSync(first).mode & 0o777, 0o600);
  }
});

test('what somebody laid beside a file is not written through, and the file keeps its mode', async () => {
  using scratch = scratchDirectory();
  const [path, victim] = [join(scratch.path, 'one.conf'), join(scratch.path, 'victim')];
  writeFileSync(path, 'before\n', { mode: 0o600 });
  writeFileSync(victim, 'whole\n');
  symlinkSync(victim, `${path}.new`);
  const { code } = await shell(pasteBlock([{ path, text: 'new\n' }]));
  assert.equal(code, 0);
  assert.equal(readFileSync(victim, 'utf8'), 'whole\n');
  assert.equal(readFileSync(path, 'utf8'), 'new\n');
  assert.equal(lstatSync(path).isSymbolicLink(), false);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});
