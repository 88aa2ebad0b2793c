import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock, knockPlain } from '../support/knock.ts';
import { type Edge, giveAway, type Site, startEdge, startNginxSite } from './installed-site.ts';
import { debianNginx, type TreePlaces } from './nginx-tree.ts';

const NAMES = ['--hostname', 'www.example.test', '--hostname', 'example.test'];
const HOST = 'www.example.test';

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

async function statusOf(site: Site, sni: string | null, host = HOST): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni, host });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

async function throughEdge(): Promise<number | string> {
  const saw = await knock({ port: edge.postern.https, sni: HOST });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

/** The tree of Debian with one file exchanged or added. */
const withFiles =
  (files: (places: TreePlaces) => Readonly<Record<string, string>>) =>
  (places: TreePlaces): Readonly<Record<string, string>> => ({ ...debianNginx(places), ...files(places) });

describe('postern origin install on nginx', needs('nginx'), () => {
  test('locks the site and proves it, changes nothing the second time, and uninstall undoes it to the byte', async () => {
    await using site = await startNginxSite(edge);
    const untouched = site.files();
    assert.equal(await statusOf(site, HOST), 200);

    const installed = await site.origin('install', ...NAMES);
    assert.equal(installed.code, 0, installed.stdout + installed.stderr);
    assert.match(installed.stdout, /this server says SUCCESS of its certificate/);
    assert.equal(await statusOf(site, HOST), 400);
    assert.equal(await throughEdge(), 200);
    assert.equal(await statusOf(site, 'other.test', 'other.test'), 200, 'the neighbour is as before');

    const locked = site.files();
    const link = 'sites-enabled/www.example.test';
    assert.equal(locked[link], untouched[link], 'the link is still a link');
    const again = await site.origin('install', ...NAMES);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /installed already, and nothing was changed/);
    assert.deepEqual(site.files(), locked);

    const gone = await site.origin('uninstall', HOST);
    assert.equal(gone.code, 0, gone.stdout + gone.stderr);
    assert.match(gone.stdout, /^\/.*\/locks\/www\.example\.test\.json is removed: the record of the lock\.$/m);
    assert.deepEqual(site.files(), untouched);
    assert.equal(await statusOf(site, HOST), 200);
  });

  test('says of a name that no zone holds which zone may be meant', async () => {
    await using site = await startNginxSite(edge);
    const refused = await site.origin('install', '--hostname', 'www.exmple.test');
    assert.equal(refused.code, 2, refused.stdout);
    assert.match(refused.stderr, /No zone holds the name "www\.exmple\.test".*\n.*Did you mean example\.test\?/);
  });

  test('shows with --dry-run what it would do, and does nothing', async () => {
    await using site = await startNginxSite(edge);
    const untouched = site.files();
    const shown = await site.origin('install', ...NAMES, '--dry-run');
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^\+\+\+ b.*sites-enabled\/www\.example\.test$/m);
    assert.match(shown.stdout, /^\+ {4}include ".*\/nginx\/www\.example\.test\.conf";$/m);
    assert.match(
      shown.stdout,
      /^\+# SHA-256 [0-9a-f]{64}\n(?:\+#.*\n)*\+-----BEGIN CERTIFICATE-----\n\+…\n\+-----END/m,
    );
    assert.match(shown.stdout, /\nDry run: nothing was changed\.\n$/);
    const machine = await site.origin('install', ...NAMES, '--dry-run', '--json');
    const view = JSON.parse(machine.stdout) as { outcome: string; changes: readonly { path: string }[] };
    assert.equal(view.outcome, 'dry_run');
    assert.deepEqual(
      view.changes.map(({ path }) => path.replace(/^.*?\/(?=[^/]+\/[^/]+$)/, '')),
      [
        'bundles/example.test.pem',
        'nginx/www.example.test.conf',
        'conf.d/00-postern-www.example.test.conf',
        'sites-enabled/www.example.test',
      ],
    );
    assert.deepEqual(site.files(), untouched);
    assert.ok(!existsSync(join(site.directory, 'state')), 'no backup was made');
  });

  test('asks for the other names of a virtual host, since they would be locked too', async () => {
    await using site = await startNginxSite(edge);
    const untouched = site.files();
    const refused = await site.origin('install', '--hostname', HOST);
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /more names than were given.*example\.test/);
    assert.doesNotMatch(refused.stderr, /By hand/, 'another flag is enough');
    assert.equal((await site.origin('install', '--hostname', HOST, '--all-names')).code, 0);
    assert.equal((await site.origin('uninstall', HOST)).code, 0);
    assert.deepEqual(site.files(), untouched);
  });
});

