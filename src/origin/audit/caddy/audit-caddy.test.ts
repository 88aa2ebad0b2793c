import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { ConfigurationReading } from '../../../doctor/configuration.ts';
import { programNamed } from '../../server/processes.ts';
import { audited, auditFiles, grave, overall } from '../audit.fixture.ts';
import { FAULTY, HOLDING, OPEN, TELLING } from './cases.fixture.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

function judged(reading: ConfigurationReading) {
  return { verdict: overall(reading), grave: grave(reading) };
}

for (const [name, cases] of Object.entries({ HOLDING, OPEN, TELLING, FAULTY })) {
  describe(`Caddyfile: ${name.toLowerCase()}`, () => {
    for (const [title, text, verdict, expected, also = []] of cases) {
      test(title, () => {
        const reading = audited(files, { server: 'caddy', text, main: '/etc/lab/Caddyfile' });
        assert.ok(reading.claims.length > 0, 'nothing is claimed');
        assert.deepEqual(judged(reading), { verdict, grave: [...expected].sort() }, JSON.stringify(reading, null, 1));
        const codes = reading.findings.map(({ code }) => code);
        for (const code of also)
          assert.ok(
            codes.some((one) => one === code),
            `${code} is missing in ${codes.join(' ')}`,
          );
      });
    }
  });
}

describe('Caddy: the version', () => {
  const json = JSON.stringify({
    apps: {
      http: {
        servers: {
          one: {
            listen: [':443'],
            routes: [
              {
                match: [{ host: ['a.test'] }],
                handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: '127.0.0.1:3000' }] }],
              },
            ],
            tls_connection_policies: [
              {
                client_authentication: {
                  mode: 'require_and_verify',
                  trusted_ca_certs_pem_files: ['/etc/lab/nowhere.pem'],
                },
              },
            ],
          },
        },
      },
    },
  });

  for (const [version, verdict, code] of [
    ['2.10.0', 'open', 'public_authorities'],
    ['2.11.1', 'broken', 'ca_file_missing'],
  ] as const) {
    test(`decides what a missing authority means (${version})`, () => {
      const reading = audited(files, { server: 'caddy', text: json, main: '/etc/lab/caddy.json', version });
      assert.deepEqual(judged(reading), { verdict, grave: [code] });
    });
  }
});

test('JSON is named by its lines', () => {
  const text = `{\n "apps": { "http": { "servers": { "one": {\n  "listen": [":443"],\n  "tls_connection_policies": [\n   {"client_authentication": {\n    "mode": "request" } } ],\n  "routes": [ { "handle": [ { "handler": "file_server" } ] } ] } } } } }`;
  const reading = audited(files, { server: 'caddy', text, main: '/etc/lab/caddy.json' });
  assert.deepEqual(reading.findings[0]?.where, { file: '/etc/lab/caddy.json', line: 5 });
});

const program = programNamed(['caddy']);

describe('what Caddy makes of a Caddyfile says the same', { skip: program === null ? 'no Caddy here' : false }, () => {
  // Caddy itself reads these files when it adapts, so what it cannot read is no case here.
  const adaptable = [...HOLDING, ...OPEN, ...TELLING, ...FAULTY].filter(
    ([title]) => !/LO-0[123]|import|of the web/.test(title),
  );

  test('for every case', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'postern-test-'));
    try {
      for (const [name, text] of files) writeFileSync(join(directory, name), text);
      for (const [title, text] of adaptable) {
        const file = join(directory, 'Caddyfile');
        writeFileSync(file, text);
        const json = await adapted(program ?? '', directory, file);
        const [own, theirs] = [
          audited(files, { server: 'caddy', text, main: '/etc/lab/Caddyfile' }),
          audited(files, { server: 'caddy', text: json, main: '/etc/lab/caddy.json' }),
        ];
        assert.deepEqual(summary(theirs), summary(own), `${title}\n${json}`);
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

function summary(reading: ConfigurationReading) {
  const claims = reading.claims.map(({ host, address, port, verdict }) => `${host} ${address} ${port} ${verdict}`);
  return { claims: claims.filter((one) => one !== '').sort(), ...judged(reading) };
}

function adapted(caddy: string, cwd: string, file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(caddy, ['adapt', '--adapter', 'caddyfile', '--config', file], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8'));
      else reject(new Error(Buffer.concat(said).toString('utf8')));
    });
  });
}
