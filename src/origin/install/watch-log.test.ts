import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planApache } from './apache-plan.ts';
import { planCaddy } from './caddy-plan.ts';
import { planHaproxy } from './haproxy-plan.ts';
import { logPlace } from './log-places.ts';
import { requestFor, sourceOf } from './memory.fixture.ts';
import { planNginx } from './nginx-plan.ts';
import type { InstallPlan, InstallRefusal } from './plan.ts';

const WATCH = { kind: 'watch', proof: null } as const;
const ENFORCE = { kind: 'enforce', proof: null } as const;
const REQUEST = requestFor('www.example.test');
const NOWHERE = { ...REQUEST, logs: null };

function planned(plan: InstallPlan | InstallRefusal): InstallPlan {
  assert.ok(plan.kind === 'plan', JSON.stringify(plan));
  return plan;
}

/** What the lock's own files say of logs. */
function logged({ texts }: InstallPlan): readonly string[] {
  const lines = [...texts.values()].flatMap((text) => text.split('\n'));
  return lines.map((line) => line.trim()).filter((line) => /^(?:access_log|CustomLog|TransferLog|log\b)/.test(line));
}

function source(path: string, text: string, others: Readonly<Record<string, string>> = {}) {
  return sourceOf(new Map(Object.entries({ ...others, [path]: text })));
}

describe('the log of an nginx that watches', () => {
  const ours =
    /^access_log "\/var\/log\/nginx\/postern-watch-www_example_test_[0-9a-f]{8}\.log" postern_watch_\w+ if=\$\w+;$/;
  const site = (inner: string) => `server { # it
 listen 443 ssl;
 server_name www.example.test;
 ${inner}
}
`;
  const plan = (http: string, inner: string, { phase = WATCH, request = REQUEST, behind = '' }: Asked = {}) =>
    planned(
      planNginx(
        {
          main: '/n',
          accessLog: 'logs/compiled.log',
          listening: [],
          source: source('/n', `events {}\nhttp {\n${http}\ninclude /c/*.conf;\n${behind}}\n`, {
            '/c/www.conf': site(inner),
          }),
        },
        request,
        phase,
      ),
    );
  interface Asked {
    readonly phase?: typeof WATCH | typeof ENFORCE;
    readonly request?: typeof REQUEST | typeof NOWHERE;
    readonly behind?: string;
  }

  test('repeats what it would void: the log that is compiled in, or those around, as they stand', () => {
    const [compiled, own] = logged(plan('', ''));
    assert.equal(compiled, 'access_log logs/compiled.log;');
    assert.match(own ?? '', ours);
    const around = logged(plan('access_log /a "co mbined" buffer=4k;\n access_log /b;', ''));
    assert.deepEqual(around.slice(0, -1), ['access_log /a "co mbined" buffer=4k;', 'access_log /b;']);
  });

  test('stands beside those of the server, and alone where nothing was logged', () => {
    for (const [http, inner] of [
      ['access_log /a;', 'access_log /s;'],
      ['access_log off;', ''],
      ['access_log /a;', 'access_log off;'],
    ] as const) {
      const lines = logged(plan(http, inner));
      assert.equal(lines.length, 1, `${http} ${inner}`);
      assert.match(lines[0] ?? '', ours);
    }
    assert.deepEqual(logged(plan('access_log /a;', 'access_log off;', { phase: ENFORCE })), ['access_log off;']);
    assert.deepEqual(logged(plan('access_log /a;', '', { phase: ENFORCE })), []);
  });

  test('is not there where it cannot be, and that is said', () => {
    const first = 'server {\n listen 443 ssl;\n server_name www.example.test;\n }\n';
    const noted = (made: InstallPlan) => [logged(made), made.notes.find((note) => note.includes('log'))];
    const front = planned(
      planNginx(
        {
          main: '/n',
          accessLog: '/l',
          listening: [],
          source: source('/n', `events {}\nhttp {\n${first}include /c/*.conf;\n}\n`),
        },
        REQUEST,
        WATCH,
      ),
    );
    assert.deepEqual(noted(front), [
      [],
      'Who comes without a certificate is not logged: no include stands in front of the site.',
    ]);
    assert.deepEqual(noted(plan('', '', { request: NOWHERE })), [
      [],
      'Who comes without a certificate is not logged: no directory for logs is known (--log-dir).',
    ]);
    const located = plan('', 'location = /favicon.ico { access_log off; }');
    assert.ok(located.notes.includes('access_log at /c/www.conf:4 keeps requests there out of that log.'));
    assert.deepEqual(plan('', 'location = /favicon.ico { access_log off; }', { phase: ENFORCE }).notes, []);
  });
});