describe('everything is put back to the byte, with the reason', needs('nginx'), () => {
  async function failing(site: Site, argv: readonly string[], words: RegExp): Promise<void> {
    const untouched = site.files();
    const failed = await site.origin('install', ...NAMES, ...argv);
    assert.equal(failed.code, 1, failed.stdout + failed.stderr);
    assert.match(failed.stdout, words);
    assert.match(failed.stdout, /Every file is as it was/);
    assert.deepEqual(site.files(), untouched);
    assert.equal(await statusOf(site, HOST), 200);
  }

  test('where the edge comes without a certificate', async () => {
    await using site = await startNginxSite(edge);
    await edge.pull(false);
    try {
      await failing(
        site,
        [],
        /the edge at .*: it came without a certificate\n[\s\S]*Switch the origin pull of the zone on/,
      );
    } finally {
      await edge.pull(true);
    }
  });

  test('where the request through the edge does not come to this server', async () => {
    await using site = await startNginxSite(edge);
    const elsewhere = await startNginxSite(edge);
    await elsewhere[Symbol.asyncDispose]();
    await failing(site, [], /the request did not come to this server/);
  });

  test('where the edge is refused, because it comes with the certificate of another authority', async () => {
    await using site = await startNginxSite(edge);
    const bundle = join(site.directory, 'other.pem');
    writeFileSync(bundle, await edge.otherBundle());
    const untouched = site.files();
    const failed = await site.origin('install', ...NAMES, '--zone', 'example.test', '--bundle', bundle);
    assert.equal(failed.code, 1, failed.stdout + failed.stderr);
    assert.match(failed.stdout, /this server says FAILED:.* of its certificate/);
    assert.deepEqual(site.files(), untouched);
  });

  test('where the server does not reload', async () => {
    await using site = await startNginxSite(edge);
    const untouched = site.files();
    const failed = await site.origin('install', ...NAMES, '--reload', 'false');
    assert.equal(failed.code, 1, failed.stdout + failed.stderr);
    assert.match(failed.stdout, /the server does not reload: false ended with 1$/m);
    assert.match(failed.stdout, /NOT restored: the files are as they were.*reload it by hand$/m);
    assert.deepEqual(site.files(), untouched);
  });

  test('where the server says that it reloads and does not', async () => {
    await using site = await startNginxSite(edge);
    await failing(site, ['--reload', 'true', '--patience', '1'], /without a certificate: answered 200/);
  });
});

