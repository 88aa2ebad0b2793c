import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { knock } from '../../src/doctor/knock.ts';
import type { KnownPage } from '../../src/doctor/observation.ts';
import { knownPage } from '../../src/doctor/probes/known-page.ts';
import { HOST, startLocked, writeCredential, ZONE } from '../servers/locked-origin.ts';
import { needs } from '../support/availability.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { startApache, startCaddy, startHaproxy, startLighttpd, startNginx } from '../support/server-process.ts';

let credentials: PullCredentials;

before(async () => {
  credentials = await pullCredentials(ZONE, Date.now());
});

/** The status and the page at a port. */
async function page(port: number | undefined, plain = true): Promise<readonly [number, KnownPage | null]> {
  const asked = { address: '127.0.0.1', port: port ?? 0, serverName: HOST, path: '/nothing-there', timeout: 10_000 };
  const { saw } = await knock({ ...asked, plain, credential: null, headers: [] });
  assert.ok(saw.kind === 'answered', JSON.stringify(saw));
  return [saw.answer.status, saw.answer.page];
}

describe('the page with which a server says that there is nothing, or nothing for you', () => {
  test('nginx', needs('nginx'), async () => {
    await using server = await startNginx({
      ports: 1,
      configuration: ({ ports: [port], directory }) =>
        `worker_processes 1; error_log ${directory}/error.log; events {} http { access_log off; server { listen 127.0.0.1:${port}; root ${directory}; } }`,
    });
    assert.deepEqual(await page(server.ports[0]), [404, 'nginx_error']);
  });

  test('Apache, and a plain request at its TLS port', needs('apache2'), async () => {
    await using server = await startApache({
      ports: 2,
      configuration: ({ ports: [plain, secure], directory }) => {
        writeCredential(directory, 'site', credentials.server);
        mkdirSync(join(directory, 'root'));
        const modules = ['mpm_event', 'authz_core', 'ssl'].map(
          (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
        );
        return [
          `ServerRoot ${directory}\nPidFile ${directory}/pid\nDefaultRuntimeDir ${directory}\nErrorLog ${directory}/error.log`,
          ...modules,
          `ServerName ${HOST}\nUser www-data\nGroup www-data\nDocumentRoot ${directory}/root`,
          `Listen 127.0.0.1:${plain}\nListen 127.0.0.1:${secure}`,
          `<VirtualHost 127.0.0.1:${secure}>\nSSLEngine on\nSSLCertificateFile ${directory}/site.pem`,
          `SSLCertificateKeyFile ${directory}/site.key\n</VirtualHost>\n`,
        ].join('\n');
      },
    });
    assert.deepEqual(await page(server.ports[0]), [404, 'apache_error']);
    assert.deepEqual(await page(server.ports[1]), [400, 'apache_plain_http']);
  });

  test('HAProxy', needs('haproxy'), async () => {
    await using server = await startHaproxy({
      ports: 1,
      configuration: ({ ports: [port] }) =>
        `defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend f\n bind 127.0.0.1:${port}\n http-request deny\n`,
    });
    assert.deepEqual(await page(server.ports[0]), [403, 'haproxy_error']);
  });

  test('lighttpd', needs('lighttpd'), async () => {
    await using server = await startLighttpd({
      ports: 1,
      configuration: ({ ports: [port], directory }) =>
        `server.document-root = "${directory}"\nserver.bind = "127.0.0.1"\nserver.port = ${port}\nserver.errorlog = "${directory}/error.log"\n`,
    });
    assert.deepEqual(await page(server.ports[0]), [404, 'lighttpd_error']);
  });

  test('Caddy at its TLS port', needs('caddy'), async () => {
    await using server = await startCaddy({
      ports: 1,
      configuration: ({ ports: [port], directory }) => {
        writeCredential(directory, 'site', credentials.server);
        return `{\n admin off\n auto_https off\n storage file_system ${directory}\n}\nhttps://${HOST}:${port} {\n bind 127.0.0.1\n tls ${directory}/site.pem ${directory}/site.key\n respond "hello"\n}\n`;
      },
    });
    assert.deepEqual(await page(server.ports[0]), [400, 'go_plain_http']);
  });
});

test('the three refusals of nginx are told apart', needs('nginx'), async () => {
  await using origin = await startLocked('nginx', { credentials });
  assert.deepEqual(await page(origin.tlsPort, false), [400, 'nginx_no_certificate']);
  assert.deepEqual(await page(origin.tlsPort), [400, 'nginx_plain_http']);
  const asked = {
    address: '127.0.0.1',
    port: origin.tlsPort,
    serverName: HOST,
    path: '/',
    timeout: 10_000,
    headers: [],
  };
  const { saw } = await knock({ ...asked, credential: credentials.wrong['self-signed certificate'] });
  assert.equal(saw.kind === 'answered' ? saw.answer.page : saw.kind, 'nginx_certificate_error');
});

test('the pages with which servers are delivered are known by their titles', () => {
  const delivered = [
    '/usr/share/nginx/html/index.html',
    '/usr/share/apache2/default-site/index.html',
    '/usr/share/lighttpd/index.html',
    '/usr/share/caddy/index.html',
  ];
  for (const file of delivered.filter(existsSync))
    assert.equal(knownPage(200, readFileSync(file, 'utf8')), 'default_page', file);
  for (const title of ['Welcome to nginx!', 'Apache2 Debian Default Page: It works', 'IIS Windows Server'])
    assert.equal(knownPage(200, `<html><head><title>${title}</title></head></html>`), 'default_page', title);
  assert.equal(knownPage(200, '<html><head><title>Welcome to nginx lovers</title></head></html>'), null);
});
