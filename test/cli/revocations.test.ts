import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadCrls } from '../../src/pki/crl-read.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type CommandLine, startCommandLine } from './command-line.ts';

/** Certificates that are revoked, and the lists that say so, on the command line. */

let line: CommandLine;
before(async () => {
  line = await startCommandLine();
});
after(() => line[Symbol.asyncDispose]());

interface Revoked {
  readonly serial: string;
  readonly certificate_id: string | null;
  readonly reason: string;
}

test('a certificate is revoked for good, listed, and stands on the list that origins fetch', async () => {
  using scratch = scratchDirectory();
  await line.postern.call('POST', '/zones', { name: 'ended.test' });
  const at = ['--zone', 'ended.test'] as const;
  assert.match(await line.good('certs', 'revocations', ...at), /Nothing is revoked for ended\.test\./);
  const [identity] = await line.json<readonly { readonly id: string }[]>('identities', 'list', ...at);
  const id = identity?.id ?? assert.fail('a zone has an identity');

  const asked = await line.run('certs', 'revoke', id, ...at);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /revokes the certificate .* for good.*nothing was done/);
  const presented = await line.run('certs', 'revoke', id, ...at, '--yes');
  assert.equal(presented.code, 2);
  assert.match(presented.stderr, /presents this certificate now.*10460/);
  const odd = await line.run('certs', 'revoke', id, ...at, '--yes', '--reason', 'removeFromCRL');
  assert.equal(odd.code, 2);

  const done = await line.run('certs', 'revoke', id, ...at, '--yes', '--force', '--reason', 'keyCompromise');
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^Revoked for ended\.test: serial [0-9a-f]{32} \(keyCompromise\)\n$/);
  assert.match(done.stderr, /refused \(525\)/);
  await line.good('certs', 'revoke', '0xabc1', ...at, '--yes');
  const all = await line.json<readonly Revoked[]>('certs', 'revocations', ...at);
  assert.deepEqual(
    all.map(({ certificate_id: certificate, reason }) => [certificate, reason]),
    [
      [id, 'keyCompromise'],
      [null, 'unspecified'],
    ],
  );
  assert.match(await line.good('certs', 'revocations', ...at), /\babc1 .* unspecified +unknown here/);

  const out = join(scratch.path, 'ended.crl');
  const fetched = await line.run('ca', 'crl', ...at, '--out', out);
  const text = readFileSync(out, 'utf8');
  assert.equal(fetched.stdout, `${createHash('sha256').update(text).digest('hex')}  ${out}\n`);
  assert.match(fetched.stderr, /2 revoked; servers refuse everybody from /);
  assert.deepEqual(
    loadCrls(text).map(({ revoked }) => revoked),
    [0, 2],
  );
  assert.equal(await line.good('ca', 'crl', ...at), text);
  const shared = await line.json<{ readonly revoked: number }>('ca', 'crl', '--shared');
  assert.equal(shared.revoked, 0);
  assert.equal((await line.run('ca', 'crl')).code, 2);
});
