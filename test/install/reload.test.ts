import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startNginxSite } from './installed-site.ts';

const HOST = 'www.example.test';
const NAMES = ['--hostname', HOST, '--hostname', 'example.test'];

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

async function statusOf(site: Site): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni: HOST });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

/** A socket that nginx's configuration asks for from now on, and somebody else has: its own test does not see that. */
async function taken(site: Site) {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const path = join(site.directory, 'conf.d/taken.conf');
  writeFileSync(path, `server {\n    listen 127.0.0.1:${port};\n    return 204;\n}\n`);
  return {
    words: new RegExp(
      `the server does not reload: nginx goes on with its old configuration, as it says in ${site.directory}/error\\.log: bind\\(\\) to 127\\.0\\.0\\.1:${port} failed \\(98`,
    ),
    [Symbol.asyncDispose]: async () => {
      rmSync(path);
      other.close();
      await once(other, 'close');
    },
  };
}

describe('an nginx that passes its own test and goes on with its old configuration', needs('nginx'), () => {
  test('is noticed by install, with what its error log says, and the files are put back', async () => {
    await using site = await startNginxSite(edge);
    {
      await using busy = await taken(site);
      const untouched = site.files();
      const failed = await site.origin('install', ...NAMES);
      assert.equal(failed.code, 1, failed.stdout + failed.stderr);
      assert.match(failed.stdout, busy.words);
      assert.match(failed.stdout, /NOT restored: the files are as they were, but the server was not told so/);
      assert.deepEqual(site.files(), untouched);
      assert.equal(await statusOf(site), 200);
    }
    const installed = await site.origin('install', ...NAMES);
    assert.equal(installed.code, 0, installed.stdout + installed.stderr);
  });

  test('is not taken for unlocked by uninstall, and not for put back by rollback', async () => {
    await using site = await startNginxSite(edge);
    const installed = await site.origin('install', ...NAMES);
    assert.equal(installed.code, 0, installed.stdout + installed.stderr);
    const locked = site.files();
    await using busy = await taken(site);
    for (const [verb, ...argv] of [['uninstall', HOST], ['rollback']] as const) {
      const failed = await site.origin(verb, ...argv);
      assert.equal(failed.code, 1, failed.stdout + failed.stderr);
      assert.match(failed.stdout, busy.words);
      assert.doesNotMatch(failed.stdout, /is not locked any more|The files are as in/);
      assert.equal(await statusOf(site), 400, 'what runs is what ran');
    }
    const { 'conf.d/taken.conf': _taken, 'conf.d': _one, ...files } = site.files();
    const { 'conf.d': _other, ...before } = locked;
    assert.deepEqual(files, before);
  });
});
