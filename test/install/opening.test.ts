import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startSite } from './installed-site.ts';

const NAMES = ['--hostname', 'www.example.test', '--hostname', 'example.test'];
const HOST = 'www.example.test';

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

const reaches = (site: Site, wanted: boolean) =>
  until(`a stranger ${wanted ? 'gets in' : 'is refused'}`, async () => {
    const saw = await knock({ port: site.tls, sni: HOST });
    return (saw.kind === 'answered' && saw.status === 200) === wanted;
  });

for (const [kind, program] of [
  ['nginx', 'nginx'],
  ['apache', 'apache2'],
  ['haproxy', 'haproxy'],
  ['caddy', 'caddy'],
] as const) {
  test(
    `a lock that was installed on ${kind} is opened for a while and shut again by sync, and is the same then`,
    needs(program),
    async () => {
      await using site = await startSite(kind, edge);
      const untouched = site.files();
      const installed = await site.origin('install', ...NAMES);
      assert.equal(installed.code, 0, installed.stdout + installed.stderr);
      const sync = async () => {
        const locks = join(site.directory, 'postern/locks');
        const ended = await run(['origin', 'sync', '--locks', locks, '--json'], { POSTERN_TOKEN: edge.postern.token });
        assert.equal(ended.code, 0, ended.stdout + ended.stderr);
      };
      const own = () => Object.entries(site.files()).filter(([path]) => !path.startsWith('postern/locks'));
      await sync();
      const locked = own();
      await edge.open(HOST);
      await sync();
      await reaches(site, true);
      await edge.shut(HOST);
      await sync();
      await reaches(site, false);
      assert.deepEqual(
        own().map(([path, facts]) => [path, facts.replace(/ \d+ /, ' ')]),
        locked.map(([path, facts]) => [path, facts.replace(/ \d+ /, ' ')]),
      );
      assert.equal((await site.origin('install', ...NAMES)).code, 0);
      // What sync keeps beside the record goes too.
      const gone = await (kind === 'nginx' ? site.origin('rollback') : site.origin('uninstall', HOST));
      assert.equal(gone.code, 0, gone.stdout + gone.stderr);
      assert.deepEqual(site.files(), untouched);
    },
  );
}
