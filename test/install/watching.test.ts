import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { debianApache } from './apache-tree.ts';
import { debianHaproxy } from './haproxy-tree.ts';
import { packagedCaddy } from './caddy-tree.ts';
import { type Edge, type Site, startEdge, startNginxSite, startSite } from './installed-site.ts';
import { debianNginx, type TreeFiles, type TreePlaces } from './nginx-tree.ts';

const NAMES = ['--hostname', 'www.example.test', '--hostname', 'example.test'];
const HOST = 'www.example.test';

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

/** The tree with another text in one of its files. */
function changed(
  tree: (places: TreePlaces) => TreeFiles,
  file: string,
  change: (text: string, places: TreePlaces) => string,
): (places: TreePlaces) => TreeFiles {
  return (places) => {
    const files = tree(places);
    const after = change(files[file] ?? '', places);
    assert.notEqual(after, files[file], `${file} is changed`);
    return { ...files, [file]: after };
  };
}

const NGINX_SITE = 'sites-available/www.example.test';
const SHOP = 'shop "GET /who-is-this';
const SHOP_FORMAT = `log_format shop 'shop "$request"';`;

/** Servers with a log of the site's own, where there is one; and what the log says then. */
const TREES = [
  {
    kind: 'nginx',
    program: 'nginx',
    how: 'with a log for all sites',
    tree: changed(debianNginx, 'server.conf', (text, { directory }) =>
      text.replace('access_log off;', `${SHOP_FORMAT}\n access_log ${directory}/shop.log shop;`),
    ),
    own: SHOP,
  },
  {
    kind: 'nginx',
    program: 'nginx',
    how: 'with a log of the site',
    tree: changed(
      changed(debianNginx, 'server.conf', (text) => text.replace('access_log off;', SHOP_FORMAT)),
      NGINX_SITE,
      (text, { directory }) =>
        text.replace(
          'include snippets/tls.conf;',
          `include snippets/tls.conf;\n access_log ${directory}/shop.log shop;`,
        ),
    ),
    own: SHOP,
  },
  {
    kind: 'nginx',
    program: 'nginx',
    how: 'with no log for the site',
    tree: changed(debianNginx, NGINX_SITE, (text) =>
      text.replace('include snippets/tls.conf;', 'include snippets/tls.conf;\n    access_log off; # too many'),
    ),
    own: '',
  },
  {
    kind: 'apache',
    program: 'apache2',
    how: 'with a log for all sites',
    tree: changed(debianApache, 'server.conf', (text, { directory }) =>
      text.replace('LogLevel warn', `LogLevel warn\nCustomLog "${directory}/shop.log" "shop \\"%r\\""`),
    ),
    own: SHOP,
  },
  {
    kind: 'apache',
    program: 'apache2',
    how: 'with a log of the site',
    tree: changed(debianApache, 'sites-available/www.example.test.conf', (text, { directory }) =>
      text.replace(
        '\tProxyPreserveHost On',
        `\tCustomLog "${directory}/shop.log" "shop \\"%r\\""\n\tProxyPreserveHost On`,
      ),
    ),
    own: SHOP,
  },
  { kind: 'haproxy', program: 'haproxy', how: 'without a format of its own', tree: debianHaproxy, own: '' },
  {
    kind: 'haproxy',
    program: 'haproxy',
    how: 'with a format of its own',
    tree: changed(debianHaproxy, 'server.conf', (text) =>
      text.replace('\tacl shop', '\tlog-format shop\\ "%{+Q}r"\n\tacl shop'),
    ),
    own: SHOP,
  },
  { kind: 'caddy', program: 'caddy', how: 'without a log', tree: packagedCaddy, own: '' },
] as const;

function lineOf(site: Site, path: string): string | undefined {
  const lines = site.server.errorLog().split('\n');
  return lines.find((line) => line.includes(path) && /postern-watch|verify="|"logger":"http\.log\.access/.test(line));
}

describe('origin install --watch', () => {
  for (const { kind, program, how, tree, own } of TREES) {
    test(`on ${kind} ${how}: logs who comes with what, beside what was logged before`, needs(program), async () => {
      await using site = await startSite(kind, edge, { tree });
      const untouched = site.files();
      const installed = await site.origin('install', ...NAMES, '--watch');
      assert.equal(installed.code, 0, installed.stdout + installed.stderr);
      assert.match(installed.stdout, /note: Callers (?:other than the edge|without a certificate): /);
      const stranger = await knock({ port: site.tls, sni: HOST, path: '/who-is-this' });
      assert.equal(stranger.kind === 'answered' && stranger.status, 200);
      await knock({ port: edge.postern.https, sni: HOST, path: '/from-the-edge' });
      await until('both are logged', async () =>
        ['/who-is-this', '/from-the-edge'].every((path) => lineOf(site, path) !== undefined),
      );
      const [without, pull] = [lineOf(site, '/who-is-this') ?? '', lineOf(site, '/from-the-edge') ?? ''];
      if (kind === 'caddy') {
        assert.doesNotMatch(without, /"client_serial"/);
        assert.match(pull, /"client_serial"/);
      } else {
        assert.match(without, /verify="NONE" from=127\.0\.0\.1 sni="www\.example\.test" host="www\.example\.test"/);
        assert.match(pull, /verify="SUCCESS" .*subject=".+" issuer=".+"/);
      }
      assert.ok(site.server.errorLog().includes(own), site.server.errorLog());
      assert.equal(lineOf(site, 'postern-proof'), undefined, 'the proof is not counted');

      const again = await site.origin('install', ...NAMES, '--watch');
      assert.match(again.stdout, /installed already, and nothing was changed/);
      const enforced = await site.origin('install', ...NAMES);
      assert.equal(enforced.code, 0, enforced.stdout + enforced.stderr);
      const gone = await site.origin('uninstall', HOST);
      assert.equal(gone.code, 0, gone.stdout + gone.stderr);
      assert.deepEqual(site.files(), untouched);
    });
  }
});

async function statusOf(site: Site): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni: HOST });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

test('watching refuses nobody until the lock is told to enforce', needs('nginx'), async () => {
  await using site = await startNginxSite(edge);
  const untouched = site.files();
  await edge.pull(false);
  const watching = await site.origin('install', ...NAMES, '--watch');
  await edge.pull(true);
  assert.equal(watching.code, 0, watching.stdout + watching.stderr);
  assert.match(watching.stdout, /the edge at .*: it came without a certificate/);
  assert.equal(await statusOf(site), 200);
  assert.equal((await site.origin('install', ...NAMES)).code, 0);
  assert.equal(await statusOf(site), 400);
  assert.equal((await site.origin('uninstall', HOST)).code, 0);
  assert.deepEqual(site.files(), untouched);
});
