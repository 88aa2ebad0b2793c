import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { likeExisting, replaceFile } from './install/backup.ts';
import { putInPlace, stage } from './sync/replace.ts';

/** setxattr(2) and getxattr(2) by number: perl is on every Debian, the tools for attributes are not. */
const CALLS: Readonly<Record<string, readonly [set: number, get: number]>> = { x64: [188, 191], arm64: [5, 8] };
const PERL = '/usr/bin/perl';
const NAME = 'user.postern';

function perl(script: string, ...argv: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(PERL, ['-e', script, ...argv], { encoding: 'utf8' });
}

/** A file with an attribute, and what reads that; skips the test where there can be none. */
function attributed(t: TestContext): { readonly path: string; readonly read: () => string } {
  const directory = mkdtempSync(join(tmpdir(), 'postern-attributes-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'site.conf');
  writeFileSync(path, 'old', { mode: 0o640 });
  const [set, get] = CALLS[process.arch] ?? [0, 0];
  const script = `my ($p, $n, $v) = @ARGV; exit(syscall(${set}, $p, $n, $v, length $v, 0) == 0 ? 0 : 1)`;
  if (perl(script, path, NAME, 'kept').status !== 0) t.skip('this file system has no attributes');
  const reading = `my ($p, $n) = @ARGV; my $b = "\\0" x 9; my $l = syscall(${get}, $p, $n, $b, 9); print substr($b, 0, $l > 0 ? $l : 0)`;
  return { path, read: () => perl(reading, path, NAME).stdout };
}

const isPossible = existsSync(PERL) && process.platform === 'linux' && process.arch in CALLS;
const options = { skip: isPossible ? false : 'needs perl on Linux, to set an attribute' };

test('a file that an installation replaces keeps its extended attributes, and gets a time of its own', options, (t) => {
  const { path, read } = attributed(t);
  if (read() !== 'kept') return;
  utimesSync(path, 1, 1);
  replaceFile(path, Buffer.from('new'), likeExisting(path));
  assert.deepEqual([readFileSync(path, 'utf8'), read()], ['new', 'kept']);
  const { mode, mtimeMs } = statSync(path);
  assert.deepEqual([mode & 0o777, mtimeMs > 1_000], [0o640, true]);
});

test('a file that sync replaces keeps its extended attributes', options, async (t) => {
  const { path, read } = attributed(t);
  if (read() !== 'kept') return;
  await stage({ path, text: 'new' });
  await putInPlace(path);
  assert.deepEqual([readFileSync(path, 'utf8'), read()], ['new', 'kept']);
});
