import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { PROGRAM, run } from '../scenarios/program.ts';

for (const words of [
  [],
  ['up'],
  ['demo'],
  ['restore'],
  ['origin'],
  ['origin', 'config'],
  ['origin', 'install'],
  ['origin', 'uninstall'],
  ['origin', 'rollback'],
  ['origin', 'sync'],
  ['origin', 'reports'],
  ['origin', 'firewall'],
  ['guard'],
  ['doctor'],
]) {
  test(`the help of "${['postern', ...words].join(' ')}" fits into 80 columns`, async () => {
    const { code, stdout } = await run([...words, '--help']);
    assert.equal(code, 0);
    const lines = stdout.split('\n');
    assert.ok(lines.length > 5, stdout);
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
  });
}

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
