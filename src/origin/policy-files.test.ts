import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pullCredentials } from '../../test/support/pull-credentials.ts';
import { scratchDirectory } from '../../test/support/scratch.ts';
import { instant } from '../domain/ids.ts';
import { type PolicyFiles, policyPaths, readPolicy } from './policy-files.ts';
import { policyProblemText } from './policy-problems.ts';

const NOW = instant(Date.now());

test('files are read as they are at the moment; each way in which one can be useless is told apart', async () => {
  using scratch = scratchDirectory();
  const { bundle } = await pullCredentials('example.test', NOW);
  const path = join(scratch.path, 'bundle.pem');
  const files: PolicyFiles = { bundle: path, zone: 'example.test' };
  const found = () => {
    const policy = readPolicy(files, NOW);
    return policy.kind === 'problem' ? `${policy.field} ${policy.code}` : policy.kind;
  };
  assert.equal(found(), 'bundle missing');
  writeFileSync(path, bundle);
  assert.equal(found(), 'policy');
  writeFileSync(path, '\n');
  assert.equal(found(), 'bundle empty');
  writeFileSync(path, 'x'.repeat(256 * 1024 + 1));
  assert.equal(found(), 'bundle too_large');
  rmSync(path);
  mkdirSync(path);
  assert.equal(found(), 'bundle unreadable');
  rmSync(path, { recursive: true });
  // A pipe that nobody writes to would be waited for.
  execFileSync('mkfifo', [path]);
  assert.equal(found(), 'bundle unreadable');
});

test('a problem names the file', async () => {
  using scratch = scratchDirectory();
  const { bundle } = await pullCredentials('example.test', NOW);
  const [path, gone] = [join(scratch.path, 'bundle.pem'), join(scratch.path, 'gone.crl')];
  writeFileSync(path, bundle);
  const files: PolicyFiles = { bundle: path, crl: gone };
  const problem = readPolicy(files, NOW);
  assert.ok(problem.kind === 'problem' && problem.code === 'missing');
  assert.ok(policyProblemText(problem).startsWith(`crl: the file is not there (${gone}). `));
  assert.deepEqual(policyPaths(files), [path, gone]);
});
