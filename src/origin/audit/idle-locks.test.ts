import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import { audited, auditFiles, overall } from './audit.fixture.ts';
import { APP, http, LOCK, site } from './nginx/pieces.fixture.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

const LOCKED = site(`${LOCK} ${APP}`);
const MAIN = http('include sites-enabled/*.conf;');

function idle(
  server: ServerKind,
  text: string,
  beside: Readonly<Record<string, string>>,
  hosts: readonly string[] = [],
) {
  const more = new Map(Object.entries(beside).map(([name, content]) => [`/etc/lab/${name}`, content]));
  const reading = audited(files, { server, text, more, hosts });
  const found = reading.findings.filter(({ code }) => code === 'lock_not_in_force');
  return { reading, told: found.map(({ where, detail }) => [`${where?.file}:${where?.line}`, detail]) };
}

describe('a lock that nginx does not read', () => {
  for (const [title, text, beside, told] of [
    [
      'is told where it stands, with what links it',
      MAIN,
      { 'sites-available/a.conf': LOCKED },
      [
        [
          '/etc/lab/sites-available/a.conf:2',
          '/etc/lab/sites-available/a.conf is not linked into sites-enabled: ln -s /etc/lab/sites-available/a.conf /etc/lab/sites-enabled/a.conf',
        ],
      ],
    ],
    ['is none where it is linked', MAIN, { 'sites-available/a.conf': LOCKED, 'sites-enabled/a.conf': LOCKED }, []],
    [
      'is none where a link has another name',
      MAIN,
      { 'sites-available/a': LOCKED, 'sites-enabled/1.conf': LOCKED },
      [],
    ],
    [
      'stands in another file than the enabled one of that name',
      MAIN,
      { 'sites-available/a.conf': LOCKED, 'sites-enabled/a.conf': site(APP) },
      [
        [
          '/etc/lab/sites-available/a.conf:2',
          '/etc/lab/sites-enabled/a.conf is another file, and no link to /etc/lab/sites-available/a.conf',
        ],
      ],
    ],
    [
      'is linked under a name that no include fits',
      MAIN,
      { 'sites-available/a': LOCKED, 'sites-enabled/a': LOCKED },
      [['/etc/lab/sites-enabled/a:2', 'no include reads /etc/lab/sites-enabled/a']],
    ],
    [
      'lies where nothing is included from',
      http(site(APP)),
      { 'conf.d/a.conf': LOCKED },
      [['/etc/lab/conf.d/a.conf:2', 'no include reads /etc/lab/conf.d/a.conf']],
    ],
    [
      'is of no concern where the name is locked by what is read',
      MAIN,
      { 'sites-available/old.conf': `# before\n${LOCKED}`, 'sites-enabled/a.conf': LOCKED },
      [],
    ],
    ['is none that is only commented', MAIN, { 'sites-available/a.conf': `# ${LOCK}\n${site(APP)}` }, []],
    ['is none that is off', MAIN, { 'sites-available/a.conf': site(`ssl_verify_client off; ${APP}`) }, []],
    [
      'has a path that a shell reads otherwise, so no command is told',
      MAIN,
      { 'sites-available/a $(x).conf': LOCKED },
      [
        [
          '/etc/lab/sites-available/a $(x).conf:2',
          '/etc/lab/sites-available/a $(x).conf is not linked into sites-enabled',
        ],
      ],
    ],
  ] as const) {
    test(title, () => assert.deepEqual(idle('nginx', text, beside).told, told));
  }

  test('has its name judged, where a site that is read has it', () => {
    const other = LOCKED.replace('a.test', 'b.test').replaceAll('3000', '4000');
    const beside = {
      'sites-available/a.conf': LOCKED,
      'sites-enabled/b.conf': other,
      'sites-enabled/c.conf': site(APP),
    };
    const { reading } = idle('nginx', MAIN, beside);
    const claims = new Map(reading.claims.map(({ host, verdict }) => [host, verdict]));
    assert.deepEqual(
      [...claims],
      [
        ['b.test', 'locked'],
        ['a.test', 'open'],
      ],
    );
  });

  test('opens nothing where no site that is read has its name', () => {
    const beside = { 'sites-available/b.conf': LOCKED.replace('a.test', 'b.test'), 'sites-enabled/a.conf': LOCKED };
    const { reading, told } = idle('nginx', MAIN, beside);
    assert.equal(overall(reading), 'locked');
    assert.equal(told.length, 1);
    assert.deepEqual(idle('nginx', MAIN, beside, ['a.test']).told, []);
    assert.equal(idle('nginx', MAIN, beside, ['b.test']).told.length, 1);
  });
});

describe('a lock that Apache does not read', () => {
  const TLS = 'SSLEngine on\nSSLCertificateFile site.pem\nSSLCertificateKeyFile site.key';
  const LINES = `SSLCACertificateFile edge-ca.pem\nSSLVerifyClient require`;
  const vhost = (lines: string) =>
    `<VirtualHost *:443>\nServerName a.test\n${TLS}\n${lines}\nProxyPass / http://127.0.0.1:3000/\n</VirtualHost>\n`;
  const modules = (names: readonly string[]) =>
    names.map((name) => `LoadModule ${name}_module modules/mod_${name}.so\n`).join('');
  const main = `${modules(['ssl', 'proxy', 'proxy_http'])}Listen 443\nIncludeOptional sites-enabled/*.conf\n`;

  test('is told with what enables it', () => {
    const { told } = idle('apache', main, { 'sites-available/a.conf': vhost(LINES) });
    assert.deepEqual(told, [
      [
        '/etc/lab/sites-available/a.conf:7',
        '/etc/lab/sites-available/a.conf is not linked into sites-enabled: a2ensite a',
      ],
    ]);
  });

  test('is none where it is linked', () => {
    const both = { 'sites-available/a.conf': vhost(LINES), 'sites-enabled/a.conf': vhost(LINES) };
    assert.deepEqual(idle('apache', main, both).told, []);
  });

  test('stands in a section for a module that is not loaded, or for a word that is not given', () => {
    const plain = `${modules(['proxy', 'proxy_http'])}Listen 443\n<IfModule mod_ssl.c>\n${vhost(LINES)}</IfModule>\n`;
    assert.deepEqual(idle('apache', plain, {}).told, [
      ['/etc/lab/main.conf:11', '<IfModule mod_ssl.c> does not hold: a2enmod ssl'],
    ]);
    const asked = `${main}${vhost(`<IfDefine Locked>\n${LINES}\n</IfDefine>`)}`;
    const { reading, told } = idle('apache', asked, {});
    assert.deepEqual(told, [['/etc/lab/main.conf:13', '<IfDefine Locked> does not hold']]);
    assert.equal(overall(reading), 'open');
  });
});
