/** Who comes to a watching lock by no name of it: counted while it watches, refused once it enforces. */

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { debianApache } from './apache-tree.ts';
import { packagedCaddy } from './caddy-tree.ts';
import { debianHaproxy } from './haproxy-tree.ts';
import { type Edge, type Site, startEdge, startSite } from './installed-site.ts';
import { debianNginx, type TreeFiles, type TreePlaces } from './nginx-tree.ts';

const HOST = 'www.example.test';
const NAMES = ['--hostname', HOST, '--hostname', 'example.test'];

let edge: Edge;
before(async () => {
  edge = await startEdge('--attest-every', '1h');
});
after(() => edge?.[Symbol.asyncDispose]());

/** One site alone, so that it answers every name; its file with another text. */
function alone(
  tree: (places: TreePlaces) => TreeFiles,
  { left, file }: { readonly left: string; readonly file: string },
  change: (text: string, places: TreePlaces) => string = (text) => text,
): (places: TreePlaces) => TreeFiles {
  return (places) => {
    const { [left]: _, ...files } = tree(places);
    return { ...files, [file]: change(files[file] ?? '', places) };
  };
}

const OF_NGINX = { left: 'sites-enabled/other.test', file: 'sites-available/www.example.test' };
const OF_APACHE = { left: 'sites-enabled/other.test.conf', file: 'sites-available/www.example.test.conf' };
const DEFAULT = (text: string) => text.replace('ssl http2;', 'ssl default_server;');

const LAYOUTS = [
  { kind: 'nginx', program: 'nginx', how: 'the only one', tree: alone(debianNginx, OF_NGINX), flags: [] },
  {
    kind: 'nginx',
    program: 'nginx',
    how: 'the default server, as it says',
    tree: alone(debianNginx, OF_NGINX, DEFAULT),
    flags: [],
  },
  {
    kind: 'nginx',
    program: 'nginx',
    how: 'one without a name',
    tree: alone(debianNginx, OF_NGINX, (text) =>
      DEFAULT(text).replaceAll('server_name www.example.test example.test', 'server_name _'),
    ),
    flags: [],
  },
  {
    kind: 'nginx',
    program: 'nginx',
    how: 'one that has other names besides',
    tree: alone(debianNginx, OF_NGINX, (text) =>
      text.replaceAll('server_name www.example.test', 'server_name blog.test www.example.test'),
    ),
    flags: ['--all-names'],
  },
  {
    kind: 'caddy',
    program: 'caddy',
    how: 'one without a name, and a log of the lock',
    tree: alone(packagedCaddy, { left: 'sites/other.caddy', file: 'sites/www.caddy' }, (text, { tls }) =>
      text.replace('\nwww.example.test, example.test {', `\n:${tls} {`),
    ),
    flags: [],
  },
  { kind: 'apache', program: 'apache2', how: 'the only one', tree: alone(debianApache, OF_APACHE), flags: [] },
] as const;

interface Counts {
  readonly accepted: number;
  readonly without: number;
  readonly foreign: number;
}

interface Callers {
  readonly total: Counts;
  readonly by_other_names: { readonly total: Counts; readonly examples: readonly unknown[] };
}

const at = () => `/postern/v1/zones/${edge.zone}`;
const callers = async () => (await edge.postern.call<Callers>('GET', `${at()}/hostnames/${HOST}/callers`)).result;

/** Callers of all kinds by no name of the lock, and what each saw. */
async function others(site: Site): Promise<readonly (number | string)[]> {
  const address = `127.0.0.1:${site.tls}`;
  const seen = [
    await knock({ port: site.tls, sni: null, host: address }),
    await knock({ port: site.tls, sni: 'blog.test', host: 'blog.test' }),
    await knock({ port: site.tls, sni: null, host: 'unknown.invalid' }),
  ];
  return seen.map((saw) => (saw.kind === 'answered' ? saw.status : 'no answer'));
}

function difference(now: Counts, then: Counts): readonly number[] {
  return [now.accepted - then.accepted, now.without - then.without, now.foreign - then.foreign];
}

