import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Attestation, attested, isNews, type Look, type LookExtent, summary, unwatched } from './attestation.ts';
import { attestationConcerns } from './attestation-concerns.ts';
import { certificateId, type Hostname, hostname, type Instant, instant } from './ids.ts';
import { type LookPause, NEW_LOOK_SETTINGS } from './look-settings.ts';
import type { Opening } from './opening.ts';
import { VERDICTS, type Verdict, worst } from './verdict.ts';

const HOST = hostname('www.seen.test') ?? assert.fail();
const ORIGIN = { hostname: HOST, address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
const HOUR = 3_600_000;
const PRESENTED = certificateId('7c1d0f52-93ab-4e0e-8f0a-2b6d5a91c3e4') ?? assert.fail();

function look(verdict: Verdict, at: number, extent: LookExtent = 'full'): Look {
  return {
    origin: ORIGIN,
    verdict,
    at: instant(at),
    extent,
    presented: PRESENTED,
    findings: verdict === 'open' ? ['optional'] : [],
  };
}

function after(...looks: readonly Look[]): Attestation {
  let known: Attestation | null = null;
  for (const one of looks) known = attested(known, one).next;
  return known ?? assert.fail('no look');
}

test('a lock is locked since it was first seen so after the last time that it was not', () => {
  const known = after(look('locked', 1), look('locked', 2), look('open', 3), look('locked', 4), look('locked', 5));
  assert.deepEqual([known.lockedSince, known.lastOpen, known.since, known.at], [4, 3, 4, 5]);
});

test('one that could not be reached for a while is locked since before', () => {
  const known = after(look('locked', 1), look('unknown', 2), look('locked', 3));
  assert.deepEqual([known.lockedSince, known.since], [1, 3]);
  assert.equal(after(look('locked', 1), look('unknown', 2), look('broken', 3)).lockedSince, null);
  assert.equal(after(look('unknown', 1)).lockedSince, null);
});

test('a quick look that says the same keeps what a full one found', () => {
  const known = after(look('open', 1), { ...look('open', 2, 'quick'), findings: [] });
  assert.deepEqual([known.findings, known.at, known.fullAt], [['optional'], 2, 1]);
  assert.ok(isNews(known, { verdict: 'locked' }) && !isNews(known, { verdict: 'open' }));
  assert.ok(!isNews(after(look('open', 1, 'quick')), { verdict: 'locked' }), 'a full look comes anyway');
});

test('whatever was seen: only a lock that holds, or cannot be reached, is locked since some time', () => {
  const looks = fc.array(fc.constantFrom(...VERDICTS), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(looks, (verdicts) => {
      const known = after(...verdicts.map((verdict, index) => look(verdict, index + 1)));
      const last = verdicts.findLastIndex((verdict) => verdict === 'open' || verdict === 'broken');
      const first = verdicts.findIndex((verdict, index) => index > last && verdict === 'locked');
      assert.equal(known.lockedSince, first === -1 ? null : first + 1);
      assert.equal(known.lastOpen, lastSeen(verdicts, 'open'));
      assert.equal(known.lastBroken, lastSeen(verdicts, 'broken'));
      assert.equal(known.verdict, verdicts.at(-1));
    }),
  );
});

function lastSeen(verdicts: readonly Verdict[], verdict: Verdict): number | null {
  const index = verdicts.lastIndexOf(verdict);
  return index === -1 ? null : index + 1;
}

test('the worst verdict speaks for all, and none for what nobody has seen', () => {
  assert.equal(worst(['locked', 'unknown', 'locked']), 'unknown');
  assert.equal(worst(['broken', 'unknown', 'open']), 'open');
  assert.equal(worst([]), 'unknown');
  assert.deepEqual(summary([after(look('open', 1)), after(look('locked', 1)), after(look('locked', 1))]), {
    locked: 2,
    open: 1,
    broken: 0,
    unknown: 0,
  });
});

const NEVER: ReadonlyMap<Hostname, Opening> = new Map();

function concerns(known: Attestation, now: number, openings = NEVER, pause: LookPause | null = null) {
  const looks = { ...NEW_LOOK_SETTINGS, pause };
  return attestationConcerns({ openings, looks }, [known], { now: instant(now), title: String, setup: () => null }).map(
    ({ code, severity }) => `${code} ${severity}`,
  );
}

test('people are told of locks that do not hold, of those that hold now, and of those that nobody sees for an hour', () => {
  assert.deepEqual(concerns(after(look('open', 1)), 2), ['lock_open critical']);
  assert.deepEqual(concerns(after(look('broken', 1)), 2), ['lock_broken critical']);
  assert.deepEqual(concerns(after(look('unknown', 1)), 2), []);
  assert.deepEqual(concerns(after(look('unknown', 1)), 1 + HOUR), ['lock_unseen warning']);
  assert.deepEqual(concerns(after(look('locked', 1)), 2), []);
  assert.deepEqual(concerns(after(look('broken', 1), look('locked', 2)), 3), ['lock_holds info']);
  assert.deepEqual(concerns(after(look('open', 1), look('locked', 2)), 2 + 8 * 24 * HOUR), []);
});

test('a lock that somebody opened for a while worries nobody until that is over', () => {
  const until: Instant = instant(10);
  const opening = { hostname: HOST, until, openedAt: instant(0), by: 'ops', because: 'monitoring' };
  const openings = new Map([[HOST, opening]]);
  assert.deepEqual(concerns(after(look('open', 1)), 2, openings), []);
  assert.deepEqual(concerns(after(look('open', 1)), 11, openings), ['lock_open critical']);
});

const PAUSE: LookPause = { since: instant(10), until: instant(10 + 2 * HOUR), by: 'ops', because: 'moving' };

test('that a lock held is not known any more once nobody looks, and what was wrong is taken to be so still', () => {
  const held = unwatched(after(look('locked', 1)), PAUSE);
  assert.deepEqual([held.verdict, held.since, held.lockedSince, held.lastHeld], ['unknown', 10, null, 1]);
  assert.equal(unwatched(held, PAUSE), held);
  for (const verdict of ['open', 'broken'] as const)
    assert.equal(unwatched(after(look(verdict, 1)), PAUSE).verdict, verdict);
  const unreached = unwatched(after(look('locked', 1), look('unknown', 2)), PAUSE);
  assert.deepEqual([unreached.verdict, unreached.since, unreached.lockedSince], ['unknown', 2, null]);
  const since = after(look('locked', 10 + 2 * HOUR));
  assert.equal(unwatched(since, PAUSE), since, 'somebody has looked since');
  const again = attested(held, look('locked', 11 + 2 * HOUR));
  assert.deepEqual(
    [again.changed, again.next.lockedSince],
    [true, 11 + 2 * HOUR],
    'it is locked since it was seen again',
  );
});

test('while nobody looks people are told so and why, and not that nobody sees', () => {
  const held = unwatched(after(look('locked', 1)), PAUSE);
  assert.deepEqual(concerns(held, 11, NEVER, PAUSE), ['looks_paused warning']);
  assert.deepEqual(concerns(held, 9 + 2 * HOUR, NEVER, PAUSE), ['looks_paused warning']);
  assert.deepEqual(concerns(held, 11 + 2 * HOUR, NEVER, PAUSE), [], 'its time begins with the end of the pause');
  assert.deepEqual(concerns(held, 10 + 3 * HOUR, NEVER, PAUSE), ['lock_unseen warning']);
  assert.deepEqual(concerns(after(look('open', 1)), 11, NEVER, PAUSE), ['looks_paused warning', 'lock_open critical']);
  const [told] = attestationConcerns({ openings: NEVER, looks: { ...NEW_LOOK_SETTINGS, pause: PAUSE } }, [held], {
    now: instant(11),
    title: String,
    setup: () => null,
  });
  assert.equal(told?.detail, 'not looked at until 1970-01-01 02:00 UTC, because: moving');
});

test('a lock that is locked since a pause for want of looks is no news; one that was open before it is', () => {
  const day = 24 * HOUR;
  const pause = { ...PAUSE, since: instant(10 * day), until: instant(10 * day + HOUR) };
  const next = (known: Attestation) => attested(unwatched(known, pause), look('locked', 10 * day + HOUR)).next;
  const long = after(look('open', day), look('locked', 2 * day));
  assert.deepEqual(concerns(next(long), 10 * day + HOUR, NEVER, pause), []);
  assert.deepEqual(concerns(next(after(look('open', 10 * day - 1))), 10 * day + HOUR, NEVER, pause), [
    'lock_holds info',
  ]);
});
