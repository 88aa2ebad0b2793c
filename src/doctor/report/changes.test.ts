import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes } from './changes.ts';
import { finding, reportWith } from './report.fixture.ts';

const NAME = 'a.test at 127.0.0.1:8443';
const LOCKED = reportWith([], {
  verdict: 'locked',
  targets: [{ host: 'a.test', connect: '127.0.0.1:8443', door: 'https', verdict: 'locked' }],
});

test('since when a target is as it is stays until its verdict changes', () => {
  const first = changes(new Map(), LOCKED, 'T1');
  assert.equal(first.changes.length, 1);
  const second = changes(first.history, LOCKED, 'T2');
  assert.deepEqual(second.changes, []);
  assert.equal(second.history.get(NAME)?.since, 'T1');
  const third = changes(second.history, reportWith([finding()]), 'T3');
  const [change] = third.changes;
  assert.deepEqual(
    [change?.before?.verdict, change?.before?.since, change?.now.verdict, change?.now.since, change?.appeared],
    ['locked', 'T1', 'open', 'T3', ['optional']],
  );
});

test('a finding that comes or goes is a change of its own', () => {
  const first = changes(new Map(), reportWith([finding()]), 'T1');
  const second = changes(first.history, reportWith([finding({ code: 'plain_http' })]), 'T2');
  const [change] = second.changes;
  assert.deepEqual([change?.appeared, change?.gone, change?.now.since], [['plain_http'], ['optional'], 'T1']);
});