describe('a site that answers every name', () => {
  for (const { kind, program, how, tree, flags } of LAYOUTS) {
    test(
      `${kind}, ${how}: who comes by no name of the lock is counted apart, and refused once it enforces`,
      needs(program),
      async () => {
        await using site = await startSite(kind, edge, { tree });
        const watching = await site.origin('install', ...NAMES, ...flags, '--watch');
        assert.equal(watching.code, 0, watching.stdout + watching.stderr);
        const locks = join(site.directory, 'postern', 'locks');
        const token = { POSTERN_TOKEN: edge.postern.token };
        const told = async () => {
          const argv = ['--api', edge.postern.base, '--zone', edge.zone, ...NAMES, '--locks', locks, '--name', kind];
          return run(['origin', 'watch-report', ...argv], token);
        };
        await told();
        const then = await callers();
        // Caddy asks for the same name in the handshake and in Host wherever it asks for certificates.
        const served = kind === 'caddy' ? [421, 200, 421] : [200, 200, 200];
        assert.deepEqual(await others(site), served, 'watching refuses nobody');
        await knock({ port: site.tls, sni: HOST });
        await knock({ port: site.tls, sni: HOST, host: `127.0.0.1:${site.tls}` });
        await knock({ port: site.tls, sni: 'blog.test', headers: [['User-Agent', 'Postern-Doctor']] });
        const spoken = await until('all are told', async () => {
          const { stdout } = await told();
          const { by_other_names: now } = await callers();
          return now.total.without - then.by_other_names.total.without === 3 && stdout;
        });
        assert.match(spoken, /^Other name or none since the last report: 3 would be refused too$/m);
        const now = await callers();
        assert.deepEqual(difference(now.by_other_names.total, then.by_other_names.total), [0, 3, 0]);
        assert.deepEqual(
          difference(now.total, then.total),
          [0, 2, 0],
          'where the handshake names the site, it is its own',
        );
        assert.equal(now.by_other_names.examples.length, 1);

        const body = { kind: 'enforce', hostname: HOST, other_names: ['example.test'] };
        const { result } = await edge.postern.call<object>('POST', `${at()}/impact`, body);
        assert.match(JSON.stringify(result), /"callers_by_other_names"/);
        const enforced = await site.origin('install', ...NAMES, ...flags);
        assert.equal(enforced.code, 0, enforced.stdout + enforced.stderr);
        const refused = await others(site);
        assert.ok(
          refused.every((one) => one !== 200),
          refused.join(', '),
        );
      },
    );
  }

  test(
    'haproxy: its journal tells them too, and names of other locks on record are not among them',
    needs('haproxy'),
    async () => {
      await using site = await startSite('haproxy', edge, { tree: debianHaproxy });
      const watching = await site.origin('install', ...NAMES, '--watch');
      assert.equal(watching.code, 0, watching.stdout + watching.stderr);
      await knock({ port: site.tls, sni: HOST, path: '/own' });
      await knock({ port: site.tls, sni: 'example.test', path: '/of-the-lock' });
      const address = `127.0.0.1:${site.tls}`;
      await knock({ port: site.tls, sni: null, host: address, path: '/by-address' });
      await until('all are logged', async () => site.server.errorLog().includes('/by-address'));
      const locks = join(site.directory, 'postern', 'locks');
      assert.equal(readdirSync(locks).filter((name) => name.endsWith('.json')).length, 1);
      const argv = [
        '--api',
        edge.postern.base,
        '--zone',
        edge.zone,
        '--hostname',
        HOST,
        '--locks',
        locks,
        '--log',
        '-',
      ];
      const journal = join(site.directory, 'journal.log');
      writeFileSync(journal, site.server.errorLog());
      const fed = ['sh', '-c', `exec "$@" < '${journal}'`, 'sh'];
      const ended = await run(['origin', 'watch-report', ...argv], { POSTERN_TOKEN: edge.postern.token }, fed);
      assert.equal(ended.code, 0, ended.stderr);
      assert.match(ended.stdout, /^Other name or none so far: 1 would be refused too$/m);
      const enforced = await site.origin('install', ...NAMES);
      assert.equal(enforced.code, 0, enforced.stdout + enforced.stderr);
      const saw = await knock({ port: site.tls, sni: null, host: address });
      assert.equal(saw.kind, 'refused');
    },
  );
});
