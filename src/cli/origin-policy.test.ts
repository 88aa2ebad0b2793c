import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from './failure.ts';
import { originPolicy } from './origin-policy.ts';

test('a policy is any, public, or a list with its networks in one spelling', () => {
  assert.deepEqual(originPolicy('any', undefined), { kind: 'any' });
  assert.deepEqual(originPolicy('public', undefined), { kind: 'public' });
  assert.deepEqual(originPolicy('list', '10.1.0.0/16, 192.0.2.7,2001:DB8:0::/32'), {
    kind: 'list',
    networks: ['10.1.0.0/16', '192.0.2.7/32', '2001:db8::/32'],
  });
});

test('what would not be what it seems is refused, and the field is named', () => {
  const bad = [
    ['private', undefined, /--origin-policy is "private"/],
    ['list', undefined, /--origin-policy list allows no network/],
    ['list', ',', /--origin-policy list allows no network/],
    ['list', '10.1.2.3/8', /--origin-allow names "10.1.2.3\/8"/],
    ['list', 'example.test', /--origin-allow names "example.test"/],
    ['list', '10.0.0.0/33', /--origin-allow names/],
    ['list', Array.from({ length: 1_001 }, () => '10.0.0.0/8').join(','), /names 1001 networks/],
    ['any', '10.0.0.0/8', /--origin-allow says nothing under --origin-policy any/],
    ['public', '10.0.0.0/8', /--origin-allow says nothing/],
  ] as const;
  for (const [kind, allow, message] of bad) {
    assert.throws(
      () => originPolicy(kind, allow),
      (error) => error instanceof Failure && message.test(error.message) && error.fix !== '',
      `${kind} ${allow}`,
    );
  }
});
