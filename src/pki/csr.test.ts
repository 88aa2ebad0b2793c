import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../domain/ids.ts';
import { readCertificationRequest } from './csr.ts';
import {
  bitString,
  contextConstructed,
  contextPrimitive,
  integer,
  octetString,
  oid,
  sequence,
  set,
  utf8String,
} from './der.ts';
import { createAuthority, issueForKey, validFor } from './issue.ts';
import { generateKey } from './keys.ts';
import { readPem, writePem } from './pem.ts';
import { PkiError, type PkiErrorCode } from './pki-error.ts';
import { PROFILES } from './profiles.ts';

const dir = mkdtempSync(join(tmpdir(), 'postern-csr-'));
after(() => rmSync(dir, { recursive: true }));

/** A request as openssl makes it. */
function request(
  newKey: readonly string[],
  extra: readonly string[] = [],
  subject = '/O=Shop/CN=example.test',
): string {
  const out = ['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'csr.pem')];
  const args = ['req', '-new', ...newKey, '-nodes', '-subj', subject, ...extra, ...out];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return readFileSync(join(dir, 'csr.pem'), 'utf8');
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

function refusal(pem: string): PkiErrorCode {
  try {
    readCertificationRequest(pem);
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
  return assert.fail('accepted');
}

test('requests of openssl are read: key, common name and alternative names', () => {
  const names = ['-addext', 'subjectAltName=DNS:example.test,DNS:*.example.test'];
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['ec:P-256', EC],
    ['ec:P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['rsa:2048', ['-newkey', 'rsa:2048']],
    ['rsa:3072', ['-newkey', 'rsa:3072', '-sha512']],
  ];
  for (const [keyType, newKey] of kinds) {
    const { spki, ...rest } = readCertificationRequest(request(newKey, names));
    assert.deepEqual(rest, {
      keyType,
      commonNames: ['example.test'],
      dnsNames: ['example.test', '*.example.test'],
      otherNames: false,
    });
    const pem = execFileSync('openssl', ['req', '-in', join(dir, 'csr.pem'), '-noout', '-pubkey']).toString();
    assert.deepEqual(createPublicKey(pem).export({ format: 'der', type: 'spki' }), spki);
  }
  const plain = readCertificationRequest(request(EC, [], '/'));
  assert.deepEqual([plain.commonNames, plain.dnsNames], [[], []]);
  const address = readCertificationRequest(request(EC, ['-addext', 'subjectAltName=IP:192.0.2.1']));
  assert.equal(address.otherNames, true);
});

test('keys that are too short, of another kind or too long, and weak signatures, are refused', () => {
  assert.equal(refusal(request(['-newkey', 'rsa:1024'])), 'csr_key_unfit');
  assert.equal(refusal(request(['-newkey', 'ed25519'])), 'csr_key_unfit');
  assert.equal(refusal(request(['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'])), 'csr_key_unfit');
  assert.equal(refusal(request([...EC, '-sha1'])), 'csr_not_proved');
});

test('texts that are no single request are refused', () => {
  const csr = request(EC);
  assert.equal(refusal('hello'), 'pem_empty');
  assert.equal(refusal(csr + csr), 'csr_several');
  assert.equal(refusal(readFileSync(join(dir, 'key.pem'), 'utf8')), 'pem_unexpected_block');
  assert.equal(refusal(writePem('CERTIFICATE REQUEST', Buffer.alloc(70_000))), 'csr_unparsable');
  const renamed = csr.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST');
  assert.deepEqual(readCertificationRequest(renamed), readCertificationRequest(csr));
});

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SPKI = pair.publicKey.export({ format: 'der', type: 'spki' });
const ECDSA = sequence(oid('1.2.840.10045.4.3.2'));
const subject = (...values: readonly Buffer[]) =>
  sequence(...values.map((value) => set(sequence(oid('2.5.4.3'), value))));
const altNames = (...content: readonly Buffer[]) => sequence(oid('2.5.29.17'), octetString(sequence(...content)));
const asked = (...extensions: readonly Buffer[]) =>
  sequence(oid('1.2.840.113549.1.9.14'), set(sequence(...extensions)));
const dns = (text: string) => contextPrimitive(2, Buffer.from(text));

/** A request with a good signature over whatever stands in it. */
function signedRequest(fields: readonly Buffer[], algorithm = ECDSA, rest: readonly Buffer[] = []): string {
  const body = sequence(...fields);
  const signature = bitString(sign('sha256', body, pair.privateKey));
  return writePem('CERTIFICATE REQUEST', sequence(body, algorithm, signature, ...rest));
}

test('a request of a form that RFC 2986 does not know is refused, however well it is signed', () => {
  const good = [integer(0), subject(utf8String('a.test')), SPKI, contextConstructed(0, asked(altNames(dns('a.test'))))];
  const [version, name, key, attributes] = good as [Buffer, Buffer, Buffer, Buffer];
  assert.deepEqual(readCertificationRequest(signedRequest(good)).dnsNames, ['a.test']);
  const twice = contextConstructed(0, asked(altNames(dns('a.test'))), asked(altNames(dns('b.test'))));
  const hostile: Readonly<Record<string, string>> = {
    'another version': signedRequest([integer(1), name, key, attributes]),
    'no attributes': signedRequest([version, name, key]),
    'more fields': signedRequest([...good, integer(0)]),
    'more members': signedRequest(good, ECDSA, [integer(0)]),
    'extensions twice': signedRequest([version, name, key, twice]),
    'one extension twice': signedRequest([
      version,
      name,
      key,
      contextConstructed(0, asked(altNames(dns('a.test')), altNames(dns('b.test')))),
    ]),
    'NUL in a name': signedRequest([
      version,
      name,
      key,
      contextConstructed(0, asked(altNames(dns('a.test\0.evil.test')))),
    ]),
    'NUL in the subject': signedRequest([version, subject(utf8String('a.test\0b')), key, attributes]),
    'no key': signedRequest([version, name, sequence(integer(1)), attributes]),
    'a name that is no string': signedRequest([version, subject(integer(7)), key, attributes]),
  };
  for (const [what, pem] of Object.entries(hostile)) assert.equal(refusal(pem), 'csr_unparsable', what);
  const rsa = sequence(oid('1.2.840.113549.1.1.11'));
  assert.equal(refusal(signedRequest(good, rsa)), 'csr_not_proved', 'an algorithm of another key');
});

test('a request changed in any octet is refused, and never by another error than PkiError', () => {
  const [block] = readPem(request(EC, ['-addext', 'subjectAltName=DNS:example.test']));
  assert.ok(block);
  fc.assert(
    fc.property(fc.nat(block.der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(block.der);
      changed[at] = (changed[at] ?? 0) ^ flip;
      refusal(writePem('CERTIFICATE REQUEST', changed));
    }),
    { numRuns: 500 },
  );
});

test('a certificate is issued for the bare key of a request, and openssl verifies it', async () => {
  const now = instant(Date.now());
  const root = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'root' },
    key: await generateKey(),
    validity: validFor(now, 86_400_000),
  });
  const csr = readCertificationRequest(request(['-newkey', 'rsa:2048']));
  const { certificate, chain } = issueForKey(root, csr.spki, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'example.test' },
    validity: validFor(now, 3_600_000),
    names: [{ kind: 'dns', value: 'example.test' }],
  });
  assert.deepEqual(chain, []);
  assert.ok(
    new X509Certificate(certificate.pem).checkPrivateKey(
      // The key that openssl made for the request.
      createPrivateKey(readFileSync(join(dir, 'key.pem'))),
    ),
  );
  writeFileSync(join(dir, 'root.pem'), root.certificate.pem);
  writeFileSync(join(dir, 'leaf.pem'), certificate.pem);
  const verify = [
    'verify',
    '-purpose',
    'sslserver',
    '-verify_hostname',
    'example.test',
    '-CAfile',
    join(dir, 'root.pem'),
  ];
  assert.match(execFileSync('openssl', [...verify, join(dir, 'leaf.pem')]).toString(), /: OK/);
});
