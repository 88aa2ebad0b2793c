import 'reflect-metadata';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import * as peculiar from '@peculiar/x509';
import fc from 'fast-check';
import { instant } from '../domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from './issue.ts';
import { generateKey, importKey } from './keys.ts';
import { readPem, writePem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { PROFILES } from './profiles.ts';
import { loadCertificates, readCertificate, reread } from './read.ts';

const NOW = instant(Date.UTC(2026, 10, 23, 12));
const YEAR = 365 * 86_400_000;
const ROOT = createAuthority({
  profile: PROFILES.pullRoot,
  subject: { commonName: 'Root', organization: 'Postern' },
  key: await generateKey(),
  validity: validFor(NOW, 10 * YEAR),
});
const INTERMEDIATE = createAuthority({
  issuer: ROOT,
  profile: PROFILES.pullIntermediate,
  subject: { commonName: 'Intermediate', organization: 'Postern' },
  key: await generateKey('ec:P-384'),
  validity: validFor(NOW, 5 * YEAR),
  permitted: { uriHosts: ['i.test'], dnsNames: ['zone.test'] },
});
const LEAF_KEY = await generateKey();
const LEAF = issueLeaf(INTERMEDIATE, {
  profile: PROFILES.pullLeaf,
  subject: { commonName: 'Leaf' },
  key: LEAF_KEY,
  validity: validFor(NOW, YEAR),
  names: [
    { kind: 'uri', value: 'postern://i.test/zone/1' },
    { kind: 'dns', value: 'www.zone.test' },
    { kind: 'ip', value: '127.0.0.1' },
    { kind: 'ip', value: '::ffff:192.0.2.1' },
    { kind: 'ip', value: '2001:db8::1' },
  ],
  crlUrl: 'http://crl.test/zone.crl',
});

function openssl(args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('openssl reads a leaf as it was meant', () => {
  const text = openssl(['x509', '-noout', '-text'], LEAF.certificate.pem);
  for (const line of [
    /Version: 3/,
    /Signature Algorithm: ecdsa-with-SHA384/,
    /Not Before: Nov 23 11:00:00 2026 GMT/,
    /Basic Constraints: critical\s+CA:FALSE/,
    /Key Usage: critical\s+Digital Signature\n/,
    /Extended Key Usage: \s+TLS Web Client Authentication\n/,
    /URI:postern:\/\/i.test\/zone\/1, DNS:www.zone.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:FFFF:C000:201, IP Address:2001:DB8:0:0:0:0:0:1\n/,
    /CRL Distribution Points: \s+Full Name:\s+URI:http:\/\/crl.test\/zone.crl/,
  ]) {
    assert.match(text, line);
  }
});

test('openssl reads the authorities as they were meant', () => {
  const root = openssl(['x509', '-noout', '-text'], ROOT.certificate.pem);
  assert.match(root, /CA:TRUE, pathlen:1[\s\S]*Certificate Sign, CRL Sign/);
  assert.doesNotMatch(root, /Extended Key Usage/);
  const intermediate = openssl(['x509', '-noout', '-text'], INTERMEDIATE.certificate.pem);
  assert.match(intermediate, /CA:TRUE, pathlen:0/);
  assert.match(intermediate, /Name Constraints: critical\s+Permitted:\s+DNS:zone.test\s+URI:i.test/);
});

test('the key identifiers of subject and issuer meet', () => {
  const identifier = (pem: string, name: string): string => {
    const text = openssl(['x509', '-noout', '-ext', name], pem);
    return /(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/.exec(text)?.[0] ?? assert.fail(text);
  };
  assert.equal(
    identifier(LEAF.certificate.pem, 'authorityKeyIdentifier'),
    identifier(INTERMEDIATE.certificate.pem, 'subjectKeyIdentifier'),
  );
});

test('a chain is what goes along in TLS: intermediates, never the root', () => {
  assert.deepEqual(LEAF.chain, [INTERMEDIATE.certificate]);
  assert.deepEqual(INTERMEDIATE.chain, []);
  assert.deepEqual(ROOT.chain, []);
});

test('Node and @peculiar/x509 verify the signatures of every key type', async () => {
  for (const type of ['ec:P-256', 'ec:P-384', 'rsa:2048'] as const) {
    const subject = { commonName: 'CA' };
    const validity = validFor(NOW, YEAR);
    const ca = createAuthority({ profile: PROFILES.pullRoot, subject, key: await generateKey(type), validity });
    const leaf = issueLeaf(ca, { profile: PROFILES.pullLeaf, subject: { commonName: 'l' }, key: LEAF_KEY, validity });
    const [node, nodeCa] = [new X509Certificate(leaf.certificate.pem), new X509Certificate(ca.certificate.pem)];
    assert.ok(node.verify(nodeCa.publicKey) && node.checkIssued(nodeCa), type);
    const [other, otherCa] = [leaf, ca].map(({ certificate }) => new peculiar.X509Certificate(certificate.pem));
    assert.ok(other !== undefined && otherCa !== undefined);
    const question = { publicKey: otherCa.publicKey, date: new Date(NOW) };
    assert.equal(await other.verify(question, webcrypto), true, type);
    assert.deepEqual(other.getExtension(peculiar.KeyUsagesExtension)?.usages, peculiar.KeyUsageFlags.digitalSignature);
    assert.deepEqual(other.getExtension(peculiar.BasicConstraintsExtension)?.ca, false);
    assert.equal(otherCa.getExtension(peculiar.BasicConstraintsExtension)?.pathLength, 1);
  }
});

test('imported CAs with other keys sign too, or are refused by name', () => {
  const subject = { commonName: 'Imported' };
  const validity = validFor(NOW, YEAR);
  const selfSigned = (key: KeyObject) =>
    createAuthority({
      profile: PROFILES.pullRoot,
      subject,
      key: importKey(key.export({ format: 'pem', type: 'pkcs8' }).toString()),
      validity,
    });
  for (const { privateKey } of [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-521' })]) {
    const node = new X509Certificate(selfSigned(privateKey).certificate.pem);
    assert.ok(node.verify(node.publicKey));
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  assert.throws(() => selfSigned(privateKey), /type cannot sign certificates here \(ec:secp256k1\)/);
});

test('whatever valid thing is asked for, openssl reads the same from the certificate', () => {
  // Dates on both sides of 2050; characters of one to four UTF-8 octets; serials that begin with zeros.
  const seconds = fc.integer({ min: Date.UTC(2049, 11, 30) / 1000, max: Date.UTC(2050, 0, 3) / 1000 });
  const character = fc.constantFrom('a', 'Z', '0', ' ', ',', '+', '=', '"', '\\', '#', '/', 'ä', '門', '🏰');
  const name = fc.string({ unit: character, minLength: 1, maxLength: 32 });
  const serial = fc.uint8Array({ minLength: 1, maxLength: 19 }).filter((octets) => octets.some((octet) => octet > 0));
  fc.assert(
    fc.property(seconds, fc.nat(1e9), serial, name, name, (from, length, octets, commonName, organization) => {
      const validity = { notBefore: instant(from * 1000), notAfter: instant((from + length) * 1000) };
      const padded = Buffer.concat([Buffer.of(0), octets]);
      const subject = { commonName, organization };
      const request = { profile: PROFILES.pullLeaf, subject, key: LEAF_KEY, validity, serial: padded };
      const { certificate } = issueLeaf(ROOT, request);
      const options = [
        '-noout',
        '-serial',
        '-dates',
        '-dateopt',
        'iso_8601',
        '-subject',
        '-nameopt',
        'multiline,utf8,-esc_msb',
      ];
      // Of all characters, openssl escapes the backslash even so.
      const said = openssl(['x509', ...options], certificate.pem).replaceAll('\\\\', '\\');
      assert.equal(/serial=(.*)/.exec(said)?.[1]?.toLowerCase().replace(/^0+/, ''), certificate.serial);
      assert.equal(certificate.serial, Buffer.from(octets).toString('hex').replace(/^0+/, ''));
      assert.equal(dateIn(said, 'notBefore'), validity.notBefore);
      assert.equal(dateIn(said, 'notAfter'), validity.notAfter);
      assert.deepEqual([certificate.notBefore, certificate.notAfter], [validity.notBefore, validity.notAfter]);
      assert.ok(
        said.includes(`= ${commonName}
`) &&
          said.includes(`= ${organization}
`),
        said,
      );
      const parsed = openssl(['asn1parse'], certificate.pem);
      assert.match(parsed, from < Date.UTC(2050) / 1000 ? /UTCTIME/ : /GENERALIZEDTIME/);
    }),
    { numRuns: 25 },
  );
});

function dateIn(text: string, field: string): number {
  return Date.parse((new RegExp(`${field}=(.*)`).exec(text)?.[1] ?? '').replace(' ', 'T'));
}

test('what cannot stand in a certificate is refused before it is signed', () => {
  const good = {
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'a' },
    key: LEAF_KEY,
    validity: validFor(NOW, 1000),
  };
  const bad = [
    { subject: { commonName: '' } },
    { subject: { commonName: 'x'.repeat(65) } },
    { subject: { commonName: 'a\u0000b' } },
    { subject: { commonName: '\ud800' } },
    { names: [{ kind: 'dns', value: 'a b' }] },
    { names: [{ kind: 'dns', value: '127.0.0.1' }] },
    { names: [{ kind: 'uri', value: 'no scheme' }] },
    { names: [{ kind: 'uri', value: 'http://a/ä' }] },
    { names: [{ kind: 'ip', value: '1.2.3' }] },
    { permitted: { uriHosts: ['http://a'], dnsNames: [] } },
    { serial: Buffer.alloc(16) },
    { serial: Buffer.alloc(0) },
    { serial: Buffer.alloc(4, 0xff) },
    { serial: Buffer.alloc(21, 1) },
    { validity: { notBefore: NOW, notAfter: instant(NOW - 1) } },
    { validity: { notBefore: NOW, notAfter: instant(Date.UTC(10_000, 0)) } },
  ] as const;
  for (const change of bad)
    assert.throws(() => issueLeaf(ROOT, { ...good, ...change }), PkiError, JSON.stringify(change));
});

test('serials are 128 bits, positive and different', () => {
  const validity = validFor(NOW, 1000);
  const serials = Array.from({ length: 50 }, () => {
    const subject = { commonName: 'a' };
    return issueLeaf(ROOT, { profile: PROFILES.pullLeaf, subject, key: LEAF_KEY, validity }).certificate.serial;
  });
  assert.equal(new Set(serials).size, 50);
  for (const serial of serials) assert.match(serial, /^[4-7][0-9a-f]{31}$/);
});

test('facts say the same as Node', () => {
  for (const { certificate } of [LEAF, INTERMEDIATE, ROOT]) {
    const node = new X509Certificate(certificate.pem);
    assert.equal(certificate.subject, node.subject.replaceAll('\n', ', '));
    assert.equal(certificate.isCa, node.ca);
    assert.equal(certificate.notAfter, node.validToDate.getTime());
    assert.equal(certificate.fingerprint, node.fingerprint256.replaceAll(':', '').toLowerCase());
    assert.deepEqual(loadCertificates(certificate.pem), [certificate]);
  }
  assert.deepEqual(LEAF.certificate.dnsNames, ['www.zone.test']);
  assert.deepEqual(LEAF.certificate.uris, ['postern://i.test/zone/1']);
  assert.deepEqual(LEAF.certificate.keyUsage, ['digitalSignature']);
  assert.deepEqual(LEAF.certificate.extendedKeyUsage, ['clientAuth']);
  assert.equal(ROOT.certificate.extendedKeyUsage, null);
  assert.deepEqual(ROOT.certificate.keyUsage, ['keyCertSign', 'cRLSign']);
  assert.equal(INTERMEDIATE.certificate.keyType, 'ec:P-384');
});

test('a comma in a name cannot feign a second attribute', () => {
  const subject = { commonName: 'a, O=Trusted' };
  const made = createAuthority({ profile: PROFILES.pullRoot, subject, key: LEAF_KEY, validity: validFor(NOW, 1000) });
  assert.equal(made.certificate.subject, 'CN=a\\, O=Trusted');
});

test('a changed octet never yields anything but facts or a PkiError', () => {
  const der = readPem(LEAF.certificate.pem)[0]?.der ?? assert.fail();
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(der);
      changed[at] = value;
      try {
        readCertificate(changed);
      } catch (error) {
        assert.ok(error instanceof PkiError);
      }
    }),
    { numRuns: 500 },
  );
});

test('facts do not change when the bytes they were read from do', () => {
  const der = Buffer.from(readPem(LEAF.certificate.pem)[0]?.der ?? assert.fail());
  const facts = readCertificate(der);
  const before = reread(facts).der.subject.toString('hex');
  der.fill(0);
  assert.equal(reread(facts).der.subject.toString('hex'), before);
});

test('texts that hold no certificates are refused with the block at fault', () => {
  const { pem } = LEAF.certificate;
  const at = (code: string, block: number | null) => (error: unknown) =>
    error instanceof PkiError && error.code === code && error.block === block;
  assert.throws(() => loadCertificates(''), at('pem_empty', null));
  assert.throws(() => loadCertificates(pem + LEAF_KEY.reveal()), at('pem_unexpected_block', 2));
  assert.throws(
    () => loadCertificates(pem + writePem('CERTIFICATE', Buffer.alloc(9))),
    at('certificate_unparsable', 2),
  );
  const longer = Buffer.concat([readPem(pem)[0]?.der ?? Buffer.alloc(0), Buffer.of(0)]);
  assert.throws(() => loadCertificates(writePem('CERTIFICATE', longer)), at('certificate_unparsable', 1));
});
