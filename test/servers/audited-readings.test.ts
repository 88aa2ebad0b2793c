import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { apacheSites } from '../../src/origin/audit/apache/sites.ts';
import { APACHE_CASES } from '../../src/origin/audit/apache.fixture.ts';
import { type AuditCase, trustedFiles } from '../../src/origin/audit/audited-case.fixture.ts';
import { HAPROXY_CASES } from '../../src/origin/audit/haproxy.fixture.ts';
import { LIGHTTPD_CASES } from '../../src/origin/audit/lighttpd.fixture.ts';
import { hostAndPort } from '../../src/origin/server/apache/hosts.ts';
import { readApacheTree } from '../../src/origin/server/apache/tree.ts';
import { askProgram } from '../../src/origin/server/ask-program.ts';
import { DISK } from '../../src/origin/server/config-source.ts';
import { readLighttpdTree } from '../../src/origin/server/lighttpd/tree.ts';
import { needs, type Program, programPath } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';

let files: ReadonlyMap<string, string>;
before(async () => {
  files = await trustedFiles();
});

/** Writes a case to where a real server can read it; `/t` is that place. */
function written(directory: string, { config, more = {} }: Pick<AuditCase, 'config' | 'more'>): string {
  const moved = (text: string) =>
    text.replaceAll('/t/', `${directory}/`).replace(/^ServerRoot .*$/m, `ServerRoot ${directory}`);
  const main = join(directory, 'main.conf');
  for (const [path, text] of [...files, ...Object.entries(more), ['/t/main.conf', config] as const]) {
    const file = moved(path);
    if (!file.startsWith(directory)) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, moved(text));
  }
  symlinkSync('/usr/lib/apache2/modules', join(directory, 'modules'));
  return main;
}

const APACHE = (main: string, directory: string) => {
  const places = [`DefaultRuntimeDir ${directory}`, `PidFile ${directory}/pid`, `ErrorLog ${directory}/log`];
  return [...places.flatMap((line) => ['-C', line]), '-t', '-f', main];
};

const SERVERS: readonly {
  readonly program: Program;
  readonly cases: readonly AuditCase[];
  readonly argv: (main: string, directory: string) => readonly string[];
}[] = [
  { program: 'apache2', cases: APACHE_CASES, argv: APACHE },
  { program: 'haproxy', cases: HAPROXY_CASES, argv: (main) => ['-c', '-f', main] },
  { program: 'lighttpd', cases: LIGHTTPD_CASES, argv: (main) => ['-tt', '-f', main] },
];

// A case that the server does not read would show nothing of what it does.
describe('the cases of the audits are configurations that the servers read', () => {
  for (const { program, cases, argv } of SERVERS) {
    const tried = async (one: AuditCase) => {
      using scratch = scratchDirectory();
      const main = written(scratch.path, one);
      return await askProgram([programPath(program), ...argv(main, scratch.path)]);
    };

    test(program, needs(program), async () => {
      const refused: string[] = [];
      for (const one of cases.filter(({ unreal, refusal }) => unreal !== true && refusal === undefined)) {
        const { code, said } = await tried(one);
        if (code !== 0) refused.push(`${one.title}: ${said}`);
      }
      assert.deepEqual(refused, []);
    });

    test(`${program}, but for those that are said to keep it from starting`, needs(program), async () => {
      for (const one of cases.filter(({ refusal }) => refusal !== undefined)) {
        const { code, said } = await tried(one);
        assert.notEqual(code, 0, one.title);
        assert.ok(said.includes(one.refusal ?? ''), `${one.title}: ${said}`);
      }
    });
  }
});

const HOSTS = `Listen 127.0.0.1:8443
Listen [::1]:8443
<Macro Host $name $port>
  <VirtualHost *:$port>
    ServerName $name
    ServerAlias www.$name *.x.$name
  </VirtualHost>
</Macro>
Use Host m1.test 443
Use Host m2.test 443
Define late yes
<IfDefine late>
<VirtualHost [::1]:8443 127.0.0.1:8443>
  ServerName Six.test:8443
</VirtualHost>
</IfDefine>
<IfDefine never>
<VirtualHost *:443>
  ServerName never.test
</VirtualHost>
</IfDefine>
<VirtualHost 127.0.0.1:8443>
  ServerName four.test
  ServerAlias \\
    also.test
</VirtualHost>
<IfVersion < 2.4>
<VirtualHost *:443>
  ServerName old.test
</VirtualHost>
</IfVersion>
<VirtualHost *>
  ServerName any.test
</VirtualHost>
Include more/*.conf
`;

