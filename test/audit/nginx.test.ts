import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Verdict } from '../../src/doctor/diagnosis/verdict.ts';
import { audit } from '../../src/origin/audit/audit.ts';
import { type AuditRow, auditFiles, overall } from '../../src/origin/audit/audit.fixture.ts';
import { BROKEN } from '../../src/origin/audit/nginx/faulty.fixture.ts';
import { HOLDING } from '../../src/origin/audit/nginx/holding.fixture.ts';
import { OPEN } from '../../src/origin/audit/nginx/open.fixture.ts';
import { DISK } from '../../src/origin/server/config-source.ts';
import { needs } from '../support/availability.ts';
import type { Credential } from '../support/knock.ts';
import { DidNotStart, type RunningServer, startNginx } from '../support/server-process.ts';
import { type Callers, getsIn, type Socket, startWord, waysIn } from './strangers.ts';

/** What this nginx has not, or what cannot be come by here: an address of an edge, a certificate of a public authority. */
const BEYOND = /QUIC|Lua|HT-06|NE-22|TT-01|program behind|same files|listener of the machine|application is nginx/;

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles(Date.now());
});

function credential(name: string): Credential {
  return { cert: files.get(`${name}.pem`) ?? '', key: files.get(`${name}.key`) ?? '' };
}

interface Ports {
  readonly tls: number;
  readonly plain: number;
  readonly other: number;
  readonly application: number;
  readonly neighbour: number;
}

/** A case on ports of this machine. */
function placed(text: string, directory: string, ports: Ports): string {
  const moved = text
    .replaceAll(
      /listen (\[::\]:)?443\b/g,
      (_whole, six?: string) => `listen ${six === undefined ? '127.0.0.1' : '[::1]'}:${ports.tls}`,
    )
    .replaceAll(
      /listen (\[::\]:)?80\b/g,
      (_whole, six?: string) => `listen ${six === undefined ? '127.0.0.1' : '[::1]'}:${ports.plain}`,
    )
    .replaceAll('listen 8443', `listen 127.0.0.1:${ports.other}`)
    .replaceAll(/(?:127\.0\.0\.1|localhost):3000/g, `127.0.0.1:${ports.application}`)
    .replaceAll('127.0.0.1:4000', `127.0.0.1:${ports.neighbour}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  return `error_log stderr; events {}\nhttp { access_log off; ${temporary.join(' ')}\n${moved}\n}\n`;
}

function socketsOf(text: string, { tls, plain, other }: Ports): readonly Socket[] {
  return [
    { address: '127.0.0.1', port: tls, tls: true },
    ...(text.includes(`[::1]:${tls}`) ? [{ address: '::1', port: tls, tls: true }] : []),
    ...(text.includes(`127.0.0.1:${plain}`) ? [{ address: '127.0.0.1', port: plain, tls: false }] : []),
    ...(text.includes(`127.0.0.1:${other}`) ? [{ address: '127.0.0.1', port: other, tls: true }] : []),
  ];
}

interface Truth {
  readonly audited: Verdict;
  /** Ways in of strangers; null where nginx did not start. */
  readonly ways: readonly string[] | null;
  readonly edge: boolean;
}

async function truthOf(text: string): Promise<Truth> {
  await using application = await startWord('THE APPLICATION');
  await using neighbour = await startWord('another one');
  let written: { readonly text: string; readonly ports: Ports; readonly directory: string } | null = null;
  const starting = startNginx({
    ports: 3,
    quiet: [1, 2],
    configuration: ({ ports: [tls = 0, plain = 0, other = 0], directory }) => {
      for (const [name, content] of files) writeFileSync(join(directory, name), content);
      const ports = { tls, plain, other, application: application.port, neighbour: neighbour.port };
      written = { text: placed(text, directory, ports), ports, directory };
      return written.text;
    },
  });
  let server: RunningServer | null = null;
  try {
    server = await starting;
  } catch (error) {
    if (!(error instanceof DidNotStart)) throw error;
  }
  assert.ok(written !== null);
  const { text: whole, ports } = written as { readonly text: string; readonly ports: Ports };
  try {
    return { ...(await asked(whole, ports, server)), audited: auditedText(whole) };
  } finally {
    await server?.stop();
  }
}

async function asked(text: string, ports: Ports, server: RunningServer | null): Promise<Omit<Truth, 'audited'>> {
  if (server === null) return { ways: null, edge: false };
  const sockets = socketsOf(text, ports);
  const callers: Callers = { nobody: null, forged: credential('forged'), neighbour: credential('neighbour') };
  const [first] = sockets;
  assert.ok(first !== undefined);
  return {
    ways: await waysIn(sockets, callers, 'THE APPLICATION'),
    edge: await getsIn(first, credential(edgeOf(text)), 'THE APPLICATION'),
  };
}

// The edge of each authority comes with what that signed.
function edgeOf(text: string): string {
  if (text.includes('edge-chain.pem')) return 'below';
  return text.includes('edge-long.pem') ? 'deep' : 'right';
}

function auditedText(text: string): Verdict {
  const main = '/etc/lab/main.conf';
  const source = {
    ...DISK,
    read: (path: string) => {
      if (path === main) return { text };
      const found = files.get(path.replace('/etc/lab/', ''));
      return found === undefined ? { code: 'ENOENT' } : { text: found };
    },
  };
  const reading = audit('nginx', { main, source, now: Date.now(), hosts: ['a.test'], version: [1, 22, 1] });
  assert.ok(reading !== null);
  return overall(reading);
}

describe('nginx does what the audit says', needs('nginx'), () => {
  const rows: readonly AuditRow[] = [...HOLDING, ...OPEN, ...BROKEN].filter(([title]) => !BEYOND.test(title));
  for (const [title, text] of rows) {
    test(title, async () => {
      const { audited, ways, edge } = await truthOf(text);
      if (audited === 'open') return assert.notEqual(ways?.length ?? 0, 0, 'nobody got in');
      assert.deepEqual(ways ?? [], []);
      // Pins of these cases are not those of the edge here.
      if (audited === 'locked' && !/fingerprint|s_dn|self\.pem/.test(text)) assert.ok(edge, 'the edge was refused');
      if (audited === 'broken') assert.ok(!edge, 'the edge was let in');
    });
  }
});
