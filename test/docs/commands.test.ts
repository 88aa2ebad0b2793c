import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSite as startDoctorsSite } from '../doctor/site.ts';
import { startEdge, startSite } from '../install/installed-site.ts';
import { needs } from '../support/availability.ts';
import { freePorts } from '../support/free-port.ts';
import { startNameServer } from '../support/name-server.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { startNginx } from '../support/server-process.ts';
import { type Document, ROOT, readDocument } from './markdown.ts';
import { bash, runBlocks } from './shell.ts';
import { startWorld } from './world.ts';

const README = readDocument('README.md');

function section(document: Document, heading: RegExp) {
  const blocks = document.blocks.filter((block) => heading.test(block.heading));
  assert.ok(blocks.length > 0, `${document.path} has no block under ${heading}`);
  return blocks;
}

test('the demo prints what the README shows', needs('nginx'), async () => {
  using scratch = scratchDirectory();
  const [run] = section(README, /^Run/);
  const [shown] = section(README, /^What the demo shows/);
  const command = `${run?.text.replace('npm ci && ', '')} -- --once`;
  const printed = await bash(command, { scratch: scratch.path, cwd: ROOT, environment: {} });
  assert.ok(printed.includes(shown?.text ?? '?'), printed);
});

test('the five minutes of the README end with a lock that holds', needs('nginx', 'openssl', 'curl'), async () => {
  using scratch = scratchDirectory();
  const [api, edge, origin, app] = (await freePorts(4)).map(String);
  assert.ok(api && edge && origin && app);
  const end = 'kill $(cat nginx.pid) $(jobs -p)';
  assert.ok(README.text.includes(`\`${end}\``));
  await runBlocks(README, section(README, /^Five minutes/), {
    scratch: scratch.path,
    cwd: ROOT,
    environment: { DIR: scratch.path, API: api, EDGE: edge, ORIGIN: origin, APP: app },
    finally: `${end}; wait`,
  });
});

test('Postern is started, backed up and restored as the guide says', needs('curl'), async () => {
  using scratch = scratchDirectory();
  const guide = readDocument('docs/guides/run-postern.md');
  const [api, https, http] = (await freePorts(3)).map((port) => `127.0.0.1:${port}`);
  assert.ok(api && https && http);
  const environment = { DIR: scratch.path, API: api, HTTPS: https, HTTP: http };
  await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment });
});

for (const [name, made, program] of [
  ['lock-an-origin', { 'nginx.conf': /^ *ssl_verify_client on;/m, 'apache.conf': /^ *SSLVerifyClient require/m }],
  ['from-the-tutorial', { 'tutorial.conf': /proxy_set_header X-Cloudflare-Client-Cert-Verified \$ssl_client_verify;/ }],
  ['bring-your-own-ca', { 'edge.pem': /BEGIN CERTIFICATE/, 'import.txt': /root/, 'rehearsal.txt': /rehears/ }],
  ['revoke', { 'origin.conf': /^ *ssl_crl /m, 'example.test.crl': /BEGIN X509 CRL/ }],
  [
    'offline-root',
    {
      'root.key.enc': /BEGIN ENCRYPTED PRIVATE KEY/,
      'standby.txt': /done/,
      'bundle.pem.json': /"version"/,
      'rotation.txt': /done/,
    },
  ],
  ['lock-haproxy', { 'haproxy.cfg': / verify required /, tested: /valid/ }, 'haproxy'],
  ['lock-caddy', { 'caddy.caddyfile': /mode require_and_verify/, tested: /Valid configuration/ }, 'caddy'],
  ['lock-apache', { 'apache.conf': /^ *SSLVerifyClient require/m, tested: /Syntax OK/ }, 'apache2'],
  ['audit', { 'audit.json': /"verdict": "locked"/, 'edge-ca.pem': /BEGIN CERTIFICATE/ }],
  ['firewall', { 'postern.nft': /2001:db8:7::\/64/, notes: /second lock/ }],
  [
    'lock-other-servers',
    {
      'lighttpd.conf': /^ssl\.verifyclient\.enforce = "enable"/m,
      'stunnel.conf': /^verifyChain = yes/m,
      'origin.cjs': /"mode": "enforce"/,
    },
    'lighttpd',
  ],
  [
    'lock-in-a-cluster',
    {
      'envoy.yaml': /require_client_certificate: true/,
      'traefik.yaml': /RequireAndVerifyClientCert/,
      'ingress.yaml': /auth-tls-verify-client: "on"/,
      'gateway.yaml': /mode: AllowValidOnly/,
      'alb.sh': /Mode=verify/,
    },
  ],
] as const) {
  test(
    `the commands of the guide ${name} run as they stand`,
    needs('curl', 'openssl', ...(program === undefined ? [] : [program])),
    async () => {
      using scratch = scratchDirectory();
      await using world = await startWorld(scratch.path);
      await world.addZone('example.test');
      const [port] = await freePorts(1);
      const conf = join(scratch.path, 'etc');
      mkdirSync(conf);
      const guide = readDocument(`docs/guides/${name}.md`);
      const environment = { POSTERN_API: world.api, DIR: scratch.path, CONF: conf, TRY: String(port) };
      await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment });
      for (const [file, expected] of Object.entries(made)) {
        assert.match(readFileSync(join(conf, file), 'utf8'), expected);
      }
    },
  );
}

