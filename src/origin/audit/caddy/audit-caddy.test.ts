import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { ConfigurationReading } from '../../../doctor/configuration.ts';
import { programNamed } from '../../server/processes.ts';
import { type AuditRow, audited, auditFiles, grave, overall } from '../audit.fixture.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

function tls(auth: string): string {
  return `\ttls site.pem site.key${auth === '' ? '' : ` {\n\t\tclient_auth {\n\t\t\t${auth}\n\t\t}\n\t}`}`;
}

const LOCK = 'mode require_and_verify\n\t\t\ttrusted_ca_cert_file edge-ca.pem';
const APP = '\treverse_proxy 127.0.0.1:3000';

function site(auth: string, inner = APP, address = 'a.test'): string {
  return `${address} {\n${tls(auth)}\n${inner}\n}\n`;
}

const PINNED = `\t@edge expression \`{http.request.tls.client.fingerprint} == "ab12"\`
\thandle @edge {\n\t${APP}\n\t}\n\thandle {\n\t\trespond 403\n\t}`;

const HOLDS: readonly AuditRow[] = [
  ['required and verified', site(LOCK), 'locked', []],
  ['the mode left out', site('trusted_ca_cert_file edge-ca.pem'), 'locked', []],
  [
    'the reference configuration',
    `{\n\tservers {\n\t\tstrict_sni_host on\n\t\tprotocols h1 h2\n\t}\n}\n${site(LOCK, PINNED)}`,
    'locked',
    [],
  ],
  ['a leaf as its own authority', site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file leaf.pem'), 'locked', []],
  ['an intermediate alone', site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file intermediate.pem'), 'locked', []],
  ['any certificate, and a list of leaves', site('mode require\n\t\t\ttrusted_leaf_cert_file leaf.pem'), 'locked', []],
  ['plain HTTP that redirects', `${site(LOCK)}http://a.test {\n\tredir https://{host}{uri}\n}\n`, 'locked', []],
  [
    'plain HTTP with a single path',
    `${site(LOCK)}http://a.test {\n\trespond /health 200\n\trespond 404\n}\n`,
    'locked',
    [],
  ],
  [
    'another application beside it',
    `${site(LOCK)}${site('', '\treverse_proxy 127.0.0.1:4000', 'b.test')}`,
    'locked',
    [],
  ],
  [
    'a snippet',
    `(lock) {\n\ttls site.pem site.key {\n\t\tclient_auth {\n\t\t\tmode {args.0}\n\t\t\ttrusted_ca_cert_file edge-ca.pem\n\t\t}\n\t}\n}\na.test {\n\timport lock require_and_verify\n${APP}\n}\n`,
    'locked',
    [],
  ],
  [
    'asked for, and refused without',
    site('mode request', `\t@none expression \`{tls_client_fingerprint} != "ab12"\`\n\trespond @none 403\n${APP}`),
    'locked',
    [],
  ],
  [
    'strict off, and nobody else there',
    `{\n\tservers {\n\t\tstrict_sni_host insecure_off\n\t}\n}\n${site(LOCK)}`,
    'locked',
    [],
  ],
];

const OPEN: readonly AuditRow[] = [
  ['NE-01 nothing is asked', site(''), 'open', ['not_asked']],
  ['NE-02 request', site('mode request'), 'open', ['unverified']],
  [
    'NE-02 verified if given',
    site('mode verify_if_given\n\t\t\ttrusted_ca_cert_file edge-ca.pem'),
    'open',
    ['optional'],
  ],
  [
    'NE-04 only none is refused',
    site(
      'mode request',
      `\t@none expression \`{http.request.tls.client.fingerprint} == ""\`\n\trespond @none 403\n${APP}`,
    ),
    'open',
    ['tests_for_none_only'],
  ],
  [
    'NE-05 one path',
    site(
      'mode request',
      `\t@bad {\n\t\tpath /admin*\n\t\tnot expression \`{http.request.tls.client.fingerprint} == "ab12"\`\n\t}\n\trespond @bad 403\n${APP}`,
    ),
    'open',
    ['some_paths_only'],
  ],
  [
    'NE-06 errors are answered by the application',
    site(
      'mode request',
      `\t@none expression \`{http.request.tls.client.fingerprint} != "ab12"\`\n\terror @none 403\n${APP}\n\thandle_errors {\n\t${APP}\n\t}`,
    ),
    'open',
    ['error_page'],
  ],
  ['NE-07 another name for the same', `${site(LOCK)}${site('', APP, 'b.test')}`, 'open', ['open_sibling']],
  ['NE-07 every name', `${site(LOCK)}${site('', APP, 'https://')}`, 'open', ['open_sibling']],
  [
    'NE-08 strict off',
    `{\n\tservers {\n\t\tstrict_sni_host insecure_off\n\t}\n}\n${site(LOCK)}${site('', '\treverse_proxy 127.0.0.1:4000', 'b.test')}`,
    'open',
    ['name_mismatch'],
  ],
  ['NE-10 plain HTTP', `${site(LOCK)}http://a.test {\n${APP}\n}\n`, 'open', ['plain_http']],
  ['NE-10 plain HTTP for every name', `${site(LOCK)}:80 {\n${APP}\n}\n`, 'open', ['plain_http']],
  ['NE-11 another port', `${site(LOCK)}${site('', APP, 'a.test:8443')}`, 'open', ['other_port']],
  ['NE-20 any certificate', site('mode require'), 'open', ['any_certificate']],
  [
    'NE-20 an empty mode and no authority',
    site('mode require\n\t\t\ttrusted_ca_cert_file edge-ca.pem'),
    'open',
    ['any_certificate'],
  ],
  ['TT-01 the authorities of the system', site('mode require_and_verify'), 'open', ['public_authorities']],
  [
    'TT-01 authorities of the web',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file public.pem'),
    'open',
    ['old_authority', 'public_authorities'],
  ],
  [
    'HT-06 addresses alone',
    site('', `\t@edge remote_ip 198.51.100.0/24\n\thandle @edge {\n\t${APP}\n\t}\n\thandle {\n\t\tabort\n\t}`),
    'open',
    ['not_a_lock', 'not_asked'],
  ],
];

const REST: readonly AuditRow[] = [
  [
    'TT-01 a leaf without its authority',
    site('mode require_and_verify\n\t\t\ttrusted_leaf_cert_file leaf.pem'),
    'broken',
    ['public_authorities'],
  ],
  [
    'TT-03 the authority for servers',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file origin-ca.pem'),
    'broken',
    ['origin_ca'],
  ],
  [
    'TT-04 the shared one',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file pull-ca.pem'),
    'locked',
    ['shared_identity'],
  ],
  [
    'TT-05 a loose pin',
    site(LOCK, PINNED.replace('fingerprint} == "ab12"', 'subject}.contains("CN=edge")')),
    'locked',
    ['loose_pin'],
  ],
  [
    'LO-01 not there',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file nowhere.pem'),
    'broken',
    ['ca_file_missing'],
  ],
  [
    'LO-02 empty',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file empty.pem'),
    'broken',
    ['ca_file_unusable'],
  ],
  [
    'LO-03 the second of a file',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file both.pem'),
    'locked',
    ['old_authority'],
  ],
  [
    'LO-05 expired',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file expired.pem'),
    'broken',
    ['authority_expired'],
  ],
  [
    'LO-10 one version',
    site(LOCK).replace('\t\tclient_auth', '\t\tprotocols tls1.3\n\t\tclient_auth'),
    'locked',
    [],
    ['tls_version'],
  ],
  ['TT-11 no lists', site(LOCK), 'locked', [], ['no_revocation']],
  ['no certificate is asked for, and one is wanted', site('', PINNED), 'broken', ['edge_refused']],
  ['an import that is not there', site(`${LOCK}\n\t\t\timport nowhere`), 'unknown', []],
];

function judged(reading: ConfigurationReading) {
  return { verdict: overall(reading), grave: grave(reading) };
}

for (const [name, cases] of Object.entries({ HOLDS, OPEN, REST })) {
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
  const adaptable = [...HOLDS, ...OPEN, ...REST].filter(([title]) => !/LO-0[123]|import|of the web/.test(title));

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
