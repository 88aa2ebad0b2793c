import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type AuditRow, auditFiles } from '../../src/origin/audit/audit.fixture.ts';
import { BROKEN } from '../../src/origin/audit/nginx/faulty.fixture.ts';
import { HOLDING } from '../../src/origin/audit/nginx/holding.fixture.ts';
import { OPEN } from '../../src/origin/audit/nginx/open.fixture.ts';
import { needs } from '../support/availability.ts';
import { startNginx } from '../support/server-process.ts';
import { assertTrue, type Ports, type Stage, truthOf } from './truth.ts';

/** What this nginx has not, or what cannot be come by here: an address of an edge, a certificate of a public authority. */
const BEYOND = /QUIC|Lua|HT-06|NE-22|TT-01|program behind|same files|listener of the machine|application is nginx/;

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles(Date.now());
});

function placed(text: string, directory: string, ports: Ports): string {
  const address = (six: string | undefined) => (six === undefined ? '127.0.0.1' : '[::1]');
  const moved = text
    .replaceAll(/listen (\[::\]:)?443\b/g, (_whole, six?: string) => `listen ${address(six)}:${ports.tls}`)
    .replaceAll(/listen (\[::\]:)?80\b/g, (_whole, six?: string) => `listen ${address(six)}:${ports.plain}`)
    .replaceAll(/listen 8443\b/g, `listen 127.0.0.1:${ports.other}`)
    .replaceAll(/(?:127\.0\.0\.1|localhost):3000\b/g, `127.0.0.1:${ports.application}`)
    .replaceAll(/127\.0\.0\.1:4000\b/g, `127.0.0.1:${ports.neighbour}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  return `error_log stderr; events {}\nhttp { access_log off; ${temporary.join(' ')}\n${moved}\n}\n`;
}

const STAGE: Stage = {
  server: 'nginx',
  version: [1, 22, 1],
  start: startNginx,
  placed,
  socketsOf: (text, { tls, plain, other }) => [
    { address: '127.0.0.1', port: tls, tls: true },
    ...(text.includes(`[::1]:${tls}`) ? [{ address: '::1', port: tls, tls: true }] : []),
    ...(text.includes(`127.0.0.1:${plain}`) ? [{ address: '127.0.0.1', port: plain, tls: false }] : []),
    ...(text.includes(`127.0.0.1:${other}`) ? [{ address: '127.0.0.1', port: other, tls: true }] : []),
  ],
  hosts: ['a.test'],
};

describe('nginx does what the audit says', needs('nginx'), () => {
  const rows: readonly AuditRow[] = [...HOLDING, ...OPEN, ...BROKEN].filter(([title]) => !BEYOND.test(title));
  for (const [title, text] of rows) {
    test(title, async () => {
      assertTrue(await truthOf(text, files, STAGE), /fingerprint|s_dn|self\.pem/.test(text));
    });
  }
});
