import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { dial } from '../edge/visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from '../edge/world.ts';
import { HOST } from './case.ts';
import { type JudgedWorld, judged, SUITES } from './judge.ts';

async function world(t: TestContext, timeout: number): Promise<JudgedWorld> {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const visitorLimits = { headTimeout: timeout, bodyTimeout: timeout, lingerTimeout: 100 };
  const edge = await startTestEdge(t, [zone], { visitorLimits });
  edge.change(zone, zone.rules, [host(must(hostname(HOST)), { https: origin.port })]);
  return { seen: origin.seen, dial: () => dial(edge.https, HOST) };
}

test('every case of the public list is here once', () => {
  const ids = SUITES.flatMap(([, cases]) => cases.map(({ id }) => id));
  assert.deepEqual(
    SUITES.map(([, cases]) => cases.length),
    SUITES.map(([, , count]) => count),
  );
  assert.equal(new Set(ids).size, 215);
});

for (const [name, cases] of SUITES) {
  test(`HTTP/1.1, ${name}`, async (t) => {
    const patient = await world(t, 10_000);
    const brief = await world(t, 200);
    for (const one of cases) {
      await t.test(one.id, () => judged(one.expected.kind === 'waits' ? brief : patient, one));
    }
  });
}
