import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixText } from './fixes.ts';

test('a fix is for the socket that was asked', () => {
  const lines = (fix: string) => fix.split('\n').filter((line) => /^\s*[^#\s]/.test(line));
  const nginx = (target: string | null) => lines(fixText('unmatched_names', 'nginx', target))[1]?.trim();
  assert.equal(nginx('www.example.test at 127.0.0.1:18445'), 'listen 127.0.0.1:18445 ssl default_server;');
  assert.equal(nginx('www.example.test at [::1]:18445'), 'listen [::1]:18445 ssl default_server;');
  assert.equal(nginx('www.example.test at 192.0.2.1:443'), 'listen 443 ssl default_server;');
  assert.equal(nginx('www.example.test at [2001:db8::1]:8443'), 'listen [::]:8443 ssl default_server;');
  assert.equal(nginx(null), 'listen 443 ssl default_server;');
  assert.match(
    fixText('unmatched_names', 'haproxy', 'www.example.test at 192.0.2.1:8443'),
    /port 8443.*-m str www\.example\.test \}/s,
  );
  assert.match(fixText('other_port', 'haproxy', 'www.example.test at 192.0.2.1:8443'), /bind :8443 /);
  assert.equal(fixText('unmatched_names', null, 'www.example.test at [::1]:8443'), 'Refuse names that no site has.');
});
