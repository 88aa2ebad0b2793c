import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { claimsOf } from '../../src/doctor/claims.ts';
import { NOTHING_GIVEN, now, readGiven, rightIdentity } from '../../src/doctor/credentials.ts';
import type { CredentialKind } from '../../src/doctor/probe.ts';
import { mintSameName, mintStrangers, mintUnder, mintWeak } from '../../src/doctor/mint.ts';
import { instant } from '../../src/domain/ids.ts';
import { createAuthority } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { loadCertificates, reread } from '../../src/pki/read.ts';
import { HOST, startLocked, ZONE } from '../servers/locked-origin.ts';
import { type LockedServer, traitsOf } from '../servers/traits.ts';
import { needs } from '../support/availability.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { authorityOf, handOf, looksAt, made, sights } from './looks.ts';

const MINUTE = 60_000;

let credentials: PullCredentials;

before(async () => {
  credentials = await pullCredentials(ZONE, Date.now());
});

describe('what is handed in is judged at once', () => {
  test('a key that fits another certificate', () => {
    const identity = { cert: credentials.right.cert, key: credentials.next.key };
    const read = readGiven({ ...NOTHING_GIVEN, identity }, now());
    assert.deepEqual(read, { kind: 'problem', code: 'key_unfit', which: { what: 'identity', turn: 0 }, detail: '' });
  });

  test('a right identity that has expired, or is not valid yet', () => {
    const code = (identity: typeof credentials.right, at = Date.now()) => {
      const read = readGiven({ ...NOTHING_GIVEN, identity }, instant(at));
      return read.kind === 'problem' ? read.code : null;
    };
    assert.equal(code(credentials.right), null);
    assert.equal(code(credentials.right, Date.now() + 400 * 24 * 60 * MINUTE), 'expired');
    assert.equal(code(credentials.right, Date.now() - 400 * 24 * 60 * MINUTE), 'not_yet_valid');
  });

  test('one that must be refused may have expired', () => {
    const { 'expired certificate': expired } = credentials.wrong;
    assert.ok(expired !== null);
    assert.equal(readGiven({ ...NOTHING_GIVEN, unwanted: [expired] }, now()).kind, 'hand');
  });

  test('texts that are no PEM, and a leaf in the place of a CA, by what was given', () => {
    const broken = { cert: 'no certificate', key: credentials.right.key };
    const fault = (given: Partial<typeof NOTHING_GIVEN>) => {
      const read = readGiven({ ...NOTHING_GIVEN, ...given }, now());
      return read.kind === 'problem' ? [read.code, read.which.what, read.which.turn] : null;
    };
    assert.deepEqual(fault({ unwanted: [credentials.next, broken] }), ['unreadable', 'unwanted', 1]);
    assert.deepEqual(fault({ authority: credentials.right }), ['not_a_ca', 'authority', 0]);
    assert.deepEqual(fault({ identity: { cert: credentials.right.cert, key: 'no key' } }), [
      'unreadable',
      'identity',
      0,
    ]);
  });

  test('the right identity is known by its key and its issuers', () => {
    const { identity } = handOf({ identity: credentials.right });
    assert.ok(identity !== null);
    assert.deepEqual(rightIdentity(identity, null), {
      keyKind: 'ec',
      issuers: [`CN=pull intermediate ${ZONE},O=Postern`, `CN=pull root ${ZONE},O=Postern`],
      shared: false,
      lacksIntermediate: false,
    });
  });

  test('one that comes without its intermediate is known by the authority that issued it', () => {
    const [leaf = ''] = credentials.right.cert.split(/(?<=-----END CERTIFICATE-----\n)/);
    const alone = { cert: leaf, key: credentials.right.key };
    const { identity, authority } = handOf({ identity: alone, authority: authorityOf(credentials) });
    assert.ok(identity !== null);
    assert.equal(rightIdentity(identity, authority).lacksIntermediate, true);
    assert.equal(rightIdentity(identity, null).lacksIntermediate, false, 'its issuer may be the root');
  });
});