test('the format of nginx stands in front of all files of its directory that hold a locked site, or nowhere', () => {
  const site = 'server { # it\n listen 443 ssl;\n server_name www.example.test;\n}\n';
  const paths = (name: string) =>
    planned(
      planNginx(
        {
          main: '/n',
          accessLog: '/l',
          listening: [],
          source: source('/n', 'events {}\nhttp {\n include /c/*.conf;\n include /d/*.conf;\n}\n', { [name]: site }),
        },
        REQUEST,
        WATCH,
      ),
    )
      .changes.map(({ path }) => path)
      .filter((path) => path.includes('/00-postern'));
  assert.deepEqual(paths('/c/www.conf'), ['/c/00-postern-www.example.test.conf']);
  assert.deepEqual(paths('/c/00-a.conf'), []);
  assert.deepEqual(paths('/d/00-a.conf'), ['/c/00-postern-www.example.test.conf']);
});

test('Apache repeats the logs of the server in a virtual host that had none of its own', () => {
  const modules = ['ssl', 'authz_core', 'alias'].map((name) => `LoadModule ${name}_module m/mod_${name}.so\n`).join('');
  const plan = (server: string, inner: string, request: typeof REQUEST | typeof NOWHERE = REQUEST) => {
    const host = `<VirtualHost *:443>\nServerName www.example.test\nSSLEngine on\n${inner}</VirtualHost>\n`;
    const start = { main: '/h/httpd.conf', root: '/h', modules: ['core.c'], defines: [], environment: {} };
    const files = source('/h/httpd.conf', `${modules}Listen 443\n${server}${host}`);
    return planned(planApache({ start, source: files, listening: [] }, request, WATCH));
  };
  const server = 'CustomLog "/a b.log" combined env=!quiet\nTransferLog /t.log\n';
  const all = logged(plan(server, ''));
  assert.deepEqual(all.slice(0, -1), ['CustomLog "/a b.log" combined env=!quiet', 'TransferLog /t.log']);
  assert.match(
    all.at(-1) ?? '',
    /^CustomLog "\/var\/log\/nginx\/postern-watch-www_example_test_\w+\.log" postern_watch_/,
  );
  assert.equal(logged(plan(server, 'CustomLog /own.log combined\n')).length, 1);
  const nowhere = plan(server, '', NOWHERE);
  assert.deepEqual(logged(nowhere), []);
  assert.match(nowhere.notes.join(), /is not logged: no directory for logs is known/);
});

test('HAProxy continues the format of a frontend, says where it cannot, and where nothing is logged', () => {
  const plan = (defaults: string, frontend: string) =>
    planned(
      planHaproxy(
        {
          files: ['/h'],
          listening: [],
          source: source(
            '/h',
            `defaults\n mode http\n${defaults}frontend f\n bind :443 ssl crt /c\n${frontend} acl a hdr(host) www.example.test\n`,
          ),
        },
        REQUEST,
        WATCH,
      ),
    );
  const formats = ({ changes }: InstallPlan) =>
    (changes.find(({ path }) => path === '/h')?.after ?? '').split('\n').filter((line) => /log-format/.test(line));
  const inherited = formats(plan(' log global\n log-format "%ci \\"x\\""\n', ''));
  assert.match(inherited[1] ?? '', /^ log-format "%ci \\"x\\""" postern-watch verify=/);
  assert.match(formats(plan(' log global\n option httpslog\n', ''))[0] ?? '', /sslv\/%sslc"" postern-watch verify=/);
  const behind = formats(plan(' log global\n', " log-format 'a b'\n"));
  assert.deepEqual(
    [behind[0], behind[1]?.startsWith(" log-format 'a b'\" postern-watch")],
    [" log-format 'a b'", true],
  );
  const classic = plan(' log global\n option httplog clf\n', '');
  assert.deepEqual(formats(classic), []);
  assert.match(classic.notes.join(), /The format of the log of \/h:\d+ cannot be continued/);
  assert.match(plan('', '').notes.join(), /The frontend at \/h:3 logs nowhere/);
});

test('Caddy has one log for each site: where there is one, it is named', () => {
  const plan = (inner: string) =>
    planned(
      planCaddy(
        { main: '/c', version: [2, 6, 2], listening: [], source: source('/c', `www.example.test {\n${inner}}\n`) },
        NOWHERE,
        WATCH,
      ),
    );
  assert.deepEqual(logged(plan('')), ['log {']);
  const own = plan('\tlog\n');
  assert.deepEqual(logged(own), []);
  assert.match(own.notes.join(), /stands in the site's own log \(\/c:2\)/);
});

test('logs go where the server has its own and this user may write, unless a place is named', () => {
  const only =
    (...paths: readonly string[]) =>
    (path: string) =>
      paths.includes(path);
  assert.equal(logPlace(REQUEST.directory, 'nginx', only()), '/etc/postern');
  assert.equal(logPlace(null, 'nginx', only('/var/log/nginx')), '/var/log/nginx');
  assert.equal(logPlace(null, 'apache', only('/var/log/httpd')), '/var/log/httpd');
  assert.equal(logPlace(null, 'apache', only()), null);
  assert.equal(logPlace(null, 'caddy', only('/var/log/caddy')), null);
});
