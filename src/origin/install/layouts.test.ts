import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planCaddy } from './caddy-plan.ts';
import { planHaproxy } from './haproxy-plan.ts';
import { planApache } from './apache-plan.ts';
import { requestFor, sourceOf } from './memory.fixture.ts';
import { planNginx } from './nginx-plan.ts';
import { verifiedHeader } from '../verified-header.ts';
import type { Phase } from './request.ts';
import { type InstallPlan, type InstallRefusal, refusalText } from './plan.ts';
import type { ServerVersion } from '../server-version.ts';

const ENFORCE = { kind: 'enforce', proof: null } as const;
const REQUEST = requestFor('www.example.test');

type Files = Readonly<Record<string, string>>;

function nginx(main: string, files: Files, request = REQUEST, phase: Phase = ENFORCE): InstallPlan | InstallRefusal {
  const listening = [
    { host: '0.0.0.0', port: 3000 },
    { host: '::1', port: 3000 },
  ];
  const source = sourceOf(new Map(Object.entries(files)));
  return planNginx({ main, accessLog: '/var/log/nginx/access.log', source, listening }, request, phase);
}

function apache(main: string, files: Files, request = REQUEST): InstallPlan | InstallRefusal {
  const root = main.slice(0, main.lastIndexOf('/'));
  const start = {
    main,
    root,
    modules: ['core.c'],
    defines: ['SSL'],
    environment: { APACHE_LOG_DIR: '/var/log/apache2' },
  };
  return planApache({ start, source: sourceOf(new Map(Object.entries(files))), listening: [] }, request, ENFORCE);
}

function changed(plan: InstallPlan | InstallRefusal): readonly string[] {
  assert.ok(plan.kind === 'plan', JSON.stringify(plan));
  return plan.changes.map(({ path }) => path).sort();
}

function doors(plan: InstallPlan | InstallRefusal): readonly string[] {
  assert.ok(plan.kind === 'plan', JSON.stringify(plan));
  return plan.doors.map(({ code, place, at }) =>
    `${code} ${place === null ? '' : `${place.file}:${place.line} `}${at}`.trim(),
  );
}

const SITE = `server {
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name www.example.test;
    location / { proxy_pass http://127.0.0.1:3000; }
}
`;
const DEFAULT = '/etc/nginx/conf.d/postern-www.example.test.conf';
const FORMAT = '/etc/nginx/conf.d/00-postern-www.example.test.conf';
const OWN = '/etc/postern/nginx/www.example.test.conf';

describe('nginx as it is laid out', () => {
  const main = '/etc/nginx/nginx.conf';

  test('by RHEL: conf.d beside a server in the main file', () => {
    const files = {
      [main]:
        'events {}\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n  server {\n    listen 80;\n    root /usr/share/nginx/html;\n  }\n}\n',
      '/etc/nginx/conf.d/www.conf': SITE,
    };
    assert.deepEqual(changed(nginx(main, files)), [FORMAT, DEFAULT, '/etc/nginx/conf.d/www.conf', OWN].sort());
  });

  test('by a container: all in one file', () => {
    const files = { [main]: `events {}\nhttp {\n${SITE}}\n` };
    assert.deepEqual(changed(nginx(main, files)), [main, OWN]);
  });

  test('by a hosting panel: a file for each user, and includes inside the server', () => {
    const files = {
      [main]: 'events {}\nhttp {\n  include conf.d/*.conf;\n}\n',
      '/etc/nginx/conf.d/users.conf': 'include conf.d/users/*.conf;\n',
      '/etc/nginx/conf.d/users/anna.conf': SITE.replace(
        'location /',
        'include conf.d/server-includes/*.conf;\n    location /',
      ),
      '/etc/nginx/conf.d/server-includes/hsts.conf': 'add_header Strict-Transport-Security "max-age=1; x";\n',
    };
    assert.deepEqual(changed(nginx(main, files)), [FORMAT, DEFAULT, '/etc/nginx/conf.d/users/anna.conf', OWN].sort());
  });

  test('with one server block for each family: both are locked', () => {
    const [four, six] = [SITE.replace('    listen [::]:443 ssl;\n', ''), SITE.replace('    listen 443 ssl;\n', '')];
    const plan = nginx(main, { [main]: `events {}\nhttp {\n${four}${six}}\n` });
    assert.deepEqual(changed(plan), [main, '/etc/postern/nginx/www.example.test.2.conf', OWN]);
  });
});

