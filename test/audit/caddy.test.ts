import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type AuditRow, auditFiles } from '../../src/origin/audit/audit.fixture.ts';
import { FAULTY, HOLDING, OPEN } from '../../src/origin/audit/caddy/cases.fixture.ts';
import { needs } from '../support/availability.ts';
import { startCaddy } from '../support/server-process.ts';
import { assertTrue, type Ports, type Stage, truthOf } from './truth.ts';

/** What cannot be come by here: an address of an edge, a certificate of a public authority or of Cloudflare's. */
const BEYOND = /HT-06|TT-0[134]|^an import|LO-03/;

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles(Date.now());
});

function placed(text: string, directory: string, ports: Ports): string {
  const options = [
    '\tadmin off',
    `\thttp_port ${ports.plain}`,
    `\thttps_port ${ports.tls}`,
    '\tdefault_bind 127.0.0.1',
    `\tstorage file_system ${join(directory, 'storage')}`,
  ].join('\n');
  const moved = text
    .replaceAll(':8443', `:${ports.other}`)
    .replaceAll(/^:80 /gm, `:${ports.plain} `)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.application}`)
    .replaceAll('127.0.0.1:4000', `127.0.0.1:${ports.neighbour}`)
    .replaceAll(/\b([\w-]+\.(?:pem|key))\b/g, (name) => join(directory, name));
  return moved.startsWith('{\n') ? moved.replace('{\n', `{\n${options}\n`) : `{\n${options}\n}\n${moved}`;
}

const STAGE: Stage = {
  server: 'caddy',
  version: [2, 6, 2],
  start: startCaddy,
  placed,
  socketsOf: (text, { tls, plain, other }) => [
    { address: '127.0.0.1', port: tls, tls: true },
    { address: '127.0.0.1', port: plain, tls: false },
    ...(text.includes(`:${other}`) ? [{ address: '127.0.0.1', port: other, tls: true }] : []),
  ],
  hosts: ['a.test'],
};

describe('Caddy does what the audit says', needs('caddy'), () => {
  const rows: readonly AuditRow[] = [...HOLDING, ...OPEN, ...FAULTY].filter(([title]) => !BEYOND.test(title));
  for (const [title, text] of rows) {
    test(title, async () => {
      assertTrue(await truthOf(text, files, STAGE), /fingerprint|subject/.test(text));
    });
  }
});
