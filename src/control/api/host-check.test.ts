import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostAllowed } from './host-check.ts';

test('what came in over loopback must be addressed as that', () => {
  for (const local of ['127.0.0.1', '::1', '::ffff:127.0.0.1', undefined]) {
    assert.equal(hostAllowed('localhost:8443', local, []), true, local);
    assert.equal(hostAllowed('[::1]:8443', local, []), true, local);
    assert.equal(hostAllowed('evil.test', local, []), false, local);
    assert.equal(hostAllowed('api.test', local, ['api.test']), true, local);
  }
});

test('elsewhere any well-formed name will do', () => {
  assert.equal(hostAllowed('api.example.test:443', '192.0.2.1', []), true);
  for (const field of [undefined, '', 'a b', 'a:b', 'user@host', 'a,b']) {
    assert.equal(hostAllowed(field, '192.0.2.1', []), false, field);
  }
});
