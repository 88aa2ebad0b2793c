import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant, type ZoneId, zoneId } from '../../domain/ids.ts';
import { added, type Sums } from '../../wire/metrics.ts';
import { ended, NO_WORKERS, reported, total } from '../../wire/worker-totals.ts';
import { Collector } from './collector.ts';
import type { Course } from './history.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const NOON = 20_000 * 24 * HOUR + 12 * HOUR;
const ANSWERED = 'pulls_total|present|zone|answered';

function zoneAt(at: number): ZoneId {
  const id = zoneId(at.toString(16).padStart(32, '0'));
  assert.ok(id !== null);
  return id;
}

function sums({ stretches }: Course): Sums {
  return stretches.map(({ counts }) => counts ?? {}).reduce(added, {});
}

const gaps = ({ stretches }: Course) => stretches.map(({ counts }) => counts === null);

test('a worker that begins anew adds what it counts since, and takes nothing away', () => {
  const collector = new Collector(instant(NOON));
  let workers = NO_WORKERS;
  const told = (worker: string, count: number, at: number) => {
    workers = reported(workers, worker, { counters: { [ANSWERED]: count }, gauges: {} });
    collector.tick(NOON + at * SECOND, total(workers).counters, []);
  };
  told('one', 5, 1);
  told('two', 2, 2);
  told('one', 1, 3);
  workers = ended(workers, 'two');
  told('three', 4, 4);
  assert.deepEqual(sums(collector.course(null, '15m')), { [ANSWERED]: 12 });
});

test('where all counts go back at once, what they show is new', () => {
  const collector = new Collector(instant(NOON));
  for (const [at, count] of [10, 3, 4].entries()) collector.tick(NOON + at * SECOND, { [ANSWERED]: count }, []);
  assert.deepEqual(sums(collector.course(null, '1h')), { [ANSWERED]: 14 });
});

test('every span tells the same sum while it is young, wherever its clock stands', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.nat(50)), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(fc.nat(24 * HOUR), steps, (start, ticks) => {
      const zone = zoneAt(1);
      const collector = new Collector(instant(NOON + start));
      let [at, all] = [NOON + start, 0];
      for (const [pause, count] of ticks) {
        at += pause;
        all += count;
        collector.tick(at, { [ANSWERED]: all }, [{ zones: [{ zone, counts: { [ANSWERED]: count } }], hostnames: [] }]);
      }
      for (const last of ['15m', '1h', '6h', '24h', '7d'] as const) {
        assert.equal(sums(collector.course(null, last))[ANSWERED] ?? 0, all, last);
        assert.equal(sums(collector.course(zone, last))[ANSWERED] ?? 0, all, last);
        assert.deepEqual(gaps(collector.course(zone, last)), gaps(collector.course(null, last)));
      }
    }),
  );
});

test('while nobody looks, as in sleep, there is a gap', () => {
  const collector = new Collector(instant(NOON));
  for (const minute of [0, 1, 30, 31]) collector.tick(NOON + minute * 60 * SECOND, {}, []);
  const missing = gaps(collector.course(null, '1h')).slice(-32);
  assert.deepEqual(
    missing,
    Array.from({ length: 32 }, (_, minute) => minute > 1 && minute < 30),
  );
  assert.equal(collector.bounds(null).since, NOON);
});

test('a clock that is put back a little goes on, and by hours begins anew', () => {
  const collector = new Collector(instant(NOON));
  collector.tick(NOON + 60 * SECOND, { [ANSWERED]: 1 }, []);
  collector.tick(NOON + 50 * SECOND, { [ANSWERED]: 3 }, []);
  assert.deepEqual(sums(collector.course(null, '15m')), { [ANSWERED]: 3 });
  assert.equal(collector.bounds(null).until, NOON + 60 * SECOND);
  collector.tick(NOON - 2 * HOUR, { [ANSWERED]: 4 }, []);
  assert.deepEqual(sums(collector.course(null, '7d')), { [ANSWERED]: 1 });
  assert.deepEqual(collector.bounds(null), { since: NOON - 2 * HOUR, until: NOON - 2 * HOUR });
});

