import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { shellCommand } from '../doctor/report/shell-word.ts';
import { foldedCommand, wrapped } from './wrap.ts';

test('prose is broken between words, and a long word stands alone', () => {
  assert.deepEqual(wrapped('a bb  ccc\ndddddddddd e', 6), ['a bb', 'ccc', 'dddddddddd', 'e']);
  assert.deepEqual(wrapped('', 6), []);
});

test('a folded command is the same command to a shell, whatever is in its words', () => {
  const words = [
    'printf',
    '%s\n',
    '--cert',
    "it's $HOME `x` \\",
    'a  b',
    '--key',
    '*',
    '"',
    'plain/word:8443',
    '\u00e9',
  ];
  const folded = foldedCommand(shellCommand(words), 20);
  assert.ok(folded.length > 3);
  const { stdout } = spawnSync('sh', ['-c', folded.join('\n')], { encoding: 'utf8' });
  assert.deepEqual(stdout.split('\n').slice(0, -1), words.slice(2));
});

test('a flag and its value stay in one line', () => {
  const folded = foldedCommand('curl --cert some/certificate.pem --key some/key.pem https://a.test/', 34);
  assert.deepEqual(folded, ['curl --cert some/certificate.pem \\', '  --key some/key.pem \\', '  https://a.test/']);
});
