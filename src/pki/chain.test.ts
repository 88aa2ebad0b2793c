import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { X509Facts } from '../domain/certificate.ts';
import { instant } from '../domain/ids.ts';
import { anchorFault, PATH_FAILURES, type PathFailure, verifyPath, withoutRoot } from './chain.ts';
import { type Authority, type CertificateRequest, createAuthority, type Issued, issueLeaf, validFor } from './issue.ts';
import { generateKey, importKey } from './keys.ts';
import { PROFILES } from './profiles.ts';

const NOW = instant(Date.UTC(2026, 10, 23, 12));
const DAY = 86_400_000;
const VALID = validFor(NOW, 365 * DAY);
const EXPIRED = { notBefore: instant(NOW - 2 * DAY), notAfter: instant(NOW - DAY) };
const FUTURE = { notBefore: instant(NOW + DAY), notAfter: instant(NOW + 2 * DAY) };
const [ROOT_KEY, INTERMEDIATE_KEY, LEAF_KEY, OTHER_KEY] = await Promise.all([
  generateKey(),
  generateKey(),
  generateKey(),
  generateKey(),
]);
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const WEAK_KEY = importKey(weak.export({ format: 'pem', type: 'pkcs8' }).toString());

const DIR = mkdtempSync(join(tmpdir(), 'chain-test-'));
after(() => rmSync(DIR, { recursive: true }));

function makeRoot(change: Partial<CertificateRequest> = {}): Authority {
  const request: CertificateRequest = {
    profile: PROFILES.pullRoot,
    subject: { commonName: 'Root' },
    key: ROOT_KEY,
    validity: VALID,
  };
  return createAuthority({ ...request, ...change });
}

function makeIntermediate(issuer: Authority, change: Partial<CertificateRequest> = {}): Authority {
  const subject = { commonName: 'Intermediate' };
  const request: CertificateRequest = {
    profile: PROFILES.pullIntermediate,
    subject,
    key: INTERMEDIATE_KEY,
    validity: VALID,
  };
  return createAuthority({ issuer, ...request, ...change });
}

function makeLeaf(issuer: Authority, change: Partial<CertificateRequest> = {}): Issued {
  const request: CertificateRequest = {
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'Leaf' },
    key: LEAF_KEY,
    validity: VALID,
  };
  return issueLeaf(issuer, { ...request, ...change });
}

const ROOT = makeRoot();
const INTERMEDIATE = makeIntermediate(ROOT);

interface Case {
  readonly name: string;
  readonly leaf: X509Facts;
  readonly offered?: readonly X509Facts[];
  readonly anchor?: X509Facts;
  readonly purpose?: 'client' | 'server';
  /** `null` where the path holds. */
  readonly because: PathFailure | null;
}

function zoneLeaf(uri: string, dns: string): Pick<Case, 'leaf' | 'offered'> {
  const permitted = { uriHosts: ['mine.test'], dnsNames: ['zone.test'] };
  const constrained = makeIntermediate(ROOT, { permitted });
  const names = [{ kind: 'uri', value: uri } as const, { kind: 'dns', value: dns } as const];
  const { certificate, chain } = makeLeaf(constrained, { names });
  return { leaf: certificate, offered: chain };
}

function under(issuer: Authority, change: Partial<CertificateRequest> = {}): Pick<Case, 'leaf' | 'offered'> {
  const { certificate, chain } = makeLeaf(issuer, change);
  return { leaf: certificate, offered: chain };
}

const SELF_SIGNED = makeRoot({ profile: PROFILES.pullLeaf, key: LEAF_KEY, subject: { commonName: 'Self' } });
const EXPIRED_ROOT = makeRoot({ validity: EXPIRED });
const SERVER_ROOT = makeRoot({ profile: PROFILES.serverRoot });
const WEAK_ROOT = makeRoot({ key: WEAK_KEY });
const NO_SIGNER = makeRoot({ profile: { ...PROFILES.pullRoot, keyUsage: ['digitalSignature'] } });
const LEAF_AS_CA = makeLeaf(INTERMEDIATE, { key: OTHER_KEY, subject: { commonName: 'No CA' } });

