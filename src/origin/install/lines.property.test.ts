import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseApache } from '../server/apache/syntax.ts';
import { type Directive, parseNginx } from '../server/nginx/syntax.ts';
import { parseCaddyfile } from '../server/caddy/syntax.ts';
import { parseHaproxy } from '../server/haproxy/syntax.ts';
import { planCaddy, withoutCaddyLock } from './caddy-plan.ts';
import { planApache, withoutApacheLock } from './apache-plan.ts';
import { planHaproxy, withoutHaproxyLock } from './haproxy-plan.ts';
import { exchanged } from '../sync/installed-step.ts';
import { verifiedHeader } from '../verified-header.ts';
import { applied, PHASES, requestFor, sourceOf } from './memory.fixture.ts';
import { planNginx, withoutNginxLock } from './nginx-plan.ts';

const REQUEST = { ...requestFor('www.example.test'), allNames: true };

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
          accessLog: '/var/log/nginx/access.log',
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

/** Lines of a frontend, among them sockets that ask already. */
const BIND = fc.constantFrom(
  'bind :443 ssl crt /c.pem',
  "bind *:443 ssl crt '/c d.pem' verify none # was none",
  'bind 127.0.0.1:443 ssl crt "/c.pem" ca-file /old.pem verify optional alpn h2\\,http/1.1 crt-ignore-err all',
);
const HAPROXY_LINE = fc.constantFrom(
  'acl a path_beg "/x y"',
  "http-request set-header X 'a # b'",
  '# bind',
  '',
  'default_backend b',
);

const HAPROXY_FILE = fc
  .tuple(BIND, fc.array(fc.tuple(HAPROXY_LINE, GAP), { maxLength: 6 }), END, fc.boolean())
  .map(([bind, lines, end, plain]) =>
    [
      'defaults',
      ' mode http',
      'frontend f',
      `  ${bind}`,
      ...(plain ? ['  bind :80'] : []),
      ...lines.map(([line, gap]) => gap + line),
      'backend b',
      ' server s 127.0.0.1:3000',
      '',
    ]
      .join('\n')
      .replaceAll('\n', end),
  );

test('a lock in HAProxy can be made watching of enforcing, and back, by its lines alone', () => {
  const name = verifiedHeader('X-Postern-Verified');
  const format = fc.constantFrom('', '  option httplog\n', '  log-format "%ci \\"a\\""\n', "  log-format 'x'\n");
  fc.assert(
    fc.property(HAPROXY_FILE, format, fc.constantFrom(null, name), (file, written, header) => {
      const text = file.replace('backend b', `${written}backend b`);
      const planned = (kind: 'enforce' | 'watch') => {
        const input = { files: ['/h.cfg'], source: sourceOf(new Map([['/h.cfg', text]])), listening: [] };
        const plan = planHaproxy(input, { ...REQUEST, verifiedHeader: header }, { kind, proof: null });
        assert.ok(plan.kind === 'plan', JSON.stringify(plan));
        const after = plan.changes.find(({ path }) => path === '/h.cfg')?.after ?? '';
        return { after, lines: plan.lines.get('/h.cfg') ?? [] };
      };
      const [enforce, watch] = [planned('enforce'), planned('watch')];
      assert.deepEqual(enforce.lines, watch.lines);
      assert.notEqual(enforce.after, watch.after);
      assert.deepEqual(exchanged(enforce.after, enforce.lines, 'watch'), { text: watch.after, isOurs: true });
      assert.deepEqual(exchanged(watch.after, enforce.lines, 'enforce'), { text: enforce.after, isOurs: true });
    }),
    { numRuns: 300 },
  );
});

const TLS = fc.constantFrom(
  '',
  'tls /c.pem /k.pem',
  'tls /c.pem /k.pem   # own',
  'tls {\n\t\tprotocols tls1.2\n\t}',
  'tls a@example.test {\n\t\tclient_auth {\n\t\t\tmode request\n\t\t}\n\t}',
);
const CADDY_LINE = fc.constantFrom(
  'header X "a } b"',
  'respond `{ not a block`',
  '# {',
  '',
  'handle /x {\n\t\tabort\n\t}',
);

const CADDY_FILE = fc
  .tuple(TLS, fc.array(CADDY_LINE, { maxLength: 6 }), END, fc.boolean())
  .map(([tls, lines, end, globals]) =>
    [
      ...(globals ? ['{', '\tadmin off', '}', ''] : []),
      'www.example.test {',
      ...[tls, ...lines].map((line) => `\t${line}`),
      '\treverse_proxy :3000',
      '}',
      '',
    ]
      .join('\n')
      .replaceAll('\n', end),
  );

const ONE_FILE = [
  {
    server: 'HAProxy',
    text: HAPROXY_FILE,
    plan: (files: ReadonlyMap<string, string>, phase: (typeof PHASES)[number]) =>
      planHaproxy({ files: ['/f'], source: sourceOf(files), listening: [] }, REQUEST, phase),
    without: withoutHaproxyLock,
    parse: parseHaproxy,
  },
  {
    server: 'Caddy',
    text: CADDY_FILE,
    plan: (files: ReadonlyMap<string, string>, phase: (typeof PHASES)[number]) =>
      planCaddy({ main: '/f', version: [2, 6, 2], source: sourceOf(files), listening: [] }, REQUEST, phase),
    without: withoutCaddyLock,
    parse: parseCaddyfile,
  },
] as const;

for (const { server, text, plan, without, parse } of ONE_FILE) {
  describe(`a lock in ${server}`, () => {
    test('is taken out to the byte, whatever the site looks like and in whatever phase it is', () => {
      fc.assert(
        fc.property(text, fc.constantFrom(...PHASES), (file, phase) => {
          const files = new Map([['/f', file]]);
          const made = plan(files, phase);
          assert.ok(made.kind === 'plan', JSON.stringify(made));
          const locked = applied(files, made);
          assert.notEqual(locked.get('/f'), file);
          const read = without(sourceOf(locked), REQUEST).read('/f');
          assert.ok('text' in read);
          assert.equal(read.text, file);
          const again = plan(locked, phase);
          assert.deepEqual(again.kind === 'plan' && again.changes, []);
        }),
        { numRuns: 300 },
      );
    });

    test('no text makes the parser throw', () => {
      const piece = fc.constantFrom(
        '{',
        '}',
        '"',
        "'",
        '`',
        '\\',
        '\n',
        '\r',
        ' ',
        '#',
        'a',
        'frontend f',
        'bind',
        ',',
        '<<X',
      );
      fc.assert(
        fc.property(fc.string({ unit: piece }), (file) => {
          const found = parse('/f', file);
          assert.ok('kind' in found || Array.isArray(found));
        }),
        { numRuns: 1000 },
      );
    });
  });
}