describe('nothing is touched', needs('nginx'), () => {
  async function untouchedBy(site: Site, argv: readonly string[], code: number, words: RegExp): Promise<string> {
    const untouched = site.files();
    const refused = await site.origin('install', ...argv);
    assert.equal(refused.code, code, refused.stdout + refused.stderr);
    assert.match(refused.stderr, words);
    assert.deepEqual(site.files(), untouched);
    assert.ok(!existsSync(join(site.directory, 'state')) || readdirSync(join(site.directory, 'state')).length <= 1);
    return refused.stderr;
  }

  test('where an included file is not there', async () => {
    await using site = await startNginxSite(edge);
    const main = join(site.directory, 'server.conf');
    writeFileSync(main, readFileSync(main, 'utf8').replace('http {', 'http {\n  include /nowhere/tls.conf;'));
    const said = await untouchedBy(
      site,
      NAMES,
      1,
      /not there, or may not be read \(.*tls\.conf\), .*server\.conf:\d+\)\.\n {2}Mend/,
    );
    assert.doesNotMatch(said, /By hand/);
  });

  test('where callers of another CA are to come in, which needs more than the virtual host that is there', async () => {
    await using site = await startNginxSite(edge);
    const words = /Nothing was changed: callers of another CA need a listener.*\n.*origin config SERVER --also-trust/;
    for (const flag of ['--also-trust', '--also-trust-crl', '--also-listen']) {
      const said = await untouchedBy(site, [...NAMES, flag, flag === '--also-listen' ? ':9443' : '/own.pem'], 1, words);
      assert.ok(said.includes(`(${flag})`), said);
    }
  });

  test('where a lock cannot be put into the kind of server that is named', async () => {
    await using site = await startNginxSite(edge);
    await untouchedBy(
      site,
      [...NAMES, '--server', 'lighttpd'],
      2,
      /cannot be installed into "lighttpd".*\n.*origin config lighttpd/,
    );
  });

  test('where the tree is broken elsewhere already', async () => {
    await using site = await startNginxSite(edge);
    writeFileSync(
      join(site.directory, 'sites-enabled/broken'),
      'server {\n  listen 127.0.0.1:1;\n  no_such_thing on;\n}\n',
    );
    await untouchedBy(
      site,
      NAMES,
      3,
      /broken already, before anything was touched: .*unknown directive "no_such_thing".*broken:3/,
    );
  });

  test('where the virtual host holds what is not understood: file, line, and what to do by hand', async () => {
    await using site = await startNginxSite(edge);
    const path = join(site.directory, 'sites-available/www.example.test');
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace('    location / {', '    access_by_lua_block {\n        local a = "}"\n    }\n    location / {'),
    );
    const said = await untouchedBy(site, NAMES, 1, /no virtual host answers for this name|not understood/);
    assert.match(said, /ssl_verify_client on;/);
  });

  test('where no virtual host has the name', async () => {
    await using site = await startNginxSite(edge);
    await untouchedBy(site, ['--hostname', 'later.example.test'], 1, /no virtual host answers for this name over TLS/);
  });

  test('where this user may not write', {
    skip: process.getuid?.() !== 0 ? 'needs root, to give files to somebody else' : false,
  }, async () => {
    await using site = await startNginxSite(edge);
    giveAway(site.directory);
    const untouched = site.files();
    const refused = await site.installWithoutRights(...NAMES);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /may not do what is needed/);
    assert.deepEqual(site.files(), untouched);
  });

  test('where no server runs with that file', async () => {
    await using site = await startNginxSite(edge);
    const file = join(site.directory, 'unused.conf');
    writeFileSync(file, readFileSync(join(site.directory, 'server.conf')));
    await untouchedBy(
      site,
      [...NAMES, '--server-config', file],
      3,
      /No web server that runs here reads .*unused\.conf/,
    );
  });
});