// What openssl says of each is asked too: where origins use it, the guard must not be more generous.
const CASES: readonly Case[] = [
  { name: 'leaf, intermediate, root', ...under(INTERMEDIATE), because: null },
  { name: 'leaf directly under the root', ...under(ROOT), because: null },
  { name: 'leaf without extended key usage', ...under(INTERMEDIATE, noEku()), because: null },
  {
    name: 'server leaf for a server',
    ...serverLeaf(),
    anchor: SERVER_ROOT.certificate,
    purpose: 'server',
    because: null,
  },
  { name: 'names inside the constraints', ...zoneLeaf('postern://mine.test/zone/1', 'a.zone.test'), because: null },
  {
    name: 'URI of another installation',
    ...zoneLeaf('postern://other.test/zone/1', 'a.zone.test'),
    because: 'name_not_permitted',
  },
  {
    name: 'URI of a host below',
    ...zoneLeaf('postern://a.mine.test/zone/1', 'a.zone.test'),
    because: 'name_not_permitted',
  },
  {
    name: 'host name of another zone',
    ...zoneLeaf('postern://mine.test/zone/1', 'zone.test.evil.test'),
    because: 'name_not_permitted',
  },
  {
    name: 'host name that only ends alike',
    ...zoneLeaf('postern://mine.test/zone/1', 'myzone.test'),
    because: 'name_not_permitted',
  },
  { name: 'without its intermediate', ...under(INTERMEDIATE), offered: [], because: 'unknown_ca' },
  { name: 'self-signed', leaf: SELF_SIGNED.certificate, because: 'unknown_ca' },
  { name: 'CA of the same name, another key', ...under(makeRoot({ key: OTHER_KEY })), because: 'bad_signature' },
  {
    name: 'intermediate of the same name, another key',
    ...under(makeIntermediate(ROOT, { key: OTHER_KEY })),
    offered: [INTERMEDIATE.certificate],
    because: 'bad_signature',
  },
  { name: 'leaf expired', ...under(INTERMEDIATE, { validity: EXPIRED }), because: 'expired' },
  { name: 'leaf not yet valid', ...under(INTERMEDIATE, { validity: FUTURE }), because: 'not_yet_valid' },
  { name: 'intermediate expired', ...under(makeIntermediate(ROOT, { validity: EXPIRED })), because: 'expired' },
  { name: 'anchor expired', ...under(EXPIRED_ROOT), anchor: EXPIRED_ROOT.certificate, because: 'expired' },
  { name: 'serverAuth only', ...under(INTERMEDIATE, { profile: PROFILES.serverLeaf }), because: 'wrong_usage' },
  {
    name: 'intermediate for servers only',
    ...under(makeIntermediate(ROOT, { profile: { ...PROFILES.pullIntermediate, extendedKeyUsage: ['serverAuth'] } })),
    because: 'wrong_usage',
  },
  { name: 'root for servers only', ...under(SERVER_ROOT), anchor: SERVER_ROOT.certificate, because: 'wrong_usage' },
  { name: 'client leaf for a server', ...under(INTERMEDIATE), purpose: 'server', because: 'wrong_usage' },
  {
    name: 'leaf that cannot sign a handshake',
    ...under(INTERMEDIATE, { profile: { ...PROFILES.pullLeaf, keyUsage: ['cRLSign'] } }),
    because: 'wrong_usage',
  },
  { name: 'issued by a leaf', ...under(LEAF_AS_CA), because: 'not_a_ca' },
  { name: 'issued by a CA that may not sign', ...under(NO_SIGNER), anchor: NO_SIGNER.certificate, because: 'not_a_ca' },
  {
    name: 'an intermediate too many',
    ...under(makeIntermediate(INTERMEDIATE, { subject: { commonName: 'Third' }, key: OTHER_KEY })),
    because: 'path_too_long',
  },
  { name: 'weak leaf key', ...under(INTERMEDIATE, { key: WEAK_KEY }), because: 'weak_key' },
  { name: 'weak root key', ...under(WEAK_ROOT), anchor: WEAK_ROOT.certificate, because: 'weak_key' },
];

function noEku(): Partial<CertificateRequest> {
  return { profile: { ...PROFILES.pullLeaf, extendedKeyUsage: null } };
}

function serverLeaf(): Pick<Case, 'leaf' | 'offered'> {
  return under(SERVER_ROOT, { profile: PROFILES.serverLeaf, names: [{ kind: 'dns', value: 'origin.test' }] });
}

function opensslAccepts({ leaf, offered = [], anchor = ROOT.certificate, purpose = 'client' }: Case): boolean {
  const file = (name: string, certificates: readonly X509Facts[]): string => {
    writeFileSync(join(DIR, name), certificates.map(({ pem }) => pem).join(''));
    return join(DIR, name);
  };
  const untrusted = offered.length === 0 ? [] : ['-untrusted', file('untrusted.pem', offered)];
  const anchors = ['-no-CApath', '-no-CAstore', '-CAfile', file('anchor.pem', [anchor])];
  const rules = ['-purpose', purpose === 'client' ? 'sslclient' : 'sslserver', '-attime', String(NOW / 1000)];
  const level = ['-auth_level', '2'];
  const leafFile = file('leaf.pem', [leaf]);
  const { status } = spawnSync('openssl', ['verify', ...rules, ...level, ...anchors, ...untrusted, leafFile]);
  return status === 0;
}

for (const example of CASES) {
  test(`${example.name}: ${example.because === null ? 'holds' : PATH_FAILURES[example.because]}`, () => {
    const { leaf, offered = [], anchor = ROOT.certificate, purpose = 'client', because } = example;
    const outcome = verifyPath(leaf, { offered, anchors: [anchor], purpose }, NOW);
    assert.equal(outcome.kind === 'failed' ? outcome.because : null, because);
    assert.equal(opensslAccepts(example), because === null);
    if (outcome.kind === 'verified') {
      assert.equal(outcome.path[0]?.fingerprint, leaf.fingerprint);
      assert.equal(outcome.path.at(-1)?.fingerprint, anchor.fingerprint);
    }
  });
}

