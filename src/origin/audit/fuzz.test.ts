import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import { FINDINGS } from '../../doctor/diagnosis/findings.ts';
import { audited, auditFiles, overall } from './audit.fixture.ts';
import { guessServer } from './guess-server.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

/** Pieces of each language, so that what is made of them comes far. */
const PIECES: Readonly<Partial<Record<ServerKind, readonly string[]>>> = {
  nginx: [
    'http {',
    'server {',
    'location / {',
    'location ~ \\.php$ {',
    'if ($ssl_client_verify != SUCCESS) {',
    '}',
    '\n',
    ' ',
    'listen 443 ssl;',
    'listen [::]:443 ssl default_server;',
    'listen 80;',
    'server_name a.test *.b.test ~^x(.+)$;',
    'ssl_client_certificate edge-ca.pem;',
    'ssl_verify_client on;',
    'ssl_verify_client optional_no_ca;',
    'return 403;',
    'return 200 "ok";',
    'proxy_pass http://127.0.0.1:3000;',
    'proxy_pass $up;',
    'error_page 496 = @a;',
    'location @a {',
    'map $ssl_client_s_dn $ok {',
    'default 0;',
    '"~(a+)+$" 1;',
    'set $x "$ok$x";',
    'rewrite ^ /x last;',
    'include x.conf;',
    'stream {',
    'proxy_set_header A $ssl_client_verify;',
    '"',
    "'",
    '#',
    '$',
    '${',
    'a_by_lua_block { local a = "}"',
  ],
  caddy: [
    'a.test {\n',
    '{\n',
    '}\n',
    'tls {\n',
    'client_auth {\n',
    'mode request\n',
    'mode require_and_verify\n',
    '\n',
    ' ',
    'trusted_ca_cert_file edge-ca.pem\n',
    'trusted_ca_cert x\n',
    'reverse_proxy 127.0.0.1:3000\n',
    'handle @m {\n',
    'route {\n',
    '@m expression `{http.request.tls.client.fingerprint} == "x" && (!true || {a} in ["b"])`\n',
    '@m not path /x*\n',
    'respond 403\n',
    'error 500\n',
    'handle_errors {\n',
    'import x y\n',
    '(x) {\n',
    '{args.0}',
    '"',
    '`',
    '<<X\n',
    'http://b.test:80, c.test {\n',
    '{"apps":{"http":{"servers":{"a":{"listen":[":443"],"routes":[{"handle":[{"handler":"subroute"}]}]}}}}}',
  ],
  stunnel: [
    '[a]\n',
    '[b]\n',
    'accept = 443\n',
    'accept = :::8443\n',
    'connect = 3000\n',
    'CAfile = edge-ca.pem\n',
    'verify = 2\n',
    'verifyChain = yes\n',
    'requireCert = no\n',
    'sni = a:x\n',
    'sni = b:x\n',
    'client = yes\n',
    'include = /etc/lab\n',
    ';',
    '=',
    '\n',
  ],
};

/** Pieces in blocks that are closed. */
function nested(lines: readonly string[], blocks: readonly string[], separator: string): fc.Arbitrary<string> {
  const { level } = fc.letrec<{ level: string }>((tie) => ({
    level: fc
      .array(
        fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constantFrom(...lines),
          fc
            .tuple(fc.constantFrom(...blocks), tie('level'))
            .map(([head, inner]) => `${head} {${separator}${inner}${separator}}`),
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(separator)),
  }));
  return level;
}

const CLOSED: Readonly<Partial<Record<ServerKind, fc.Arbitrary<string>>>> = {
  nginx: nested(
    (PIECES.nginx ?? []).filter((piece) => piece.endsWith(';')),
    [
      'server',
      'server',
      'location /',
      'location = /x',
      'location @a',
      'if ($ssl_client_verify != SUCCESS)',
      'if ($x)',
      'map $uri $x',
      'geo $g',
    ],
    '\n',
  ).map((inner) => `events {}\nhttp {\n${inner}\n}`),
  caddy: nested(
    (PIECES.caddy ?? [])
      .filter((piece) => /^[@\w]/.test(piece) && !piece.endsWith('{\n'))
      .map((piece) => piece.trimEnd()),
    [
      'a.test',
      'http://a.test',
      ':8443',
      'tls',
      'client_auth',
      'handle @m',
      'handle /x*',
      'handle',
      'route',
      'handle_errors',
      '@m',
      'not',
    ],
    '\n',
  ),
};

describe('an audit never throws, and ends', () => {
  for (const [server, pieces] of Object.entries(PIECES) as readonly (readonly [ServerKind, readonly string[]])[]) {
    test(server, () => {
      const loose = fc.array(
        fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 12 })),
        {
          maxLength: 60,
        },
      );
      const closed = CLOSED[server] ?? fc.constant('');
      fc.assert(
        fc.property(
          fc.oneof(
            loose.map((words) => words.join('')),
            closed,
          ),
          (text) => {
            const reading = audited(files, { server, text });
            // Whoever says that everybody gets in says where.
            const critical = reading.findings.filter(({ code }) => FINDINGS[code].severity === 'critical');
            if (critical.length > 0) assert.equal(overall(reading), 'open', JSON.stringify(critical));
          },
        ),
        { numRuns: 1_000 },
      );
    });
  }

  test('nor does the guess of the server', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (path, text) => {
        guessServer(path, text);
      }),
    );
  });
});

describe('the server is seen from its configuration', () => {
  for (const [text, server] of [
    ['events {}\nhttp { server { listen 443 ssl; } }', 'nginx'],
    ['server {\n  listen 443 ssl;\n}', 'nginx'],
    ['# configuration file /etc/nginx/nginx.conf:\nevents {}', 'nginx'],
    ['<VirtualHost *:443>\n SSLEngine on\n</VirtualHost>', 'apache'],
    ['frontend f\n  bind :443 ssl crt x\n', 'haproxy'],
    ['server.port = 443\nssl.engine = "enable"', 'lighttpd'],
    ['; stunnel\n[https]\naccept = 443\nconnect = 80\n', 'stunnel'],
    ['a.test {\n\treverse_proxy 127.0.0.1:3000\n}', 'caddy'],
    ['{"apps": {}}', 'caddy'],
    ['hello', null],
  ] as const) {
    test(JSON.stringify(text), () => assert.equal(guessServer('x.conf', text), server));
  }
});