test('the commands of the guide guard run as they stand', needs('curl', 'openssl'), async () => {
  using scratch = scratchDirectory();
  await using world = await startWorld(scratch.path);
  await world.addZone('example.test');
  const conf = join(scratch.path, 'etc');
  mkdirSync(conf);
  const [origin, app] = (await freePorts(2)).map(String);
  assert.ok(origin && app);
  const guide = readDocument('docs/guides/guard.md');
  const ports = { EDGE: String(world.edge), ORIGIN: origin, APP: app };
  const environment = { POSTERN_API: world.api, DIR: scratch.path, CONF: conf, ...ports };
  const end = 'kill $(jobs -p); wait';
  await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment, finally: end });
});

for (const name of ['rotate', 'emergency', 'keep-in-step'] as const) {
  test(
    `the commands of the guide ${name} run as they stand, before a locked origin`,
    needs('nginx', 'curl'),
    async () => {
      using scratch = scratchDirectory();
      await using world = await startWorld(scratch.path);
      const { zone, record } = await world.addZone('example.test');
      await world.call('PUT', `/client/v4/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
      await world.call('PATCH', `/client/v4/zones/${zone}/settings/ssl`, { value: 'full' });
      const key = await bash(
        'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=origin -keyout k -out c 2>/dev/null; cat c; cat k',
        {
          scratch: scratch.path,
          cwd: scratch.path,
          environment: {},
        },
      );
      const bundle = await (
        await fetch(`${world.api}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`)
      ).text();
      await using nginx = await startNginx({
        ports: 1,
        configuration: ({ ports: [port = 0], directory }) => {
          writeFileSync(join(directory, 'bundle.pem'), bundle);
          writeFileSync(join(directory, 'both.pem'), key);
          return lockedBy(directory, port);
        },
      });
      const origin = { origin: { https_port: nginx.ports[0] } };
      await world.call('PATCH', `/client/v4/zones/${zone}/dns_records/${record}`, origin);
      const environment = {
        POSTERN_API: world.api,
        DIR: scratch.path,
        CONF: nginx.directory,
        RELOAD: `kill -HUP ${nginx.pid}`,
        TEST: `nginx -t -c ${nginx.directory}/server.conf`,
        OFTEN: '1s',
        SOON: '1s',
        NOTICE: '1s',
      };
      const guide = readDocument(`docs/guides/${name}.md`);
      await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment });
      const [newest] = (await world.call('GET', `/postern/v1/zones/${zone}/rotations`)) as readonly {
        outcome: string;
      }[];
      assert.equal(newest?.outcome, 'done');
      if (name === 'keep-in-step')
        assert.match(readFileSync(join(nginx.directory, 'reports.txt'), 'utf8'), /bundle\.pem +✓ version/);
      if (name === 'rotate')
        assert.match(readFileSync(join(nginx.directory, 'rotation.md'), 'utf8'), /refused \(page\)/);
    },
  );
}

test('the applications of the guide middleware let in the edge alone', needs('curl', 'openssl'), async () => {
  using scratch = scratchDirectory();
  await using world = await startWorld(scratch.path);
  const { zone, record } = await world.addZone('example.test');
  await world.call('PUT', `/client/v4/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
  await world.call('PATCH', `/client/v4/zones/${zone}/settings/ssl`, { value: 'full' });
  const [port] = await freePorts(1);
  await world.call('PATCH', `/client/v4/zones/${zone}/dns_records/${record}`, { origin: { https_port: port } });
  const conf = join(scratch.path, 'etc');
  mkdirSync(conf);
  const guide = readDocument('docs/guides/middleware.md');
  const environment = {
    POSTERN_API: world.api,
    DIR: scratch.path,
    CONF: conf,
    PORT: String(port),
    EDGE: String(world.edge),
  };
  await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment });
});

