import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { readCertificationRequest } from '../../src/pki/csr.ts';
import { createAuthority, issueForKey, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type CommandLine, startCommandLine } from './command-line.ts';

/** Certificates that a CA of the owner's own signs, on the command line. */

let line: CommandLine;
before(async () => {
  line = await startCommandLine();
});
after(() => line[Symbol.asyncDispose]());

interface Asked {
  readonly id: string;
  readonly csr: string;
  readonly level: string;
  readonly key_type: string;
}

async function signed(csr: string): Promise<string> {
  const validity = validFor(instant(Date.now()), 60 * 86_400_000);
  const subject = { commonName: 'house CA' };
  const ca = createAuthority({ profile: PROFILES.pullRoot, subject, validity, key: await generateKey() });
  const { spki } = readCertificationRequest(csr);
  return issueForKey(ca, spki, { profile: PROFILES.pullLeaf, subject, validity }).certificate.pem + ca.certificate.pem;
}

test('a request is made, listed, answered with what the CA signed, or taken back', async () => {
  using scratch = scratchDirectory();
  await line.postern.call('POST', '/zones', { name: 'house.test' });
  const at = ['--zone', 'house.test'] as const;
  assert.match(await line.good('certs', 'requests', ...at), /No certificate request of house\.test waits\./);

  const out = join(scratch.path, 'house.csr');
  assert.match(await line.good('certs', 'request', ...at, '--out', out), /^The request is in .*house\.csr\.\n$/);
  const [waiting] = await line.json<readonly Asked[]>('certs', 'requests', ...at);
  assert.equal(readFileSync(out, 'utf8'), waiting?.csr);
  assert.match(await line.good('certs', 'requests', ...at), new RegExp(`${waiting?.id} +zone +ec:P-256 +house\\.test`));

  // What is at the place already stays, and the request is not lost.
  const again = await line.run('certs', 'request', ...at, '--out', out);
  assert.notEqual(again.code, 0);
  assert.match(again.stderr, /cannot be written to .*EEXIST.*\n.*not lost/);
  assert.equal(readFileSync(out, 'utf8'), waiting?.csr);

  const wished = ['--hostname-level', '--key-type', 'rsa:2048', '--dns', 'www.house.test', '--name', 'edge'] as const;
  const other = await line.json<Asked>('certs', 'request', ...at, ...wished);
  assert.deepEqual([other.level, other.key_type], ['hostname', 'rsa:2048']);

  const cert = join(scratch.path, 'signed.pem');
  writeFileSync(cert, await signed(waiting?.csr ?? ''));
  const wrong = await line.run('certs', 'answer', other.id, ...at, '--cert', cert);
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /for another key than that of the request/);
  const right = await line.good('certs', 'answer', waiting?.id ?? '', ...at, '--cert', cert);
  assert.match(right, new RegExp(`^In use for house\\.test: ${waiting?.id} `));
  assert.match(await line.good('certs', 'list', ...at), new RegExp(String(waiting?.id)));

  assert.equal((await line.run('certs', 'withdraw', other.id, ...at)).code, 2);
  assert.match(await line.good('certs', 'withdraw', other.id, ...at, '--yes'), /^Taken back: /);
  const left = await line.json<readonly Asked[]>('certs', 'requests', ...at);
  assert.equal(left.length, 1);
  assert.ok(!existsSync(join(scratch.path, 'edge.csr')));
});