describe('what is minted', () => {
  test('lasts five minutes at most where a real CA signs it', async () => {
    const at = now();
    const { authority } = handOf({ authority: authorityOf(credentials) });
    assert.ok(authority !== null);
    for (const [kind, one] of Object.entries(await mintUnder(authority, at))) {
      const { validTo, validFrom } = new X509Certificate(one.cert);
      const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
      assert.ok(until - Math.max(from, at) <= 5 * MINUTE, `${kind}: ${validFrom} to ${validTo}`);
    }
  });

  test('never counts later on either: what is not valid yet begins when its issuer has ended', async () => {
    const { authority } = handOf({ authority: authorityOf(credentials) });
    assert.ok(authority !== null);
    const { not_yet_valid: later } = await mintUnder(authority, now());
    const { validFrom } = new X509Certificate(later?.cert ?? '');
    assert.ok(Date.parse(validFrom) > authority.certificate.notAfter, validFrom);
  });

  test('can be made below a CA that has no end', async () => {
    const [key, from] = [await generateKey(), now()];
    const validity = { notBefore: from, notAfter: instant(Date.UTC(9999, 11, 31, 23, 59, 59)) };
    const endless = createAuthority({ profile: PROFILES.pullRoot, subject: { commonName: 'Endless' }, key, validity });
    const { not_yet_valid: later } = await mintUnder(endless, from);
    assert.ok(later !== undefined && Date.parse(new X509Certificate(later.cert).validFrom) > from);
  });

  test('comes without its intermediate where there is one to leave out, or one may be made', async () => {
    const { root, intermediate } = credentials.authority;
    const given = {
      root: { cert: root.certificate.pem, key: root.key.reveal() },
      intermediate: authorityOf(credentials),
    };
    const made = async (authority: typeof given.root) => {
      const hand = handOf({ authority });
      assert.ok(hand.authority !== null);
      const { right, without_intermediate: alone } = await mintUnder(hand.authority, now());
      assert.ok(right !== undefined && alone !== undefined);
      return { sent: loadCertificates(right.cert).length, alone: loadCertificates(alone.cert) };
    };
    const below = await made(given.intermediate);
    assert.deepEqual([below.sent, below.alone.length], [2, 1]);
    assert.equal(below.alone[0]?.issuer, intermediate.certificate.subject);
    const belowRoot = await made(given.root);
    assert.deepEqual([belowRoot.sent, belowRoot.alone.length], [1, 1]);
    assert.notEqual(belowRoot.alone[0]?.issuer, root.certificate.subject);
  });

  test('has a weak key only under a CA that is thrown away', async () => {
    const { authority } = handOf({ authority: authorityOf(credentials) });
    assert.ok(authority !== null);
    const below = Object.values(await mintUnder(authority, now()));
    assert.ok(below.every(({ cert }) => new X509Certificate(cert).publicKey.asymmetricKeyType === 'ec'));
    const { weak_key: weak } = await mintWeak(now());
    const { publicKey, issuer } = new X509Certificate(weak?.cert ?? '');
    assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, 1024);
    assert.doesNotMatch(issuer, /pull/);
  });

  test('has the right name and another key, octet for octet', async () => {
    const { der } = reread(credentials.authority.root.certificate);
    const { cert } = await mintSameName(der.subject, now());
    const imposter = new X509Certificate(cert);
    assert.equal(imposter.issuer, new X509Certificate(credentials.authority.root.certificate.pem).subject);
    assert.equal(imposter.verify(new X509Certificate(credentials.authority.root.certificate.pem).publicKey), false);
  });

  test('claims what the right certificate says of its holder, where that is known', async () => {
    const [leaf] = loadCertificates(credentials.right.cert);
    assert.ok(leaf !== undefined);
    const claims = claimsOf(leaf);
    const { selfSigned, foreign } = await mintStrangers(now(), claims);
    const sameName = await mintSameName(reread(leaf).der.issuer, now(), claims);
    const right = new X509Certificate(credentials.right.cert);
    for (const { cert } of [selfSigned, foreign, sameName]) {
      const stranger = new X509Certificate(cert);
      assert.deepEqual(
        [stranger.subject, stranger.serialNumber, stranger.subjectAltName],
        [right.subject, right.serialNumber, right.subjectAltName],
      );
      assert.notEqual(stranger.fingerprint256, right.fingerprint256);
    }
    assert.equal(new X509Certificate(sameName.cert).issuer, right.issuer);
  });

  test('is self-signed, or of a CA that nobody has,', async () => {
    const { selfSigned, foreign } = await mintStrangers(now());
    const { issuer, subject } = new X509Certificate(selfSigned.cert);
    assert.equal(issuer, subject);
    assert.notEqual(new X509Certificate(foreign.cert).issuer, subject);
  });
});

const REFUSED: readonly CredentialKind[] = [
  'none',
  'self_signed',
  'foreign',
  'same_name',
  'unwanted',
  'expired',
  'not_yet_valid',
  'server_only',
  'weak_key',
];
/** Good ones of the right CA: who trusts the CA, and no more, lets them in. */
const LET_IN: readonly CredentialKind[] = ['right', 'no_purpose', 'neighbour'];

describe('a server that is locked tells the right ones from the wrong ones', () => {
  const servers: readonly LockedServer[] = ['nginx', 'apache', 'haproxy', 'caddy', 'lighttpd', 'stunnel', 'node'];
  for (const server of servers) {
    test(server, needs(traitsOf(server).program), async () => {
      await using origin = await startLocked(server, { credentials });
      const { "neighbour zone's valid certificate": neighbour } = credentials.wrong;
      assert.ok(neighbour !== null);
      const given = { identity: credentials.right, unwanted: [neighbour], authority: authorityOf(credentials) };
      const looks = await looksAt(origin.tlsPort, HOST, { hand: handOf(given) });
      for (const credential of REFUSED) {
        const found = sights(made(looks, { credential })).filter((sight) => sight === '200');
        assert.deepEqual(found, [], `${credential}: ${sights(made(looks, { credential })).join()}`);
      }
      for (const credential of LET_IN) {
        assert.deepEqual(sights(made(looks, { credential })), ['200', '200'], credential);
      }
    });
  }
});

describe('a key that was made up for a certificate of the right CA', () => {
  const bare = () => ({ cert: credentials.right.cert, key: null });

  for (const server of ['apache', 'haproxy', 'lighttpd', 'stunnel'] as const) {
    test(
      `${server} says that the chain is good, and the signature is not`,
      needs(traitsOf(server).program),
      async () => {
        await using origin = await startLocked(server, { credentials });
        const looks = await looksAt(origin.tlsPort, HOST, { hand: handOf({ identity: bare() }) });
        assert.deepEqual(sights(made(looks, { credential: 'forged' })), ['alert 51', 'alert 51']);
        assert.deepEqual(sights(made(looks, { credential: 'forged_stranger' })), ['alert 48', 'alert 48']);
        assert.deepEqual(sights(made(looks, { credential: 'forged_server' })), ['alert 48']);
      },
    );
  }

  test('nginx says the same to strangers, and so tells nothing', needs('nginx'), async () => {
    await using origin = await startLocked('nginx', { credentials });
    const looks = await looksAt(origin.tlsPort, HOST, { hand: handOf({ identity: bare() }) });
    for (const credential of ['forged', 'forged_stranger'] as const)
      assert.deepEqual(sights(made(looks, { credential })), ['alert 51', 'alert 51']);
  });
});