function lockedBy(directory: string, port: number): string {
  return `events {}
error_log ${directory}/error.log;
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${directory}/both.pem;
    ssl_certificate_key ${directory}/both.pem;
    ssl_client_certificate ${directory}/bundle.pem;
    ssl_verify_client on;
    ssl_verify_depth 3;
    location / { return 200 "hello"; }
  }
}
`;
}

for (const [kind, program] of [
  ['nginx', 'nginx'],
  ['apache', 'apache2'],
  ['haproxy', 'haproxy'],
  ['caddy', 'caddy'],
] as const) {
  test(
    `the commands of the guide install run as they stand, on ${kind}, and undo what they did to the byte`,
    needs(program),
    async () => {
      using scratch = scratchDirectory();
      await using edge = await startEdge();
      await using site = await startSite(kind, edge);
      const untouched = site.files();
      const guide = readDocument('docs/guides/install.md');
      const environment = {
        POSTERN_API: edge.postern.base,
        POSTERN_TOKEN: edge.postern.token,
        SERVER: join(site.directory, 'server.conf'),
        EDGE: `127.0.0.1:${edge.postern.https}`,
        ETC: join(site.directory, 'postern'),
        BACKUPS: join(site.directory, 'state'),
      };
      await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment });
      assert.deepEqual(site.files(), untouched);
    },
  );
}

test('the commands of the guide doctor run as they stand, and mend an origin', needs('nginx', 'curl'), async () => {
  using scratch = scratchDirectory();
  await using site = await startDoctorsSite(
    'ssl_client_certificate bundle.pem; ssl_verify_client optional; ssl_verify_depth 3; ssl_session_tickets off;',
  );
  await using server = await startNameServer({
    'example.test': { A: ['198.51.100.1'], TXT: ['v=spf1 ip4:127.0.0.1'] },
  });
  const guide = readDocument('docs/guides/doctor.md');
  const reload = join(scratch.path, 'reload.sh');
  // nginx answers the signal at once, and does what it says a little later.
  const url = `--connect-to ::127.0.0.1:${site.https} https://www.example.test/`;
  const isOpen = `curl -sk -o /dev/null -w '%{http_code}' ${url} | grep -q 200`;
  writeFileSync(reload, `kill -HUP ${site.nginx.pid}\nwhile ${isOpen}; do sleep 0.05; done\n`);
  const environment = {
    SITE: 'www.example.test',
    ZONE: 'example.test',
    AT: `127.0.0.1:${site.https}`,
    NGINX: site.file('server.conf'),
    RELOAD: `sh ${reload}`,
    EDGE: `${site.file('good.pem')},${site.file('good.key')}`,
    RESOLVER: server.place,
  };
  await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment });
  assert.match(readFileSync(site.file('server.conf'), 'utf8'), /ssl_verify_client on;/);
});

test('the commands of the guide doctor-in-ci run as they stand', needs('nginx'), async () => {
  using scratch = scratchDirectory();
  await using site = await startDoctorsSite();
  const conf = join(scratch.path, 'etc');
  mkdirSync(conf);
  writeFileSync(join(conf, 'nginx.conf'), readFileSync(site.file('server.conf')));
  const guide = readDocument('docs/guides/doctor-in-ci.md');
  const environment = { SITE: 'www.example.test', AT: `127.0.0.1:${site.https}`, CONF: conf };
  await runBlocks(guide, guide.blocks, { scratch: scratch.path, cwd: ROOT, environment });
  assert.match(readFileSync(join(conf, 'doctor.xml'), 'utf8'), /name="is locked"\/>/);
  const told = JSON.parse(readFileSync(join(conf, 'doctor.sarif'), 'utf8')) as { readonly version: string };
  assert.equal(told.version, '2.1.0');
});
