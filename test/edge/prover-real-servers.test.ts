import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { judge, type ProofFinding } from '../../src/domain/proof.ts';
import type { Program } from '../support/availability.ts';
import { needs } from '../support/availability.ts';
import { startApache, startCaddy, startHaproxy, startNginx } from '../support/server-process.ts';
import { anotherIdentity, inWords, prove, task } from './proofs.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startTestEdge } from './world.ts';

/** The servers that people have, each over TLS 1.2 on one port and over TLS 1.3 on another. */

interface Parts {
  readonly directory: string;
  readonly ports: readonly number[];
  /** Files with one trusted root each; `bundle.pem` has them all. */
  readonly roots: readonly string[];
}

const VERSIONS = ['1.2', '1.3'] as const;

function perVersion(ports: readonly number[], write: (port: number, version: '1.2' | '1.3') => string): string {
  return VERSIONS.map((version, at) => write(ports[at] ?? 0, version)).join('\n');
}

const nginx = ({ directory, ports }: Parts) => `
error_log stderr info;
events { worker_connections 64; }
http {
  access_log off;
  ${perVersion(
    ports,
    (port, version) => `server {
    listen 127.0.0.1:${port} ssl;
    ssl_protocols TLSv${version};
    ssl_certificate ${join(directory, 'site.pem')};
    ssl_certificate_key ${join(directory, 'site.key')};
    ssl_client_certificate ${join(directory, 'bundle.pem')};
    ssl_verify_client on;
    ssl_verify_depth 3;
    return 200 ok;
  }`,
  )}
}
`;

const MODULES = ['mpm_event', 'authz_core', 'ssl', 'socache_shmcb', 'rewrite'];

const apache = ({ directory, ports }: Parts) => `
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
User www-data
Group www-data
ServerName www.a.test
DefaultRuntimeDir ${directory}
PidFile ${directory}/apache.pid
ErrorLog ${directory}/error.log
${perVersion(
  ports,
  (port, version) => `Listen 127.0.0.1:${port} https
<VirtualHost 127.0.0.1:${port}>
  SSLEngine on
  SSLProtocol -all +TLSv${version}
  SSLCertificateFile ${directory}/site.pem
  SSLCertificateKeyFile ${directory}/site.key
  SSLVerifyClient require
  SSLVerifyDepth 3
  SSLCACertificateFile ${directory}/bundle.pem
  RewriteEngine on
  RewriteRule ^ - [R=204,L]
</VirtualHost>`,
)}
`;

const haproxy = ({ directory, ports }: Parts) => `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend site
  ${perVersion(
    ports,
    (port, version) =>
      `bind 127.0.0.1:${port} ssl crt ${join(directory, 'both.pem')} verify required ca-file ${join(directory, 'bundle.pem')} ssl-min-ver TLSv${version} ssl-max-ver TLSv${version}`,
  )}
  http-request return status 200 content-type text/plain string ok
`;

// Caddy 2.6 reads the first certificate of a file and no other.
const caddy = ({ directory, ports, roots }: Parts) => `{
  admin off
  auto_https off
  storage file_system ${directory}
}
${perVersion(
  ports,
  (port, version) => `https://www.a.test:${port} {
  bind 127.0.0.1
  tls ${join(directory, 'site.pem')} ${join(directory, 'site.key')} {
    protocols tls${version} tls${version}
    client_auth {
      mode require_and_verify
      ${roots.map((file) => `trusted_ca_cert_file ${file}`).join('\n      ')}
    }
  }
  respond ok
}`,
)}
`;

const SERVERS: readonly (readonly [Program, typeof startNginx, typeof nginx, string])[] = [
  ['nginx', startNginx, nginx, 'page'],
  ['apache2', startApache, apache, 'refused'],
  ['haproxy', startHaproxy, haproxy, 'refused'],
  ['caddy', startCaddy, caddy, 'refused'],
];

