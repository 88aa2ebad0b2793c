import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { type Authority, createAuthority, type Issued, issueLeaf } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { StartError } from '../start-error.ts';
import { lasting, listenerAuthority, listenerCertificate, writeFiles } from './certificate.fixture.ts';
import { type CertificateFiles, loadCredential, outOfTime } from './certificate.ts';

const NOW = instant(Date.now());
const YEAR = 366 * 86_400_000;

let authority: Authority;
let issued: Issued;

before(async () => {
  authority = await listenerAuthority(NOW);
  issued = await listenerCertificate(authority, lasting(NOW, 60));
});

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'postern-listener-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('leaf, intermediates and key are read from two files, whatever the editor did to them', (t) => {
  const files = writeFiles(directory(t), issued);
  writeFileSync(files.certificate, `${issued.certificate.pem}${authority.certificate.pem}`.replaceAll('\n', '\r\n'));
  const { leaf, chain, key, warnings } = loadCredential(files, NOW);
  assert.equal(leaf.fingerprint, issued.certificate.fingerprint);
  assert.equal(chain, issued.certificate.pem + authority.certificate.pem);
  assert.equal(key.reveal(), issued.key.reveal());
  assert.deepEqual(warnings, []);
});

test('a certificate that is its own CA, as openssl makes it, is taken with a warning', (t) => {
  const path = directory(t);
  const files = { certificate: join(path, 'c.pem'), key: join(path, 'k.pem') };
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=localhost'.split(' ');
  execFileSync('openssl', [...words, '-keyout', files.key, '-out', files.certificate], { stdio: 'ignore' });
  chmodSync(files.key, 0o600);
  const { leaf, warnings } = loadCredential(files, instant(Date.now()));
  assert.ok(leaf.isCa);
  assert.match(warnings.join(), /signed by itself/);
});

/** What is done to good files, and what is said of it. */
const BAD: readonly (readonly [what: string, spoil: (files: CertificateFiles) => unknown, said: RegExp])[] = [
  ['no certificate', ({ certificate }) => rmSync(certificate), /^--api-cert \S+api\.pem cannot be read: ENOENT/],
  ['no key', ({ key }) => rmSync(key), /^--api-key \S+api\.key cannot be read: ENOENT/],
  ['a directory', ({ key }) => [rmSync(key), mkdirSync(key, { mode: 0o700 })], /api\.key cannot be read: it is not a/],
  [
    'a file without end',
    ({ certificate }) => writeFileSync(certificate, 'x'.repeat(300_000)),
    /api\.pem cannot be read: it is larger than 256 KiB/,
  ],
  ['a key that others can read', ({ key }) => chmodSync(key, 0o640), /api\.key can be read by other users/],
  ['an empty certificate', ({ certificate }) => writeFileSync(certificate, ''), /Unable to parse certificate/],
  ['an empty key', ({ key }) => writeFileSync(key, ''), /^--api-key \S+: Unable to parse private key/],
  [
    'the key in place of the certificate',
    ({ certificate, key }) => writeFileSync(certificate, readFileSync(key)),
    /Unable to parse certificate: the field holds a private key/,
  ],
  [
    'the CA in place of the leaf',
    ({ certificate }) => {
      writeFileSync(certificate, authority.certificate.pem + issued.certificate.pem);
    },
    /^--api-cert \S+: missing leaf certificate: CN=localhost is one, but does not stand first/,
  ],
];

for (const [what, spoil, said] of BAD) {
  test(`${what} ends the start with the file, what is wrong and what to do`, (t) => {
    const files = writeFiles(directory(t), issued);
    spoil(files);
    assert.throws(
      () => loadCredential(files, NOW),
      (error) => {
        assert.ok(error instanceof StartError);
        assert.match(error.message, said);
        assert.match(error.fix, /^[A-Z].*\.$/);
        assert.doesNotMatch(`${error.message}${error.fix}`, /BEGIN/);
        return true;
      },
    );
  });
}

test('a key of another certificate, and a certificate for clients, are refused', async (t) => {
  const files = writeFiles(directory(t), issued);
  writeFileSync(files.key, (await generateKey()).reveal());
  assert.throws(() => loadCredential(files, NOW), /^StartError: --api-key \S+: The private key does not belong/);
  const subject = { commonName: 'a client' };
  const key = await generateKey();
  const client = issueLeaf(authority, { profile: PROFILES.pullLeaf, subject, key, validity: lasting(NOW, 9) });
  assert.throws(() => loadCredential(writeFiles(directory(t), client), NOW), /must include serverAuth/);
  const weak = createAuthority({ profile: PROFILES.serverLeaf, subject, key, validity: lasting(NOW, 9) });
  writeFileSync(files.certificate, weak.certificate.pem);
  writeFileSync(files.key, key.reveal());
  assert.match(loadCredential(files, NOW).warnings.join(), /signed by itself/);
});

test('a certificate out of its time can be read, so that a restart does not take the edge down with it', (t) => {
  const files = writeFiles(directory(t), issued);
  for (const [moment, said] of [
    [NOW, null],
    [instant(NOW + YEAR), /^it expired on 20\d\d-/],
    [instant(NOW - YEAR), /^it is not valid before 20\d\d-/],
  ] as const) {
    const because = outOfTime(loadCredential(files, moment), moment);
    if (said === null) assert.equal(because, null);
    else assert.match(because ?? '', said);
  }
});
