import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DISK } from './config-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'config-source-'));
after(() => rmSync(directory, { recursive: true }));

const at = (name: string): string => join(directory, name);

test('a file is read byte for byte', () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
  writeFileSync(at('plain'), bytes);
  symlinkSync(at('plain'), at('link'));
  for (const name of ['plain', 'link']) {
    const read = DISK.read(at(name));
    assert.ok('text' in read);
    assert.deepEqual(Buffer.from(read.text, 'latin1'), bytes);
  }
});

test('a file that states no size is read too', () => {
  const read = DISK.read('/proc/self/status');
  assert.ok('text' in read);
  assert.match(read.text, /^Name:/);
});

test('what never ends is not read: pipes, devices, and links to them', () => {
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync('/dev/zero', at('zero'));
  for (const path of [at('pipe'), at('zero'), '/dev/zero', '/dev/random'])
    assert.deepEqual(DISK.read(path), { code: 'ESPIPE' }, path);
  assert.deepEqual(DISK.read('/dev/null'), { text: '' });
});

test('directories, files that are too large, and those that are not there say so', () => {
  writeFileSync(at('large'), Buffer.alloc(2 * 1024 * 1024 + 1, 0x20));
  assert.deepEqual(DISK.read(directory), { code: 'EISDIR' });
  assert.deepEqual(DISK.read(at('large')), { code: 'EFBIG' });
  assert.deepEqual(DISK.read(at('absent')), { code: 'ENOENT' });
});
