import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { IDENTITY_SHAPES } from '../../src/http1/identity-fields.ts';
import { serverFacts } from '../../src/origin/generate/server-facts.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { loadCertificates } from '../../src/pki/read.ts';
import { needs } from '../support/availability.ts';
import { fieldValues, foldedValues, type Seen } from '../support/echo-application.ts';
import { type Credential, type Knock, knock, knockHttp2, knockHttp2Hosts, knockPlain } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, VERSIONS, wrongOnes } from './lock-suite.ts';
import { HOST, type LockedOrigin, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { type LockedServer, traitsOf } from './traits.ts';

const HOUR = 3_600_000;
const VIA = 'X-Postern-Via';
const VERIFIED = 'X-Postern-Verified';
/** Marks that applications and programs between fold into one. */
const MARKS = ['-', '_', '.', '~', '!'];

/** Two listeners, one for the edge and one for the owner's own callers: nobody of the one comes in at the other. */
export function describeOwnCallers(server: LockedServer, program?: string): void {
  const which = program === undefined ? server : `${server} (${program})`;
  void describe(`${which} with callers of its owner's own CA`, needs(traitsOf(server).program), () => {
    let credentials: PullCredentials;
    before(async () => {
      credentials = await pullCredentials(ZONE, Date.now());
    });
    const start = (request: LockOptions['request'] = () => ({})) =>
      startLocked(server, { credentials, ownCallers: true, request, program });
    const edge = (origin: LockedOrigin, knocking: Partial<Knock> = {}): Knock => ({
      port: origin.tlsPort,
      sni: HOST,
      credential: credentials.right,
      ...knocking,
    });
    const own = (origin: LockedOrigin, knocking: Partial<Knock> = {}): Knock => ({
      port: origin.ownPort,
      sni: HOST,
      credential: credentials.own.right,
      ...knocking,
    });
    const asks = [
      ['HTTP/1.1', knock],
      ['HTTP/2', knockHttp2],
    ] as const;

    void test('lets each in at its own listener, and says which it was', async () => {
      await using origin = await start();
      for (const [how, ask] of asks) {
        for (const tlsVersion of VERSIONS) {
          const pulled = await assertAnswered(origin, ask(edge(origin, { tlsVersion })), `the edge, ${how}`);
          assert.deepEqual([foldedValues(pulled, VERIFIED), foldedValues(pulled, VIA)], [['SUCCESS'], ['edge']]);
          const called = await assertAnswered(origin, ask(own(origin, { tlsVersion })), `a caller, ${how}`);
          assert.deepEqual([foldedValues(called, VERIFIED), foldedValues(called, VIA)], [['SUCCESS'], ['own']]);
        }
      }
    });

    void test('refuses each at the listener of the other, and everybody else at both', async () => {
      await using origin = await start();
      for (const [how, ask] of asks) {
        for (const tlsVersion of VERSIONS) {
          const at = { tlsVersion };
          const callers = edge(origin, { ...at, credential: credentials.own.right });
          await assertRefused(origin, ask(callers), `a caller at the edge's, ${how}`);
          await assertRefused(origin, ask(own(origin, { ...at, credential: credentials.right })), `the edge, ${how}`);
          for (const [what, credential] of wrongOnes(credentials)) {
            await assertRefused(origin, ask(edge(origin, { ...at, credential })), `${what} at the edge's, ${how}`);
            await assertRefused(origin, ask(own(origin, { ...at, credential })), `${what} at the callers', ${how}`);
          }
        }
      }
    });

    void test('serves its own callers no other name', async () => {
      await using origin = await start();
      const names: readonly Partial<Knock>[] = [
        { host: 'other.test' },
        { host: ZONE },
        { sni: null, host: HOST },
        { sni: 'other.test', host: HOST },
        { sni: 'other.test' },
        { sni: null, host: '127.0.0.1' },
      ];
      for (const tlsVersion of VERSIONS) {
        for (const name of names) {
          for (const credential of [credentials.own.right, credentials.right, null]) {
            const asked = own(origin, { tlsVersion, credential, ...name });
            await assertRefused(origin, knock(asked), JSON.stringify(name));
          }
        }
      }
      const before = origin.application.seen.length;
      const [first, ...others] = await knockHttp2Hosts(own(origin), [HOST, 'other.test', ZONE]);
      assert.equal(first, 200);
      for (const status of others) assert.ok([0, 400, 403, 421].includes(status), others.join(' '));
      assert.equal(origin.application.seen.length, before + 1);
      await assertRefused(origin, knockPlain({ port: origin.ownPort, host: HOST }), 'plain HTTP');
    });

    /** The session of one caller opens nothing at the other listener, and nothing without the certificate at its own. */
    const assertWorthless = async (origin: LockedOrigin, { session, ...from }: Knock, to: Knock) => {
      if (session === undefined) return;
      for (const credential of [null, from.credential ?? null]) {
        await assertRefused(origin, knock({ ...to, session, credential }), 'with a session of the other listener');
      }
      if (traitsOf(server).resumesOwnSessions) return;
      await assertRefused(origin, knock({ ...from, session, credential: null }), 'with its own session');
    };

    void test('resumes no session of the one at the other', async () => {
      await using origin = await start();
      for (const tlsVersion of VERSIONS) {
        for (const [from, to] of [
          [edge(origin, { tlsVersion }), own(origin, { tlsVersion })],
          [own(origin, { tlsVersion }), edge(origin, { tlsVersion })],
        ] as const) {
          const first = await knock(from);
          assert.equal(first.kind === 'answered' && first.status, 200);
          for (const session of first.sessions) await assertWorthless(origin, { ...from, session }, to);
        }
      }
    });

    void test('hands no word of a caller on about who was let in', async () => {
      await using origin = await start();
      for (const [how, ask] of asks) {
        for (const [via, to] of [
          ['edge', edge(origin)],
          ['own', own(origin)],
        ] as const) {
          for (const name of [...spellings(VIA), ...spellings(VERIFIED)]) {
            const before = origin.application.seen.length;
            await ask({ ...to, headers: [[name, 'spoofed']] });
            for (const seen of origin.application.seen.slice(before)) {
              assert.deepEqual(foldedValues(seen, VIA), [via], `${name} over ${how}`);
              assert.deepEqual(foldedValues(seen, VERIFIED), ['SUCCESS'], `${name} over ${how}`);
            }
          }
        }
      }
    });

    void test('is not misled by an empty field behind a forged one', async () => {
      await using origin = await start();
      for (const to of [edge(origin), own(origin)]) {
        for (const name of to.port === origin.ownPort ? [VIA, VERIFIED, ...CLAIMS] : [VIA, VERIFIED]) {
          const headers = [
            [name.replaceAll('-', '_'), 'spoofed'],
            [name.replaceAll('-', '~'), ''],
            ['X-Forwarded-Verified', ''],
          ] as const;
          const before = origin.application.seen.length;
          await knock({ ...to, headers });
          const reached = origin.application.seen.slice(before).flatMap((seen) => foldedValues(seen, name));
          assert.ok(!reached.includes('spoofed'), name);
        }
      }
    });

    void test('believes its own callers in nothing that only an edge may say', async () => {
      await using origin = await start();
      for (const [how, ask] of asks) {
        for (const name of CLAIMS.flatMap(spellings)) {
          const before = origin.application.seen.length;
          await ask(own(origin, { headers: [[name, '203.0.113.66']] }));
          for (const seen of origin.application.seen.slice(before)) assertOwnWords(seen, `${name} over ${how}`);
        }
        const headers = CLAIMS.map((name) => [name, '203.0.113.66'] as const);
        const seen = await assertAnswered(origin, ask(own(origin, { headers })), `all at once over ${how}`);
        assertOwnWords(seen, `all at once over ${how}`);
      }
      const pulled = edge(origin, { headers: [['CF-Connecting-IP', '203.0.113.7']] });
      const seen = await assertAnswered(origin, knock(pulled), 'the edge');
      assert.deepEqual(fieldValues(seen, 'CF-Connecting-IP'), ['203.0.113.7'], 'the edge is believed');
    });

    void test('lets nobody take the word about himself away by naming it in Connection', async () => {
      await using origin = await start();
      for (const [via, to] of [
        ['edge', edge(origin)],
        ['own', own(origin)],
      ] as const) {
        for (const named of [VIA, VERIFIED, VIA.toLowerCase(), `${VIA}, X-Forwarded-For, X-Forwarded-Proto`]) {
          const head = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n`;
          const before = origin.application.seen.length;
          await knock({ ...to, rawRequest: `${head}Connection: close, ${named}\r\n\r\n` });
          for (const seen of origin.application.seen.slice(before)) {
            assert.deepEqual([foldedValues(seen, VERIFIED), foldedValues(seen, VIA)], [['SUCCESS'], [via]], named);
            if (via === 'own') assertOwnWords(seen, named);
          }
        }
      }
    });

    void test('hands on what is nobody’s claim', async () => {
      await using origin = await start();
      const headers = [
        ['Authorization', 'Bearer x'],
        ['X-Request-Id', '7'],
      ] as const;
      const seen = await assertAnswered(origin, knock(own(origin, { headers, path: '/a%2Fb?c' })), 'plain fields');
      for (const [name, value] of headers) assert.deepEqual(fieldValues(seen, name), [value]);
      assert.equal(seen.target, '/a%2Fb?c');
    });

    void test('refuses strangers where its own callers come in, also while it watches', async () => {
      if (serverFacts(server).cannot.includes('watch')) return;
      await using origin = await start(() => ({ mode: 'watch' }));
      for (const tlsVersion of VERSIONS) {
        const nobody = await assertAnswered(origin, knock(edge(origin, { tlsVersion, credential: null })), 'nobody');
        assert.deepEqual(foldedValues(nobody, VIA), []);
        const pulled = await assertAnswered(origin, knock(edge(origin, { tlsVersion })), 'the edge');
        const tells = traitsOf(server).watch.startsWith('verdict');
        assert.deepEqual(foldedValues(pulled, VIA), tells ? ['edge'] : []);
        const spoofed = [[VIA, 'own']] as const;
        const stranger = edge(origin, { tlsVersion, credential: credentials.own.right, headers: spoofed });
        assert.deepEqual(foldedValues(await assertAnswered(origin, knock(stranger), 'a caller, watched'), VIA), []);
        const called = await assertAnswered(origin, knock(own(origin, { tlsVersion })), 'a caller');
        assert.deepEqual(foldedValues(called, VIA), ['own']);
        for (const [what, credential] of [...wrongOnes(credentials), ['the edge', credentials.right] as const]) {
          for (const sni of [HOST, null, 'other.test']) {
            const asked = own(origin, { sni, host: HOST, tlsVersion, credential });
            await assertRefused(origin, knock(asked), `${what} with SNI ${sni}`);
          }
        }
      }
    });

    for (const mode of ['enforce', 'watch'] as const) {
      const can = !serverFacts(server).cannot.some((ability) => ability === 'shared' || ability === 'watch');
      void test(`says that it was the edge where the shared identity is pinned: ${mode}`, async () => {
        if (!can) return;
        await using origin = await start(({ directory }) => ({
          mode,
          bundle: { kind: 'shared', path: join(directory, 'bundle.pem'), pins: [credentials.right.cert] },
        }));
        const headers = spellings(VIA).map((name) => [name, 'spoofed'] as const);
        for (const [how, ask] of asks) {
          const pulled = await assertAnswered(origin, ask(edge(origin)), `the edge, ${how}`);
          assert.deepEqual([foldedValues(pulled, VERIFIED), foldedValues(pulled, VIA)], [['SUCCESS'], ['edge']], how);
          const before = origin.application.seen.length;
          for (const credential of [credentials.next, null]) await ask(edge(origin, { credential, headers }));
          const others = origin.application.seen.slice(before);
          assert.ok(mode === 'watch' || others.length === 0, how);
          for (const other of others) assert.deepEqual(foldedValues(other, VIA), [], how);
          const called = await assertAnswered(origin, ask(own(origin)), `a caller, ${how}`);
          assert.deepEqual(foldedValues(called, VIA), ['own'], how);
        }
      });
    }

    void test('refuses a caller that stands on the list of their CA, and the edge is not asked for it', async () => {
      if (!traitsOf(server).readsLists) return;
      await using origin = await start(({ directory }) => {
        writeFileSync(join(directory, 'own.crl'), listOf(credentials, credentials.own.next));
        return { alsoTrustCrl: join(directory, 'own.crl') };
      });
      for (const tlsVersion of VERSIONS) {
        await assertAnswered(origin, knock(own(origin, { tlsVersion })), 'not revoked');
        await assertAnswered(origin, knock(edge(origin, { tlsVersion })), 'the edge');
        const revoked = own(origin, { tlsVersion, credential: credentials.own.next });
        await assertRefused(origin, knock(revoked), 'revoked');
      }
    });
  });
}

/** One field for each shape by which servers name who asks. */
const CLAIMS: readonly string[] = [
  ...IDENTITY_SHAPES.names,
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'CF-Connecting-IP',
  'CF-IPCountry',
  'X-SSL-Client-Verify',
  'SSL-Client-S-DN',
  'X-Amzn-Mtls-Clientcert-Subject',
  'X-Azure-ClientIP',
  'X-Envoy-External-Address',
  'WL-Proxy-Client-IP',
  'X-Client-Verify',
  'X-Client-Cert-Subject',
  'X-Client-Verified',
  'X-Postern-Certificate',
  'X-Postern-Visitor-Cert',
  'X-Postern-Pull',
];

/** The name with each mark between all its words, and in capitals. */
function spellings(name: string): readonly string[] {
  return [name.toUpperCase(), ...MARKS.map((mark) => name.replaceAll('-', mark))];
}

function assertOwnWords(seen: Seen, what: string): void {
  const forged = seen.fields.filter(([, value]) => value.includes('203.0.113.66'));
  assert.deepEqual(forged, [], what);
  assert.deepEqual(foldedValues(seen, 'X-Forwarded-For'), ['127.0.0.1'], what);
  assert.deepEqual(foldedValues(seen, 'X-Forwarded-Proto'), ['https'], what);
}

function listOf({ own: { authority } }: PullCredentials, revoked: Credential): string {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const times = { thisUpdate: instant(now - 2 * HOUR), nextUpdate: instant(now + 24 * HOUR) };
  const serial = loadCertificates(revoked.cert)[0]?.serial ?? assert.fail('a credential has a certificate');
  const entry = { serial, at: times.thisUpdate, reason: 'keyCompromise' } as const;
  return crlPem(writeCrl(authority, { number: 1, ...times, revoked: [entry] }));
}
