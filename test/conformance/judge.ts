import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { exchange } from '../edge/visit.ts';
import { type Case, HOST, type Passed } from './case.ts';
import { COMPLIANCE } from './compliance.ts';
import { MALFORMED, NORMALIZATION } from './malformed.ts';
import { CAPABILITIES, COOKIES } from './passing-through.ts';
import { SMUGGLING } from './smuggling.ts';

/** The suites of the public list, with the number of cases that each has there. */
export const SUITES = [
  ['compliance', COMPLIANCE, 76],
  ['smuggling', SMUGGLING, 87],
  ['malformed input', MALFORMED, 26],
  ['normalization', NORMALIZATION, 5],
  ['capabilities', CAPABILITIES, 9],
  ['cookies', COOKIES, 12],
] as const;

const AFTER = `GET /after HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
const REQUEST_AFTER: Passed = { method: 'GET', url: '/after' };

/** What reached whoever stands behind. */
interface Reached {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** A server that is judged, and whoever stands behind it. */
export interface JudgedWorld {
  /** Emptied before each case. */
  readonly seen: Reached[];
  /** Opens a connection to the server. */
  readonly dial: () => Promise<Socket>;
}

/** What came back for the bytes of a case, until the server closed the connection, and what reached whoever stands behind. */
async function perform({ seen, dial }: JudgedWorld, { bytes, expected }: Case) {
  seen.length = 0;
  const follows = expected.kind === 'waits' ? '' : AFTER;
  const raw = await exchange(await dial(), Buffer.from(bytes + follows, 'latin1'));
  const statuses = [...raw.matchAll(/HTTP\/1\.1 (\d\d\d) /g)].map(([, status]) => Number(status));
  return { raw, statuses, seen: [...seen] };
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

const BY_THE_SERVER = /Request id: /;
const CLOSES = /\r\nconnection: close\r\n/i;

/** Does what a case says, and sees whether the server did what it must. */
export async function judged(world: JudgedWorld, one: Case): Promise<void> {
  judge(await perform(world, one), one);
}

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
      assert.doesNotMatch(raw, BY_THE_SERVER);
      return assertPassed(done, [expected.request]);
    case 'origin_decides':
      assert.deepEqual(statuses, [expected.status, 200], raw);
      assert.doesNotMatch(raw, BY_THE_SERVER);
      return assertPassed(done, [REQUEST_AFTER]);
    case 'waits':
      assert.deepEqual(statuses, expected.answers, raw);
      return assert.deepEqual(seen, []);
  }
}
