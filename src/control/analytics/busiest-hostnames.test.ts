import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hostname, hostname, type ZoneId, zoneId } from '../../domain/ids.ts';
import type { HostTraffic } from '../../wire/traffic.ts';
import { BusiestHostnames, type HourCounts, together } from './busiest-hostnames.ts';

const MINUTE = 60_000;
const NOON = 20_000 * 1_440 * MINUTE + 720 * MINUTE;

function sure<T>(value: T | null): T {
  assert.ok(value !== null);
  return value;
}

const zoneAt = (at: number): ZoneId => sure(zoneId(at.toString(16).padStart(32, '0')));
const nameAt = (at: number): Hostname => sure(hostname(`host-${at}.example.test`));

function pulls(at: number, count: number, zone = 0): HostTraffic {
  return {
    zone: zoneAt(zone),
    hostname: nameAt(at),
    pulls: count,
    without: 0,
    plaintext: count,
    refused: 0,
    failed: 0,
  };
}

function total(busiest: BusiestHostnames, now: number, of: ZoneId | null = null): HourCounts {
  return together([...busiest.all(of, now), busiest.others(of, now)]);
}

test('the counts of a name are those of the last hour, and go out by five minutes at once', () => {
  const busiest = new BusiestHostnames();
  busiest.add(NOON, [pulls(1, 3)]);
  busiest.add(NOON + 20 * MINUTE, [pulls(1, 4)]);
  const at = (minutes: number) => total(busiest, NOON + minutes * MINUTE).pulls;
  assert.deepEqual([at(20), at(59), at(60), at(79), at(80)], [7, 7, 4, 4, 0]);
  assert.equal(BusiestHostnames.since(NOON + 59 * MINUTE), NOON);
  assert.equal(BusiestHostnames.since(NOON + 60 * MINUTE), NOON + 5 * MINUTE);
});

test('names of two zones are kept apart', () => {
  const busiest = new BusiestHostnames();
  busiest.add(NOON, [pulls(1, 3, 1), pulls(2, 5, 2)]);
  assert.deepEqual([...busiest.all(zoneAt(1), NOON)], [{ ...pulls(1, 3, 1), lastAt: NOON }]);
  assert.equal(total(busiest, NOON, zoneAt(2)).pulls, 5);
  assert.equal(total(busiest, NOON, zoneAt(3)).pulls, 0);
  assert.equal(total(busiest, NOON).pulls, 8);
});

test('of too many names the busiest stay, and the sum is right', () => {
  const reports = fc.array(fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 9 })), { maxLength: 30 }));
  fc.assert(
    fc.property(reports, (all) => {
      const [most, spare] = [10, 3];
      const busiest = new BusiestHostnames(most, spare);
      for (const report of all)
        busiest.add(
          NOON,
          report.map(([name, count]) => pulls(name, count, name % 3)),
        );
      assert.ok([...busiest.all(null, NOON)].length <= most + spare);
      const expected = all.flat().reduce((whole, [, count]) => whole + count, 0);
      const none = { without: 0, refused: 0, failed: 0 };
      assert.deepEqual(total(busiest, NOON), { pulls: expected, plaintext: expected, ...none });
    }),
  );
});

test('whoever is asked most is kept, however many others come', () => {
  const busiest = new BusiestHostnames(10, 3);
  busiest.add(NOON, [pulls(0, 1_000)]);
  for (let name = 1; name < 500; name++) busiest.add(NOON, [pulls(name, 1)]);
  const kept = [...busiest.all(null, NOON)].find(({ hostname }) => hostname === nameAt(0));
  assert.equal(kept?.pulls, 1_000);
  assert.equal(total(busiest, NOON).pulls, 1_499);
});

test('what nobody has asked for an hour takes no room', () => {
  const busiest = new BusiestHostnames(10, 0);
  busiest.add(
    NOON,
    Array.from({ length: 10 }, (_, name) => pulls(name, 100)),
  );
  const later = NOON + 60 * MINUTE;
  busiest.add(later, [pulls(99, 1)]);
  assert.deepEqual(
    [...busiest.all(null, later)].map(({ hostname }) => hostname),
    [nameAt(99)],
  );
  assert.equal(busiest.others(null, later).pulls, 0, 'nothing of the hour was let go');
});
