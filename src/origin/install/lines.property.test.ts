import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hostname } from '../../domain/ids.ts';
import { configPath } from '../config-path.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { parseApache } from '../server/apache/syntax.ts';
import { type Directive, parseNginx } from '../server/nginx/syntax.ts';
import { planApache, withoutApacheLock } from './apache-plan.ts';
import { planNginx, withoutNginxLock } from './nginx-plan.ts';
import type { InstallPlan } from './plan.ts';
import { type InstallRequest, lockName, type Phase } from './request.ts';

function found<T>(value: T | null): T {
  if (value === null) throw new Error('a constant of this test is not what it should be');
  return value;
}

const HOST = found(hostname('www.example.test'));
const REQUEST: InstallRequest = {
  name: found(lockName('www.example.test')),
  zone: found(hostname('example.test')),
  hostnames: [HOST],
  bundle: found(configPath('/etc/postern/bundles/example.test.pem')),
  pins: [],
  crl: null,
  allNames: true,
  directory: found(configPath('/etc/postern')),
};
const PHASES: readonly Phase[] = [
  { kind: 'watch', proof: { path: '/p', word: 'w' } },
  { kind: 'enforce', proof: { path: '/p', word: 'w' } },
  { kind: 'enforce', proof: null },
];

function sourceOf(files: ReadonlyMap<string, string>): ConfigSource {
  return {
    read: (path) => {
      const text = files.get(path);
      return text === undefined ? { code: 'ENOENT' } : { text };
    },
    list: (pattern) => [...files.keys()].filter((path) => path.startsWith(pattern.replace(/\*.*$/, ''))).sort(),
    isDirectory: () => false,
  };
}

function applied(files: ReadonlyMap<string, string>, plan: InstallPlan): ReadonlyMap<string, string> {
  const after = new Map(files);
  for (const { path, after: text } of plan.changes) {
    if (text === null) after.delete(path);
    else after.set(path, text);
  }
  return after;
}

const END = fc.constantFrom('\n', '\r\n');
const GAP = fc.constantFrom(' ', '\t', '  ');
const COMMENT = fc.constantFrom('', ' # "quoted { and ; in a comment', '#x');

/** Lines that may stand in a server block of nginx, among them those that a lock replaces. */
const NGINX_LINE = fc.constantFrom(
  'ssl_certificate "/a;b.pem";',
  "ssl_certificate_key '/k {';",
  'ssl_verify_client optional;',
  'ssl_client_certificate\n   /old.pem;',
  'ssl_session_cache shared:a:1m;',
  'ssl_trusted_certificate /t.pem;',
  'add_header X "a\\"b";',
  'location / { proxy_pass http://127.0.0.1:3000; }',
  'location ~ "\\.php{1,2}$" { return 404; }',
  'if ($args ~ "a;b") { return 403; }',
  `set $x "${'$'}{host}x";`,
  '# comment }',
  '',
);

const NGINX_SITE = fc
  .tuple(
    fc.array(fc.tuple(NGINX_LINE, COMMENT, GAP), { maxLength: 8 }),
    END,
    fc.constantFrom('www.example.test', '*.example.test', '.example.test'),
  )
  .map(([lines, end, name]) =>
    [
      'server {',
      ' listen 443 ssl;',
      ` server_name ${name};`,
      ...lines.map(([line, comment, gap]) => `${gap}${line}${comment === '' ? '' : ` ${comment}`}`),
      '}',
      '',
    ]
      .join('\n')
      .replaceAll('\n', end),
  );

