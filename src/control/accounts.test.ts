import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { hostname } from '../domain/ids.ts';
import { BEFORE_SEVERAL_ACCOUNTS, ACTOR, dataPath, newZone, openPlane, sure } from './control-plane.fixture.ts';
import type { ControlPlane } from './plane.ts';
import type { StoredToken } from './token.ts';

const RIGHTS = { permissions: ['zone:read'], addresses: [], notBefore: null, expiresAt: null, email: null };

function bootstrap(plane: ControlPlane, dir: string): StoredToken {
  const row = open(dir, (store) => store.prepare('SELECT hash FROM tokens WHERE bootstrap = 1').get());
  return sure(plane.tokenByHash(String(row?.['hash'])));
}

function open<T>(dir: string, use: (store: DatabaseSync) => T): T {
  const store = new DatabaseSync(join(dir, 'postern.db'));
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** A new control plane, its directory, and who makes tokens there. */
async function started(t: TestContext) {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  return { dir, plane, by: { token: bootstrap(plane, dir), from: '127.0.0.1' } };
}

test('accounts, their zones and what tokens may see are the same after a restart', async (t) => {
  const { dir, plane, by } = await started(t);
  const made = await plane.createAccount({ name: 'Shop', type: 'enterprise' }, ACTOR);
  assert.ok(made.kind === 'account_changed');
  const zone = await plane.createZone(sure(hostname('shop.test')), made.account.id, ACTOR);
  assert.ok(zone.kind === 'committed');
  const granted = await plane.createToken({ ...RIGHTS, name: 'x', zones: 'all', accounts: [made.account.id] }, by);
  assert.ok(granted.kind === 'granted');
  await plane.close();
  const again = await openPlane(t, dir);
  assert.deepEqual([...again.accounts.all()].toSorted(byName), [...plane.accounts.all()].toSorted(byName));
  assert.equal(again.zones.get(zone.zone.id)?.account, made.account.id);
  assert.deepEqual(again.tokenByHash(granted.token.hash), granted.token);
  const refused = await again.deleteAccount(made.account.id, ACTOR);
  assert.deepEqual([refused.kind, 'code' in refused && refused.code], ['problem', 'account_not_empty']);
});

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

test('in a store from before there were several accounts, nobody sees more than before', async (t) => {
  const { dir, plane, by } = await started(t);
  const zone = await newZone(plane);
  const narrow = await plane.createToken({ ...RIGHTS, name: 'narrow', zones: [zone.id], accounts: 'all' }, by);
  const wide = await plane.createToken({ ...RIGHTS, name: 'wide', zones: 'all', accounts: 'all' }, by);
  assert.ok(narrow.kind === 'granted' && wide.kind === 'granted');
  await plane.close();
  open(dir, (store) => store.exec(BEFORE_SEVERAL_ACCOUNTS));
  const later = await openPlane(t, dir);
  const home = later.installation.account;
  assert.deepEqual(later.tokenByHash(narrow.token.hash)?.accounts, [home]);
  assert.equal(later.tokenByHash(wide.token.hash)?.accounts, 'all');
  const everything = { actor: null, action: null, since: null, before: null, olderThan: null, limit: 10 };
  const log = await later.audit({ ...everything, zones: 'all', accounts: [home] });
  assert.deepEqual(
    log.map(({ action }) => action),
    ['create_zone'],
  );
});