test('what was stored is there after a restart, in steps of a quarter of an hour', () => {
  const zone = zoneAt(1);
  const first = new Collector(instant(NOON + 60 * SECOND));
  const count = (collector: Collector, at: number, all: number) =>
    collector.tick(at, { [ANSWERED]: all }, [{ zones: [{ zone, counts: { [ANSWERED]: 1 } }], hostnames: [] }]);
  count(first, NOON + 61 * SECOND, 1);
  count(first, NOON + HOUR / 2, 2);
  const stored = [0, 0.25, 0.5].flatMap((hours) => first.step(NOON + hours * HOUR));
  assert.deepEqual(
    stored.map(({ began }) => began),
    [NOON, NOON + HOUR / 2],
    'where nobody looked there is no step',
  );

  const second = new Collector(instant(NOON + HOUR / 2 + 60 * SECOND));
  second.restore(stored);
  count(second, NOON + HOUR / 2 + 61 * SECOND, 1);
  for (const asked of [null, zone]) {
    const { stretches } = second.course(asked, '24h');
    assert.deepEqual(
      stretches.slice(-4).map(({ counts }) => counts),
      [null, { [ANSWERED]: 1 }, null, { [ANSWERED]: 2 }],
    );
    assert.deepEqual(sums(second.course(asked, '7d')), { [ANSWERED]: 3 });
    assert.deepEqual(sums(second.course(asked, '1h')), { [ANSWERED]: 1 }, 'finer steps are gone');
  }
  assert.equal(second.bounds(null).since, NOON + 60 * SECOND);
  assert.equal(
    second.hostnames(zone).since,
    NOON + HOUR / 2 + 60 * SECOND,
    'hostnames are not told apart in what is stored',
  );
  assert.equal(second.step(NOON + HOUR / 2)[0]?.all[ANSWERED], 2);
});

test('what was stored too long ago, or by a clock that was ahead, is left', () => {
  const step = (began: number) => ({ began, since: began, all: { [ANSWERED]: 1 }, zones: { 'no id': {} } });
  const collector = new Collector(instant(NOON));
  collector.restore([step(NOON - 8 * 24 * HOUR), step(NOON - 24 * HOUR), step(NOON + HOUR)]);
  collector.tick(NOON, {}, []);
  assert.deepEqual(sums(collector.course(null, '7d')), { [ANSWERED]: 1 });
  assert.equal(collector.bounds(null).since, NOON - 24 * HOUR);
});

test('of too many zones those that came first have a history, and the others are told as unknown', () => {
  const collector = new Collector(instant(NOON));
  const counted = (zone: number) => ({ zone: zoneAt(zone), counts: { [ANSWERED]: 1 } });
  const many = Array.from({ length: 501 }, (_, zone) => counted(zone));
  collector.tick(NOON, {}, [{ zones: many, hostnames: [] }]);
  collector.tick(NOON + 60 * SECOND, {}, []);
  assert.deepEqual(sums(collector.course(zoneAt(0), '15m')), { [ANSWERED]: 1 });
  assert.deepEqual(sums(collector.course(zoneAt(500), '15m')), {});
  assert.equal(collector.bounds(zoneAt(500)).since, NOON);
  // Once others are idle, it gets a place; what was before stays unknown.
  collector.tick(NOON + 2 * HOUR, {}, [{ zones: [counted(500)], hostnames: [] }]);
  collector.tick(NOON + 2 * HOUR + SECOND, {}, [{ zones: [counted(500)], hostnames: [] }]);
  assert.deepEqual(sums(collector.course(zoneAt(500), '15m')), { [ANSWERED]: 2 });
  assert.deepEqual(sums(collector.course(zoneAt(0), '7d')), {}, 'which was idle longest');
  assert.equal(collector.bounds(zoneAt(0)).since, NOON + 2 * HOUR);
});

test('what is no part of the answer takes no room', () => {
  const collector = new Collector(instant(NOON));
  collector.tick(NOON, { 'pull_first_byte_seconds|sum': 9, 'pull_first_byte_seconds|2': 1, 'requests_total|x': 3 }, []);
  assert.deepEqual(sums(collector.course(null, '15m')), { 'pull_first_byte_seconds|2': 1 });
});
