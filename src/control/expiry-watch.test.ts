import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { instant } from '../domain/ids.ts';
import { ACTOR, DAY, dataPath, name, newZone, openPlane, upload } from './control-plane.fixture.ts';
import { endingCertificates } from './expiry-watch.ts';

/** A zone with an upload of 90 days, whose CA of 365 days two hostnames ask their visitors for. */
async function world(t: TestContext) {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const { id } = await newZone(plane);
  const { draft, key } = await upload('zone');
  await plane.commit({ zone: id, actor: ACTOR, command: { kind: 'add_certificate', draft }, key });
  for (const hostname of [name('a.example.test'), name('*.example.test')]) {
    const asked = { hostname, name: null, certificates: draft.chain };
    await plane.commit({ zone: id, actor: ACTOR, command: { kind: 'require_visitors', draft: asked } });
  }
  return { dir, plane, leaf: draft.leaf, ca: draft.chain[0] ?? assert.fail() };
}

test('an upload that ends soon is spoken of once for each warning', async (t) => {
  const { plane, leaf } = await world(t);
  const said = new Set<string>();
  const days = [31, 30, 20, 14, 1, 0, -1].map((left) => instant(leaf.notAfter - left * DAY));
  const told = days.map((now) => endingCertificates(plane.zones.all(), now, said));
  assert.deepEqual(
    told.map((events) => events.length),
    [0, 1, 0, 1, 0, 1, 0],
  );
  const [event] = told.flat();
  assert.ok(event?.kind === 'certificate_ending' && event.zoneName === 'example.test' && event.level === 'zone');
});

test('a CA of visitors is spoken of once for all hostnames that ask for it', async (t) => {
  const { plane, ca } = await world(t);
  const said = new Set<string>();
  const days = [31, 30, 14, 0, -1].map((left) => instant(ca.notAfter - left * DAY));
  const told = days.map((now) =>
    endingCertificates(plane.zones.all(), now, said).filter(({ kind }) => kind === 'visitor_authority_ending'),
  );
  assert.deepEqual(
    told.map((events) => events.length),
    [0, 1, 1, 1, 0],
  );
  const [event] = told.flat();
  assert.ok(event?.kind === 'visitor_authority_ending');
  assert.deepEqual(event.hostnames, ['a.example.test', '*.example.test']);
  assert.deepEqual([event.fingerprint, event.notAfter], [ca.fingerprint, ca.notAfter]);
});

test('what ends soon stands in the log after a start', async (t) => {
  const { dir, plane, leaf, ca } = await world(t);
  await plane.close();
  const logged: { readonly event: string; readonly [field: string]: unknown }[] = [];
  const log = (event: string, fields: object) => void logged.push({ event, ...fields });
  const now = instant(ca.notAfter - 20 * DAY);
  await openPlane(t, dir, { log, clock: () => now });
  const ending = (event: string) => logged.find((line) => line.event === event);
  assert.equal(ending('certificate_ending')?.['expires_on'], new Date(leaf.notAfter).toISOString());
  const { hostnames, subject, zone_name } = ending('visitor_authority_ending') ?? assert.fail();
  assert.deepEqual(
    [hostnames, subject, zone_name],
    ['a.example.test, *.example.test', 'CN=root of the owner', 'example.test'],
  );
});
