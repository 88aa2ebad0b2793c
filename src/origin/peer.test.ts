import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { type Credential, type Knock, knock } from '../../test/support/knock.ts';
import { type PullCredentials, pullCredentials, type WrongCredential } from '../../test/support/pull-credentials.ts';
import { type Admission, admit } from '../domain/admit.ts';
import { instant } from '../domain/ids.ts';
import { crlPem, writeCrl } from '../pki/crl.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { loadCertificates } from '../pki/read.ts';
import { peerOf, peerOfCertificate } from './peer.ts';
import { type LockPolicy, lockPolicy } from './policy.ts';
import type { PolicyRequest } from './policy-request.ts';

const NAME = 'www.example.test';
const DAY = 86_400_000;
const NOW = instant(Date.now());

let pulls: PullCredentials;
let own: Authority;
let ownCaller: Credential;
let server: Server;
let port: number;
/** What `peerOf` finds at each request; the server itself verifies nobody. */
let judge: (socket: TLSSocket) => Admission;

before(async () => {
  pulls = await pullCredentials('example.test', NOW);
  const [key, validity] = [await generateKey(), validFor(NOW, DAY)];
  own = createAuthority({ profile: PROFILES.pullRoot, subject: { commonName: 'Own' }, key, validity });
  ownCaller = await ownLeaf();
  const tls = { cert: pulls.server.cert, key: pulls.server.key, requestCert: true, rejectUnauthorized: false };
  server = createServer({ ...tls, ca: pulls.bundle }, (request, response) => {
    response.end(JSON.stringify(judge(request.socket as TLSSocket)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

after(() => {
  server.closeAllConnections();
  server.close();
});

function policy(request: Partial<PolicyRequest> = {}): LockPolicy {
  const found = lockPolicy({ bundle: pulls.bundle, hostnames: [NAME], ...request }, NOW);
  assert.equal(found.kind, 'policy', JSON.stringify(found));
  return found;
}

async function asked(who: LockPolicy, over: Partial<Knock> = {}, now = NOW) {
  judge = (socket) => admit(peerOf(socket, who, now), who.admit, now);
  const outcome = await knock({ port, sni: NAME, ...over });
  assert.ok(outcome.kind === 'answered', JSON.stringify(outcome));
  return { ...outcome, admission: JSON.parse(outcome.body) as Admission };
}

const REASONS: Readonly<Record<WrongCredential, string>> = {
  'no certificate': 'no_certificate',
  'self-signed certificate': 'not_verified',
  "another authority's certificate": 'not_verified',
  'certificate of an authority with the same name and another key': 'not_verified',
  "neighbour zone's valid certificate": 'not_verified',
  'expired certificate': 'outside_validity',
  'certificate that is not yet valid': 'outside_validity',
  'certificate for servers only': 'not_verified',
  'certificate without its key usage for clients under the server authority': 'not_verified',
};

for (const tlsVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(`over ${tlsVersion}, although TLS lets everybody in`, () => {
    for (const who of Object.keys(REASONS) as WrongCredential[]) {
      test(`${who} stays outside`, async () => {
        const { admission } = await asked(policy(), { tlsVersion, credential: pulls.wrong[who] });
        assert.deepEqual(admission, { kind: 'deny', because: REASONS[who] });
      });
    }

    test('the edge is let in, and stays so when the session is resumed', async () => {
      const first = await asked(policy(), { tlsVersion, credential: pulls.right });
      assert.ok(first.admission.kind === 'admit' && first.admission.via === 'edge');
      const session = first.sessions.at(-1) ?? assert.fail('a session');
      // A resumption in TLS 1.2 shows no name, so nobody knows which one was asked for.
      const any = lockPolicy({ bundle: pulls.bundle }, NOW);
      assert.ok(any.kind === 'policy');
      const again = await asked(any, { tlsVersion, session });
      assert.equal(again.resumed, true);
      assert.equal(again.admission.kind, 'admit');
    });

    test('a session that began without a certificate stays without one', async () => {
      const first = await asked(policy(), { tlsVersion });
      const session = first.sessions.at(-1) ?? assert.fail('a session');
      const any = lockPolicy({ bundle: pulls.bundle }, NOW);
      assert.ok(any.kind === 'policy');
      const again = await asked(any, { tlsVersion, session, credential: pulls.right });
      assert.equal(again.resumed, true);
      assert.deepEqual(again.admission, { kind: 'deny', because: 'resumed_without_certificate' });
    });
  });
}

test('the name in the handshake decides, and none is not the right one', async () => {
  for (const sni of ['other.example.test', null]) {
    const { admission } = await asked(policy(), { sni, credential: pulls.right });
    assert.deepEqual(admission, { kind: 'deny', because: 'misdirected' });
  }
});

test('a caller under an own CA comes in as such', async () => {
  const both = policy({ alsoTrust: own.certificate.pem, uris: ['postern://nobody.test/'] });
  const { admission } = await asked(both, { credential: ownCaller });
  assert.ok(admission.kind === 'admit' && admission.via === 'own');
  assert.deepEqual((await asked(both, { credential: pulls.right })).admission, { kind: 'deny', because: 'other_name' });
  assert.deepEqual((await asked(policy(), { credential: ownCaller })).admission, {
    kind: 'deny',
    because: 'not_verified',
  });
});

test('who is revoked is out on the connection that is open, as soon as a policy knows the list', async () => {
  const { certificate } = rightLeaf();
  const [listed, without] = [policy({ crl: lists([certificate.serial]) }), policy({ crl: lists([]) })];
  const lacking = policy({ crl: listOf(pulls.authority.root, []) });
  const answers: Admission[] = [];
  judge = (socket) => {
    for (const one of [policy(), without, listed, lacking])
      answers.push(admit(peerOf(socket, one, NOW), one.admit, NOW));
    return answers[0] ?? assert.fail('an answer');
  };
  await knock({ port, sni: NAME, credential: pulls.right });
  assert.deepEqual(
    answers.map((one) => ('because' in one ? one.because : one.kind)),
    ['admit', 'admit', 'revoked', 'standing_unknown'],
  );
});

test('a clock that jumps bites on open connections, both ways, and again lets in when it is right', async () => {
  const one = policy({ crl: lists([]) });
  const at: readonly (readonly [number, string])[] = [
    [0, 'admit'],
    [2 * DAY, 'standing_unknown'],
    [40 * DAY, 'outside_validity'],
    [-2 * DAY, 'outside_validity'],
    [0, 'admit'],
  ];
  const answers: string[] = [];
  judge = (socket) => {
    for (const [jump] of at) {
      const now = instant(NOW + jump);
      const answer = admit(peerOf(socket, one, now), one.admit, now);
      answers.push('because' in answer ? answer.because : answer.kind);
    }
    return { kind: 'deny', because: 'no_certificate' };
  };
  await knock({ port, sni: NAME, credential: pulls.right });
  assert.deepEqual(
    answers,
    at.map(([, expected]) => expected),
  );
});

test('what was seen under a wrong clock is not held against anybody later', async () => {
  const one = policy();
  const { der } = rightLeaf();
  const seen = (jump: number) => {
    const now = instant(NOW + jump);
    return admit(peerOfCertificate(der, { policy: one, sni: null }, now), { ...one.admit, names: null }, now).kind;
  };
  assert.deepEqual([-400 * DAY, 400 * DAY, 0].map(seen), ['deny', 'deny', 'admit']);
});

test('bytes that are no certificate are as good as none', () => {
  const found = peerOfCertificate(Buffer.from('30820000', 'hex'), { policy: policy(), sni: null }, NOW);
  assert.deepEqual(found, { leaf: null, path: null, standing: null, resumed: false, sni: null });
});

function rightLeaf() {
  const [certificate] = loadCertificates(pulls.right.cert);
  assert.ok(certificate);
  return { certificate, der: Buffer.from(certificate.pem.replaceAll(/-----.*-----|\s/g, ''), 'base64') };
}

function lists(serials: readonly string[]): string {
  return listOf(pulls.authority.root, []) + listOf(pulls.authority.intermediate, serials);
}

function listOf(issuer: Authority, serials: readonly string[]): string {
  const revoked = serials.map((serial) => ({ serial, at: NOW, reason: 'keyCompromise' as const }));
  return crlPem(writeCrl(issuer, { number: 1, thisUpdate: NOW, nextUpdate: instant(NOW + DAY), revoked }));
}

async function ownLeaf(): Promise<Credential> {
  const [key, validity] = [await generateKey(), validFor(NOW, DAY)];
  const request = { profile: PROFILES.pullLeaf, subject: { commonName: 'monitor' }, key, validity, names: [] };
  const { certificate } = issueLeaf(own, request);
  return { cert: certificate.pem, key: key.reveal() };
}
