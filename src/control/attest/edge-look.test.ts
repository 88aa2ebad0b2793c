import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTOR, dataPath, openPlane } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';
import { CLOCK, GROUND, lockedZone, SELDOM, until } from './keeping.fixture.ts';

const PLANE = { clock: CLOCK, rotationTick: 5 };

test('an origin that the edge would not believe is broken, and one that nobody verifies is not', async (t) => {
  const plane = await openPlane(t, dataPath(t), PLANE);
  const { id, trust, distrust } = await lockedZone(t, plane);
  const set = (ssl: 'full' | 'strict' | 'origin_pull') =>
    plane.commit({ zone: id, command: { kind: 'set', settings: { ssl } }, actor: ACTOR });
  // Nobody looks again by itself: each change of what the edge asks of origins has them looked at anew.
  plane.attest(GROUND, SELDOM);
  await until(plane, id, ({ verdict }) => verdict === 'locked');
  await distrust();
  const { origin } = await until(plane, id, unbelieved);
  const seen = await plane.attestationEvidence(id, origin);
  assert.match(JSON.stringify(seen?.findings), /No path leads from the certificate of the origin/);
  await set('full');
  const { findings } = await until(plane, id, ({ verdict }) => verdict === 'locked');
  assert.ok(!findings.includes('origin_not_believed'));
  await set('origin_pull');
  await until(plane, id, unbelieved);
  await trust();
  await until(plane, id, ({ verdict }) => verdict === 'locked');
  assert.match(await checkedAsEdge(plane), /it does/);

  async function checkedAsEdge(looked: ControlPlane): Promise<string> {
    const evidence = await looked.attestationEvidence(id, origin);
    return JSON.stringify(evidence?.checked.filter(({ probe }) => probe.includes("the origin's own certificate")));
  }
});

test('one that lets strangers in is open, whether or not the edge believes it', async (t) => {
  const plane = await openPlane(t, dataPath(t), PLANE);
  const { id, server, distrust } = await lockedZone(t, plane);
  server.turn('open');
  await distrust();
  plane.attest(GROUND, SELDOM);
  const { verdict } = await until(plane, id, ({ findings }) => findings.includes('origin_not_believed'));
  assert.equal(verdict, 'open');
});

function unbelieved({ verdict, findings }: { readonly verdict: string; readonly findings: readonly string[] }) {
  return verdict === 'broken' && findings.includes('origin_not_believed');
}
