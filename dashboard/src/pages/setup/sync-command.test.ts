import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OriginConfig } from './origin-config.ts';
import { serviceEnd, TOKEN_FILE } from './service-token.ts';
import { onlyWatched, syncCommand } from './sync-command.ts';

const BUNDLE = '/etc/postern/edge bundle.pem';

function made(mode: OriginConfig['mode'], paths: readonly string[], server = 'nginx'): OriginConfig {
  const files = paths.map((path) => ({
    path,
    what: path.endsWith('.pem') ? 'trust_bundle' : 'read_with_it',
    text: '',
    from: '',
  }));
  const logs = mode === 'watch' ? [{ path: '/var/log/nginx/postern-watch-shop.log' }] : [];
  return { server, mode, text: '', files, watch_logs: logs, notes: [], commands: [] };
}

const ZONE = { zone: 'a1', isPart: true, api: 'http://127.0.0.1:8400' };

test('the command names the bundle as a shell takes it, and how the server there tests and loads', () => {
  assert.equal(
    syncCommand({ ...ZONE, made: made('enforce', [BUNDLE]) }),
    `postern origin sync --api http://127.0.0.1:8400 --zone a1 --bundle '${BUNDLE}' --test "nginx -t" --reload "nginx -s reload" --install-service`,
  );
});

test('with a file that has a token it reports as well', () => {
  const command = syncCommand({ ...ZONE, made: made('enforce', ['/etc/edge.pem']), tokenFile: TOKEN_FILE });
  assert.match(command ?? '', / --token-file \/etc\/postern\/report-token --install-service$/);
});

test('the token of a service lasts a year, but not longer than the one that makes it', () => {
  const now = Date.parse('2026-03-01T00:00:00Z');
  assert.equal(serviceEnd(now, null), '2027-03-01T00:00:00.000Z');
  assert.equal(serviceEnd(now, '2028-01-01T00:00:00Z'), '2027-03-01T00:00:00.000Z');
  assert.equal(serviceEnd(now, '2026-05-01T00:00:00Z'), '2026-05-01T00:00:00Z');
});

test('none is made up where a server is run as its owner likes, or where there is no one bundle', () => {
  assert.equal(syncCommand({ ...ZONE, made: made('enforce', [BUNDLE]), isPart: false }), null);
  assert.equal(syncCommand({ ...ZONE, made: made('enforce', [BUNDLE], 'traefik') }), null);
  assert.equal(syncCommand({ ...ZONE, made: made('enforce', ['/a.conf']) }), null);
  assert.equal(syncCommand({ ...ZONE, made: made('enforce', [BUNDLE, '/other.pem']) }), null);
});

test('what only the watching read can go, and nothing where a server never watched', () => {
  const format = '/etc/nginx/conf.d/00-postern-shop.conf';
  const enforced = made('enforce', [BUNDLE]);
  assert.deepEqual(onlyWatched(made('watch', [BUNDLE, format]), enforced), [
    format,
    '/var/log/nginx/postern-watch-shop.log',
  ]);
  assert.deepEqual(onlyWatched(made('enforce', [BUNDLE, format]), enforced), []);
});