/** What Apache says that it has read: for each socket its names, with where they stand, in their order. */
function dumped(said: string): readonly string[] {
  let socket = '';
  return said.split('\n').flatMap((line) => {
    const head = /^(\S+:(?:\d+|\*))\s+(\S.*)$/.exec(line);
    if (head?.[1] !== undefined) socket = head[1];
    const host = /^(?:\S+:(?:\d+|\*)|\s+port \S+ namevhost)\s+(\S+) \((.+)\)$/.exec(line);
    const alias = /^\s+(?:wild )?alias (\S+)$/.exec(line)?.[1];
    if (alias !== undefined) return [`${socket} + ${alias}`];
    return host === null ? [] : [`${socket} ${host[1]?.toLowerCase()} ${placeIn(host[2] ?? '')}`];
  });
}

// The lines of a macro count from its own first one.
function placeIn(text: string): string {
  const macro = /defined on line (\d+) of "([^"]+)"\).*:(\d+)$/.exec(text);
  return macro === null ? text : `${macro[2]}:${Number(macro[1]) + Number(macro[3])}`;
}

test('Apache has the virtual hosts that the audit has, at the same addresses and lines', needs('apache2'), async () => {
  using scratch = scratchDirectory();
  const [first] = APACHE_CASES;
  assert.ok(first);
  const more = { '/t/more/a.conf': '<VirtualHost *:443>\nServerName more.test\n</VirtualHost>\n' };
  const main = written(scratch.path, { config: `${first.config}${HOSTS}`, more });
  const argv = [programPath('apache2'), ...APACHE(main, scratch.path), '-D', 'DUMP_VHOSTS'];
  const { said } = await askProgram(argv);
  const start = { main, root: scratch.path, modules: ['core.c'], defines: [], environment: {} };
  const tree = readApacheTree({ ...start, audit: { version: [2, 4, 71], allModules: false } }, DISK);
  const own = apacheSites(tree).sites.flatMap(({ host, names: [name = '', ...aliases], place }) =>
    (host?.addresses ?? []).flatMap((address) => {
      const { host: ip, port } = hostAndPort(address);
      const socket = `${ip.includes(':') ? `[${ip}]` : ip}:${port ?? '*'}`;
      return [`${socket} ${name} ${place.file}:${place.line}`, ...aliases.map((alias) => `${socket} + ${alias}`)];
    }),
  );
  const bySocket = (lines: readonly string[]) =>
    lines.toSorted((a, b) => (a.split(' ')[0] ?? '').localeCompare(b.split(' ')[0] ?? ''));
  assert.ok(own.length >= 12, own.join('\n'));
  // Those that stand alone at an address are not dumped with their aliases.
  assert.deepEqual(bySocket(own), bySocket(dumped(said)), said);
});

test('lighttpd evaluates settings and conditions as the audit does', needs('lighttpd'), async () => {
  for (const one of LIGHTTPD_CASES.filter(
    ({ unreal, config }) => unreal !== true && !config.includes('include_shell'),
  )) {
    using scratch = scratchDirectory();
    const main = written(scratch.path, one);
    const { said } = await askProgram([programPath('lighttpd'), '-p', '-f', main]);
    const printed = join(scratch.path, 'printed.conf');
    writeFileSync(printed, said.slice(said.indexOf('config {') + 'config {'.length).replace(/\}\s*$/, ''));
    const shape = (file: string) => {
      const tree = readLighttpdTree(file, DISK);
      assert.deepEqual(tree.stops, [], said);
      return tree.blocks.map(({ guards, settings }) => ({
        guards,
        // It prints where a setting ended up, and the last word on it.
        settings: Object.fromEntries(
          settings.filter(({ name }) => name !== 'server.modules').map(({ name, value }) => [name, value]),
        ),
      }));
    };
    assert.deepEqual(shape(main), shape(printed), one.title);
  }
});