describe('a lock gets along with what is there', needs('nginx'), () => {
  async function thereAndBack(site: Site, argv: readonly string[] = NAMES, code = 0): Promise<string> {
    const untouched = site.files();
    const installed = await site.origin('install', ...argv);
    assert.equal(installed.code, code, installed.stdout + installed.stderr + site.server.errorLog());
    assert.equal(await statusOf(site, HOST), 400);
    assert.equal(await throughEdge(), 200);
    const gone = await site.origin('uninstall', HOST);
    assert.equal(gone.code, 0, gone.stdout + gone.stderr);
    assert.deepEqual(site.files(), untouched);
    return installed.stdout;
  }

  test('what stood in the way gives way and comes back', async () => {
    await using site = await startNginxSite(edge);
    const path = join(site.directory, 'sites-available/www.example.test');
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(
        '    include snippets/tls.conf;\n',
        '    include snippets/tls.conf;\r\n    ssl_verify_client optional; # for later\r\n    ssl_client_certificate\n        tls/site.pem;\n    ssl_session_tickets off;\n',
      ),
    );
    chmodSync(path, 0o444);
    const said = await thereAndBack(site);
    assert.match(said, /^\+# postern www\.example\.test: {5}ssl_verify_client optional; # for later/m);
  });

  test('a plain listener of the same virtual host redirects from then on', async () => {
    await using site = await startNginxSite(edge);
    const path = join(site.directory, 'sites-available/www.example.test');
    const text = readFileSync(path, 'utf8');
    const one = text
      .slice(text.indexOf('server {', 20))
      .replace('    server_name', `    listen 127.0.0.1:${site.http};\n    server_name`);
    writeFileSync(path, one);
    const untouched = site.files();
    assert.equal((await site.origin('install', ...NAMES)).code, 0);
    const plain = await knockPlain({ port: site.http, host: HOST });
    assert.equal(plain.kind === 'answered' && plain.status, 301);
    assert.equal((await site.origin('uninstall', HOST)).code, 0);
    assert.deepEqual(site.files(), untouched);
  });

  test('another virtual host of the same application is a door, and said to be one', async () => {
    await using site = await startNginxSite(edge, {
      tree: withFiles(({ tls }) => ({
        'sites-enabled/sibling': `server {\n  listen 127.0.0.1:${tls} ssl;\n  server_name sibling.test;\n  include snippets/tls.conf;\n  location / { proxy_pass http://site_app/; }\n}\n`,
      })),
    });
    const said = await thereAndBack(site, NAMES, 1);
    assert.match(said, /stays OPEN: another virtual host .*sibling\.test.*sites-enabled\/sibling:1/);
  });

  test('where the site was the default of its socket, names that nobody claims meet no virtual host any more', async () => {
    await using site = await startNginxSite(edge, {
      tree: withFiles(() => ({ 'sites-enabled/other.test': '# empty\n' })),
    });
    const untouched = site.files();
    assert.equal((await site.origin('install', ...NAMES)).code, 0);
    assert.equal(await statusOf(site, 'unknown.test'), 112);
    assert.equal((await site.origin('uninstall', HOST)).code, 0);
    assert.deepEqual(site.files(), untouched);
  });

  test('a stock server whose default site serves the same files over plain HTTP: that redirects then', async () => {
    await using site = await startNginxSite(edge, {
      tree: withFiles(({ tls, directory }) => ({
        'sites-enabled/other.test': '# empty\n',
        'sites-available/www.example.test': `server {\n  listen 127.0.0.1:${tls} ssl;\n  server_name www.example.test example.test;\n  include snippets/tls.conf;\n  root ${directory}/www;\n}\n`,
      })),
    });
    const untouched = site.files();
    const installed = await site.origin('install', ...NAMES);
    assert.equal(installed.code, 0, installed.stdout + installed.stderr);
    for (const host of [HOST, 'anything.test']) {
      const plain = await knockPlain({ port: site.http, host });
      assert.equal(plain.kind === 'answered' && plain.status, 301, host);
    }
    assert.equal((await site.origin('uninstall', HOST)).code, 0);
    assert.deepEqual(site.files(), untouched);
  });

  test('a stock server with one site for every name', async () => {
    await using site = await startNginxSite(edge, {
      tree: withFiles(({ tls, http, directory }) => ({
        'sites-enabled/other.test': '# empty\n',
        'sites-available/www.example.test': '# empty\n',
        'sites-available/default': `server {\n\tlisten 127.0.0.1:${http} default_server;\n\tlisten 127.0.0.1:${tls} ssl default_server;\n\tinclude snippets/tls.conf;\n\troot ${directory}/www;\n\tserver_name _;\n}\n`,
      })),
    });
    await thereAndBack(site);
  });
});

test(
  'a host that demands certificates already is not opened for watching, and the old lock comes back',
  needs('nginx'),
  async () => {
    await using site = await startNginxSite(edge);
    const path = join(site.directory, 'sites-available/www.example.test');
    const asking = '    ssl_verify_client on;\n    ssl_client_certificate tls/site.pem;\n';
    writeFileSync(path, readFileSync(path, 'utf8').replace('    include snippets', `${asking}    include snippets`));
    site.server.signal('SIGHUP');
    await until('the old lock refuses', async () => (await statusOf(site, HOST)) === 400);
    const untouched = site.files();
    const refused = await site.origin('install', ...NAMES);
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /demands certificates already.*sites-enabled\/www\.example\.test:8/);
    assert.deepEqual(site.files(), untouched);
    const replaced = await site.origin('install', ...NAMES, '--replace');
    assert.equal(replaced.code, 0, replaced.stdout + replaced.stderr);
    assert.doesNotMatch(replaced.stderr, /Watching/);
    assert.equal((await site.origin('uninstall', HOST)).code, 0);
    assert.deepEqual(site.files(), untouched);
    assert.equal(await statusOf(site, HOST), 400);
  },
);
