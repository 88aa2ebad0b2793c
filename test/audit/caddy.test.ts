import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type AuditRow, auditFiles } from '../../src/origin/audit/audit.fixture.ts';
import { FAULTY, HOLDING, OPEN, TELLING } from '../../src/origin/audit/caddy/cases.fixture.ts';
import { needs } from '../support/availability.ts';
import { startEcho } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
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
    .replaceAll(/:8443\b/g, `:${ports.other}`)
    .replaceAll(/^:80 /gm, `:${ports.plain} `)
    .replaceAll(/127\.0\.0\.1:3000\b/g, `127.0.0.1:${ports.application}`)
    .replaceAll(/127\.0\.0\.1:4000\b/g, `127.0.0.1:${ports.neighbour}`)
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

/** Whether the application hears a stranger's own word in a field, in the one spelling and in the other. */
async function heard(text: string): Promise<{ readonly hyphens: boolean; readonly underscores: boolean }> {
  await using application = await startEcho();
  await using caddy = await startCaddy({
    ports: 1,
    configuration: ({ directory, ports: [tls = 0] }) => {
      for (const [name, content] of files) writeFileSync(join(directory, name), content);
      return placed(text, directory, { tls, plain: 0, other: 0, application: application.port, neighbour: 0 });
    },
  });
  const headers = ['X-Edge-Verified', 'X_Edge_Verified'].map((name) => [name, 'OF THE STRANGER'] as const);
  await knock({ port: caddy.ports[0] ?? 0, sni: 'a.test', credential: null, headers });
  const fields = application.seen.at(-1)?.fields ?? [];
  const has = (wanted: string) =>
    fields.some(([name, value]) => name.toLowerCase() === wanted && value.includes('OF THE STRANGER'));
  return { hyphens: has('x-edge-verified'), underscores: has('x_edge_verified') };
}

describe('what an application behind Caddy hears of a stranger is what the audit says', needs('caddy'), () => {
  for (const [title, text, , codes] of TELLING) {
    test(title, async () => {
      const { hyphens, underscores } = await heard(text);
      const isSaid = (wanted: RegExp) => codes.some((code) => wanted.test(code));
      assert.equal(hyphens, isSaid(/header_passed|header_only_on_success/));
      // Where the one spelling passes, the other is not told beside it.
      assert.equal(underscores && !hyphens, isSaid(/header_underscore/));
    });
  }
});
