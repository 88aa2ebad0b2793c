import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname, instant, zoneId } from '../../domain/ids.ts';
import type { ZoneTraffic } from '../../wire/traffic.ts';
import { Collector } from './collector.ts';
import { lastHour } from './last-hour.ts';

const MINUTE = 60_000;
const NOON = 20_000 * 1_440 * MINUTE + 720 * MINUTE;
const zone = zoneId('0'.repeat(32)) ?? assert.fail();
const www = hostname('www.shop.test') ?? assert.fail();
const NONE = { pulls: 0, without: 0, plaintext: 0, refused: 0, failed: 0 };
const ONE_EDGE = { all: ['one'], telling: new Set(['one']) };

function counting(minutes: number, ...zones: readonly ZoneTraffic[]): Collector {
  const collector = new Collector(instant(NOON));
  for (let minute = 0; minute < minutes; minute++) {
    const traffic = minute === 0 ? [{ zones, hostnames: [] }] : [];
    collector.tick(NOON + minute * MINUTE, {}, traffic);
  }
  return collector;
}

test('pulls over plain HTTP are among those that showed no certificate', () => {
  const collector = counting(1);
  const hour = { ...NONE, zone, hostname: www, pulls: 41, without: 3, plaintext: 5, refused: 2 };
  collector.tick(NOON + 1, {}, [{ zones: [], hostnames: [hour] }]);
  const facts = lastHour(collector, zone, ONE_EDGE);
  assert.deepEqual([...(facts?.hostnames ?? [])], [[www, { pulls: 41, withoutCertificate: 8, refused: 2 }]]);
});

test('nothing is claimed of the hostnames of a zone whose less busy ones were let go of', () => {
  const collector = counting(1);
  const others = { ...NONE, pulls: 1 };
  const analytics = {
    bounds: collector.bounds.bind(collector),
    course: collector.course.bind(collector),
    hostnames: () => ({ since: 0, hostnames: [], others }),
  };
  assert.equal(lastHour(analytics, zone, ONE_EDGE)?.hostnames, null);
});

test('what visitors did is told by the counts of the zone', () => {
  const counts = {
    'visits_total|none|none': 1,
    'visits_total|1.2|none': 2,
    'visits_total|1.2|shown': 4,
    'visits_total|1.3|shown': 8,
    'refused_total|visitor_certificate_required': 16,
    'refused_total|visitor_certificate_refused': 32,
    'refused_total|blocked': 64,
    'refused_total|limited': 128,
    limits_simulated_total: 256,
    'refused_total|loop': 512,
  };
  assert.deepEqual(lastHour(counting(60, { zone, counts }), zone, ONE_EDGE)?.visits, {
    requests: 15,
    overTls: 14,
    oldTls: 6,
    certified: 12,
    uncertified: 16,
    strangers: 32,
    blocked: 64,
    limited: 128,
    simulated: 256,
  });
});

test('how much of the hour was counted is told, and how many edges say nothing', () => {
  const edges = { all: ['one', 'two', 'three'], telling: new Set(['two', 'gone']) };
  const { minutes, silent } = lastHour(counting(12), zone, edges) ?? assert.fail();
  assert.deepEqual([minutes, silent], [12, 2]);
  assert.equal(lastHour(counting(90), zone, ONE_EDGE)?.minutes, 60);
  assert.equal(lastHour(counting(12), zone, { all: ['one'], telling: new Set() }), null);
});

test('after a restart minutes are counted anew, whatever the longer steps hold', () => {
  const before = counting(60);
  const again = new Collector(instant(NOON + 60 * MINUTE));
  again.restore([0, 15, 30, 45].flatMap((minute) => before.step(NOON + minute * MINUTE)));
  again.tick(NOON + 60 * MINUTE, {}, []);
  assert.equal(lastHour(again, zone, ONE_EDGE)?.minutes, 1);
});
