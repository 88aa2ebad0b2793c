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

/** The same, kept the plain way: what each living worker has counted and told, and what others have told before. */
interface Plainly {
  readonly counts: Map<string, number>;
  readonly told: Map<string, number>;
  gone: number;
  totals: WorkerTotals;
}

function happen(state: Plainly, happening: Happening): void {
  const { counts, told } = state;
  const { worker } = happening;
  const own = counts.get(worker) ?? 0;
  const before = told.get(worker) ?? 0;
  switch (happening.kind) {
    case 'count':
      counts.set(worker, own + happening.by);
      return;
    case 'report':
      // One that crashed unseen and has caught up with its former self cannot be told from it.
      if (own < before) state.gone += before;
      told.set(worker, own);
      state.totals = reported(state.totals, worker, {
        counters: { pull_retries_total: own },
        gauges: { pools: 1 },
      });
      return;
    case 'end':
      state.gone += before;
      told.delete(worker);
      counts.delete(worker);
      state.totals = ended(state.totals, worker);
      return;
    case 'crash':
      counts.delete(worker);
  }
}

test('no counter goes back, whatever becomes of the workers, and what was reported is never lost', () => {
  fc.assert(
    fc.property(fc.array(HAPPENING, { maxLength: 60 }), (happenings) => {
      const state: Plainly = { counts: new Map(), told: new Map(), gone: 0, totals: NO_WORKERS };
      let before = 0;
      for (const happening of happenings) {
        happen(state, happening);
        const { counters, gauges } = total(state.totals);
        const now = counters['pull_retries_total'] ?? 0;
        assert.ok(now >= before, `${before} became ${now}`);
        assert.equal(now, state.gone + [...state.told.values()].reduce((sum, one) => sum + one, 0));
        assert.equal(gauges['pools'] ?? 0, state.told.size);
        before = now;
      }
    }),
  );
});
