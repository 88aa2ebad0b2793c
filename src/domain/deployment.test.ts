import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentStatus } from './deployment.ts';
import { revision } from './ids.ts';
import { later, NOW } from './zone.fixture.ts';

const MINUTE = 60_000;

/** What was wished in revision 5, by the newest revision that all edges have in force and the time since. */
const STATUSES = [
  // wish, applied, milliseconds since, status
  ['deploy', 4, 0, 'pending_deployment'],
  ['deploy', 4, MINUTE, 'pending_deployment'],
  ['deploy', 4, MINUTE + 1, 'deployment_timed_out'],
  ['deploy', 5, 0, 'active'],
  ['deploy', 5, MINUTE + 1, 'active'],
  ['deploy', 6, 0, 'active'],
  ['delete', 4, 0, 'pending_deletion'],
  ['delete', 4, MINUTE, 'pending_deletion'],
  ['delete', 4, MINUTE + 1, 'deletion_timed_out'],
  ['delete', 5, 0, 'deleted'],
  ['delete', 5, MINUTE + 1, 'deleted'],
  ['delete', 6, 0, 'deleted'],
] as const;

for (const [kind, applied, since, status] of STATUSES) {
  test(`${kind} in revision 5, ${applied} in force, after ${since} ms: ${status}`, () => {
    const wish = { kind, at: NOW, revision: revision(5) };
    assert.equal(deploymentStatus(wish, revision(applied), later(since)), status);
  });
}

test('a clock that was set back makes nobody late', () => {
  const wish = { kind: 'deploy', at: NOW, revision: revision(5) } as const;
  assert.equal(deploymentStatus(wish, revision(4), later(-MINUTE)), 'pending_deployment');
});
