/** What is pasted into a shell of root at an nginx that serves a site already, beside others: what is loaded then, and what is left. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadHost } from '../../dashboard/src/pages/setup/load-host.ts';
import { pasteBlock } from '../../dashboard/src/pages/setup/paste-block.ts';
import {
  refuseUnknownNames,
  unknownNamesBlock,
  unknownNamesFile,
} from '../../dashboard/src/pages/setup/unknown-names.ts';
import { unlockNginx } from '../../dashboard/src/pages/setup/unlock-host.ts';
import { until } from '../scenarios/until.ts';
import { knock } from '../support/knock.ts';
import { type DebianMachine, needsDebian, startDebianMachine } from './debian-machine.ts';

const LINES = '/etc/postern/nginx-www.conf';
const UNKNOWN = unknownNamesFile('www.example.test');
/** A word that shows that the lines are loaded. */
const LOCK = 'add_header X-Lock on always;\n';

/** A site beside the one that is locked, which is read before it. */
function neighbour(listen: string): string {
  return `printf '%s\n' 'server { listen ${listen}; server_name blog.test; ssl_certificate /etc/site.pem;
    ssl_certificate_key /etc/site.key; # a brace in a comment: {
    location ~ "^/a{2}$" { return 204; } location / { set $a "\${host};"; return 200 "the blog"; } }' > /etc/nginx/sites-enabled/blog`;
}

/** The enforcing block of the page, with lines of this text. */
function enforcing(lines: string): string {
  const passed = refuseUnknownNames({ hostname: 'www.example.test', lines: LINES });
  return pasteBlock(
    [{ path: LINES, text: lines }],
    loadHost('nginx', { hostname: 'www.example.test', lines: LINES, watches: false, passed }) ?? [],
  );
}

const SITE = '/etc/nginx/sites-available/www';
const INTO_HOST = `mkdir -p /etc/postern && touch ${LINES} && sed -i 's|^\tlocation|\tinclude "${LINES}";\\n&|' ${SITE}`;

