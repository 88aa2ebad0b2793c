import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decryptKey } from '../../src/pki/encrypted-key.ts';
import { Secret } from '../../src/pki/secret.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { startCommandLine } from './command-line.ts';
import { atTerminal, NEEDS_TERMINAL } from './terminal.ts';

/** A passphrase that is asked for at a terminal. */

const PASSPHRASE = 'correct horse battery staple';

test('a passphrase is asked for twice where it makes something, and never shown', NEEDS_TERMINAL, async () => {
  await using line = await startCommandLine();
  using scratch = scratchDirectory();
  const { postern } = line;
  await postern.call('POST', '/zones', { name: 'asked.test' });
  const env = { POSTERN_API: postern.base, POSTERN_TOKEN: postern.token };
  const exporting = (file: string, second: string) =>
    atTerminal(['ca', 'root', 'export', '--zone', 'asked.test', '--out', file], {
      answers: [
        ['Passphrase: ', `${PASSPHRASE}\r`],
        ['Once more: ', `${second}\r`],
      ],
      env,
    });

  const wrong = join(scratch.path, 'wrong.key.enc');
  const differs = await exporting(wrong, 'something else');
  assert.equal(differs.code, 2, differs.screen);
  assert.match(differs.screen, /The two passphrases differ/);
  assert.ok(!existsSync(wrong) && !differs.screen.includes('something else'));

  const file = join(scratch.path, 'root.key.enc');
  const done = await exporting(file, PASSPHRASE);
  assert.equal(done.code, 0, done.screen);
  assert.ok(!done.screen.includes('horse'), done.screen);
  await decryptKey(readFileSync(file, 'utf8'), new Secret(PASSPHRASE));

  const asked = await atTerminal(['ca', 'root', 'forget', '--zone', 'asked.test', '--key', file, '--yes'], {
    answers: [['Passphrase: ', `${PASSPHRASE}\r`]],
    env,
  });
  assert.equal(asked.code, 0, asked.screen);
  assert.ok(!asked.screen.includes('horse') && !asked.screen.includes('Once more'), asked.screen);
  assert.match(await line.good('ca', 'root', 'show', '--zone', 'asked.test'), /its bundle +signed until 20/);
});
