import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUCKETS } from '../../wire/metrics.ts';
import { breakdown, quantile, reuse } from './breakdown.ts';

test('pulls are told by what was shown and by how they ended, and each is in both', () => {
  const parts = breakdown({
    'pulls_total|present|hostname|answered': 1,
    'pulls_total|present|zone|identity_refused': 2,
    'pulls_total|present|global|cut': 4,
    'pulls_total|without|none|answered': 8,
    'pulls_total|plaintext|none|connection_refused': 16,
    'pulls_total|without|none|visitor_gone': 32,
    'pull_look_failures_total|connection_refused': 10,
  });
  assert.deepEqual([...parts.lookFailures], [['connection_refused', 10]], 'they are among the failures');
  assert.deepEqual(parts.pulls, { answered: 9, refused: 2, failed: 16, cut: 4, visitor_gone: 32 });
  assert.deepEqual(parts.certificates, { hostname: 1, zone: 2, global: 4, without: 40, plaintext: 16 });
  assert.deepEqual(
    [...parts.failures],
    [
      ['identity_refused', 2],
      ['connection_refused', 16],
    ],
  );
});

test('handshakes that failed are apart from connections that were never made', () => {
  const parts = breakdown({
    'origin_connects_total|plain': 1,
    'origin_connects_total|full': 2,
    'origin_connects_total|resumed': 4,
    'origin_connects_total|connection_refused': 8,
    'origin_connects_total|origin_not_verified': 16,
    'visitor_handshakes_total|full': 3,
    'visitor_handshakes_total|timeout': 5,
    'refused_total|blocked': 6,
    'redirects_total|https': 7,
  });
  assert.deepEqual(parts.handshakes, { full: 2, resumed: 4, failed: 16 });
  assert.deepEqual([...parts.handshakeFailures], [['origin_not_verified', 16]]);
  assert.deepEqual(parts.visitorHandshakes, { full: 3, resumed: 0, failed: 5 });
  assert.deepEqual(
    [...parts.edgeAnswers],
    [
      ['blocked', 6],
      ['redirect', 7],
    ],
  );
});

test('of nothing there is no share and no quantile', () => {
  const none = breakdown({});
  assert.deepEqual([reuse(none), quantile(none, 0.5)], [null, null]);
  const some = breakdown({ 'pull_connections_total|new|2': 1, 'pull_connections_total|reused|1.1': 3 });
  assert.equal(reuse(some), 0.75);
});

test('names that a visitor could invent touch nothing', () => {
  const odd = { 'pulls_total|__proto__|toString|answered': 1, 'body_bytes_total|constructor': 5, 'toString|x': 1 };
  assert.deepEqual(breakdown(odd).bytes, { in: 0, out: 0 });
});

test('a quantile lies in the bucket that holds it, and greater shares never lie lower', () => {
  const cells = fc.dictionary(
    fc.integer({ min: 0, max: BUCKETS.length }).map((at) => `pull_first_byte_seconds|${at}`),
    fc.integer({ min: 1, max: 1_000 }),
    { minKeys: 1 },
  );
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(cells, share, share, (counts, one, other) => {
      const parts = breakdown(counts);
      const [low, high] = [quantile(parts, Math.min(one, other)), quantile(parts, Math.max(one, other))];
      assert.ok(low !== null && high !== null && low <= high);
      const all = parts.firstByte.reduce((whole, count) => whole + count, 0);
      const atMost = parts.firstByte.reduce(
        (sum, count, at) => ((at === 0 ? 0 : (BUCKETS[at - 1] ?? 0)) < high ? sum + count : sum),
        0,
      );
      if (high < 60) assert.ok(atMost >= all * Math.max(one, other) - 1e-6);
    }),
  );
});