for (const [program, start, configuration, refusal] of SERVERS) {
  test(`${program} is seen to refuse the new certificate until it trusts its authority`, needs(program), async (t) => {
    const zone = await makeZone('a.test');
    const foreign = await makeZone('a.test');
    const next = await anotherIdentity(zone, foreign.authority);
    const { leaf } = await serverCertificate(['www.a.test']);
    const started = (trusted: readonly (typeof zone)[]) =>
      start({
        ports: 2,
        configuration: ({ directory, ports }) => {
          const site = [leaf.certificate, ...leaf.chain].map(({ pem }) => pem).join('');
          writeFileSync(join(directory, 'site.pem'), site);
          writeFileSync(join(directory, 'site.key'), leaf.key.reveal());
          writeFileSync(join(directory, 'both.pem'), site + leaf.key.reveal());
          const roots = trusted.map(({ authority }, at) => {
            const file = join(directory, `root-${at}.pem`);
            writeFileSync(file, authority.root.certificate.pem);
            appendFileSync(join(directory, 'bundle.pem'), authority.root.certificate.pem);
            return file;
          });
          return configuration({ directory, ports, roots });
        },
      });
    const edge = await startTestEdge(t, [zone]);
    edge.send(next.key);
    const pair = { from: zone.identity.certificate, to: next.identity.certificate };
    const seenAt = async (trusted: readonly (typeof zone)[], words: readonly string[], finding: ProofFinding) => {
      await using server = await started(trusted);
      const www = must(hostname('www.a.test'));
      const targets = server.ports.flatMap((port) => host(www, { https: port }).targets);
      edge.change(zone, zone.rules, [{ hostname: www, targets, pull: { kind: 'inherit' } }]);
      const seen = await prove(edge, zone, ...server.ports.map((port) => task('www.a.test', port, pair)));
      for (const [at, version] of VERSIONS.entries()) {
        assert.deepEqual(seen.slice(at, at + 1).flatMap(inWords), words, `TLS ${version}: ${server.errorLog()}`);
      }
      const edges = seen.slice(0, 1).map((one) => ({ edge: 'test', seen: one }));
      assert.equal(judge({ at: zone.issued.certificate.notBefore, edges }, ['test']), finding);
    };
    const ok = program === 'apache2' ? '204' : '200';
    await seenAt([zone], [refusal, ok, refusal], 'refused');
    await seenAt([zone, foreign], [refusal, ok, ok], 'proved');
    await seenAt([foreign], [refusal, refusal, ok], 'proved');
  });
}

test('that nginx begins to refuse is told by its pages', needs('nginx'), async (t) => {
  const zone = await makeZone('a.test');
  const foreign = await makeZone('a.test');
  const { leaf } = await serverCertificate(['www.a.test']);
  const bundle = (directory: string) => join(directory, 'bundle.pem');
  await using server = await startNginx({
    ports: 2,
    configuration: ({ directory, ports }) => {
      writeFileSync(join(directory, 'site.pem'), leaf.certificate.pem);
      writeFileSync(join(directory, 'site.key'), leaf.key.reveal());
      writeFileSync(bundle(directory), zone.authority.root.certificate.pem);
      return nginx({ directory, ports, roots: [] });
    },
  });
  const [, port = 0] = server.ports;
  const edge = await startTestEdge(t, [zone]);
  const www = must(hostname('www.a.test'));
  edge.change(zone, zone.rules, [host(www, { https: port })]);
  edge.send({ kind: 'watch', zone: zone.id, certificates: [zone.identity.certificate] });
  const told = () => edge.replies.flatMap((one) => (one.kind === 'pulled' ? one.counts : []));
  const sum = (what: 'answered' | 'refused') => told().reduce((total, count) => total + count[what], 0);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  writeFileSync(bundle(server.directory), foreign.authority.root.certificate.pem);
  server.signal('SIGHUP');
  // What was connected before the reload may answer once more.
  await until(() => {
    void visit(edge.https, 'www.a.test').catch(() => undefined);
    return sum('refused') > 0;
  });
  assert.ok(sum('answered') >= 1);
  for (const { origin } of told())
    assert.deepEqual(origin, {
      hostname: 'www.a.test',
      address: '127.0.0.1',
      port,
      serverName: null,
      hostHeader: null,
    });
});
