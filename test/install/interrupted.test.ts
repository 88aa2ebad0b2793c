import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { takeHostLock } from '../../src/origin/install/change-files.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startNginxSite } from './installed-site.ts';

const NAMES = ['--hostname', 'www.example.test', '--hostname', 'example.test'];
const HOST = 'www.example.test';

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

async function statusOf(site: Site, sni: string): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

test('what somebody changed after a run was cut off is not overwritten by its undoing', needs('nginx'), async () => {
  await using site = await startNginxSite(edge);
  const script = join(site.directory, 'state-reload.sh');
  writeFileSync(
    script,
    `test -e ${join(site.directory, 'sockets')} && exec kill -HUP ${site.server.pid}\nkill -9 $PPID\n`,
  );
  assert.equal((await site.origin('install', ...NAMES, '--reload', `sh ${script}`)).code, null);
  writeFileSync(join(site.directory, 'sockets'), '');
  const path = join(site.directory, 'sites-available/www.example.test');
  const mended = readFileSync(path, 'utf8')
    .replace(/^ *include ".*\n/m, '')
    .replace('# the shop', '# the shop, mended');
  writeFileSync(path, mended);
  const next = await site.origin('install', ...NAMES, '--dry-run');
  assert.equal(next.code, 0, next.stderr);
  const done = await site.origin('install', ...NAMES);
  assert.equal(done.code, 0, done.stdout + done.stderr);
  assert.match(done.stderr, /What was changed since stays: .*sites-available\/www\.example\.test/);
  assert.match(readFileSync(path, 'utf8'), /the shop, mended/);
});

test('two runs do not change one host at the same time', needs('nginx'), async () => {
  await using site = await startNginxSite(edge);
  const held = takeHostLock(join(site.directory, 'state'));
  assert.equal(held.kind, 'held');
  const untouched = site.files();
  const refused = await site.origin('install', ...NAMES);
  assert.equal(refused.code, 3, refused.stdout);
  assert.match(refused.stderr, /Another run of postern is changing this host/);
  assert.deepEqual(site.files(), untouched);
  if (held.kind === 'held') held[Symbol.dispose]();
  assert.equal((await site.origin('install', ...NAMES)).code, 0);
});

test(
  'a run that was killed at any of its reloads is undone by the next, and a backup can be put back by name',
  needs('nginx'),
  async () => {
    await using site = await startNginxSite(edge);
    const untouched = site.files();
    const script = join(site.directory, 'state-reload.sh');
    for (const reload of [1, 2, 3]) {
      const count = join(site.directory, `sockets-${reload}`);
      const lines = [
        `echo >> ${count}`,
        `[ "$(wc -l < ${count})" = ${reload} ] && kill -9 $PPID && exit 1`,
        `kill -HUP ${site.server.pid}`,
      ];
      writeFileSync(script, lines.join('\n'));
      const killed = await site.origin('install', ...NAMES, '--reload', `sh ${script}`);
      assert.equal(killed.code, null, killed.stdout);
      assert.notDeepEqual(site.files(), untouched);
      const undone = await site.origin('uninstall', 'none');
      assert.match(undone.stderr, /A run that was cut off was undone first/);
      assert.deepEqual(site.files(), untouched, `killed at reload ${reload}`);
    }
    assert.equal((await site.origin('install', ...NAMES)).code, 0);
    const list = JSON.parse((await site.origin('rollback', '--list', '--json')).stdout) as readonly {
      id: string;
      state: string;
    }[];
    assert.deepEqual(
      list.map(({ state }) => state),
      ['put_back', 'put_back', 'put_back', 'kept'],
    );
    const back = await site.origin('rollback', list[3]?.id ?? '');
    assert.equal(back.code, 0, back.stdout + back.stderr);
    assert.deepEqual(site.files(), untouched);
    assert.equal(await statusOf(site, HOST), 200);
  },
);
