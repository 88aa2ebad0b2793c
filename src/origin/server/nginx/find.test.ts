import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startedWith } from './find.ts';

const COMPILED = '/etc/nginx/nginx.conf';

for (const [started, argv, main] of [
  ['/usr/sbin/nginx', [], COMPILED],
  ['nginx -g daemon off;', ['-g', 'daemon off;'], COMPILED],
  ['/usr/sbin/nginx -g daemon on; master_process on;', ['-g', 'daemon on; master_process on;'], COMPILED],
  ['nginx -q -c /srv/a.conf -g pid /run/a.pid;', ['-c', '/srv/a.conf', '-g', 'pid /run/a.pid;'], '/srv/a.conf'],
  ['nginx -p /srv/web/ -c conf/a.conf', ['-p', '/srv/web/', '-c', 'conf/a.conf'], '/srv/web/conf/a.conf'],
] as const) {
  test(`a master that was started as "${started}" is tested and reloaded with the same arguments`, () => {
    assert.deepEqual(startedWith({ title: `nginx: master process ${started}` }, COMPILED), { argv, main });
  });
}
