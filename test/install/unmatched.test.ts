import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { atTerminal, NEEDS_TERMINAL } from '../cli/terminal.ts';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startSite } from './installed-site.ts';

const HOST = 'www.example.test';
const NAMES = ['--hostname', HOST, '--hostname', 'example.test'];

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

async function statusOf(site: Site, sni: string | null, host: string): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni, host });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

/** How a look at the lock ends, which knows nothing of the configuration. */
async function looked(site: Site): Promise<number | null> {
  const { postern } = edge;
  const argv = ['doctor', HOST, '--api', postern.base, '--connect', `127.0.0.1:${site.tls}`];
  return (await run(argv, { POSTERN_TOKEN: postern.token })).code;
}

/** What strangers get who name nobody, or whom nobody is. */
async function unmatched(site: Site): Promise<readonly (number | string)[]> {
  return [
    await statusOf(site, null, 'unknown.invalid'),
    await statusOf(site, 'unknown.invalid', 'unknown.invalid'),
    await statusOf(site, 'other.test', 'unknown.invalid'),
  ];
}

const SERVERS = [
  { kind: 'nginx', program: 'nginx', refused: [112, 112, 421] },
  { kind: 'apache', program: 'apache2', refused: [403, 403, 403] },
] as const;

for (const { kind, program, refused } of SERVERS) {
  describe(`a neighbour of the same socket answers for names that no site has: ${kind}`, needs(program), () => {
    test('it is said in the plan and in the end, and nothing is changed about it unasked', async () => {
      await using site = await startSite(kind, edge);
      const installed = await site.origin('install', ...NAMES);
      assert.equal(installed.code, 0, installed.stdout + installed.stderr);
      const said = `names that no site has are answered by a neighbour, which stays open`;
      assert.match(
        installed.stdout,
        new RegExp(`^look at: ${said}.*\\(other\\.test on .*:${site.tls}, .*other\\.test`, 'm'),
      );
      assert.match(installed.stdout, new RegExp(`^! ${said}.* Say --default-server `, 'm'));
      assert.deepEqual(await unmatched(site), [200, 200, 200]);
      assert.equal(await statusOf(site, 'other.test', 'other.test'), 200);
      assert.notEqual(await looked(site), 0, 'from outside it cannot be told from a hole');
    });

    test('--default-server has them refused, proves it, is remembered, and is undone to the byte', async () => {
      await using site = await startSite(kind, edge);
      const untouched = site.files();
      const watching = await site.origin('install', ...NAMES, '--watch', '--default-server');
      assert.equal(watching.code, 0, watching.stdout + watching.stderr);
      assert.deepEqual(await unmatched(site), [200, 200, 200], 'watching refuses nobody');
      const said = 'Names that no site has are answered by a neighbour until the lock enforces';
      assert.match(
        watching.stdout,
        new RegExp(`^note: ${said} \\(other\\.test on .*:${site.tls}\\): .* is not counted`, 'm'),
      );

      const installed = await site.origin('install', ...NAMES);
      assert.equal(installed.code, 0, installed.stdout + installed.stderr);
      assert.match(installed.stderr, /^note: As when it was installed .* --default-server$/m);
      assert.match(installed.stdout, /^✓ names that no site has are refused \(knocks: \d+\)$/m);
      assert.doesNotMatch(installed.stdout, /answered by a neighbour/);
      assert.deepEqual(await unmatched(site), refused);
      assert.equal(await statusOf(site, 'other.test', 'other.test'), 200, 'the neighbour itself is as before');
      const visitor = await knock({ port: edge.postern.https, sni: HOST });
      assert.ok(visitor.kind === 'answered' && visitor.status === 200, JSON.stringify(visitor));

      assert.equal(await looked(site), 0, 'from outside it is found locked');

      const locked = site.files();
      const again = await site.origin('install', ...NAMES);
      assert.equal(again.code, 0, again.stdout + again.stderr);
      assert.match(again.stdout, /^It is installed already, and nothing was changed\.$/m);
      assert.deepEqual(site.files(), locked);

      const gone = await site.origin('uninstall', HOST);
      assert.equal(gone.code, 0, gone.stdout + gone.stderr);
      assert.deepEqual(site.files(), untouched);
      assert.deepEqual(await unmatched(site), [200, 200, 200]);
    });
  });
}

describe('a neighbour that says itself that it is the default of the socket', needs('nginx'), () => {
  test('is not contradicted: --default-server is refused, with its place', async () => {
    await using site = await startSite('nginx', edge);
    const path = join(site.directory, 'sites-available/other.test');
    writeFileSync(path, readFileSync(path, 'utf8').replace(' ssl;', ' ssl default_server;'));
    const untouched = site.files();
    const failed = await site.origin('install', ...NAMES, '--default-server');
    assert.equal(failed.code, 1, failed.stdout + failed.stderr);
    assert.match(
      failed.stderr,
      /says itself that it does \(.*, .*other\.test:1\)\.\n {2}Take default_server out of its listen line/,
    );
    assert.deepEqual(site.files(), untouched);
  });
});

