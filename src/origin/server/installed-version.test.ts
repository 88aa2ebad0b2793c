import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installedVersion } from './installed-version.ts';

let directory = '';
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** A directory with a program that answers so. */
function place(name: string, script: string): string {
  const path = mkdtempSync(join(directory, 'bin-'));
  writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(path, name), 0o755);
  return path;
}

describe('the version of a server on this machine', () => {
  test('is what the program says, on either output', async () => {
    for (const [server, name, script, version] of [
      ['nginx', 'nginx', 'echo "nginx version: nginx/1.27.4 (Ubuntu)" >&2', '1.27.4'],
      ['apache', 'apache2', 'echo "Server version: Apache/2.4.66 (Debian)"; echo "Server built: 2026"', '2.4.66'],
      ['haproxy', 'haproxy', 'echo "HAProxy version 3.2.1-1ppa1~noble 2026/01/01 - https://haproxy.org/"', '3.2.1'],
      ['caddy', 'caddy', 'echo "v2.10.0 h1:fonubSaQKF1YANl8TXqGcn4IbIRUDdfAkpcsfI/vX5U="', '2.10.0'],
      ['caddy', 'caddy', 'echo 2.6.2', '2.6.2'],
    ] as const) {
      const path = place(name, script);
      assert.deepEqual(await installedVersion(server, path), { program: join(path, name), version }, script);
    }
  });

  test('is unknown where the program fails, says nothing of the kind, or is no program', async () => {
    for (const script of ['exit 1', 'echo "nginx version: nginx/1.27.4" >&2; exit 3', 'echo hello', ':']) {
      assert.equal(await installedVersion('nginx', place('nginx', script)), null, script);
    }
  });

  test('is unknown where the program does not end, or floods', async () => {
    assert.equal(await installedVersion('nginx', place('nginx', 'exec sleep 60')), null);
    const flood = place('nginx', 'echo "nginx/1.27.4"; exec head -c 5000000 /dev/zero');
    assert.equal((await installedVersion('nginx', flood))?.version, '1.27.4');
  });

  test('asks nobody in the working directory', async () => {
    const path = place('nginx', 'echo "nginx/9.9.9"');
    mkdirSync(join(path, 'relative'));
    for (const search of ['', '.', `relative:${path.slice(1)}`]) {
      assert.notEqual((await installedVersion('nginx', search))?.version, '9.9.9');
    }
  });
});
