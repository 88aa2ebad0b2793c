import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hostname, hostname, type ZoneId, zoneId } from '../domain/ids.ts';
import type { Pulling } from '../pull/door.ts';
import { added } from '../wire/metrics.ts';
import type { Traffic } from '../wire/traffic.ts';
import { TrafficCounts } from './traffic-counts.ts';
import { ZoneCounts } from './zone-counts.ts';

function sure<T>(value: T | null): T {
  assert.ok(value !== null);
  return value;
}

const zoneAt = (at: number): ZoneId => sure(zoneId(at.toString(16).padStart(32, '0')));
const nameAt = (at: number): Hostname => sure(hostname(`host-${at}.example.test`));

function plain(name: number, zone: number): Pulling {
  return { kind: 'plaintext', because: 'flexible', zone: zoneAt(zone), hostname: nameAt(name), targets: [] };
}

/** Everything that is told, until there is nothing more. */
function takeAll(counts: TrafficCounts): { readonly reports: readonly Traffic[]; readonly pulls: number } {
  const reports: Traffic[] = [];
  for (;;) {
    const report = counts.take();
    if (report.zones.length + report.hostnames.length === 0) break;
    reports.push(report);
  }
  const pulls = reports.flatMap(({ hostnames }) => hostnames).reduce((sum, one) => sum + one.pulls, 0);
  return { reports, pulls };
}

test('is told as a difference, once', () => {
  const counts = new TrafficCounts(new ZoneCounts());
  counts.pulled(plain(1, 1), 'well').series.pulls.add(0, 2);
  counts.pulled(plain(1, 1), 'refused');
  const row = { zone: zoneAt(1), hostname: nameAt(1), without: 0 };
  assert.deepEqual(counts.take(), {
    zones: [{ zone: zoneAt(1), counts: { 'pulls_total|plaintext|none|answered': 2 } }],
    hostnames: [{ ...row, pulls: 2, plaintext: 2, refused: 1, failed: 0 }],
  });
  assert.deepEqual(counts.take(), { zones: [], hostnames: [] });
  counts.pulled(plain(1, 1), 'failed');
  assert.deepEqual(counts.take().hostnames, [{ ...row, pulls: 1, plaintext: 1, refused: 0, failed: 1 }]);
});

test('of very many names a report holds a part, and the reports together hold all', () => {
  const counts = new TrafficCounts(new ZoneCounts());
  const names = 20_000;
  for (const round of [1, 2]) {
    for (let name = 0; name < names; name++) {
      counts.pulled(plain(name, name % 3_000), 'well').series.pulls.add(0);
      // Told in between, so that tallies are let go while others wait.
      if (name % 4_999 === round) assert.ok(takeAll(counts).pulls > 0);
    }
    const { reports } = takeAll(counts);
    for (const report of reports) {
      assert.ok(report.hostnames.length <= 1_000 && report.zones.length <= 250, `${report.zones.length} zones`);
    }
  }
});

test('what waits for the next report goes on counting, and nothing is lost when tallies are let go', () => {
  const counts = new TrafficCounts(new ZoneCounts());
  let [inHostnames, inZones] = [0, 0];
  const take = () => {
    const { zones, hostnames } = counts.take();
    inHostnames += hostnames.reduce((sum, { pulls }) => sum + pulls, 0);
    const all = zones.map((one) => one.counts).reduce(added, {});
    inZones += Object.values(all).reduce((sum, count) => sum + count, 0);
    return zones.length + hostnames.length;
  };
  const pulls = 60_000;
  for (let pull = 0; pull < pulls; pull++) {
    counts.pulled(plain((pull * 7) % 30_011, pull % 2_503), 'well').series.pulls.add(0);
    if (pull % 5_000 === 0) take();
  }
  while (take() > 0);
  assert.deepEqual([inHostnames, inZones], [pulls, pulls]);
});

test('a name that has come to another zone counts there', () => {
  const counts = new TrafficCounts(new ZoneCounts());
  counts.pulled(plain(1, 1), 'well');
  counts.pulled(plain(1, 2), 'well');
  assert.deepEqual(
    counts.take().hostnames.map(({ zone, pulls }) => [zone, pulls]),
    [
      [zoneAt(1), 1],
      [zoneAt(2), 1],
    ],
  );
});
