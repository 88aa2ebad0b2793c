import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand, splitCommand } from './command.ts';

test('a command is split at blanks, and quotes keep words together', () => {
  const rows: readonly (readonly [string, readonly string[] | null])[] = [
    ['nginx -t', ['nginx', '-t']],
    ['  nginx   -t\t-q ', ['nginx', '-t', '-q']],
    [`docker exec "my web" nginx -g 'daemon off;'`, ['docker', 'exec', 'my web', 'nginx', '-g', 'daemon off;']],
    [String.raw`a "b \"c\"" d\ e`, ['a', 'b "c"', 'd e']],
    [`a ''`, ['a', '']],
    [`a--file="x y"z`, ['a--file=x yz']],
    ['', null],
    ['   ', null],
    ['"unclosed', null],
    ["it's", null],
    ['trailing\\', null],
    ['nginx -t && reload', null],
    ['nginx -t | cat', null],
    ['echo $HOME', null],
    ['nginx -t; true', null],
    ['cat < file', null],
    ['ls *', null],
    ['`id`', null],
    ["echo '$HOME'", ['echo', '$HOME']],
  ];
  for (const [text, words] of rows) assert.deepEqual(splitCommand(text), words, text);
});

test('what a command said last is the reason of its failure', async () => {
  assert.deepEqual(await runCommand(['true']), { kind: 'good' });
  const failed = await runCommand([process.execPath, '-e', 'console.error("line 7: no"); process.exit(4)']);
  assert.ok(failed.kind === 'bad');
  assert.match(failed.because, /ended with 4: line 7: no$/);
  const absent = await runCommand(['/nonexistent/program']);
  assert.ok(absent.kind === 'bad');
  assert.match(absent.because, /ENOENT/);
});

test('a program that is not there holds nobody up', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
  const before = timers();
  await runCommand(['/nonexistent/program']);
  assert.equal(timers(), before);
});
