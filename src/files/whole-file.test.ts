import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, afterEach, test } from 'node:test';
import { readBoundedFile } from './bounded-file.ts';
import { placeFile } from './whole-file.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'postern-files-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a file is put in place with its mode, and nothing is left beside it', () => {
  const path = join(directory, 'bundle.pem');
  writeFileSync(path, 'old', { mode: 0o644 });
  placeFile(path, 'new', 0o600);
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ['bundle.pem']);
});

test('a link that somebody laid where the draft goes is not written through', () => {
  const [path, other] = [join(directory, 'bundle.pem'), join(directory, 'other')];
  writeFileSync(other, 'untouched');
  symlinkSync(other, `${path}.new`);
  placeFile(path, 'new', 0o600);
  assert.equal(readFileSync(other, 'utf8'), 'untouched');
  assert.equal(readFileSync(path, 'utf8'), 'new');
});

test('what is no file, too large or seen by others is not read', () => {
  const path = join(directory, 'key.pem');
  writeFileSync(path, '12345', { mode: 0o640 });
  const kinds = [
    readBoundedFile(path, 5),
    readBoundedFile(path, 4),
    readBoundedFile(path, 5, (mode) => (mode & 0o077) === 0),
    readBoundedFile(directory, 5),
    readBoundedFile(join(directory, 'none'), 5),
  ].map(({ kind }) => kind);
  assert.deepEqual(kinds, ['bytes', 'too_large', 'exposed', 'not_a_file', 'unreadable']);
});
