import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectFrom, createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { before, describe, test } from 'node:test';
import { audited, auditFiles } from '../../src/origin/audit/audit.fixture.ts';
import { CASES, service } from '../../src/origin/audit/stunnel/cases.fixture.ts';
import { needs } from '../support/availability.ts';
import { startStunnel } from '../support/server-process.ts';
import { assertTrue, type Ports, type Stage, truthOf } from './truth.ts';

/** What cannot be come by here: a certificate of a public authority or of Cloudflare's, the server's issuer. */
const BEYOND = /TT-0[1347]/;

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles(Date.now());
});

// Whole numbers: a port of this machine may begin like one of a case.
function placed(text: string, directory: string, ports: Ports): string {
  const moved = text
    .replaceAll(/accept = 443\b/g, `accept = 127.0.0.1:${ports.tls}`)
    .replaceAll(/accept = 8443\b/g, `accept = 127.0.0.1:${ports.other}`)
    .replaceAll(/127\.0\.0\.1:3000\b/g, `127.0.0.1:${ports.application}`)
    .replaceAll(/127\.0\.0\.1:4000\b/g, `127.0.0.1:${ports.neighbour}`)
    .replaceAll(/127\.0\.0\.1:25\b/g, '127.0.0.1:0')
    .replaceAll(/= ([\w-]+\.(?:pem|key|crl))$/gm, (_whole, name: string) => `= ${directory}/${name}`);
  return `foreground = yes\nsyslog = no\npid =\ndebug = notice\n${moved}`;
}

const STAGE: Stage = {
  server: 'stunnel',
  version: [5, 68, 0],
  start: startStunnel,
  placed,
  socketsOf: (text, { tls, other }) => [
    { address: '127.0.0.1', port: tls, tls: true },
    ...(text.includes(`127.0.0.1:${other}`) ? [{ address: '127.0.0.1', port: other, tls: true }] : []),
  ],
  hosts: ['a.test'],
};

describe('stunnel does what the audit says', needs('stunnel4'), () => {
  for (const [title, text] of CASES.filter(([name]) => !BEYOND.test(name))) {
    test(title, async () => {
      assertTrue(await truthOf(text, files, STAGE), /checkHost|leaf\.pem/.test(text));
    });
  }
});

const WORD = 'GET / HTTP/1.1\r\nHost: a.test\r\nX-Edge-Verified: SUCCESS\r\n\r\n';

/** What an application behind a service hears first of a caller from another address, and from whom it comes. */
async function firstHeard(text: string): Promise<{ readonly said: string; readonly from: string | undefined }> {
  const application = createServer().listen(0, '127.0.0.1');
  await once(application, 'listening');
  const port = (application.address() as AddressInfo).port;
  const heard = new Promise<{ said: string; from: string | undefined }>((resolve) => {
    application.on('connection', (socket) => {
      let said = '';
      socket.on('data', (chunk: Buffer) => {
        said += chunk.toString('latin1');
        if (!said.includes('\r\n\r\n')) return;
        resolve({ said, from: socket.remoteAddress });
        socket.destroy();
      });
    });
  });
  using _application = { [Symbol.dispose]: () => application.close() };
  await using stunnel = await startStunnel({
    ports: 1,
    configuration: ({ directory, ports: [tls = 0] }) => {
      for (const [name, content] of files) writeFileSync(join(directory, name), content);
      return placed(text, directory, { tls, plain: 0, other: 0, application: port, neighbour: 0 });
    },
  });
  const client = connect({
    socket: connectFrom({ host: '127.0.0.1', localAddress: '127.0.0.2', port: stunnel.ports[0] ?? 0 }),
    rejectUnauthorized: false,
    cert: files.get('right.pem') ?? '',
    key: files.get('right.key') ?? '',
  });
  client.on('error', () => client.destroy());
  client.write(WORD);
  // Whoever is turned away is not heard at all.
  const found = await Promise.race([heard, once(client, 'close').then(() => null)]);
  client.destroy();
  return found ?? assert.fail(`nothing was heard: ${stunnel.errorLog()}`);
}

describe('what an application behind stunnel hears of its callers is what the audit says', needs('stunnel4'), () => {
  const LOCK = 'CAfile = edge-ca.pem\nverifyChain = yes\n';
  for (const [title, lines, line, from, told] of [
    ['nothing but their own words, from the address of stunnel', LOCK, '', '127.0.0.1', /stunnel's own address$/],
    [
      'their address in front, and nothing of the certificate',
      `${LOCK}protocol = proxy\n`,
      'PROXY TCP4 127.0.0.2 127.0.0.1 CALLER DOOR\r\n',
      '127.0.0.1',
      /nothing of its certificate/,
    ],
  ] as const) {
    test(title, async () => {
      const found = await firstHeard(service(lines));
      assert.equal(found.said.replace(/(?<=^PROXY .*) \d+ \d+\r\n/, ' CALLER DOOR\r\n'), `${line}${WORD}`);
      assert.equal(found.from, from);
      const whys = audited(files, { server: 'stunnel', text: service(lines) }).notChecked.map(({ why }) => why);
      assert.ok(
        whys.some((why) => told.test(why)),
        whys.join('\n'),
      );
      assert.ok(whys.some((why) => why.includes("caller's own word")));
    });
  }
});
