import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { type Instant, instant } from '../domain/ids.ts';
import { backupOf, inHand } from './backup/backup.fixture.ts';
import { restoreBackup } from './backup/restore.ts';
import { ACTOR, dataPath, NOW, openPlane, sure } from './control-plane.fixture.ts';
import { defaultKekPath } from './kek.ts';
import type { ControlPlane } from './plane.ts';
import type { StoredToken } from './token.ts';
import type { OpenedSession } from './sessions.ts';
import { tokenHash } from './tokens.ts';

const HOUR = 3_600_000;

/** What the first token of an installation stands for. */
function bootstrap(dir: string, plane: ControlPlane): StoredToken {
  return sure(plane.tokenByHash(tokenHash(readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim())));
}

async function opened(plane: ControlPlane, token: StoredToken, lasts = HOUR): Promise<OpenedSession> {
  const outcome = await plane.openSession({ token, by: 'token', from: '127.0.0.1', lasts });
  return outcome.kind === 'session_opened' ? outcome : assert.fail(outcome.detail);
}

/** The hashes in the store, seen by another program. */
function stored(dir: string): readonly unknown[] {
  const database = new DatabaseSync(join(dir, 'postern.db'));
  try {
    return database
      .prepare('SELECT hash FROM sessions ORDER BY created_at')
      .all()
      .map((row) => row['hash']);
  } finally {
    database.close();
  }
}

async function started(t: TestContext, clock: () => Instant = () => NOW) {
  const dir = dataPath(t);
  const logged: string[] = [];
  const plane = await openPlane(t, dir, { clock, log: (event) => void logged.push(event) });
  return { dir, plane, token: bootstrap(dir, plane), logged };
}

test('a restart leaves people signed in, and the store holds no text of a session', async (t) => {
  const { dir, plane, token } = await started(t);
  const { session, text } = await opened(plane, token);
  assert.match(text, /^[\w-]{43}$/);
  assert.notEqual((await opened(plane, token)).text, text);
  await plane.close();
  assert.ok(!readFileSync(join(dir, 'postern.db')).includes(text));
  const again = await openPlane(t, dir);
  assert.deepEqual(again.sessionByHash(session.hash), session);
  assert.equal(again.sessionByHash(text), null);
});

test('those that have ended go from the store with the next sign-in, and at a start', async (t) => {
  let now: Instant = NOW;
  const { dir, plane, token } = await started(t, () => now);
  const [short, long] = [await opened(plane, token, 1), await opened(plane, token, 2 * HOUR)];
  assert.deepEqual(stored(dir), [short.session.hash, long.session.hash]);
  now = instant(NOW + 1);
  const next = await opened(plane, token);
  assert.deepEqual(stored(dir), [long.session.hash, next.session.hash]);
  assert.equal(plane.sessionByHash(short.session.hash), null);
  await plane.close();
  now = instant(NOW + HOUR + 1);
  const again = await openPlane(t, dir, { clock: () => now });
  assert.deepEqual(stored(dir), [long.session.hash]);
  assert.equal(again.sessionByHash(next.session.hash), null);
});

test('a token takes its sessions out of the store in the change that ends them, and nothing else does', async (t) => {
  const { dir, plane, token: own } = await started(t);
  const by = { token: own, from: '127.0.0.1' };
  const kept = await opened(plane, own);
  const { hash: _, ...draft } = { ...own, name: 'one', permissions: ['zone:read'], bootstrap: false };
  const made = await plane.createToken(draft, by);
  const token = made.kind === 'granted' ? made.token : assert.fail(made.detail);
  const first = await opened(plane, token);
  await plane.updateToken(token.id, (before) => ({ ...before, permissions: ['dns:read'] }), by);
  assert.deepEqual(stored(dir), [kept.session.hash, first.session.hash]);
  const rolled = await plane.rollToken(token.id, by);
  assert.deepEqual(stored(dir), [kept.session.hash]);
  const second = await opened(plane, rolled.kind === 'granted' ? rolled.token : assert.fail(rolled.detail));
  await plane.revokeToken(token.id, by, () => null);
  assert.deepEqual(stored(dir), [kept.session.hash]);
  for (const { session } of [first, second]) assert.equal(plane.sessionByHash(session.hash), null);
  assert.deepEqual(plane.sessionByHash(kept.session.hash), kept.session);
});

test('whoever signs out twice at once is signed out, and told of once', async (t) => {
  const { dir, plane, token } = await started(t);
  const { session } = await opened(plane, token);
  const ends = [plane.closeSession(session.hash, ACTOR), plane.closeSession(session.hash, ACTOR)];
  assert.deepEqual(await Promise.all(ends), [{ kind: 'session_closed' }, { kind: 'session_closed' }]);
  assert.deepEqual(stored(dir), []);
  const query = { actor: null, action: 'sign_out', since: null, before: null, olderThan: null, limit: 5 };
  assert.equal((await plane.audit({ ...query, zones: 'all', accounts: 'all' })).length, 1);
});

test('a backup that is restored has nobody signed in', async (t) => {
  const { dir, plane, token } = await started(t);
  const { session } = await opened(plane, token);
  const bytes = await backupOf(plane);
  const to = join(dirname(dir), 'restored');
  await restoreBackup(inHand(bytes, defaultKekPath(dir)), { dir: to, newToken: false });
  assert.deepEqual(stored(to), []);
  const restored = await openPlane(t, to, { kek: defaultKekPath(dir) });
  assert.equal(restored.sessionByHash(session.hash), null);
  assert.equal(restored.tokenByHash(token.hash)?.id, token.id);
});

test('who cannot be stored is not signed in, and who cannot be removed is not signed out', async (t) => {
  const { dir, plane, token, logged } = await started(t);
  const { session } = await opened(plane, token);
  const database = new DatabaseSync(join(dir, 'postern.db'));
  database.exec('ALTER TABLE sessions RENAME TO elsewhere');
  database.close();
  const outcomes = [
    await plane.openSession({ token, by: 'token', from: '127.0.0.1', lasts: HOUR }),
    await plane.closeSession(session.hash, ACTOR),
  ];
  for (const outcome of outcomes) assert.equal('code' in outcome ? outcome.code : outcome.kind, 'unavailable');
  assert.deepEqual(plane.sessionByHash(session.hash), session);
  assert.equal(logged.filter((event) => event === 'session_not_stored').length, 2);
});
