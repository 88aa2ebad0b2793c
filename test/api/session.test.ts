/** A browser that is signed in, over a restart of the control plane and beyond the end of its session. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { startControl } from './control.ts';

const PATH = '/postern/v1/session';
const HOUR = 3_600_000;

test('a restart leaves people signed in with the same secret, until their time has come', async () => {
  let now = Date.now();
  await using control = await startControl({ clock: () => instant(now), sessionHours: 1 });
  const signedIn = await fetch(control.base + PATH, { method: 'POST', body: JSON.stringify({ token: control.token }) });
  const { result } = (await signedIn.json()) as { readonly result: { readonly csrf: string } };
  const cookie = signedIn.headers.getSetCookie().join().replace(/;.*/, '');
  await control.restart();
  const kept = await fetch(control.base + PATH, { headers: { cookie } });
  assert.deepEqual([kept.status, ((await kept.json()) as { result: unknown }).result], [200, result]);
  const zone = { method: 'POST', headers: { cookie, 'x-postern-csrf': result.csrf }, body: '{"name":"example.test"}' };
  assert.equal((await fetch(`${control.base}/client/v4/zones`, zone)).status, 200);
  now += HOUR;
  assert.equal((await fetch(control.base + PATH, { headers: { cookie } })).status, 401);
  await control.restart();
  assert.equal((await fetch(control.base + PATH, { headers: { cookie } })).status, 401);
});