/** A machine whose site includes the lines, beside a neighbour, with all of it loaded. */
async function machineBeside(listen: (port: number) => string): Promise<DebianMachine> {
  const machine = await startDebianMachine('nginx');
  try {
    for (const line of [neighbour(listen(machine.port)), INTO_HOST, 'nginx -t && nginx -s reload'])
      await typed(machine, line);
    await until('names that no site has meet the neighbour', async () =>
      (await typed(machine, visit(machine, 'nobody.test'))).includes('the blog'),
    );
    return machine;
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

function visit({ port }: DebianMachine, name: string): string {
  return `curl -sk -D - --resolve ${name}:${port}:127.0.0.1 https://${name}:${port}/`;
}

async function answer({ port }: DebianMachine, sni: string): Promise<number | 'refused'> {
  const outcome = await knock({ port, sni });
  return outcome.kind === 'answered' ? outcome.status : 'refused';
}

async function typed(machine: DebianMachine, line: string): Promise<string> {
  const { code, stdout, stderr } = await machine.type(line);
  assert.equal(code, 0, `${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

/** Every file of nginx, and of the lock, with what is in it; without copies that were kept. */
function state(machine: DebianMachine): Promise<string> {
  return typed(machine, "cd /etc && find nginx postern ! -name '*.before-*' ! -type d -exec md5sum {} + | sort");
}

describe('what is pasted at an nginx with neighbours', needsDebian('nginx', 'curl'), () => {
  test('has names that no site has refused, leaves the neighbour, and is undone by the way back', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl`);
    const before = await state(machine);
    const said = await typed(machine, enforcing(LOCK));
    assert.match(said, new RegExp(`^wrote ${UNKNOWN}$`, 'm'));
    await until('unknown names are refused', async () => (await answer(machine, 'nobody.test')) === 'refused');
    assert.equal(await answer(machine, 'blog.test'), 200);
    assert.equal(await answer(machine, machine.host), 200);
    assert.match(
      await typed(machine, `cat ${UNKNOWN}`),
      new RegExp(`^    listen 127.0.0.1:${machine.port} ssl default`, 'm'),
    );
    await typed(machine, enforcing(LOCK));
    assert.equal(await answer(machine, 'nobody.test'), 'refused', 'the same once more changes nothing');

    const back = unlockNginx({ hostname: machine.host, lines: LINES, besides: [], bundles: [] });
    assert.match(await typed(machine, back), /^taken out of /m);
    await until('the neighbour answers again', async () => (await answer(machine, 'nobody.test')) === 200);
    await typed(machine, `${INTO_HOST} && nginx -t`);
    assert.equal(await state(machine), before, 'nothing else is left');
  });

  test('the way back takes a bundle along that nothing else names, leaves one that something does, and tells of copies', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl`);
    const bundles = [
      '/etc/postern/own.pem',
      "/etc/postern/it's shared.pem",
      '/etc/postern/synced.pem',
      '/etc/postern/gone.pem',
    ];
    const [own = '', shared = '', synced = ''] = bundles;
    const put = `cp /etc/site.pem ${own}; cp /etc/site.pem "${shared}"; cp /etc/site.pem ${synced}`;
    const unit = '/etc/systemd/system/kept.service';
    await typed(machine, `${put}; mkdir -p /etc/systemd/system; echo 'ExecStart=x --bundle ${synced}' > ${unit}`);
    const uses = `ssl_client_certificate "${shared}"; ssl_verify_client optional;`;
    await typed(
      machine,
      `sed -i "s|server_name blog.test;|&${uses.replaceAll('"', String.raw`\"`)}|" /etc/nginx/sites-enabled/blog`,
    );
    await typed(machine, enforcing(LOCK));
    await typed(machine, enforcing(`${LOCK}add_header X-Other on;\n`));
    const said = await typed(machine, unlockNginx({ hostname: machine.host, lines: LINES, besides: [], bundles }));
    assert.match(said, new RegExp(`^removed ${own}$`, 'm'));
    assert.match(said, new RegExp(`^left, for something names it: ${shared}$`, 'm'));
    assert.match(said, new RegExp(`^left, for something names it: ${synced}$`, 'm'));
    assert.match(said, new RegExp(`^left, a copy of before: ${LINES}\\.before-`, 'm'));
    assert.doesNotMatch(said, /gone\.pem/);
    await typed(machine, `! test -e ${own} && test -e "${shared}" && test -e ${synced} && nginx -t`);
    await typed(machine, `rm ${unit}`);
  });

  test('takes its own file out again beside a default server of somebody else, and loads the lock all the same', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl default_server`);
    const said = await typed(machine, enforcing(LOCK));
    assert.match(said, /a duplicate default server for 127\.0\.0\.1/);
    assert.match(said, new RegExp(`^Taken out again: ${UNKNOWN}\\.`, 'm'));
    assert.notEqual((await machine.type(`ls ${UNKNOWN}*`)).code, 0, 'nothing of it is left');
    const locked = visit(machine, machine.host);
    await until('the lock is loaded', async () => /^x-lock: on/im.test(await typed(machine, locked)));
    assert.equal(await answer(machine, 'nobody.test'), 200);
  });

  test('puts every file back where the lines do not pass, and loads nothing', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl`);
    const before = await state(machine);
    const { code, stdout, stderr } = await machine.type(enforcing('no_such_directive on;\n'));
    assert.notEqual(code, 0);
    assert.match(stderr, /no_such_directive/);
    assert.match(stdout, /Nothing was loaded, and every file is as it was before/);
    assert.equal(await state(machine), before);
    await typed(machine, 'nginx -t');
  });

  test('is mended afterwards by a block of its own, for a site that a wildcard serves as well', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl`);
    await typed(machine, "sed -i 's|server_name .*;|server_name *.example.test;|' /etc/nginx/sites-available/www");
    await typed(machine, unknownNamesBlock(machine.host));
    await until('unknown names are refused', async () => (await answer(machine, 'nobody.test')) === 'refused');
    assert.equal(await answer(machine, machine.host), 200);
  });

  test('says so where the site is written in a way that it does not find', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl`);
    const passed = refuseUnknownNames({ hostname: 'other.example.test', lines: null });
    const block = pasteBlock(
      [{ path: LINES, text: LOCK }],
      loadHost('nginx', { hostname: 'www.example.test', lines: LINES, watches: false, passed }) ?? [],
    );
    assert.match(await typed(machine, block), /No "listen … ssl" of other\.example\.test was found/);
  });

  const watching = pasteBlock(
    [],
    [...(loadHost('nginx', { hostname: 'www.example.test', lines: LINES, watches: true }) ?? []), 'echo reported'],
  );

  test('keeps the usual log of a block that has none of its own, once, and leaves one that has', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl`);
    const log = '/var/log/nginx/watched.log';
    const write = `echo 'access_log ${log};' > ${LINES}`;
    await typed(machine, write);
    for (let turn = 0; turn < 2; turn++) assert.match(await typed(machine, watching), /^Loaded\.\nreported$/m);
    const both = `access_log "/var/log/nginx/access.log";\naccess_log ${log};\n`;
    assert.equal(await typed(machine, `cat ${LINES}`), both);
    await typed(machine, `${write}; sed -i 's|^\tlocation|\taccess_log /var/log/nginx/own.log;\\n&|' ${SITE}`);
    await typed(machine, watching);
    assert.equal(await typed(machine, `cat ${LINES}`), `access_log ${log};\n`);
  });

  test('goes on to nothing where the test fails, or where nginx cannot load what passed it', async () => {
    await using machine = await machineBeside((port) => `127.0.0.1:${port} ssl`);
    const other = '/etc/nginx/conf.d/other.conf';
    for (const [text, says] of [
      ['no_such_directive on;', /Nothing was loaded\.[\s\S]*no_such_directive/],
      [`server { listen 127.0.0.1:${machine.application.port}; }`, /^NOT LOADED/m],
    ] as const) {
      await typed(machine, `echo '${text}' > ${other}`);
      const { code, stdout, stderr } = await machine.type(watching);
      assert.notEqual(code, 0);
      assert.match(`${stdout}${stderr}`, says);
      assert.doesNotMatch(stdout, /^(?:Loaded|reported)/m);
    }
  });
});
