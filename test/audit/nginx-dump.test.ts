import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { audit } from '../../src/origin/audit/audit.ts';
import { auditFiles } from '../../src/origin/audit/audit.fixture.ts';
import { sourceOf } from '../../src/origin/install/memory.fixture.ts';
import { DISK } from '../../src/origin/server/config-source.ts';
import { needs, programPath } from '../support/availability.ts';
import { freePorts } from '../support/free-port.ts';
import { scratchDirectory } from '../support/scratch.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles(Date.now());
});

/** A tree as packages lay it out, with words that are easily misread. */
function writeTree(directory: string, [tls = 0, plain = 0]: readonly number[]): string {
  for (const [name, content] of files) writeFileSync(join(directory, name), content);
  for (const name of ['sites-enabled', 'conf.d', 'snippets']) mkdirSync(join(directory, name));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path tmp;`)
    .join(' ');
  const texts: Readonly<Record<string, string>> = {
    'nginx.conf': `error_log stderr;\nevents {}\nhttp {\n  access_log off; ${temporary}\n  include conf.d/*.conf;\n  include sites-enabled/*;\n}\n`,
    'conf.d/map.conf': `map $ssl_client_s_dn $named { # a comment with a { brace\n  default "no;";\n  "~^CN=\\"x\\"\\{2}$" 1;\n}\nlog_format odd '"$request" {$status} ;';\n`,
    'snippets/lock.conf': `ssl_client_certificate edge-ca.pem;\nssl_verify_client on;\n`,
    'sites-enabled/a': `# configuration file of a\nserver {\n  listen 127.0.0.1:${tls} ssl;\n  server_name a.test;\n  ssl_certificate site.pem; ssl_certificate_key site.key;\n  include snippets/lock.conf;\n  location / { proxy_pass http://127.0.0.1:3000; }\n}\n`,
    'sites-enabled/b': `server {\n  listen 127.0.0.1:${plain};\n  server_name a.test;\n\n  location / { proxy_pass "http://127.0.0.1:3000"; }\n}`,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text);
  return join(directory, 'nginx.conf');
}

function printed(main: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(programPath('nginx'), ['-T', '-c', main, '-g', `pid ${main}.pid;`]);
    const [out, said]: readonly Buffer[][] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out?.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said?.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out ?? []).toString('latin1'));
      else reject(new Error(Buffer.concat(said ?? []).toString('utf8')));
    });
  });
}

describe('what nginx -T prints', needs('nginx'), () => {
  test('is read like the tree that it was made from, line by line', async () => {
    using scratch = scratchDirectory();
    const main = writeTree(scratch.path, await freePorts(2));
    const dump = await printed(main);
    const common = { now: Date.now(), hosts: [], version: null };
    const tree = audit('nginx', { ...common, main, source: DISK });
    const source = { ...DISK, read: (path: string) => (path === '-' ? { text: dump } : DISK.read(path)) };
    assert.deepEqual(audit('nginx', { ...common, main: '-', source }), tree);
    assert.deepEqual(
      tree?.findings.filter(({ code }) => code === 'plain_http').map(({ where }) => where),
      [{ file: join(scratch.path, 'sites-enabled/b'), line: 2 }],
    );
  });

  test('without the files beside it blames nobody for what is not there', async () => {
    using scratch = scratchDirectory();
    const dump = await printed(writeTree(scratch.path, await freePorts(2)));
    const source = sourceOf(new Map([['-', dump]]));
    const reading = audit('nginx', { main: '-', source, now: Date.now(), hosts: [], version: null });
    assert.deepEqual(
      reading?.claims.map(({ verdict }) => verdict),
      ['locked', 'open'],
    );
    assert.ok(reading.notChecked.some(({ what }) => what.includes('edge-ca.pem')));
    assert.ok(reading.findings.every(({ code }) => code !== 'ca_file_missing'));
  });
});