describe('a lock in nginx', () => {
  test('is taken out to the byte, whatever the site looks like and in whatever phase it is', () => {
    fc.assert(
      fc.property(NGINX_SITE, fc.constantFrom(...PHASES), fc.constantFrom(...PHASES), (site, phase, next) => {
        const files = new Map([
          ['/n/nginx.conf', 'events {}\nhttp {\n include /n/sites/*;\n}\n'],
          ['/n/sites/www', site],
        ]);
        const input = (from: ReadonlyMap<string, string>) => ({
          main: '/n/nginx.conf',
          source: sourceOf(from),
          listening: [],
        });
        const plan = planNginx(input(files), REQUEST, phase);
        assert.ok(plan.kind === 'plan', JSON.stringify(plan));
        const locked = applied(files, plan);
        const read = withoutNginxLock(sourceOf(locked), REQUEST).read('/n/sites/www');
        assert.ok('text' in read);
        assert.equal(read.text, site);
        // The same plan again changes nothing, and another phase starts from the site as it was.
        const again = planNginx(input(locked), REQUEST, phase);
        assert.deepEqual(again.kind === 'plan' && again.changes, []);
        const other = planNginx(input(locked), REQUEST, next);
        const direct = planNginx(input(files), REQUEST, next);
        assert.ok(other.kind === 'plan' && direct.kind === 'plan');
        assert.equal(applied(locked, other).get('/n/sites/www'), applied(files, direct).get('/n/sites/www'));
      }),
      { numRuns: 300 },
    );
  });

  test('is read back from where the parser says that directives stand', () => {
    fc.assert(
      fc.property(NGINX_SITE, (site) => {
        const directives = parseNginx('/x', site);
        assert.ok(!('kind' in directives));
        const rebuilt = pieces(directives, site, 0, site.length);
        assert.equal(rebuilt, site);
      }),
    );
  });

  test('no text makes the parser throw, and what it gives lies inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('server{};"\'\\#$\n\t include')) }), (text) => {
        const directives = parseNginx('/x', text);
        if (!('kind' in directives))
          for (const { start, end } of directives) assert.ok(start < end && end <= text.length);
      }),
      { numRuns: 1000 },
    );
  });
});

/** The text, put together again from the directives and what stands between them. */
function pieces(directives: readonly Directive[], text: string, from: number, to: number): string {
  let at = from;
  let made = '';
  for (const { start, end, block } of directives) {
    assert.ok(start >= at && end <= to, 'directives do not overlap');
    made += text.slice(at, start);
    made +=
      block === null
        ? text.slice(start, end)
        : text.slice(start, block.open) +
          pieces(block.directives, text, block.open, block.close) +
          text.slice(block.close, end);
    at = end;
  }
  return made + text.slice(at, to);
}

const APACHE_LINE = fc.constantFrom(
  'SSLVerifyClient optional',
  'SSLCACertificateFile "/old.pem"',
  'Header set X "a \\"b\\" </VirtualHost>"',
  'ProxyPass "/" \\\n   "http://127.0.0.1:3000/"',
  '<Location "/x">\n  Require all denied\n</Location>',
  '<IfModule !mod_none.c>\n  SSLSessionTickets on\n</IfModule>',
  '# <VirtualHost',
  '',
);

const APACHE_SITE = fc
  .tuple(fc.array(fc.tuple(APACHE_LINE, GAP), { maxLength: 8 }), END)
  .map(([lines, end]) =>
    [
      '<VirtualHost *:443>',
      ' ServerName www.example.test',
      ' SSLEngine on',
      ...lines.map(([line, gap]) => gap + line),
      '  </VirtualHost>',
      '',
    ]
      .join('\n')
      .replaceAll('\n', end),
  );

describe('a lock in Apache', () => {
  const start = {
    main: '/a/main.conf',
    root: '/a',
    modules: ['mod_ssl.c', 'mod_alias.c', 'mod_authz_core.c'],
    defines: [],
    environment: {},
  };

  test('is taken out to the byte, whatever the site looks like and in whatever phase it is', () => {
    fc.assert(
      fc.property(APACHE_SITE, fc.constantFrom(...PHASES), (site, phase) => {
        const files = new Map([
          ['/a/main.conf', 'Listen 443\nInclude sites/*\n'],
          ['/a/sites/www', site],
        ]);
        const plan = planApache({ start, source: sourceOf(files), listening: [] }, REQUEST, phase);
        assert.ok(plan.kind === 'plan', JSON.stringify(plan));
        const locked = applied(files, plan);
        assert.notEqual(locked.get('/a/sites/www'), site);
        const read = withoutApacheLock(sourceOf(locked), REQUEST).read('/a/sites/www');
        assert.ok('text' in read);
        assert.equal(read.text, site);
        const again = planApache({ start, source: sourceOf(locked), listening: [] }, REQUEST, phase);
        assert.deepEqual(again.kind === 'plan' && again.changes, []);
      }),
      { numRuns: 300 },
    );
  });

  test('no text makes the parser throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '/', 'a', ' ', '"', '\\', '\n', '\r', '#', '</a>', '<a b>') }),
        (text) => {
          const directives = parseApache('/x', text);
          if (!('kind' in directives))
            for (const { start, end } of directives) assert.ok(start <= end && end <= text.length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
