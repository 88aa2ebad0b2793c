import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attestation } from './attestation.ts';
import { hostname, instant } from './ids.ts';
import { type Glance, glancesUntil, isCarriedOut, tellsMore } from './lock-glance.ts';
import type { Verdict } from './verdict.ts';

const HOST = hostname('www.example.test') ?? assert.fail();
const DECIDED = instant(1_000_000);
const MINUTE = 60_000;

function seen(verdict: Verdict, fullAt: number | null): Attestation {
  const origin = { hostname: HOST, address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
  const never = { presented: null, lockedSince: null, lastHeld: null, lastOpen: null, lastBroken: null, findings: [] };
  const at = fullAt === null ? null : instant(fullAt);
  return { origin, verdict, since: DECIDED, at: DECIDED, fullAt: at, ...never };
}

test('glances begin with a decision, go on with the last choice, and end by themselves', () => {
  const until = (decided: number | null, modified: number, now: number) =>
    glancesUntil({ decided: decided === null ? null : instant(decided), modified: instant(modified) }, instant(now));
  assert.equal(until(null, DECIDED, DECIDED), null, 'nothing was decided');
  assert.equal(until(DECIDED, DECIDED, DECIDED), DECIDED + 10 * MINUTE);
  assert.equal(until(DECIDED, DECIDED, DECIDED + 10 * MINUTE - 1), DECIDED + 10 * MINUTE);
  assert.equal(until(DECIDED, DECIDED, DECIDED + 10 * MINUTE), null, 'nobody waits for so long');
  const chosen = DECIDED + 9 * MINUTE;
  assert.equal(until(DECIDED, chosen, DECIDED + 18 * MINUTE), chosen + 10 * MINUTE, 'somebody chose otherwise since');
  assert.equal(until(DECIDED, DECIDED, DECIDED - 10 * MINUTE), null, 'the clock was ahead when it was decided');
});

test('only a look in every way since the decision shows that it was carried out', () => {
  assert.ok(isCarriedOut(seen('locked', DECIDED), DECIDED));
  assert.ok(!isCarriedOut(seen('locked', DECIDED - 1), DECIDED));
  assert.ok(!isCarriedOut(seen('locked', null), DECIDED));
  assert.ok(!isCarriedOut(seen('open', DECIDED), DECIDED));
  assert.ok(!isCarriedOut(undefined, DECIDED));
});

const LET_IN: Glance = { told: 'answered 200', isRefused: false };
const FORBIDDEN: Glance = { told: 'answered 403', isRefused: false };
const REFUSED: Glance = { told: 'refused', isRefused: true };

interface Case {
  readonly glance: Glance;
  readonly before?: string | null;
  readonly known?: Attestation | undefined;
  /** Milliseconds since the decision. */
  readonly after?: number;
}

const WATCHED = seen('open', DECIDED - MINUTE);

function tells({ glance, before = LET_IN.told, known = WATCHED, after = 20_000 }: Case): boolean {
  return tellsMore({ glance, before, known, decided: DECIDED, now: instant(DECIDED + after) });
}

const LOOKED: Readonly<Record<string, Case>> = {
  'strangers are refused now': { glance: REFUSED },
  'strangers come to something else than before': { glance: FORBIDDEN },
  'strangers are let in where they were refused': { glance: LET_IN, before: 'refused', known: seen('open', DECIDED) },
  'they are refused, and Postern has just begun again': { glance: REFUSED, before: null },
  'they were refused already before the decision': { glance: REFUSED, before: 'refused' },
  'what a look found amiss besides may have been mended': {
    glance: REFUSED,
    before: 'refused',
    known: seen('open', DECIDED),
    after: 2 * MINUTE,
  },
  'the origin was out of reach when it was looked at': { glance: REFUSED, known: seen('unknown', DECIDED) },
};

for (const [when, one] of Object.entries(LOOKED))
  test(`it is looked at in every way where ${when}`, () => assert.ok(tells(one)));

const LEFT: Readonly<Record<string, Case>> = {
  'strangers are let in as before': { glance: LET_IN },
  'strangers are let in, and Postern has just begun again': { glance: LET_IN, before: null },
  'an answer that may be the application itself says so from the beginning': { glance: FORBIDDEN, before: null },
  'it is carried out': { glance: REFUSED, known: seen('locked', DECIDED) },
  'a look is to come anyway': { glance: REFUSED, known: seen('open', null) },
  'a look found something else of late': {
    glance: REFUSED,
    before: 'refused',
    known: seen('open', DECIDED),
    after: 2 * MINUTE - 1,
  },
  'it was looked at just now': { glance: REFUSED, known: seen('open', DECIDED), after: 9_999 },
};

for (const [when, one] of Object.entries(LEFT))
  test(`nothing more is looked at where ${when}`, () => assert.ok(!tells(one)));

test('an origin that nobody has looked at yet is looked at anyway', () => {
  const now = instant(DECIDED + 20_000);
  assert.ok(!tellsMore({ glance: REFUSED, before: LET_IN.told, known: undefined, decided: DECIDED, now }));
});
