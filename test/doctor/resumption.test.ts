import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Earlier } from '../../src/doctor/probe.ts';
import { writeCredential } from '../servers/locked-origin.ts';
import { needs } from '../support/availability.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { startHaproxy, startNginx, startNode } from '../support/server-process.ts';
import { handOf, looksAt, made, sights } from './looks.ts';

const HOST = 'a.example.test';
const OTHER = 'b.example.test';
const LOCKED = { credential: 'none', sni: 'locked', turn: 0, otherName: null } as const satisfies Earlier;

let credentials: PullCredentials;

before(async () => {
  credentials = await pullCredentials('example.test', Date.now());
});

function files(directory: string): void {
  writeCredential(directory, 'site', { ...credentials.server, cert: credentials.server.cert + credentials.server.key });
  writeFileSync(join(directory, 'ca.pem'), credentials.bundle);
}

test(
  'a session made under an open name is offered under the locked one, in both versions',
  needs('haproxy'),
  async () => {
    await using server = await startHaproxy({
      ports: 1,
      configuration: ({ ports: [port], directory }) => {
        files(directory);
        const list = [`[verify none] ${OTHER}`, `[ca-file ${directory}/ca.pem verify required] ${HOST}`];
        writeFileSync(join(directory, 'list'), list.map((line) => `${directory}/site.pem ${line}\n`).join(''));
        return `defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s
frontend f
 bind 127.0.0.1:${port} ssl crt-list ${directory}/list strict-sni
 http-request return status 200 content-type text/plain lf-string "%[req.hdr(host)]"\n`;
      },
    });
    const looks = await looksAt(server.ports[0] ?? 0, HOST, { otherNames: [OTHER] });
    assert.deepEqual(sights(made(looks, { tls: 'TLSv1.3' })), ['alert 116']);
    const resumed = made(looks, { resumes: { ...LOCKED, sni: 'other', otherName: OTHER } });
    assert.deepEqual(sights(resumed), ['200', '200']);
    assert.ok(resumed.every(({ handshake }) => handshake?.resumed === true));
  },
);

describe('the edge’s own session', needs('nginx'), () => {
  async function lockedNginx(sessions: string) {
    return startNginx({
      ports: 1,
      configuration: ({ ports: [port], directory }) => {
        files(directory);
        return `worker_processes 1; error_log ${directory}/error.log; events {}
          http { access_log off; server { listen 127.0.0.1:${port} ssl; ssl_protocols TLSv1.2 TLSv1.3; server_name ${HOST};
            ssl_certificate ${directory}/site.pem; ssl_certificate_key ${directory}/site.key; ${sessions}
            ssl_client_certificate ${directory}/ca.pem; ssl_verify_client on; ssl_verify_depth 3; return 200 "hello"; } }`;
      },
    });
  }

  test('lets somebody in who has the ticket and no certificate, where sessions last', async () => {
    await using server = await lockedNginx('ssl_session_tickets on; ssl_session_cache shared:s:1m;');
    const looks = await looksAt(server.ports[0] ?? 0, HOST, { hand: handOf({ identity: credentials.right }) });
    const fromRight = { ...LOCKED, credential: 'right' } as const;
    assert.deepEqual(sights(made(looks, { resumes: fromRight })), ['200', '200']);
    assert.deepEqual(sights(made(looks, { credential: 'right', resumes: fromRight })), ['200', '200']);
    // What was refused stays refused, with the session of it as without.
    assert.deepEqual(sights(made(looks, { resumes: LOCKED })), ['400', '400']);
    assert.deepEqual(sights(made(looks, { credential: 'right', resumes: LOCKED })), ['400', '400']);
  });

  test('is declined where they are switched off, and nothing is asked then', async () => {
    await using server = await lockedNginx('ssl_session_tickets off; ssl_session_cache off;');
    const looks = await looksAt(server.ports[0] ?? 0, HOST, { hand: handOf({ identity: credentials.right }) });
    const resumed = looks.filter(({ probe }) => probe.resumes !== null);
    assert.ok(resumed.length > 0);
    assert.deepEqual([...new Set(sights(resumed))], ['not_resumed']);
  });
});

test(
  'a certificate-less session of a server that believes it is found, as is another identity’s',
  needs('node'),
  async () => {
    await using server = await startNode({
      ports: 1,
      configuration: ({ ports: [port], directory }) => {
        files(directory);
        return `const { readFileSync } = require('node:fs');
        const read = (name) => readFileSync(${JSON.stringify(directory)} + '/' + name);
        require('node:https').createServer({ cert: read('site.pem'), key: read('site.key'), ca: read('ca.pem'),
          requestCert: true, rejectUnauthorized: false }, (request, response) => {
          const open = request.socket.isSessionReused() || request.socket.authorized;
          response.writeHead(open ? 200 : 403); response.end('hello');
        }).listen(${port}, '127.0.0.1');`;
      },
    });
    const { "another authority's certificate": other } = credentials.wrong;
    assert.ok(other !== null);
    const looks = await looksAt(server.ports[0] ?? 0, HOST, { hand: handOf({ unwanted: [other] }) });
    assert.deepEqual(sights(made(looks, {}).filter(({ probe }) => probe.tls !== null)), ['403', '403']);
    assert.deepEqual(sights(made(looks, { resumes: LOCKED })), ['200', '200']);
    assert.deepEqual(sights(made(looks, { resumes: { ...LOCKED, credential: 'unwanted' } })), ['200', '200']);
  },
);
