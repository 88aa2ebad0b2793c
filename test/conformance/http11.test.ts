import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { dial, exchange } from '../edge/visit.ts';
import { host, makeZone, must, type Origin, serverCertificate, startOrigin, startTestEdge } from '../edge/world.ts';
import { type Case, HOST, type Passed } from './case.ts';
import { COMPLIANCE } from './compliance.ts';
import { MALFORMED, NORMALIZATION } from './malformed.ts';
import { CAPABILITIES, COOKIES } from './passing-through.ts';
import { SMUGGLING } from './smuggling.ts';

// The suites of the public list, with the number of cases that each has there.
const SUITES = [
  ['compliance', COMPLIANCE, 76],
  ['smuggling', SMUGGLING, 87],
  ['malformed input', MALFORMED, 26],
  ['normalization', NORMALIZATION, 5],
  ['capabilities', CAPABILITIES, 9],
  ['cookies', COOKIES, 12],
] as const;

const AFTER = `GET /after HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
const REQUEST_AFTER: Passed = { method: 'GET', url: '/after' };

interface World {
  readonly origin: Origin;
  readonly port: number;
}

async function world(t: TestContext, timeout: number): Promise<World> {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const visitorLimits = { headTimeout: timeout, bodyTimeout: timeout, lingerTimeout: 100 };
  const edge = await startTestEdge(t, [zone], { visitorLimits });
  edge.change(zone, zone.rules, [host(must(hostname(HOST)), { https: origin.port })]);
  return { origin, port: edge.https };
}

/** What came back for the bytes of a case, until the edge closed the connection, and what reached the origin. */
async function perform({ origin, port }: World, { bytes, expected }: Case) {
  origin.seen.length = 0;
  const follows = expected.kind === 'waits' ? '' : AFTER;
  const raw = await exchange(await dial(port, HOST), Buffer.from(bytes + follows, 'latin1'));
  const statuses = [...raw.matchAll(/HTTP\/1\.1 (\d\d\d) /g)].map(([, status]) => Number(status));
  return { raw, statuses, seen: [...origin.seen] };
}

type Performed = Awaited<ReturnType<typeof perform>>;

function assertPassed({ raw, seen }: Performed, requests: readonly Passed[]): void {
  assert.deepEqual(
    seen.map(({ method, url }) => ({ method, url })),
    requests.map(({ method, url }) => ({ method, url })),
    raw,
  );
  for (const [index, { body, has = [], lacks = [] }] of requests.entries()) {
    const got = seen[index];
    const fields = fieldsOf(got?.headers ?? []);
    if (body !== undefined) assert.equal(got?.body, body);
    for (const line of has)
      assert.ok(fields.includes(line), `${line.slice(0, 200)} is not among ${fields.join(' | ')}`);
    for (const name of lacks)
      assert.ok(!fields.some((line) => line.startsWith(`${name}:`)), `${name} reached the origin`);
  }
}

function fieldsOf(raw: readonly string[]): readonly string[] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [`${name.toLowerCase()}: ${raw[index + 1] ?? ''}`.trimEnd()] : [],
  );
}

const BY_THE_EDGE = /Request id: /;
const CLOSES = /\r\nconnection: close\r\n/i;

function judge(done: Performed, { expected }: Case): void {
  const { raw, statuses, seen } = done;
  switch (expected.kind) {
    case 'refused':
      assert.deepEqual(statuses, [expected.status], raw);
      assert.match(raw, CLOSES);
      return assert.deepEqual(seen, []);
    case 'turned_away':
      assert.deepEqual(statuses, [expected.status, 200], raw);
      if (expected.field !== undefined) assert.match(raw, expected.field);
      return assertPassed(done, [REQUEST_AFTER]);
    case 'passed': {
      const finals = expected.requests.map(() => 200);
      assert.deepEqual(statuses, [...(expected.interim ?? []), ...finals, 200], raw);
      return assertPassed(done, [...expected.requests, REQUEST_AFTER]);
    }
    case 'passed_and_closed':
      assert.deepEqual(statuses, [200], raw);
      assert.match(raw, CLOSES);
      return assertPassed(done, expected.requests);
    case 'passed_then':
      assert.deepEqual(statuses, [200, expected.next], raw);
      assert.doesNotMatch(raw, BY_THE_EDGE);
      return assertPassed(done, [expected.request]);
    case 'origin_decides':
      assert.deepEqual(statuses, [expected.status, 200], raw);
      assert.doesNotMatch(raw, BY_THE_EDGE);
      return assertPassed(done, [REQUEST_AFTER]);
    case 'waits':
      assert.deepEqual(statuses, expected.answers, raw);
      return assert.deepEqual(seen, []);
  }
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
      await t.test(one.id, async () => judge(await perform(one.expected.kind === 'waits' ? brief : patient, one), one));
    }
  });
}
