import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailedSignIns } from './failed-sign-ins.ts';

function exhaust(failures: FailedSignIns, address: string): number {
  let count = 0;
  while (!failures.exceeded(address, 0)) count += 1;
  return count;
}

test('an address has thirty failures, and one more each second', () => {
  const failures = new FailedSignIns();
  assert.equal(exhaust(failures, '192.0.2.1'), 30);
  assert.equal(failures.exceeded('192.0.2.1', 999), true);
  assert.equal(failures.exceeded('192.0.2.1', 2000), false);
  assert.equal(failures.exceeded('192.0.2.2', 2000), false);
});

test('all addresses of an IPv6 /64 count as one, however they are written', () => {
  const failures = new FailedSignIns();
  exhaust(failures, '2001:db8::1');
  assert.equal(failures.exceeded('2001:db8:0:0:ffff::9', 0), true);
  assert.equal(failures.exceeded('2001:db8:0:0:1:2:3:4', 0), true);
  assert.equal(failures.exceeded('2001:db8:0:1::1', 0), false);
  exhaust(failures, '::ffff:192.0.2.1');
  assert.equal(failures.exceeded('::ffff:192.0.2.2', 0), false);
});

test('the longest unseen address is forgotten first, so that memory stays bounded', () => {
  const failures = new FailedSignIns();
  exhaust(failures, 'first');
  for (let number = 0; number < 10_000; number += 1) failures.exceeded(`address ${number}`, 0);
  assert.equal(failures.exceeded('first', 0), false);
});
