import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Instant, instant } from '../domain/ids.ts';
import { dataPath, NOW, openPlane, sure } from './control-plane.fixture.ts';
import { openStore } from './store.ts';
import { takeDirectory } from './data-directory.ts';
import { TokenUses } from './token-uses.ts';
import { tokenHash } from './tokens.ts';
import { turns } from './turns.ts';
import type { ControlPlane } from './plane.ts';

const [LATER, LAST] = [instant(NOW + 5_000), instant(NOW + 9_000)];

function bootstrap(dir: string, plane: ControlPlane): string {
  return sure(plane.tokenByHash(tokenHash(readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim()))).id;
}

/** What the store has, seen by another program. */
function stored(dir: string): readonly unknown[] {
  const database = new DatabaseSync(join(dir, 'postern.db'));
  try {
    return database
      .prepare('SELECT last_used_at FROM tokens')
      .all()
      .map((row) => row['last_used_at']);
  } finally {
    database.close();
  }
}

test('what was used is known at once, written at the end and not before, and known after a restart', async (t) => {
  const dir = dataPath(t);
  let now: Instant = NOW;
  const plane = await openPlane(t, dir, { clock: () => now });
  const id = bootstrap(dir, plane);
  assert.equal(plane.tokenUsedAt(id), null);
  plane.tokenUsed(id);
  now = LATER;
  plane.tokenUsed(id);
  assert.equal(plane.tokenUsedAt(id), LATER);
  assert.deepEqual(stored(dir), [null], 'no write for a call');
  await plane.close();
  assert.deepEqual(stored(dir), [LATER]);
  const again = await openPlane(t, dir);
  assert.equal(again.tokenUsedAt(id), LATER);
});

test('a change of a token leaves its last use', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir, { clock: () => LATER });
  const own = sure(plane.tokenByHash(tokenHash(readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim())));
  plane.tokenUsed(own.id);
  await plane.close();
  const again = await openPlane(t, dir, { clock: () => LAST });
  const by = { token: own, from: '127.0.0.1' };
  await again.updateToken(own.id, (token) => ({ ...token, name: 'renamed' }), by);
  assert.equal(again.tokenUsedAt(own.id), LATER);
  await again.close();
  assert.deepEqual(stored(dir), [LATER]);
});

test('uses are written now and then, and again where a write failed', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const id = bootstrap(dir, plane);
  await plane.close();
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  const failed = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const inTurn = turns();
  let refusing = true;
  const uses = new TokenUses(
    {
      store,
      clock: () => LATER,
      every: 1,
      inTurn: async (step) => {
        if (refusing) throw new Error('the disk is full');
        const answer = await inTurn(step);
        written.resolve();
        return answer;
      },
      log: (event) => {
        assert.equal(event, 'token_uses_not_stored');
        failed.resolve();
      },
    },
    new Map(),
  );
  uses.tokenUsed(id);
  await failed.promise;
  assert.deepEqual(stored(dir), [null]);
  refusing = false;
  await written.promise;
  assert.deepEqual(stored(dir), [LATER]);
  await uses.close();
  await store.destroy();
  directory.release();
});
