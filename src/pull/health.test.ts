import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterAsking, afterFailure, counts, GOOD, type Health, mayLead } from './health.ts';

const alone = () => true;
const beside = () => false;

function failed(times: number, spared: () => boolean, now = 0): Health {
  return Array.from({ length: times }).reduce((health: Health) => afterFailure(health, now, spared), GOOD);
}

test('the third failure in a row ejects, for five seconds', () => {
  assert.equal(failed(2, beside).kind, 'good');
  assert.deepEqual(failed(3, beside), { kind: 'ejected', times: 1, until: 5_000 });
  assert.equal(mayLead(failed(3, beside), 4_999), false);
  assert.equal(mayLead(failed(3, beside), 5_000), true);
});

test('the last good door is never ejected, and is as soon as another is good', () => {
  const last = failed(50, alone);
  assert.equal(last.kind, 'good');
  assert.equal(afterFailure(last, 0, beside).kind, 'ejected');
});

test('failures of attempts that were under way do not make an ejection longer', () => {
  assert.deepEqual(failed(100, beside), failed(3, beside));
});

test('one request at a time tries an ejected door; a trial that comes to nothing makes room for another', () => {
  const trial = afterAsking(failed(3, beside), 5_000);
  assert.equal(trial.kind, 'trial');
  assert.equal(mayLead(trial, 5_001), false);
  assert.equal(mayLead(trial, 20_000), true);
});

test('each trial that fails doubles the ejection, up to five minutes', () => {
  let health = failed(3, beside);
  const lengths: number[] = [];
  for (let now = 5_000; lengths.length < 9; now = health.until) {
    health = afterFailure(afterAsking(health, now), now, beside);
    assert.ok(health.kind === 'ejected');
    lengths.push(health.until - now);
  }
  const doubled = [10_000, 20_000, 40_000, 80_000, 160_000];
  assert.deepEqual(lengths, [...doubled, 300_000, 300_000, 300_000, 300_000]);
});

test('whatever happens, a door comes back for a trial within five minutes', () => {
  const step = fc.record({ waits: fc.nat(100_000), asked: fc.boolean(), spared: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let health: Health = GOOD;
      let now = 0;
      for (const { waits, asked, spared } of steps) {
        now += waits;
        if (asked && mayLead(health, now)) health = afterAsking(health, now);
        health = afterFailure(health, now, () => spared);
      }
      assert.ok(mayLead(health, now + 300_000));
    }),
  );
});

test('what a visitor could bring about counts against no door', () => {
  for (const code of [
    'closed_early',
    'bad_answer',
    'answer_timeout',
    'too_busy',
    'pool_retired',
    'edge_fault',
  ] as const)
    assert.equal(counts(code), false, code);
  for (const code of ['connection_refused', 'handshake_failed', 'identity_refused'] as const)
    assert.equal(counts(code), true, code);
});
