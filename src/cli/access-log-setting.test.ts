import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessLogSetting } from './access-log-setting.ts';
import { Failure } from './failure.ts';

test('the access log is on, off, for errors, or for one of so many', () => {
  assert.deepEqual(accessLogSetting('on', 'false'), { policy: { kind: 'on' }, query: false });
  assert.deepEqual(accessLogSetting('off', 'false'), { policy: { kind: 'off' }, query: false });
  assert.deepEqual(accessLogSetting('errors', 'true'), { policy: { kind: 'errors' }, query: true });
  assert.deepEqual(accessLogSetting('sample:100', 'true'), { policy: { kind: 'sample', oneOf: 100 }, query: true });
});

test('anything else says what to use', () => {
  for (const [policy, query] of [
    ['', 'false'],
    ['On', 'false'],
    ['sample', 'false'],
    ['sample:0', 'false'],
    ['sample:-1', 'false'],
    ['sample:1e3', 'false'],
    ['sample:9999999999', 'false'],
    ['on', 'yes'],
  ] as const) {
    assert.throws(() => accessLogSetting(policy, query), Failure, `${policy} ${query}`);
  }
});