test('a CA is no client, not even the anchor itself', () => {
  for (const ca of [ROOT, INTERMEDIATE]) {
    const outcome = verifyPath(ca.certificate, { offered: [], anchors: [ROOT.certificate], purpose: 'client' }, NOW);
    assert.equal(outcome.kind === 'failed' && outcome.because, 'leaf_is_a_ca');
  }
});

test('an intermediate in the bundle stands in for one that was not sent', () => {
  const { certificate } = makeLeaf(INTERMEDIATE);
  const anchors = [ROOT.certificate, INTERMEDIATE.certificate];
  const outcome = verifyPath(certificate, { offered: [], anchors, purpose: 'client' }, NOW);
  assert.equal(outcome.kind, 'verified');
});

test('no anchor, no path', () => {
  const { certificate, chain } = makeLeaf(INTERMEDIATE);
  const outcome = verifyPath(
    certificate,
    { offered: [...chain, ROOT.certificate], anchors: [], purpose: 'client' },
    NOW,
  );
  assert.equal(outcome.kind === 'failed' && outcome.because, 'unknown_ca');
});

test('of two anchors of one name, the one that signed is found', () => {
  const { certificate } = makeLeaf(ROOT);
  const anchors = [makeRoot({ key: OTHER_KEY }).certificate, ROOT.certificate];
  const outcome = verifyPath(certificate, { offered: [], anchors, purpose: 'client' }, NOW);
  assert.equal(outcome.kind === 'verified' && outcome.path.at(-1), ROOT.certificate);
});

test('facts that lie about their certificate are not believed', () => {
  const ca = makeLeaf(INTERMEDIATE, { validity: EXPIRED });
  const lying = { ...ca.certificate, notAfter: instant(NOW + DAY) };
  const outcome = verifyPath(lying, { offered: ca.chain, anchors: [ROOT.certificate], purpose: 'client' }, NOW);
  assert.equal(outcome.kind === 'failed' && outcome.because, 'expired');
});

test('certificates that sign each other crosswise cost a bounded number of checks', () => {
  const subject = { commonName: 'Mesh' };
  const profile = { ...PROFILES.pullRoot, ca: { pathLength: null } };
  // One name, one key, sixteen certificates: every one is the issuer of every other.
  const mesh = Array.from({ length: 16 }, () => makeRoot({ subject, profile, key: OTHER_KEY }));
  const [first] = mesh;
  assert.ok(first);
  const offered = mesh.map(({ certificate }) => certificate);
  const { certificate } = makeLeaf(first);
  const outcome = verifyPath(certificate, { offered, anchors: [ROOT.certificate], purpose: 'client' }, NOW);
  assert.equal(outcome.kind === 'failed' && outcome.because, 'too_many_certificates');
  const tooMany = verifyPath(certificate, { offered: [...offered, ...offered], anchors: [], purpose: 'client' }, NOW);
  assert.equal(tooMany.kind === 'failed' && tooMany.because, 'too_many_certificates');
});

test('an anchor that would fail every path is known before there is one, and none other', () => {
  const root = makeRoot();
  const fault = ({ certificate }: { readonly certificate: X509Facts }) => anchorFault(certificate, 'client', NOW);
  for (const fit of [root, makeIntermediate(root), makeRoot({ validity: FUTURE })]) assert.equal(fault(fit), null);
  assert.equal(fault(makeLeaf(root)), 'not_a_ca');
  assert.equal(fault(makeRoot({ validity: EXPIRED })), 'expired');
  assert.equal(fault(makeRoot({ key: WEAK_KEY })), 'weak_key');
  assert.equal(fault(makeRoot({ profile: PROFILES.serverRoot })), 'wrong_usage');
});

test('a CA without its root is named, and one that leads to a root in any order is not', () => {
  const cross = makeRoot({ subject: { commonName: 'Other' }, key: OTHER_KEY });
  const [root, intermediate] = [ROOT.certificate, INTERMEDIATE.certificate];
  const crossed = makeIntermediate(cross, { subject: { commonName: 'Root' }, key: ROOT_KEY }).certificate;
  const imposter = makeRoot({ key: OTHER_KEY }).certificate;
  for (const whole of [[], [root], [intermediate, root], [crossed, intermediate, root], [crossed, cross.certificate]])
    assert.equal(withoutRoot(whole), null, whole.map(({ subject }) => subject).join());
  assert.equal(withoutRoot([intermediate]), intermediate);
  assert.equal(withoutRoot([cross.certificate, intermediate]), intermediate, 'beside another root');
  assert.equal(withoutRoot([imposter, intermediate]), intermediate, 'beside a root of the same name');
  assert.equal(withoutRoot([intermediate, crossed]), intermediate, 'below another one without');
});
