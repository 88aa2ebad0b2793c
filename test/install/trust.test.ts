import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, startEdge, startSite } from './installed-site.ts';

const NAMES = ['--hostname', 'www.example.test', '--hostname', 'example.test'];
const HOST = 'www.example.test';

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

async function throughEdge(): Promise<number | string> {
  const saw = await knock({ port: edge.postern.https, sni: HOST });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

for (const [kind, program] of [
  ['nginx', 'nginx'],
  ['apache', 'apache2'],
  ['haproxy', 'haproxy'],
] as const) {
  describe(`what ${kind} is told to trust`, needs(program), () => {
    test('is the shared identity only where that is accepted, and then pinned', async () => {
      await using site = await startSite(kind, edge);
      const untouched = site.files();
      await edge.shared(true);
      try {
        const refused = await site.origin('install', ...NAMES);
        assert.notEqual(refused.code, 0);
        assert.match(refused.stderr, /shared identity is presented for every zone/);
        assert.deepEqual(site.files(), untouched);
        const installed = await site.origin('install', ...NAMES, '--accept-shared');
        assert.equal(installed.code, 0, installed.stdout + installed.stderr + site.server.errorLog());
        assert.equal(await throughEdge(), 200);
        assert.equal((await site.origin('uninstall', HOST)).code, 0);
        assert.deepEqual(site.files(), untouched);
      } finally {
        await edge.shared(false);
      }
    });

    test('can be narrowed by revocation lists', async () => {
      await using site = await startSite(kind, edge);
      const lists = join(site.directory, 'sockets');
      const fetched = await run(['ca', 'crl', '--data', edge.postern.dir, '--zone', 'example.test', '--out', lists]);
      assert.equal(fetched.code, 0, fetched.stderr);
      const installed = await site.origin('install', ...NAMES, '--crl', lists);
      assert.equal(installed.code, 0, installed.stdout + installed.stderr + site.server.errorLog());
      assert.match(installed.stdout, /(?:ssl_crl|SSLCARevocationFile|crl-file) ".*sockets"/);
      assert.equal(await throughEdge(), 200);
    });
  });
}

test('the record of a lock says enough to keep it in step, and to open it for a while', needs('nginx'), async () => {
  await using site = await startSite('nginx', edge);
  assert.equal((await site.origin('install', ...NAMES)).code, 0);
  const record = JSON.parse(readFileSync(join(site.directory, `postern/locks/${HOST}.json`), 'utf8')) as {
    readonly zones: readonly { readonly name: string; readonly bundle: string }[];
    readonly reload: readonly string[];
    readonly installed: {
      readonly edited: readonly string[];
      readonly texts: Record<'enforce' | 'watch', Record<string, string>>;
    };
  };
  const bundle = join(site.directory, 'postern/bundles/example.test.pem');
  assert.deepEqual(
    record.zones.map(({ name, bundle: path }) => [name, path]),
    [['example.test', bundle]],
  );
  assert.deepEqual(record.reload.slice(-2), ['-s', 'reload']);
  assert.deepEqual(record.installed.edited, [join(site.directory, 'sites-enabled/www.example.test')]);
  const own = join(site.directory, `postern/nginx/${HOST}.conf`);
  assert.equal(readFileSync(own, 'utf8'), record.installed.texts.enforce[own]);
  assert.match(record.installed.texts.watch[own] ?? '', /ssl_verify_client optional_no_ca;/);
});
