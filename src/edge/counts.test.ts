import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { zoneId } from '../domain/ids.ts';
import { BUCKETS } from '../wire/metrics.ts';
import { Counter } from '../wire/counter.ts';
import { Histogram } from '../wire/histogram.ts';
import { Recent } from './recent.ts';
import { MOST_ZONES, ZoneCounts } from './zone-counts.ts';

function written(one: { readonly write: (into: Record<string, number>) => void }): Record<string, number> {
  const into: Record<string, number> = {};
  one.write(into);
  return into;
}

test('each combination of labels has a place of its own', () => {
  const labels = [
    ['a', 'b'],
    ['x', 'y', 'z'],
    ['1', '2'],
  ] as const;
  const counter = new Counter('pulls_total', ...labels);
  let by = 1;
  const expected: Record<string, number> = {};
  for (const one of labels[0]) {
    for (const two of labels[1]) {
      for (const three of labels[2]) {
        counter.add(counter.named(one, two, three), by);
        expected[`pulls_total|${one}|${two}|${three}`] = by++;
      }
    }
  }
  assert.deepEqual(written(counter), expected);
  assert.equal(counter.place(1, 2, 0), counter.named('b', 'z', '1'));
});

test('a value that is not known counts nowhere', () => {
  const counter = new Counter('refused_total', ['known']);
  counter.add(counter.named('unknown'));
  counter.add(counter.named('__proto__'));
  counter.add(99);
  assert.deepEqual(written(counter), {});
});

test('a time falls into the first bucket whose bound it does not exceed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000 }), (microseconds) => {
      const histogram = new Histogram('request_seconds');
      histogram.observe(microseconds / 1_000);
      const fitting = BUCKETS.findIndex((bound) => microseconds <= bound * 1e6);
      const place = fitting === -1 ? BUCKETS.length : fitting;
      assert.deepEqual(written(histogram), { [`request_seconds|${place}`]: 1, 'request_seconds|sum': microseconds });
    }),
  );
});

test('the last minute forgets what is older', () => {
  const recent = new Recent();
  for (let second = 0; second < 100; second++) recent.add(second * 1_000);
  assert.equal(recent.count(99_999), 60);
  assert.equal(recent.count(130_000), 25, 'from the 75th second on');
  assert.equal(recent.count(10_000_000), 0);
  recent.add(10_000_000);
  assert.equal(recent.count(10_000_000), 1);
});

test('zones beyond the bound are counted together, and those within keep their count', () => {
  const counts = new ZoneCounts();
  const zone = (at: number) => {
    const id = zoneId(at.toString(16).padStart(32, '0'));
    assert.ok(id !== null);
    return id;
  };
  for (let at = 0; at < MOST_ZONES + 10; at++) counts.of(zone(at)).passed++;
  counts.of(zone(0)).failed++;
  const series = written(counts);
  assert.equal(Object.keys(series).length, MOST_ZONES + 2);
  assert.equal(series['zone_requests_total|other|passed'], 10);
  assert.equal(series[`zone_requests_total|${zone(0)}|failed`], 1);
});
