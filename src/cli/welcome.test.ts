import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { welcome } from './welcome.ts';

test('who starts Postern in a terminal is told where the dashboard is, and where the token', () => {
  const addresses = { api_url: 'http://127.0.0.1:7070', https: '0.0.0.0:8443' };
  const lines = stripVTControlCharacters(welcome('/srv/my data', addresses)).split('\n');
  assert.ok(lines.includes('  Dashboard   http://127.0.0.1:7070/dashboard/'));
  assert.ok(lines.includes("              cat '/srv/my data/bootstrap-token'"));
  assert.ok(lines.includes('  The edge    listens at 0.0.0.0:8443 over TLS'));
  assert.equal(
    lines.findIndex((line) => line.includes('--cacert')),
    -1,
  );
  assert.match(welcome('/srv', { ...addresses, api_url: 'https://postern.test' }), /curl --cacert CA\.pem /);
});
