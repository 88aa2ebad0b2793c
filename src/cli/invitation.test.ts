import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ACTOR, dataPath, NOW, openPlane } from '../control/control-plane.fixture.ts';
import { SignInCode } from '../control/sign-in-code.ts';
import { tokenHash } from '../control/tokens.ts';
import { invite } from './invitation.ts';

const LOOPBACK = { host: '127.0.0.1', port: 8400 };
const EVERYWHERE = { host: '0.0.0.0', port: 8400 };

test('an address signs in only where nobody else can read it, and while the bootstrap token has its file and counts', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const file = join(dir, 'bootstrap-token');
  const inviting = (api = LOOPBACK, tls = false) =>
    invite(new SignInCode(() => NOW), { plane, file, now: NOW, api, tls });
  assert.notEqual(inviting(), null);
  assert.notEqual(inviting({ host: '::1', port: 0 }), null);
  assert.equal(inviting(EVERYWHERE), null);
  assert.notEqual(inviting(EVERYWHERE, true), null);

  const token = plane.tokenByHash(tokenHash(readFileSync(file, 'utf8').trim())) ?? assert.fail();
  await plane.revokeToken(token.id, { token, from: ACTOR.from }, () => null);
  assert.equal(inviting(), null);
  rmSync(file);
  assert.equal(inviting(), null);
});
