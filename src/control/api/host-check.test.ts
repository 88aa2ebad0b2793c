import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostAllowed, hostFields, hostOf } from './host-check.ts';

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

test('a request is for the host of its target where that is absolute, else for that of its one Host field', () => {
  const rawHeaders = ['Accept', 'host', 'HOST', 'localhost', 'X-Host', 'evil.test'];
  assert.deepEqual(hostFields({ rawHeaders, url: '/' }), ['localhost']);
  assert.equal(hostOf({ rawHeaders, url: '/client?to=http://evil.test' }), 'localhost');
  for (const url of ['http://evil.test/client', 'HTTPS://evil.test', 'http://evil.test?q']) {
    assert.equal(hostOf({ rawHeaders, url }), 'evil.test', url);
  }
  assert.equal(hostAllowed(hostOf({ rawHeaders, url: 'http://a@localhost/' }), '127.0.0.1', []), false);
  assert.equal(hostOf({ rawHeaders: [], url: '/' }), undefined);
});