describe('a person at a terminal', needs('nginx'), () => {
  const QUESTION = 'Enforce now? [y/k/N]';

  function argvOf({ directory }: Site): readonly string[] {
    const asking = ['--data', edge.postern.dir, '--through', `127.0.0.1:${edge.postern.https}`];
    const places = ['--config-dir', join(directory, 'postern'), '--backup-dir', join(directory, 'state')];
    const found = ['--server-config', join(directory, 'server.conf'), '--log-dir', directory];
    return ['origin', 'install', ...NAMES, ...asking, ...places, ...found];
  }

  const answered = (site: Site, key: string) =>
    atTerminal(argvOf(site), { columns: 400, answers: [[QUESTION, `${key}\n`]] });

  test(
    'is asked once for all, and sees what is new and what the neighbour is; n and Enter do nothing',
    NEEDS_TERMINAL,
    async () => {
      await using site = await startSite('nginx', edge);
      const untouched = site.files();
      for (const key of ['', 'n']) {
        const { code, screen } = await answered(site, key);
        assert.equal(code, 2, screen);
        assert.match(screen, /Nothing was done\./);
        assert.match(screen, /^Files of Postern's own .*\r?\n.*example\.test\.pem\r?$/m, 'by name');
        assert.match(screen, /^\+ .*include "/m, 'what changes in a file of theirs, in full');
        assert.match(
          screen,
          /^new: .*00-postern-www\.example\.test\.conf\r?\n {4}# Lock of (?:.*\r?\n)+? {4}log_format /m,
          'a new file beside theirs, in full',
        );
        assert.match(screen, /^new: .*\/postern-www\.example\.test\.conf\r?$/m);
        assert.match(screen, /^ {4,}ssl_reject_handshake on;\r?$/m, 'what names that no site has would get');
        assert.match(screen, /^Under its own names that site stays as it is/m);
        assert.doesNotMatch(screen, /look at: names that no site has/, 'that was asked');
        assert.deepEqual(site.files(), untouched);
      }
    },
  );

  test(
    'k enforces and keeps such names, claims no more than a look can tell, and names the command that has it proved',
    NEEDS_TERMINAL,
    async () => {
      await using site = await startSite('nginx', edge);
      const { code, screen } = await answered(site, 'k');
      assert.equal(code, 0, screen);
      assert.doesNotMatch(screen, /proved\./);
      assert.match(screen, /^Installed; strangers are refused, but no look from outside finds it locked\.\r?$/m);
      assert.match(screen, /^Undo: postern origin uninstall www\.example\.test /m);
      assert.equal(await statusOf(site, HOST, HOST), 400);
      assert.deepEqual(await unmatched(site), [200, 200, 200]);
      assert.notEqual(await looked(site), 0, 'so it is');

      const [, command = ''] = /and have it proved: postern (origin install .*?)\r?$/m.exec(screen) ?? [];
      const refused = await run(command.split(' '));
      assert.equal(refused.code, 0, refused.stdout + refused.stderr);
      assert.deepEqual(await unmatched(site), [112, 112, 421]);
      assert.equal(await looked(site), 0);
    },
  );

  test('y enforces, and refuses such names', NEEDS_TERMINAL, async () => {
    await using site = await startSite('nginx', edge);
    const { code, screen } = await answered(site, 'y');
    assert.equal(code, 0, screen);
    assert.match(screen, /the edge gets in, strangers are refused \(\d+ knocks, which may stand in your access log/);
    assert.match(screen, /Installed and proved\. Undo: postern origin uninstall www\.example\.test/);
    assert.deepEqual(await unmatched(site), [112, 112, 421]);

    const { directory } = site;
    const places = ['--config-dir', join(directory, 'postern'), '--backup-dir', join(directory, 'state')];
    const argv = ['origin', 'uninstall', HOST, ...places];
    const gone = await atTerminal(argv, { columns: 400, answers: [['Go on? [y/N]', 'y\n']] });
    assert.equal(gone.code, 0, gone.screen);
    assert.match(gone.screen, /^Files of Postern's own .*\r?\n(?: {2}.*\r?\n)* {2}.*example\.test\.pem\r?$/m);
    assert.doesNotMatch(gone.screen, /BEGIN CERTIFICATE/);
    assert.match(gone.screen, /^- .*include "/m);
  });

  test('is told where the neighbour has no name by which it would still be reached', NEEDS_TERMINAL, async () => {
    await using site = await startSite('nginx', edge);
    const path = join(site.directory, 'sites-available/other.test');
    writeFileSync(path, readFileSync(path, 'utf8').replace('server_name other.test;', 'server_name _;'));
    const { screen } = await answered(site, 'n');
    assert.match(screen, /^ {2}no name on 127\.0\.0\.1:\d+\r?$/m);
    assert.match(screen, /^A site with no name of its own is then reached by nobody there: name it first\.\r?$/m);
  });
});
