import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { scratchDirectory } from '../support/scratch.ts';

const NGINX = `events {}
http { server { listen 443 ssl; server_name a.test; ssl_certificate s.pem; ssl_certificate_key s.key; return 200 ok; } }
`;

describe('postern origin audit', () => {
  test('says what is open, in JSON alone on stdout, and exits with 1', async () => {
    using scratch = scratchDirectory();
    const file = join(scratch.path, 'nginx.conf');
    writeFileSync(file, NGINX);
    const { code, stdout, stderr } = await run(['origin', 'audit', file, '--format', 'json']);
    assert.equal(code, 1, stderr);
    const told = JSON.parse(stdout) as {
      readonly verdict: string;
      readonly findings: readonly Record<string, unknown>[];
    };
    assert.equal(told.verdict, 'open');
    const [first] = told.findings;
    assert.deepEqual(
      [first?.['code'], first?.['severity'], first?.['refs'], first?.['where']],
      ['not_asked', 'critical', ['NE-01'], { file, line: 2 }],
    );
    assert.match(String(first?.['fix']), /ssl_verify_client on;/);
    assert.match(stderr, /nginx/);
  });

  test('finds the main file of a directory', async () => {
    using scratch = scratchDirectory();
    writeFileSync(join(scratch.path, 'nginx.conf'), NGINX);
    assert.match((await run(['origin', 'audit', scratch.path])).stdout, /^OPEN +a\.test at \*:443/);
  });

  for (const [title, argv, code, said] of [
    ['a file that is not there', ['/nowhere/nginx.conf'], 2, /cannot be read \(ENOENT\)/],
    ['a directory of no server', ['/proc/self'], 2, /no main file/],
    ['a server that is not known', ['/dev/null', '--server', 'iis'], 2, /iis/],
    ['a version that is none', ['/dev/null', '--server', 'nginx', '--server-version', 'new'], 2, /not a version/],
    ['a file that shows nothing', ['/dev/null'], 2, /does not show/],
    ['a configuration without any site', ['/dev/null', '--server', 'nginx'], 3, /no server block/],
  ] as const) {
    test(`exits with ${code} for ${title}`, async () => {
      const ended = await run(['origin', 'audit', ...argv]);
      assert.equal(ended.code, code, ended.stdout + ended.stderr);
      assert.match(ended.stdout + ended.stderr, said);
    });
  }
});
