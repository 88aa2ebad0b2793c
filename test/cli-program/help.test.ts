import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { familiesFor } from '../../src/cli/families.ts';
import { PROGRAM, run } from '../scenarios/program.ts';
import { allBelow, helpOf, wordsOf } from '../support/command-help.ts';

test('the help of every command, and of every group, fits into 80 columns', async () => {
  const commands = (await familiesFor(undefined)).flatMap(allBelow);
  const told = new Map(commands.map((command) => [wordsOf(command).join(' '), helpOf(command)]));
  for (const path of ['up', 'guard', 'origin install', 'certs upload']) {
    assert.match(told.get(path) ?? '', new RegExp(`^Usage: ${path} [\\s\\S]*^Examples:`, 'm'));
  }
  const wide = [...told].flatMap(([path, text]) =>
    text.split('\n').flatMap((line) => (line.length > 80 ? [`${path}: ${line}`] : [])),
  );
  assert.deepEqual(wide, []);
});

test('the help of the program itself fits, too', async () => {
  const { code, stdout } = await run(['--help']);
  assert.equal(code, 0);
  const lines = stdout.split('\n');
  assert.ok(lines.length > 5, stdout);
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
});

test('what is taken where nothing is said stands in the help', async () => {
  const { stdout } = await run(['origin', 'config', '--help']);
  const flowing = stdout.replace(/\s+/g, ' ');
  for (const [flag, value] of [
    ['--upstream', 'http://127.0.0.1:3000'],
    ['--server-cert', '/etc/letsencrypt/live/NAME/fullchain.pem'],
    ['--server-key', '/etc/letsencrypt/live/NAME/privkey.pem'],
  ] as const) {
    const from = flowing.slice(flowing.indexOf(` ${flag} <`) + 1);
    const own = from.slice(0, from.indexOf(' --', 2));
    assert.ok(own.includes(`(default: ${value})`), own);
  }
});

test('a reader that stops early is no error', async () => {
  const shell = `"${process.execPath}" "${PROGRAM}" --help 2>&1 | head -n 1; echo "${'$'}{PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', shell], { encoding: 'utf8' });
  assert.match(stdout, /^Usage: postern [^\n]*\n0\n$/);
  assert.equal(stderr, '');
});
