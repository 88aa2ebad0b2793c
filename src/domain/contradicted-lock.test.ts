import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attestation } from './attestation.ts';
import { CALLER_SLOT, type CallerCounts, type CallerSlot, NO_CALLERS } from './callers.ts';
import { contradictedLocks } from './contradicted-lock.ts';
import { hostname, instant } from './ids.ts';
import type { Verdict } from './verdict.ts';

const HOST = hostname('www.example.test') ?? assert.fail();
const SLOT = 10 * CALLER_SLOT;
const MINUTE = 60_000;

function seen(verdict: Verdict, at: number): Attestation {
  const origin = { hostname: HOST, address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
  const never = { fullAt: null, presented: null, lockedSince: null, lastHeld: null, lastOpen: null, lastBroken: null };
  return { origin, verdict, since: instant(0), at: instant(at), findings: [], ...never };
}

function told(counts: Partial<CallerCounts>, at = SLOT): readonly CallerSlot[] {
  return [{ hostname: HOST, at: instant(at), counts: { ...NO_CALLERS, ...counts }, examples: [] }];
}

test('a lock that was seen to hold is looked at anew where somebody was let in since', () => {
  const now = instant(SLOT + 3 * MINUTE);
  const locks = [seen('locked', SLOT + MINUTE), seen('locked', SLOT + MINUTE)];
  for (const counts of [{ without: 1 }, { foreign: 1 }, { accepted: 1 }, { unverified: 1 }])
    assert.deepEqual(
      contradictedLocks(() => locks, told(counts), now),
      [HOST],
      JSON.stringify(counts),
    );
});

const LEFT = {
  'nobody came but Postern itself': { locks: [seen('locked', SLOT)], slots: told({ looks: 40 }) },
  'nothing is told': { locks: [seen('locked', SLOT)], slots: [] },
  'they came before the look': { locks: [seen('locked', SLOT)], slots: told({ without: 1 }, SLOT - CALLER_SLOT) },
  'it is known to be open': { locks: [seen('open', SLOT)], slots: told({ without: 1 }) },
  'it was looked at just now': { locks: [seen('locked', SLOT + 3 * MINUTE - 19_999)], slots: told({ without: 1 }) },
  'it is of another name': {
    locks: [seen('locked', SLOT)],
    slots: told({ without: 1 }).map((slot) => ({ ...slot, hostname: 'api.example.test' })),
  },
};

for (const [what, { locks, slots }] of Object.entries(LEFT))
  test(`nothing is looked at where ${what}`, () => {
    assert.deepEqual(
      contradictedLocks(() => locks, slots, instant(SLOT + 3 * MINUTE)),
      [],
    );
  });

test('what is known of all locks is not asked for where nobody was let in', () => {
  assert.deepEqual(
    contradictedLocks(() => assert.fail(), told({ looks: 40 }), instant(SLOT)),
    [],
  );
});