describe('the doors of nginx', () => {
  const main = '/n';
  const around = (text: string, http = '') => ({ [main]: `events {}\nhttp {\n${http}${SITE}${text}}\n` });

  test("are the application's own port, where other machines reach it", () => {
    assert.deepEqual(doors(nginx(main, around(''))), ['application_port 0.0.0.0:3000']);
  });

  test('are other virtual hosts of the application, over TLS and without, by whatever way they reach it', () => {
    const more =
      'upstream app { server localhost:3000; }\nserver {\n listen 8443 ssl;\n server_name a.test;\n location /x { proxy_pass http://app/y; }\n}\nserver {\n listen 8080;\n if ($a) { proxy_pass http://127.0.0.1:3000; }\n}\n';
    assert.deepEqual(doors(nginx(main, around(more))), [
      'other_host /n:10 a.test on *:8443',
      'plain_http /n:15 no name on *:8080',
      'application_port 0.0.0.0:3000',
    ]);
  });

  test('are not those that only redirect, or that demand a certificate themselves', () => {
    const more =
      'server {\n listen 80;\n server_name a.test;\n return 301 https://$host$request_uri;\n location / { proxy_pass http://127.0.0.1:3000; }\n}\nserver {\n listen 8443 ssl;\n ssl_verify_client on;\n location / { proxy_pass http://127.0.0.1:3000; }\n}\n';
    assert.deepEqual(doors(nginx(main, around(more))), ['application_port 0.0.0.0:3000']);
  });

  test('are error pages that answer refused callers, streams, and what depends on a variable', () => {
    const files = {
      [main]: `events {}\nhttp {\nerror_page 400 =200 /app;\n${SITE}server {\n listen 81;\n location / { proxy_pass http://$backend; }\n}\n}\nstream {\n server {\n  listen 5432;\n }\n}\n`,
    };
    assert.deepEqual(doors(nginx(main, files)), [
      'variable_target /n:10 no name',
      'application_port 0.0.0.0:3000',
      'stream_listener /n:17 *:5432',
      'error_page /n:3 400 =200 /app',
    ]);
  });

  describe('names that no site has', () => {
    const neighbour = (says: string, listen = '443 ssl') =>
      `server {\n listen ${listen};\n server_name a.test;\n ${says}\n}\n`;
    const before = (text: string, http = '') => ({ [main]: `events {}\nhttp {\n${http}${text}${SITE}}\n` });
    const agreed = { ...REQUEST, defaultServer: true };
    const site = 'location / { proxy_pass http://127.0.0.1:9; }';

    test('are told where a neighbour answers for them, on the socket on which it does', () => {
      const expected = ['application_port 0.0.0.0:3000', 'unmatched_names /n:3 a.test on *:443'];
      assert.deepEqual(doors(nginx(main, before(neighbour(site)))), expected);
      assert.deepEqual(doors(nginx(main, before(neighbour("return 200 'the blog';")))), expected, 'by itself');
      const both = doors(nginx(main, before(neighbour(`listen [::]:443 ssl;\n ${site}`))));
      assert.deepEqual(both.slice(1), ['unmatched_names /n:3 a.test on *:443, [::]:443'], 'once, with its sockets');
    });

    test('are not where that only refuses or redirects, or asks for a certificate itself', () => {
      for (const says of [
        'return 444;',
        'return 301 https://b.test/;',
        'ssl_reject_handshake on;',
        `ssl_verify_client on; ${site}`,
      ])
        assert.deepEqual(doors(nginx(main, before(neighbour(says)))), ['application_port 0.0.0.0:3000'], says);
    });

    test('are refused where that is agreed, with the TLS versions of who answered, and only there', () => {
      const files = before(neighbour(`ssl_protocols TLSv1.3;\n ${site}`), 'include /etc/nginx/conf.d/*.conf;\n');
      const plan = nginx(main, files, agreed);
      assert.ok(plan.kind === 'plan', JSON.stringify(plan));
      const text = plan.texts.get(DEFAULT) ?? '';
      assert.match(text, /^ {4}listen \*:443 ssl default_server;$/m);
      assert.match(text, /^ {4}ssl_reject_handshake on;$/m);
      assert.match(text, /^ {4}ssl_protocols TLSv1\.3;$/m);
      assert.deepEqual(doors(plan), ['application_port 0.0.0.0:3000']);
      const watching = nginx(main, files, agreed, { kind: 'watch', proof: null });
      assert.ok(watching.kind === 'plan');
      assert.match(watching.texts.get(DEFAULT) ?? '', /\n# Watching: nobody is refused\.\n$/);
    });

    test('are not refused where there is no place for it, or where somebody says otherwise', () => {
      const nowhere = nginx(main, before(neighbour(site)), agreed);
      assert.ok(nowhere.kind === 'refused');
      assert.equal(nowhere.code, 'no_default_server');
      const said = nginx(main, before(neighbour(site, '443 ssl default_server')), agreed);
      assert.ok(said.kind === 'refused');
      assert.deepEqual([said.code, said.place, said.detail], ['default_said', { file: '/n', line: 3 }, '*:443']);
    });
  });

  test('CAs for stapling are not trusted for callers any more', () => {
    const plan = nginx(main, around('', 'ssl_trusted_certificate /stapling.pem;\n'));
    assert.ok(plan.kind === 'plan');
    assert.match(
      plan.texts.get(OWN) ?? '',
      /^ssl_trusted_certificate "\/etc\/postern\/bundles\/example\.test\.pem";$/m,
    );
  });

  test('a file that was not understood is named, and nothing is taken for the name that it may hold', () => {
    const files = { ...around('include /lua;\n'), '/lua': 'server {\n access_by_lua_block { x = "}" }\n}\n' };
    assert.deepEqual(doors(nginx(main, files)), ['application_port 0.0.0.0:3000', 'unread /lua:2']);
    const refused = nginx(main, files, requestFor('hidden.example.test'));
    assert.ok(refused.kind === 'refused');
    assert.deepEqual([refused.code, refused.place], ['not_understood', { file: '/lua', line: 2 }]);
    assert.ok(refused.byHand.includes('ssl_verify_client on;'));
  });
});

describe('what is shared is not edited', () => {
  const main = '/n';
  const files = (shared: string) => ({
    [main]: `events {}\nhttp {\n${SITE.replace('location /', 'include /shared;\n    location /')}}\n`,
    '/shared': shared,
  });

  test('what makes the lock is refused there, with file and line', () => {
    const refused = nginx(main, files('ssl_protocols TLSv1.3;\nssl_verify_client optional;\n'));
    assert.ok(refused.kind === 'refused');
    assert.deepEqual([refused.code, refused.place], ['set_elsewhere', { file: '/shared', line: 2 }]);
  });

  test('what only hardens it is left as it is, and told', () => {
    const plan = nginx(main, files('ssl_session_cache shared:le:10m;\n'));
    assert.ok(plan.kind === 'plan');
    assert.doesNotMatch(plan.texts.get(OWN) ?? '', /ssl_session_cache/);
    assert.ok(doors(plan).includes('lasting_sessions /shared:1 shared:le:10m'));
  });

  test('tickets that are on there are told, and are a door where a key from a file has them outlive a reload', () => {
    const on = nginx(main, files('ssl_session_tickets on;\n'));
    assert.ok(on.kind === 'plan');
    assert.ok(on.notes.includes('ssl_session_tickets stays as it is in /shared:1, where others share it.'));
    assert.deepEqual(doors(on).filter(isOfSessions), []);
    const kept = doors(nginx(main, files('ssl_session_tickets on;\nssl_session_ticket_key k;\n')));
    assert.deepEqual(kept.filter(isOfSessions), ['lasting_sessions /shared:2 ssl_session_ticket_key k']);
    const ours = doors(nginx(main, files('ssl_session_ticket_key k;\n')));
    assert.deepEqual(ours.filter(isOfSessions), [], 'the lock switches tickets off');
  });

  function isOfSessions(door: string): boolean {
    return door.startsWith('lasting_sessions');
  }
});

const HOST = `<VirtualHost *:443>
  ServerName www.example.test
  SSLEngine on
  ProxyPass / http://127.0.0.1:3000/
</VirtualHost>
`;
const MODULES =
  'LoadModule ssl_module m/mod_ssl.so\nLoadModule alias_module m/mod_alias.so\nLoadModule authz_core_module m/mod_authz_core.so\n';

describe('Apache as it is laid out', () => {
  const own = '/etc/postern/apache/www.example.test.conf';

  test('by RHEL: conf.d and conf.modules.d below the server root', () => {
    const files = {
      '/etc/httpd/conf/httpd.conf':
        'ServerRoot "/etc/httpd"\nInclude conf.modules.d/*.conf\nListen 80\nIncludeOptional conf.d/*.conf\n',
      '/etc/httpd/conf.modules.d/00-ssl.conf': MODULES,
      '/etc/httpd/conf.d/ssl.conf': 'Listen 443 https\nSSLSessionCache shmcb:/run/httpd/sslcache(512000)\n',
      '/etc/httpd/conf.d/www.conf': HOST,
    };
    const plan = apache('/etc/httpd/conf/httpd.conf', files);
    assert.deepEqual(changed(plan), ['/etc/httpd/conf.d/www.conf', own]);
    assert.deepEqual(doors(plan), ['lasting_sessions /etc/httpd/conf.d/ssl.conf:2 shmcb:/run/httpd/sslcache(512000)']);
  });

  test('by a hosting panel: all hosts in one file, on their own address, with includes of directories inside', () => {
    const host = HOST.replace('*:443', '203.0.113.7:443').replace('  ProxyPass', '  Include "/u/anna/"\n  ProxyPass');
    const files = {
      '/h/httpd.conf': `${MODULES}Listen 0.0.0.0:443\n<IfDefine SSL>\n${host}</IfDefine>\n<IfDefine !SSL>\n${HOST}</IfDefine>\n`,
      '/u/anna/x.conf': '<Location "/admin">\n  SSLVerifyClient require\n</Location>\n',
    };
    const plan = apache('/h/httpd.conf', files);
    assert.deepEqual(changed(plan), [own, '/h/httpd.conf'].sort());
    assert.deepEqual(doors(plan), ['verified_by_path /u/anna/x.conf:2 location']);
    assert.ok(plan.kind === 'plan');
    assert.deepEqual(
      plan.sockets.map(({ host: address, port }) => `${address}:${port}`),
      ['203.0.113.7:443'],
    );
  });

  test('with a macro: what it may hold is not taken for known', () => {
    const files = { '/h/httpd.conf': `${MODULES}Listen 443\nUse Site www.example.test\n` };
    const refused = apache('/h/httpd.conf', files);
    assert.ok(refused.kind === 'refused');
    assert.deepEqual([refused.code, refused.place], ['not_understood', { file: '/h/httpd.conf', line: 5 }]);
  });

  test('without what the lock needs: the module is named', () => {
    const refused = apache('/h/httpd.conf', {
      '/h/httpd.conf': `LoadModule ssl_module m/mod_ssl.so\nListen 443\n${HOST}`,
    });
    assert.ok(refused.kind === 'refused');
    assert.deepEqual([refused.code, refused.detail], ['no_module', 'authz_core_module, alias_module']);
  });
});

describe('what stands for more than can be told is refused, with file and line', () => {
  const haproxy = (text: string) =>
    planHaproxy({ files: ['/h'], source: sourceOf(new Map([['/h', text]])), listening: [] }, REQUEST, ENFORCE);
  const caddy = (text: string) =>
    planCaddy(
      { main: '/c', version: [2, 6, 2], source: sourceOf(new Map([['/c', text]])), listening: [] },
      REQUEST,
      ENFORCE,
    );

  for (const [what, text, line] of [
    ['a list of certificates', 'defaults\n mode http\nfrontend f\n bind :443 ssl crt-list /l\n', 4],
    ['a frontend that passes TCP on', 'frontend f\n mode tcp\n bind :443 ssl crt /c\n', 1],
    [
      'a socket of the environment',
      'defaults\n mode http\nfrontend f\n bind "$ADDRESS" ssl crt /c\n bind :443 ssl crt /c\n',
      4,
    ],
    ['a condition', 'global\n.if defined(X)\n.endif\n', 2],
  ] as const) {
    test(`in HAProxy: ${what}`, () => {
      const refused = haproxy(text);
      assert.ok(refused.kind === 'refused', JSON.stringify(refused));
      assert.deepEqual([refused.code, refused.place], ['not_understood', { file: '/h', line }]);
    });
  }

  test('in Caddy: an order that would hand a request on before the verified header is set', () => {
    const text = '{\n\torder cache before rewrite\n\torder reverse_proxy first\n}\nwww.example.test {\n}\n';
    const input = { main: '/c', version: [2, 6, 2], source: sourceOf(new Map([['/c', text]])), listening: [] } as const;
    const plan = (header: string) => planCaddy(input, { ...REQUEST, verifiedHeader: verifiedHeader(header) }, ENFORCE);
    const refused = plan('X-Postern-Verified');
    assert.ok(refused.kind === 'refused', JSON.stringify(refused));
    assert.deepEqual([refused.code, refused.place], ['moved_header', { file: '/c', line: 3 }]);
    assert.equal(planCaddy(input, REQUEST, ENFORCE).kind, 'plan', 'without the header it does not matter');
  });

  describe('in Caddy: a session of one CA is no way past the lock of another', () => {
    const other = (trust: string) => `b.test {\n\ttls /c /k {\n\t\tclient_auth {\n${trust}\n\t\t}\n\t}\n}\n`;
    const plan = (version: ServerVersion, text: string) => {
      const files = new Map([
        ['/c', text],
        [`${REQUEST.bundle}.caddy`, '(same) {\n\ttrusted_ca_cert AAAA\n}\n(pool) {\n\ttrust_der AAAA\n}\n'],
      ]);
      return planCaddy({ main: '/c', version, source: sourceOf(files), listening: [] }, REQUEST, ENFORCE);
    };
    const site = 'www.example.test {\n\ttls /c /k\n}\n';
    const imported = `import "${REQUEST.bundle}.caddy"\n`;

    for (const [what, text] of [
      ['a CA in a file', site + other('trusted_ca_cert_file /other.pem')],
      ['a pool of another CA', site + other('trust_pool inline {\n\t\t\t\ttrust_der BBBB\n\t\t\t}')],
      ['the CAs of the system', site + other('mode require_and_verify')],
      ['one CA more than the bundle', imported + site + other('import same\n\t\t\ttrusted_ca_cert BBBB')],
    ] as const) {
      test(`refused beside ${what}, and only where sessions cross`, () => {
        for (const version of [
          [2, 7, 0],
          [2, 8, 4],
        ] as const) {
          const refused = plan(version, text);
          assert.ok(refused.kind === 'refused', JSON.stringify(refused));
          assert.equal(refused.code, 'sessions_cross');
          assert.equal(refused.place?.file, '/c');
          assert.match(refusalText(refused), /session that began under one CA.*CVE-2025-68121/);
        }
        for (const version of [
          [2, 6, 2],
          [2, 9, 0],
        ] as const) {
          assert.equal(plan(version, text).kind, 'plan');
        }
      });
    }

    for (const [what, text] of [
      ['a site that asks for nothing', `${site}b.test {\n\ttls /c /k\n}\n`],
      ['the same bundle', imported + site + other('import same')],
      ['the same bundle in a pool', imported + site + other('trust_pool inline {\n\t\t\t\timport pool\n\t\t\t}')],
    ] as const) {
      test(`not refused beside ${what}`, () => {
        const made = plan([2, 8, 4], text);
        assert.equal(made.kind, 'plan', JSON.stringify(made));
      });
    }
  });

  for (const [what, text, code, line] of [
    ['a heredoc', 'www.example.test {\n\trespond <<X\n\t}\nX\n}\n', 'not_understood', 2],
    [
      'tls in a snippet that others share',
      '(s) {\n\ttls /c /k\n}\nwww.example.test {\n\timport s\n}\n',
      'set_elsewhere',
      2,
    ],
    ['an address of the environment', 'www.example.test {$PORT} {\n}\n', 'not_understood', 1],
  ] as const) {
    test(`in Caddy: ${what}`, () => {
      const refused = caddy(text);
      assert.ok(refused.kind === 'refused', JSON.stringify(refused));
      assert.deepEqual([refused.code, refused.place], [code, { file: '/c', line }]);
    });
  }
});
