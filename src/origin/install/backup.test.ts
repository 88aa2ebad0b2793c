import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { removeMadeDirectories, takeBackup } from './backup.ts';

test('directories that a run made go with the last file of the last lock, and others stay', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'postern-backup-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [backups, theirs, made] = [join(root, 'backups'), join(root, 'theirs'), join(root, 'theirs/postern')];
  mkdirSync(theirs);
  const lock = (name: string) => {
    const path = join(made, 'locks', `${name}.json`);
    const server = { server: 'nginx', program: null, main: '', test: [], reload: [] } as const;
    takeBackup(backups, { id: name, name, why: 'install', at: '', paths: new Map([[path, []]]), ...server });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    return path;
  };
  const [first, second] = [lock('first'), lock('second')];
  rmSync(first);
  removeMadeDirectories(backups);
  assert.ok(existsSync(second));
  rmSync(second);
  removeMadeDirectories(backups);
  assert.deepEqual([existsSync(made), existsSync(theirs)], [false, true]);
});
