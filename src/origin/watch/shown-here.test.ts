import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originAuthority, showingOf, showingOrigin } from '../../../test/support/showing-origins.ts';
import { zoneId } from '../../domain/ids.ts';
import { shownHere } from './shown-here.ts';

const ZONE = zoneId('0'.repeat(32)) ?? assert.fail();
const HOST = 'www.example.test';
const at = (port: number, server_name = HOST) => ({ hostname: HOST, server_name, port });

test('a machine sees what its own servers show, each certificate once, and what signed itself', async () => {
  const acme = await originAuthority('Acme internal CA');
  await using alone = await showingOrigin(await showingOf(null, [HOST]));
  await using signed = await showingOrigin(await showingOf(acme, [HOST]));
  const told = await shownHere([at(alone.port), at(alone.port), at(signed.port)], ZONE);
  assert.deepEqual(
    told.map(({ hostname, self_signed }) => [hostname, self_signed]),
    [
      [HOST, true],
      [HOST, false],
    ],
  );
  assert.equal(told[0]?.subject, 'CN=an origin \\<img src=x onerror=alert(1)\\>');
});

test('where nobody answers, or the place is none, nothing is seen and nothing fails', async () => {
  const gone = await showingOrigin(await showingOf(null, [HOST]));
  await gone[Symbol.asyncDispose]();
  const bad = [at(gone.port), at(0), at(70_000), at(1.5), at(443, 'no name'), at(443, ''), at(443, 'x'.repeat(300))];
  assert.deepEqual(await shownHere(bad, ZONE), []);
});
