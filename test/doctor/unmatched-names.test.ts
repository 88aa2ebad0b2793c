import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Diagnosis, diagnose } from '../../src/doctor/diagnosis/diagnose.ts';
import { fixText } from '../../src/doctor/diagnosis/fixes.ts';
import { diagnosisView } from '../../src/doctor/view.ts';
import { until } from '../scenarios/until.ts';
import { needs, type Program, programPath } from '../support/availability.ts';
import { Applications } from './collection/applications.ts';
import { type Case, IDENTITY, NOTHING, type Server } from './collection/case.ts';
import { told } from './collection/hold.ts';
import { gatherPeople, page } from './collection/people.ts';
import { lookAt, startCase, type World } from './collection/run-case.ts';

/** A site that stays open answers for names that no site has, before one that is locked, on one socket. */
const SHOP = '<h1>The shop</h1>\n';
const SHORT = '<h1>The blog, open to all</h1>\n';
const PAGES = (blog: string) => ({ 'shop/index.html': SHOP, 'blog/index.html': blog });

const NGINX = (blog = 'blog') => `include conf.d/*.conf;
  server { listen 127.0.0.1:@TLS@ ssl; server_name blog.test; root @DIR@/${blog}; }
  server { listen 127.0.0.1:@TLS@ ssl; server_name a.test; root @DIR@/shop;
    ssl_client_certificate edge-ca.pem; ssl_verify_client on; }`;

const LOCKED_BY = 'SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require';
const APACHE = (fix: string) => `Listen 127.0.0.1:@TLS@
${fix}
${['blog', 'shop']
  .map(
    (name) => `<VirtualHost *:@TLS@>
  ServerName ${name === 'shop' ? 'a.test' : 'blog.test'}
  SSLEngine on
  SSLCertificateFile site.pem
  SSLCertificateKeyFile site.key
  ${name === 'shop' ? LOCKED_BY : ''}
  DocumentRoot "@DIR@/${name}"
  DirectoryIndex index.html
</VirtualHost>`,
  )
  .join('\n')}`;

const HAPROXY = (fix: string) => `
frontend front
  bind 127.0.0.1:@TLS@ ssl crt site.pem ca-file edge-ca.pem verify optional
  ${fix}
  acl shop req.hdr(host),lower -m beg a.test
  http-request deny if shop !{ ssl_c_used }
  use_backend shop if shop
  default_backend other
backend other
  http-request return status 200 content-type text/html string "${SHORT.trim()}"
backend shop
  http-request return status 200 content-type text/html string "${SHOP.trim()}"`;

const CADDY = (fix: string) => `https://a.test:@TLS@ {
  bind 127.0.0.1
  tls @DIR@/site.pem @DIR@/site.key {
    client_auth {
      mode require_and_verify
      trusted_ca_cert_file @DIR@/edge-ca.pem
    }
  }
  root * @DIR@/shop
  file_server
}
${
  fix === ''
    ? `https://:@TLS@ {
  bind 127.0.0.1
  tls @DIR@/site.pem @DIR@/site.key
  root * @DIR@/blog
  file_server
}`
    : `https://blog.test:@TLS@ {
  bind 127.0.0.1
  tls @DIR@/site.pem @DIR@/site.key
  root * @DIR@/blog
  file_server
}
${fix}`
}`;

const TEXTS: readonly (readonly [Exclude<Server, 'nginx'>, Program, (fix: string) => string])[] = [
  ['apache', 'apache2', APACHE],
  ['haproxy', 'haproxy', HAPROXY],
  ['caddy', 'caddy', CADDY],
];

describe('names that no site has, before a site that is locked', () => {
  let world: World;
  before(async () => {
    world = { people: await gatherPeople(Date.now()), applications: new Applications() };
  });
  after(() => world?.applications[Symbol.asyncDispose]());

  const caseOf = (text: string, blog: string, hand = IDENTITY): Case => ({
    name: 'neighbour',
    text,
    files: PAGES(blog),
    hand,
    live: null,
    written: null,
  });

  async function diagnosed(server: Server, one: Case): Promise<Diagnosis> {
    await using started = await startCase(server, one, world);
    return diagnose(await lookAt(started, one, world));
  }

  const deciding = ({ findings }: Diagnosis) => findings.filter(({ decides }) => decides).map(({ code }) => code);

  void describe('on nginx', needs('nginx'), () => {
    test('are no harm where the page is plainly of another site', async () => {
      const found = await diagnosed('nginx', caseOf(NGINX(), page('Thoughts about gardens')));
      assert.equal(found.verdict, 'locked', told(found));
    });

    test('open the lock where the page is that of the locked site', async () => {
      const found = await diagnosed('nginx', caseOf(NGINX('shop'), SHORT));
      assert.deepEqual([found.verdict, deciding(found)], ['open', ['open_sibling']], told(found));
    });

    test('leave it unknown where the page may be of either, and where the right one is not known', async () => {
      for (const hand of [IDENTITY, NOTHING]) {
        const found = await diagnosed('nginx', caseOf(NGINX(), SHORT, hand));
        assert.deepEqual([found.verdict, deciding(found)], ['unknown', ['unmatched_names']], told(found));
      }
    });

    test('are refused once the fix is put into a file as it stands', async () => {
      const one = caseOf(NGINX(), SHORT);
      await using started = await startCase('nginx', one, world);
      const before = diagnosisView(diagnose(await lookAt(started, one, world)));
      const { fix } = before.findings.find(({ code }) => code === 'unmatched_names') ?? assert.fail(before.verdict);
      const directory = join(started.server.directory, 'conf.d');
      mkdirSync(directory);
      writeFileSync(join(directory, 'unknown-names.conf'), fix);
      const tried = spawnSync(programPath('nginx'), ['-t', '-c', started.file], { encoding: 'utf8' });
      assert.equal(tried.status, 0, tried.stderr);
      started.server.signal('SIGHUP');
      const found = await until('the next look says that it is locked', async () => {
        const next = diagnose(await lookAt(started, one, world));
        return next.verdict === 'locked' ? next : null;
      });
      assert.deepEqual(deciding(found), []);
    });
  });

  for (const [server, program, text] of TEXTS) {
    void describe(`on ${server}`, needs(program), () => {
      test('are refused with the fix', async () => {
        const open = await diagnosed(server, caseOf(text(''), SHORT));
        assert.deepEqual([open.verdict, deciding(open)], ['unknown', ['unmatched_names']], told(open));
        const fix = fixText('unmatched_names', server, 'a.test at 127.0.0.1:65001')
          .replaceAll('65001', '@TLS@')
          .replaceAll(/\/etc\/ssl\/\S+\.(pem|key)/g, 'site.$1');
        const found = await diagnosed(server, caseOf(text(fix), SHORT));
        assert.equal(found.verdict, 'locked', told(found));
      });
    });
  }
});
