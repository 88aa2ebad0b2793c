import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyPace } from './body-pace.ts';

const LIMITS = { bodyTimeout: 10_000, bodyGrace: 30_000, minBodyRate: 100 };

test('a body that keeps coming fast enough may take for ever', () => {
  const pace = new BodyPace(LIMITS, 0);
  for (let now = 1_000; now < 3_600_000; now += 1_000) {
    pace.arrived(100, now);
    assert.equal(pace.tooSlow(now), false);
  }
});

test('a body that pauses for too long is too slow, however much came before', () => {
  const pace = new BodyPace(LIMITS, 0);
  pace.arrived(10_000_000, 1_000);
  assert.equal(pace.tooSlow(10_999), false);
  assert.equal(pace.tooSlow(11_000), true);
});

test('a body of one byte now and then is too slow once the time of grace is over', () => {
  const pace = new BodyPace(LIMITS, 0);
  let now = 0;
  for (; !pace.tooSlow(now); now += 5_000) pace.arrived(1, now);
  assert.equal(now, 35_000);
});

test('time in which we hold the sender back is not its own', () => {
  const pace = new BodyPace(LIMITS, 0);
  pace.arrived(1, 5_000);
  pace.held(6_000);
  pace.held(50_000);
  assert.equal(pace.tooSlow(1_000_000), false);
  pace.released(1_006_000);
  pace.released(1_006_500);
  assert.equal(pace.tooSlow(1_014_999), false);
  assert.equal(pace.tooSlow(1_015_000), true);
});
