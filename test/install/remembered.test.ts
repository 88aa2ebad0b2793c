import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
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

function places({ directory }: Site): readonly string[] {
  return ['--config-dir', join(directory, 'postern'), '--backup-dir', join(directory, 'state')];
}

/** `origin install` by somebody who says nothing of the server. */
function install(site: Site, ...argv: readonly string[]) {
  const asking = ['--data', edge.postern.dir, '--through', `127.0.0.1:${edge.postern.https}`];
  return run(['origin', 'install', ...places(site), ...asking, ...NAMES, ...argv]);
}

async function statusOf(site: Site): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni: HOST });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

describe('on a host where several nginx run', needs('nginx'), () => {
  test('a lock remembers its server: enforcing, again and undone', async () => {
    await using other = await startNginxSite(edge);
    await using site = await startNginxSite(edge);
    const untouched = site.files();
    const unsaid = await install(site, '--watch');
    assert.equal(unsaid.code, 3, unsaid.stdout + unsaid.stderr);
    assert.match(unsaid.stderr, /Several nginx run on this host .*\n {2}Say which with --server-config FILE\./);

    const main = join(site.directory, 'server.conf');
    const watching = await install(site, '--watch', '--server-config', main, '--log-dir', site.directory);
    assert.equal(watching.code, 0, watching.stdout + watching.stderr);
    assert.doesNotMatch(watching.stderr, /As when it was installed/);

    for (const words of [/\nInstalled\. Backup: /, /^It is installed already, and nothing was changed\.$/m]) {
      const installed = await install(site);
      assert.equal(installed.code, 0, installed.stdout + installed.stderr);
      const record = join(site.directory, 'postern', 'locks', `${HOST}.json`);
      assert.ok(
        installed.stderr.includes(`note: As when it was installed (${record}): --server nginx`) &&
          installed.stderr.includes(` --server-config ${main} --log-dir ${site.directory}\n`),
        installed.stderr,
      );
      assert.match(installed.stdout, words);
    }
    assert.equal(await statusOf(site), 400);
    assert.equal(await statusOf(other), 200);

    const elsewhere = await install(site, '--dry-run', '--server-config', join(other.directory, 'server.conf'));
    assert.equal(elsewhere.code, 0, elsewhere.stderr);
    assert.match(elsewhere.stdout, new RegExp(`with ${join(other.directory, 'server.conf')},`), 'what is said counts');
    assert.doesNotMatch(elsewhere.stderr, /As when it was installed/);

    const gone = await run(['origin', 'uninstall', HOST, ...places(site), '--server-config', main]);
    assert.equal(gone.code, 0, gone.stdout + gone.stderr);
    assert.deepEqual(site.files(), untouched);
    assert.equal(await statusOf(site), 200);
    const back = await run(['origin', 'rollback', ...places(site), '--server-config', main]);
    assert.equal(back.code, 0, back.stdout + back.stderr);
    assert.equal(await statusOf(site), 400, 'the newest backup is that of the uninstalling');
  });
});
