import { before, describe, test } from 'node:test';
import { auditFiles } from '../../src/origin/audit/audit.fixture.ts';
import { CASES } from '../../src/origin/audit/stunnel/cases.fixture.ts';
import { needs } from '../support/availability.ts';
import { startStunnel } from '../support/server-process.ts';
import { assertTrue, type Ports, type Stage, truthOf } from './truth.ts';

/** What cannot be come by here: a certificate of a public authority or of Cloudflare's, the server's issuer. */
const BEYOND = /TT-0[1347]/;

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles(Date.now());
});

function placed(text: string, directory: string, ports: Ports): string {
  const moved = text
    .replaceAll('accept = 443', `accept = 127.0.0.1:${ports.tls}`)
    .replaceAll('accept = 8443', `accept = 127.0.0.1:${ports.other}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.application}`)
    .replaceAll('127.0.0.1:4000', `127.0.0.1:${ports.neighbour}`)
    .replaceAll('127.0.0.1:25', '127.0.0.1:0')
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
