import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BETWEEN_LINES, lines } from './doctor-meter.ts';

test('where no terminal is, a line comes at intervals, and none after the end', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const said: string[] = [];
  const meter = lines('doctor', { targets: 2_000, looks: 100_000 }, (line) => said.push(line));
  for (let look = 0; look < 60; look += 1) meter.step();
  assert.deepEqual(said, [], 'what is over soon says nothing');
  t.mock.timers.tick(BETWEEN_LINES);
  meter.done();
  meter.step();
  t.mock.timers.tick(BETWEEN_LINES);
  t.mock.timers.tick(BETWEEN_LINES);
  assert.deepEqual(said, [
    'doctor: 0 of 2000 targets done, 60 of about 100000 looks',
    'doctor: 1 of 2000 targets done, 61 of about 100000 looks',
    'doctor: 1 of 2000 targets done, 61 of about 100000 looks',
  ]);
  meter.end();
  t.mock.timers.tick(BETWEEN_LINES);
  assert.equal(said.length, 3);
});
