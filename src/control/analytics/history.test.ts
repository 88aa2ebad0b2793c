import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ANALYTICS_SPANS, type AnalyticsSpan } from '../../wire/analytics.ts';
import { added, type Sums } from '../../wire/metrics.ts';
import { type Course, Coverage, History } from './history.ts';
import { Ring } from './ring.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** A time on the boundary of all steps. */
const MIDNIGHT = 20_000 * DAY;

const LENGTHS: Readonly<Record<AnalyticsSpan, number>> = {
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '6h': 360 * MINUTE,
  '24h': DAY,
  '7d': 7 * DAY,
};

const ALWAYS = () => true;

function total({ stretches }: Pick<Course, 'stretches'>): Sums {
  return stretches.map(({ counts }) => counts ?? {}).reduce(added, {});
}

/** Counts at times that go forward by up to some hours at once. */
const COUNTED = fc.array(
  fc.record({
    pause: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 20 * 60 * MINUTE })),
    series: fc.constantFrom('a', 'b|c'),
    count: fc.integer({ min: 1, max: 1_000 }),
  }),
  { minLength: 1, maxLength: 60 },
);

test('over whatever resolution a span is read, it holds exactly what was counted in it', () => {
  fc.assert(
    fc.property(COUNTED, (steps) => {
      const history = new History();
      const events: { readonly at: number; readonly counts: Sums }[] = [];
      let now = MIDNIGHT;
      for (const { pause, series, count } of steps) {
        now += pause;
        events.push({ at: now, counts: { [series]: count } });
        history.add(now, { [series]: count });
      }
      for (const last of ANALYTICS_SPANS) {
        const course = history.read(last, now, ALWAYS);
        const [first] = course.stretches;
        assert.ok(first !== undefined);
        const within = events.filter(({ at }) => at >= first.from).map(({ counts }) => counts);
        assert.deepEqual(total(course), within.reduce(added, {}), last);
        for (const { from, counts } of course.stretches) {
          const own = events.filter(({ at }) => at >= from && at < from + course.step).map((one) => one.counts);
          assert.deepEqual(counts, own.reduce(added, {}));
        }
      }
    }),
  );
});

test('a span has as many steps as it needs, and ends with the one that is under way', () => {
  for (const last of ANALYTICS_SPANS) {
    for (const until of [MIDNIGHT, MIDNIGHT + 1, MIDNIGHT - 1, MIDNIGHT + 7 * MINUTE + 3_217]) {
      const { step, stretches } = new History().read(last, until, ALWAYS);
      assert.equal(step * stretches.length, LENGTHS[last]);
      const newest = stretches.at(-1)?.from ?? 0;
      assert.ok(newest <= until && until < newest + step, `${last} at ${until}`);
      assert.ok(stretches.every(({ from }) => from % step === 0));
    }
  }
});

test('where nobody counted there is a gap, and where nobody came a nought', () => {
  const history = new History();
  const coverage = new Coverage();
  for (const at of [0, 1, 4, 5]) coverage.mark(MIDNIGHT + at * MINUTE);
  history.add(MIDNIGHT, { a: 2 });
  history.add(MIDNIGHT + 5 * MINUTE, { a: 1 });
  const read = (last: AnalyticsSpan, since: number) =>
    history.read(last, MIDNIGHT + 5 * MINUTE, coverage.within(since)).stretches;
  const minutes = read('1h', MIDNIGHT).map(({ counts }) => counts);
  assert.deepEqual(minutes.slice(-7), [null, { a: 2 }, {}, null, null, {}, { a: 1 }]);
  // A step of which a part was counted tells of that part.
  assert.deepEqual(read('24h', MIDNIGHT).at(-1)?.counts, { a: 3 });
  assert.deepEqual(
    read('1h', MIDNIGHT + 2 * MINUTE)
      .slice(-5, -2)
      .map(({ counts }) => counts),
    [null, null, null],
  );
});

test('after a pause that is longer than a ring nothing of before is told as new', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 * DAY }), (pause) => {
      const history = new History();
      history.add(MIDNIGHT, { a: 1 });
      history.add(MIDNIGHT + pause, { b: 1 });
      for (const last of ANALYTICS_SPANS) {
        const sums = total(history.read(last, MIDNIGHT + pause, ALWAYS));
        assert.equal(sums['b'], 1);
        if (pause >= LENGTHS[last]) assert.equal(sums['a'], undefined, last);
      }
    }),
  );
});

test('what comes late counts in the newest step, so that nothing is lost', () => {
  const ring = new Ring({ step: 10, slots: 4 });
  ring.add(100, { a: 1 });
  ring.add(95, { a: 1 });
  assert.deepEqual([ring.read(9), ring.read(10), ring.read(11)], [{}, { a: 2 }, {}]);
  ring.add(130, { b: 1 });
  assert.deepEqual(ring.read(10), { a: 2 });
  ring.add(140, { b: 1 });
  assert.deepEqual([ring.read(10), ring.read(14)], [{}, { b: 1 }]);
});
