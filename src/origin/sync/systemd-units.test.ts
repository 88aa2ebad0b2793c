import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serviceUnit, timerUnit, TOKEN_CREDENTIAL, type UnitRequest } from './systemd-units.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const ANALYZE = '/usr/bin/systemd-analyze';

const RECORDED: UnitRequest = {
  name: 'postern-origin-sync',
  command: ['/usr/bin/node', '/usr/lib/postern/bin/postern.js', 'origin', 'sync', '--token-file', TOKEN_CREDENTIAL],
  writable: ['/etc/nginx/conf.d', '/etc/postern', '/etc/postern/locks'],
  interval: 300,
  tokenFile: '/etc/postern/token',
};

const AWKWARD: UnitRequest = {
  name: 'postern-origin-sync-www',
  command: ['/usr/bin/node', '/opt/my tools/postern.js', '--test', 'nginx -t "-q" \\ $HOME 100%', "it's"],
  writable: ['/etc/my bundles'],
  interval: 61,
  tokenFile: null,
};

for (const [name, request] of [
  ['recorded', RECORDED],
  ['awkward', AWKWARD],
] as const) {
  test(`the units of ${name} are as in the golden file`, () => {
    const file = join(GOLDEN, `units-${name}.txt`);
    const whole = `${serviceUnit(request)}\n${timerUnit(request)}`;
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(file, whole);
    }
    assert.equal(whole, readFileSync(file, 'utf8'));
  });

  test(`systemd takes the units of ${name}`, { skip: existsSync(ANALYZE) ? false : 'no systemd here' }, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'postern-units-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const service = join(directory, `${request.name}.service`);
    const timer = join(directory, `${request.name}.timer`);
    writeFileSync(service, serviceUnit({ ...request, command: [process.execPath, ...request.command.slice(1)] }));
    writeFileSync(timer, timerUnit(request));
    // What else is wrong on this machine is not ours.
    const verify = () =>
      spawnSync(ANALYZE, ['verify', '--recursive-errors=no', '--man=no', service, timer], { encoding: 'utf8' });
    const { status, stderr } = verify();
    assert.deepEqual([status, stderr], [0, '']);
    writeFileSync(service, serviceUnit(request).replace('NoNewPrivileges=yes', 'NoNewPrivilege=perhaps'));
    assert.notEqual(verify().stderr, '', 'it would say so');
  });
}
