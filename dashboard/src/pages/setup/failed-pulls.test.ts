import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Analytics } from '../../api/analytics.ts';
import { failedSince, later } from './failed-pulls.ts';

const BEGIN = Date.parse('2026-03-01T10:00:00Z');
const at = (seconds: number) => new Date(BEGIN + seconds * 1_000).toISOString();

type Line = Analytics['series'][number];

function line(name: Line['name'], reason: string, points: Line['points']): Line {
  return { name, labels: { reason }, points };
}

function counted(series: readonly Line[]): Analytics {
  return { since: at(0), step: 5, series } as unknown as Analytics;
}

test('what failed before the moment is told of no more, and what fails after it is', () => {
  const seen = counted([line('failures', 'origin_not_verified', [40, 13, 0, 2])]);
  assert.deepEqual(failedSince(seen, at(-60)), {
    since: null,
    reasons: [{ reason: 'origin_not_verified', count: 55 }],
  });
  assert.deepEqual(failedSince(seen, at(6)), { since: at(6), reasons: [{ reason: 'origin_not_verified', count: 2 }] });
  assert.deepEqual(failedSince(seen, at(14)).reasons, []);
});

test('what an edge tells a moment later was of before', () => {
  const seen = counted([line('failures', 'origin_not_verified', [0, 5, 0])]);
  // Pulls of the fifth second are told in the sixth.
  assert.deepEqual(failedSince(seen, at(4.5)).reasons, []);
  assert.equal(failedSince(seen, at(3)).reasons[0]?.count, 5);
});

test('looks of Postern itself are left out, by what they failed for', () => {
  const seen = counted([
    line('failures', 'origin_not_verified', [null, 5]),
    line('failures', 'identity_refused', [null, 3]),
    line('look_failures', 'origin_not_verified', [null, 5]),
    line('look_failures', 'identity_refused', [null, 1]),
    line('handshake_failures', 'origin_not_verified', [null, 9]),
  ]);
  assert.deepEqual(failedSince(seen, at(-60)).reasons, [{ reason: 'identity_refused', count: 2 }]);
});

test('the later of two moments', () => {
  assert.equal(later(at(1), at(2)), at(2));
  assert.equal(later(at(2), at(1)), at(2));
});
