import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { merge, NO_FIGURES, type Snapshot, type Sums, seriesKey } from './metrics.ts';
import { ended, NO_WORKERS, reported, total, type WorkerTotals } from './worker-totals.ts';

const SERIES = ['pools', 'pull_retries_total', '__proto__', 'constructor'];
const SUMS: fc.Arbitrary<Sums> = fc
  .array(fc.tuple(fc.constantFrom(...SERIES), fc.nat()))
  .map((entries) => Object.fromEntries(entries));
const SNAPSHOTS: fc.Arbitrary<Snapshot> = fc.record({ counters: SUMS, gauges: SUMS });

function sorted({ counters, gauges }: Snapshot) {
  return [counters, gauges].map((sums) => Object.entries(sums).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

test('snapshots add up to the same in any order and grouping', () => {
  fc.assert(
    fc.property(SNAPSHOTS, SNAPSHOTS, SNAPSHOTS, (a, b, c) => {
      assert.deepEqual(sorted(merge(a, b)), sorted(merge(b, a)));
      assert.deepEqual(sorted(merge(merge(a, b), c)), sorted(merge(a, merge(b, c))));
      assert.deepEqual(sorted(merge(a, NO_FIGURES)), sorted(a));
    }),
  );
});

test('a snapshot survives the way as JSON', () => {
  fc.assert(
    fc.property(SNAPSHOTS, (one) => assert.deepEqual(sorted(JSON.parse(JSON.stringify(one)) as Snapshot), sorted(one))),
  );
});

test('a value of a label cannot make another series', () => {
  assert.equal(seriesKey('edge_revision', 'a|b'), 'edge_revision|a/b');
});

/** What happens to workers: they count, report, end with or without notice, and start anew under the same name. */
type Happening =
  | { readonly kind: 'count'; readonly worker: string; readonly by: number }
  | { readonly kind: 'report' | 'end' | 'crash'; readonly worker: string };

const WORKER = fc.constantFrom('1', '2', '3');
const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('count' as const), worker: WORKER, by: fc.nat(9) }),
  fc.record({ kind: fc.constantFrom('report' as const, 'end' as const, 'crash' as const), worker: WORKER }),
);

test('no counter goes back, whatever becomes of the workers, and what was reported is never lost', () => {
  fc.assert(
    fc.property(fc.array(HAPPENING, { maxLength: 60 }), (happenings) => {
      const counts = new Map<string, number>();
      const told = new Map<string, number>();
      let totals: WorkerTotals = NO_WORKERS;
      let before = 0;
      let gone = 0;
      for (const happening of happenings) {
        const { kind, worker } = happening;
        const own = counts.get(worker) ?? 0;
        if (kind === 'count') counts.set(worker, own + happening.by);
        if (kind === 'end') totals = ended(totals, worker);
        if (kind === 'end' || kind === 'crash') {
          counts.delete(worker);
          gone += kind === 'end' ? (told.get(worker) ?? 0) : 0;
          if (kind === 'end') told.delete(worker);
        }
        if (kind === 'report') {
          // One that crashed unseen and has caught up with its former self cannot be told from it.
          if (own < (told.get(worker) ?? 0)) gone += told.get(worker) ?? 0;
          told.set(worker, own);
          totals = reported(totals, worker, { counters: { pull_retries_total: own }, gauges: { pools: 1 } });
        }
        const now = total(totals).counters['pull_retries_total'] ?? 0;
        assert.ok(now >= before, `${before} became ${now}`);
        assert.equal(now, gone + [...told.values()].reduce((sum, one) => sum + one, 0));
        assert.equal(total(totals).gauges['pools'] ?? 0, told.size);
        before = now;
      }
    }),
  );
});
