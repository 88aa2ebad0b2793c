import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type PullCredentials, pullCredentials } from '../../test/support/pull-credentials.ts';
import { instant } from '../domain/ids.ts';
import { crlPem, writeCrl } from '../pki/crl.ts';
import { createAuthority, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES, type Profile } from '../pki/profiles.ts';
import { caPem, type LockPolicy, lockPolicy } from './policy.ts';
import type { PolicyRequest } from './policy-request.ts';
import { POLICY_PROBLEMS, type PolicyProblemCode, policyProblemText } from './policy-problems.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const DAY = 86_400_000;
const YEAR = 365 * DAY;

let pulls: PullCredentials;
let bundle: string;
before(async () => {
  pulls = await pullCredentials('example.test', NOW);
  bundle = pulls.bundle;
});

function policy(request: Partial<PolicyRequest>, now = NOW): LockPolicy {
  const found = lockPolicy({ bundle, ...request }, now);
  assert.equal(found.kind, 'policy', JSON.stringify(found));
  return found;
}

async function intermediate(commonName: string) {
  const [key, validity] = [await generateKey(), validFor(NOW, DAY)];
  const subject = { commonName: `${commonName} intermediate` };
  return createAuthority({
    issuer: await root(commonName, NOW),
    profile: PROFILES.pullIntermediate,
    subject,
    key,
    validity,
  });
}

function problem(request: Partial<PolicyRequest>, now = NOW): string {
  const found = lockPolicy({ bundle, ...request }, now);
  assert.equal(found.kind, 'problem');
  assert.ok(policyProblemText(found).startsWith(`${found.field}: `));
  return `${found.field} ${found.code}`;
}

test('a bundle alone: enforced, for any name, paths end at its roots, nothing further demanded', () => {
  const { admit, edge, own } = policy({});
  assert.deepEqual(admit, {
    mode: 'enforce',
    anchors: new Set([pulls.authority.root.certificate.fingerprint]),
    uris: null,
    pins: null,
    subjects: null,
    listed: false,
    own: null,
    names: null,
  });
  assert.equal(edge.cas.length, 2);
  assert.equal(own, null);
});

test('an intermediate whose root is not in the bundle is an anchor of its own', () => {
  const { certificate } = pulls.authority.intermediate;
  assert.deepEqual(policy({ bundle: certificate.pem }).admit.anchors, new Set([certificate.fingerprint]));
});

test('pins, subjects, URIs and names are read as people write them', () => {
  const print = pulls.authority.root.certificate.fingerprint;
  const { admit } = policy({
    pins: [(print.match(/../g) ?? []).join(':').toUpperCase()],
    subjects: ['O=Postern,CN=pull', 'C=DE, O=A\\, B,  CN=x'],
    uris: ['postern://origins.test/zone/1'],
    hostnames: ['WWW.example.test.', '*.example.test'],
  });
  assert.deepEqual(admit.pins, new Set([print]));
  assert.deepEqual(admit.subjects, new Set(['O=Postern, CN=pull', 'C=DE, O=A\\, B, CN=x']));
  assert.deepEqual(admit.names, new Set(['www.example.test', '*.example.test']));
});

test('callers of one’s own have anchors of their own, and TLS is told of both', async () => {
  const own = await root('Own', NOW);
  const found = policy({ alsoTrust: own.certificate.pem });
  assert.deepEqual(found.admit.own, { anchors: new Set([own.certificate.fingerprint]), listed: false });
  assert.equal(caPem(found).match(/BEGIN CERTIFICATE/g)?.length, 3);
});

test('lists make every CA of the path need one; those of nobody are refused', async () => {
  const other = await root('Other', NOW);
  const { root: top, intermediate } = pulls.authority;
  const lists = [top, intermediate].map(listOf).join('');
  assert.equal(policy({ crl: lists }).admit.listed, true);
  assert.equal(problem({ crl: listOf(other) }), 'crl crl_of_nobody');
});

