import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { defaultKekPath, loadKek } from '../../src/control/kek.ts';
import { openVault } from '../../src/control/vault.ts';
import { needs } from '../support/availability.ts';
import { type Credential, knock } from '../support/knock.ts';
import { type RunningServer, startApache, startNginx } from '../support/server-process.ts';
import { serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, type ServerName, SERVERS, visit, zonePull } from './site.ts';

const ZONE = 'stolen.test';
const HOST = `www.${ZONE}`;

/** What a thief has who read both the store and the key that seals it: the zone's identity. */
async function stolen(
  postern: Postern,
  zone: string,
): Promise<{ readonly id: string; readonly credential: Credential }> {
  const path = `/postern/v1/zones/${zone}/identities`;
  const { result } = await postern.call<readonly { readonly id: string }[]>('GET', `${path}?level=zone`);
  const id = result[0]?.id ?? assert.fail('a zone has an identity');
  const whole = await postern.call<{ readonly certificate: string }>('GET', `${path}/${id}`);
  const store = new DatabaseSync(join(postern.dir, 'postern.db'), { readOnly: true });
  const row = store.prepare("SELECT sealed FROM secrets WHERE purpose = 'client' AND id = ?").get(id);
  store.close();
  const vault = openVault(loadKek(defaultKekPath(postern.dir), null));
  const key = vault.open('client', id, String(row?.['sealed'])).reveal();
  return { id, credential: { cert: whole.result.certificate, key } };
}

interface Asking {
  readonly site: Credential;
  readonly bundle: string;
  /** The OCSP responder of the zone. */
  readonly responder: string;
}

/** A server that asks about each certificate in the handshake, as its own guide has it. */
function startAsking(server: ServerName, { site, bundle, responder }: Asking): Promise<RunningServer> {
  const start = server === 'nginx' ? startNginx : startApache;
  return start({
    ports: 1,
    configuration: ({ ports: [port = 0], directory }) => {
      for (const [name, text] of Object.entries({
        'site.pem': site.cert,
        'site.key': site.key,
        'bundle.pem': bundle,
      })) {
        writeFileSync(join(directory, name), text, { mode: 0o600 });
      }
      writeFileSync(join(directory, 'index.html'), 'let in', { mode: 0o644 });
      chmodSync(directory, 0o755);
      const place = { port, directory, responder };
      return server === 'nginx' ? nginx(place) : apache(place);
    },
  });
}

interface Place {
  readonly port: number;
  readonly directory: string;
  readonly responder: string;
}

function nginx({ port, directory, responder }: Place): string {
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
error_log stderr info;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${directory}/site.pem;
    ssl_certificate_key ${directory}/site.key;
    ssl_client_certificate ${directory}/bundle.pem;
    ssl_verify_client on;
    ssl_verify_depth 1;
    ssl_ocsp leaf;
    ssl_ocsp_responder ${responder};
    location / { root ${directory}; }
  }
}
`;
}

const MODULES = ['mpm_event', 'authz_core', 'authz_host', 'ssl', 'dir'];

function apache({ port, directory, responder }: Place): string {
  return `${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
User www-data
Group www-data
ServerName ${HOST}
DefaultRuntimeDir ${directory}
PidFile ${directory}/httpd.pid
ErrorLog ${directory}/error.log
LogLevel warn ssl:info
Listen 127.0.0.1:${port} https
<VirtualHost 127.0.0.1:${port}>
  SSLEngine on
  SSLCertificateFile ${directory}/site.pem
  SSLCertificateKeyFile ${directory}/site.key
  SSLCACertificateFile ${directory}/bundle.pem
  SSLVerifyClient require
  SSLVerifyDepth 2
  SSLOCSPEnable leaf
  SSLOCSPDefaultResponder ${responder}
  SSLOCSPOverrideResponder on
  DocumentRoot ${directory}
</VirtualHost>
`;
}

for (const [server, program] of SERVERS) {
  void describe(`a stolen identity at ${server} that asks the responder (OCSP)`, needs(program), () => {
    void test('is let in until it is revoked, and refused from that moment on, without a reload', async () => {
      await using postern = await startPostern({ argv: ['--public', '127.0.0.1:0'] });
      const authority = await serverAuthority();
      const zone = await createZone(postern, ZONE, authority);
      await zonePull(postern, zone, true);
      const { id, credential } = await stolen(postern, zone);
      const open = postern.logged('ready')[0]?.['public'];
      const bundle = await fetch(`http://${open}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`);
      const responder = `http://${open}/ocsp/zones/${zone}`;
      const site = await authority.issue([HOST]);
      await using running = await startAsking(server, { site, bundle: await bundle.text(), responder });
      const [port = 0] = running.ports;
      await addRecord(postern, zone, { name: HOST, origin: { https_port: port } });
      const thief = () => knock({ port, sni: HOST, credential });

      const before = await thief();
      assert.ok(
        before.kind === 'answered' && before.body.includes('let in'),
        `${JSON.stringify(before)} ${running.errorLog()}`,
      );
      const edge = await visit(postern, HOST);
      assert.ok(edge.kind === 'answered' && edge.body.includes('let in'), running.errorLog());

      await postern.call('POST', `/postern/v1/zones/${zone}/revocations`, { certificate_id: id, force: true });
      const after = await thief();
      assert.ok(after.kind === 'refused' || after.status === 400, JSON.stringify(after));
      assertStatus(await visit(postern, HOST), 525, 'the edge shows it no more either');
    });
  });
}
