import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { diagnose } from '../../../src/doctor/diagnosis/diagnose.ts';
import { needs, type Program } from '../../support/availability.ts';
import { Applications, type Behaviour } from './applications.ts';
import type { Case, Server } from './case.ts';
import { told } from './hold.ts';
import { gatherPeople } from './people.ts';
import { lookAt, startCase, type World } from './run-case.ts';

/** A lock of each server, with a line that tells the application who came, or without. */
const SERVERS: readonly (readonly [Server, Program, (line: string) => string, string])[] = [
  [
    'nginx',
    'nginx',
    (line) => `server { listen 127.0.0.1:@TLS@ ssl; server_name a.test;
    ssl_client_certificate edge-ca.pem; ssl_verify_client on;
    location / { ${line} proxy_pass http://127.0.0.1:@APP@; } }`,
    'proxy_set_header X-Edge-Verified $ssl_client_verify;',
  ],
  [
    'apache',
    'apache2',
    (line) => `Listen 127.0.0.1:@TLS@
<VirtualHost *:@TLS@>
  ServerName a.test
  SSLEngine on
  SSLCertificateFile site.pem
  SSLCertificateKeyFile site.key
  SSLCACertificateFile edge-ca.pem
  SSLVerifyClient require
  ${line}
  ProxyPass / http://127.0.0.1:@APP@/
</VirtualHost>`,
    'RequestHeader set X-Edge-Verified "%{SSL_CLIENT_VERIFY}s"',
  ],
  [
    'haproxy',
    'haproxy',
    (line) => `
frontend front
  bind 127.0.0.1:@TLS@ ssl crt site.pem ca-file edge-ca.pem verify required
  http-request del-header X-Edge-Verified
  ${line}
  default_backend app`,
    'http-request set-header X-Edge-Verified SUCCESS',
  ],
  [
    'caddy',
    'caddy',
    (line) => `
https://a.test:@TLS@ {
  bind 127.0.0.1
  tls @DIR@/site.pem @DIR@/site.key {
    client_auth {
      mode require_and_verify
      trusted_ca_cert_file @DIR@/edge-ca.pem
    }
  }
  reverse_proxy 127.0.0.1:@APP@ {
    ${line}
  }
}`,
    'header_up X-Edge-Verified SUCCESS',
  ],
];

const UNTOLD = /whether the application is told that the edge was verified/;

for (const [server, program, text, line] of SERVERS) {
  void describe(`an application that prints its request, behind ${server}`, needs(program), () => {
    let world: World;
    before(async () => {
      world = { people: await gatherPeople(Date.now()), applications: new Applications() };
    });
    after(() => world?.applications[Symbol.asyncDispose]());

    async function diagnosed(written: string, application: Behaviour) {
      const hand = { identity: 'tenant-a', header: 'X-Edge-Verified' } as const;
      const one: Case = { name: server, text: text(written), hand, application, live: null, written: null };
      await using started = await startCase(server, one, world);
      const diagnosis = diagnose(await lookAt(started, one, world));
      assert.equal(diagnosis.verdict, 'locked', told(diagnosis));
      return {
        absent: diagnosis.findings.some(({ code }) => code === 'header_absent'),
        unjudged: diagnosis.notChecked.some(({ what }) => UNTOLD.test(what)),
      };
    }

    test('is seen to be told who came, or not', async () => {
      assert.deepEqual(await diagnosed('', 'printing'), { absent: true, unjudged: false });
      assert.deepEqual(await diagnosed(line, 'printing'), { absent: false, unjudged: false });
    });

    test('and of one that does not print it, nobody says', async () => {
      assert.deepEqual(await diagnosed(line, 'page'), { absent: false, unjudged: true });
    });
  });
}