test('a CA that has ended does no harm beside one that has not', async () => {
  const old = await root('Old', instant(NOW - 10 * YEAR));
  assert.equal(problem({ bundle: old.certificate.pem }), 'bundle expired');
  assert.equal(policy({ bundle: `${old.certificate.pem}\n${bundle}` }).edge.cas.length, 3);
});

describe('a policy that could not mean what it says is refused, by field, with what to do', () => {
  const seen = new Set<PolicyProblemCode>();
  const cases: readonly (readonly [string, () => Partial<PolicyRequest> | Promise<Partial<PolicyRequest>>])[] = [
    ['bundle empty', () => ({ bundle: ' \n' })],
    ['bundle no_pem', () => ({ bundle: '<html>Not found</html>' })],
    ['bundle unparsable', () => ({ bundle: bundle.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n') })],
    ['bundle unparsable', () => ({ bundle: bundle.slice(0, -40) })],
    ['bundle too_large', () => ({ bundle: `${bundle}${'#'.repeat(300_000)}` })],
    ['bundle too_many', () => ({ bundle: bundle.repeat(51) })],
    ['bundle not_a_ca', () => ({ bundle: pulls.right.cert })],
    ['bundle private_key', () => ({ bundle: `${bundle}\n${pulls.right.key}` })],
    ['bundle unfit_ca', async () => ({ bundle: (await root('Servers', NOW, PROFILES.serverRoot)).certificate.pem })],
    ['alsoTrust empty', () => ({ alsoTrust: '' })],
    ['alsoTrust same_ca', () => ({ alsoTrust: pulls.authority.intermediate.certificate.pem })],
    ['alsoTrust no_root', async () => ({ alsoTrust: (await intermediate('Own')).certificate.pem })],
    ['alsoTrustCrl crl_without_ca', () => ({ alsoTrustCrl: 'x' })],
    ['crl empty', () => ({ crl: '' })],
    ['crl no_pem', () => ({ crl: 'x' })],
    ['crl unparsable', () => ({ crl: bundle })],
    ['pins shared_unpinned', () => ({ kind: 'shared' })],
    ['pins bad_pin', () => ({ pins: ['ab'.repeat(20)] })],
    ['pins empty_list', () => ({ pins: [] })],
    ['pins too_many', () => ({ pins: Array.from({ length: 101 }, () => 'ab'.repeat(32)) })],
    ['subjects bad_subject', () => ({ subjects: ['pull'] })],
    ['uris bad_uri', () => ({ uris: ['zone/1'] })],
    ['hostnames bad_hostname', () => ({ hostnames: ['www_.example..test'] })],
    ['zone bad_hostname', () => ({ zone: '127.0.0.1' })],
  ];
  for (const [expected, request] of cases) {
    test(expected, async () => assert.equal(problem(await request()), expected));
  }

  test('bundle expired', () => assert.equal(problem({}, instant(NOW + 20 * YEAR)), 'bundle expired'));

  test('each problem says what to do, and control characters do not reach the terminal', () => {
    for (const [code, { text, fix }] of Object.entries(POLICY_PROBLEMS)) {
      assert.match(text, /^[a-z].*[^.]$/, code);
      assert.match(fix, /^[A-Z].*[.]$/, code);
      seen.add(code as PolicyProblemCode);
    }
    const found = lockPolicy({ bundle, hostnames: ['\u001b[2J'] }, NOW);
    assert.ok(found.kind === 'problem' && !policyProblemText(found).includes('\u001b'));
  });
});

function root(commonName: string, now: typeof NOW, profile: Profile = PROFILES.pullRoot) {
  const validity = validFor(now, YEAR);
  return generateKey().then((key) => createAuthority({ profile, subject: { commonName }, key, validity }));
}

function listOf(issuer: Awaited<ReturnType<typeof root>>): string {
  return crlPem(writeCrl(issuer, { number: 1, thisUpdate: NOW, nextUpdate: instant(NOW + DAY), revoked: [] }));
}
