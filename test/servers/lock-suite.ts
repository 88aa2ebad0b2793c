import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { fieldValues, foldedValues, type Seen } from '../support/echo-application.ts';
import { type Credential, type Knock, knock, knockHttp2, knockPlain, type Outcome } from '../support/knock.ts';
import { type PullCredentials, pullCredentials, type WrongCredential } from '../support/pull-credentials.ts';
import { HOST, type LockedOrigin, startLocked, ZONE } from './locked-origin.ts';
import { type LockedServer, traitsOf } from './traits.ts';

export const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/** What the application saw last; throws where it saw nothing. */
export function lastSeen({ application }: LockedOrigin): Seen {
  const seen = application.seen.at(-1);
  assert.ok(seen, 'the application saw no request');
  return seen;
}

/** Runs an attempt and asserts that nothing of it, not even a request, reached the application. */
export async function assertRefused(origin: LockedOrigin, attempt: Promise<Outcome>, what: string): Promise<Outcome> {
  const before = origin.application.seen.length;
  const outcome = await attempt;
  const told = () => `${what}: ${JSON.stringify({ ...outcome, sessions: undefined })}\n${origin.server.errorLog()}`;
  assert.equal(origin.application.seen.length, before, `reached the application, ${told()}`);
  if (outcome.kind === 'answered') assert.ok([400, 403, 421].includes(outcome.status), `not a refusal, ${told()}`);
  return outcome;
}

/** Runs an attempt and asserts that the application answered it. */
export async function assertAnswered(origin: LockedOrigin, attempt: Promise<Outcome>, what: string): Promise<Seen> {
  const before = origin.application.seen.length;
  const outcome = await attempt;
  const told = `${what}: ${JSON.stringify({ ...outcome, sessions: undefined })}\n${origin.server.errorLog()}`;
  assert.equal(outcome.kind === 'answered' ? outcome.status : outcome.how, 200, told);
  assert.equal(origin.application.seen.length, before + 1, told);
  return lastSeen(origin);
}

/** The attacks that every server must withstand with its generated configuration. */
export function describeLock(server: LockedServer): void {
  void describe(`${server} with its generated configuration`, needs(traitsOf(server).program), () => {
    let credentials: PullCredentials;
    let origin: LockedOrigin;
    const attempt = (knocking: Partial<Knock>): Knock => ({ port: origin.tlsPort, sni: HOST, ...knocking });
    const right = (knocking: Partial<Knock> = {}): Knock => attempt({ credential: credentials.right, ...knocking });

    before(async () => {
      credentials = await pullCredentials(ZONE, Date.now());
      origin = await startLocked(server, { credentials });
    });
    after(() => origin?.[Symbol.asyncDispose]());

    const names = [
      ['with the right SNI', { sni: HOST, host: HOST }],
      ['without SNI', { sni: null, host: HOST }],
      ['with an unknown SNI', { sni: 'unknown.test', host: HOST }],
      ['with the address in Host', { sni: null, host: '127.0.0.1' }],
    ] as const;

    for (const tlsVersion of VERSIONS) {
      for (const [how, name] of names) {
        void test(`refuses every wrong certificate before the application, over ${tlsVersion} ${how}`, async () => {
          for (const [what, credential] of wrongOnes(credentials)) {
            await assertRefused(origin, knock(attempt({ ...name, tlsVersion, credential })), what);
          }
        });
      }

      void test(`lets the right certificate in over ${tlsVersion} and says so to the application`, async () => {
        const seen = await assertAnswered(origin, knock(right({ tlsVersion, path: '/a/b?c=d' })), 'right certificate');
        assert.equal(seen.target, '/a/b?c=d');
        assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
      });

      void test(`refuses a session of a connection without certificate over ${tlsVersion}`, async () => {
        const first = await knock(attempt({ tlsVersion }));
        for (const session of first.sessions) {
          await assertRefused(origin, knock(attempt({ tlsVersion, session })), 'resumed');
        }
        assert.notEqual(first.kind === 'answered' ? first.status : 0, 200);
      });

      void test(`asks for the certificate again on resumption over ${tlsVersion}`, async () => {
        const first = await knock(right({ tlsVersion }));
        assert.equal(first.kind, 'answered');
        if (traitsOf(server).resumesOwnSessions) return assertOwnSessions(origin, first.sessions, tlsVersion);
        for (const session of first.sessions) {
          const outcome = await assertRefused(origin, knock(attempt({ tlsVersion, session })), 'resumed');
          assert.ok(outcome.kind === 'refused' || !outcome.resumed, 'the session was resumed');
        }
      });
    }

    void test('refuses every wrong certificate over HTTP/2', async () => {
      for (const [what, credential] of wrongOnes(credentials)) {
        await assertRefused(origin, knockHttp2(attempt({ credential })), what);
      }
    });

    void test('lets the right certificate in over HTTP/2 without the spoofed headers', async () => {
      const headers = [
        ['x-postern-verified', 'spoofed'],
        ['x_postern_verified', 'spoofed'],
        ['x-postern_verified', 'spoofed'],
      ] as const;
      const seen = await assertAnswered(origin, knockHttp2(right({ headers })), 'HTTP/2');
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
    });

    void test('refuses the right certificate for another name', async () => {
      const foreign: readonly (readonly [string, Partial<Knock>])[] = [
        ['another Host', { host: 'other.test' }],
        ['the name of the zone, which is not served', { host: ZONE }],
        ['a name below', { host: `a.${HOST}` }],
        ['an address', { host: `127.0.0.1:${origin.tlsPort}` }],
        ['no SNI', { sni: null, host: HOST }],
        ['another SNI', { sni: 'other.test', host: HOST }],
        ['another SNI and Host', { sni: 'other.test', host: 'other.test' }],
        ['another authority in the request line', { rawRequest: absolute('other.test', HOST) }],
      ];
      for (const tlsVersion of VERSIONS) {
        for (const [what, knocking] of foreign) {
          await assertRefused(origin, knock(right({ tlsVersion, ...knocking })), what);
        }
      }
      await assertRefused(origin, knockHttp2(right({ host: 'other.test' })), 'another :authority');
    });

    void test('knows its name in every spelling', async () => {
      const port = origin.tlsPort;
      for (const host of [HOST.toUpperCase(), `${HOST}:${port}`]) {
        await assertAnswered(origin, knock(right({ host })), host);
      }
      for (const host of [`${HOST}.`, `${HOST.toUpperCase()}.:${port}`]) {
        const assertion = traitsOf(server).knowsLastDot ? assertAnswered : assertRefused;
        await assertion(origin, knock(right({ host })), host);
      }
      await assertAnswered(origin, knock(right({ sni: HOST.toUpperCase() })), 'SNI in upper case');
      await assertAnswered(origin, knock(right({ rawRequest: absolute(HOST, HOST) })), 'absolute form');
    });

    void test('never hands a spoofed verified header to the application', async () => {
      for (const name of SPELLINGS) {
        for (const value of ['SUCCESS', 'spoofed']) {
          const seen = await assertAnswered(origin, knock(right({ headers: [[name, value]] })), name);
          assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS'], name);
        }
      }
      const headers = SPELLINGS.map((name) => [name, 'spoofed'] as const);
      const seen = await assertAnswered(origin, knock(right({ headers })), 'all spellings at once');
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
    });

    void test('removes or refuses other marks that an application might fold', async () => {
      for (const mark of ['.', '~', '+', '!', '*', '|', '$', "'"]) {
        for (const ask of [knock, knockHttp2]) {
          for (const name of [
            `X${mark}Postern${mark}Verified`,
            `X-Postern${mark}Verified`,
            `X${mark}Postern_Verified`,
          ]) {
            const before = origin.application.seen.length;
            await ask(right({ headers: [[name, 'spoofed']] }));
            const reached = origin.application.seen
              .slice(before)
              .flatMap((seen) => foldedValues(seen, 'X-Postern-Verified'));
            assert.ok(!reached.includes('spoofed'), `${name} over ${ask.name}`);
          }
        }
      }
    });

    void test('hands no spoofed verdict on when Connection names the header', async () => {
      const head = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Postern-Verified: spoofed\r\n`;
      const rawRequest = `${head}Connection: close, X-Postern-Verified\r\n\r\n`;
      const seen = await assertAnswered(origin, knock(right({ rawRequest })), 'Connection');
      assert.ok(!foldedValues(seen, 'X-Postern-Verified').includes('spoofed'));
    });

    void test('passes on what the edge says of the visitor, and the path and the body as they came', async () => {
      const headers = [
        ['X-Forwarded-For', '203.0.113.7'],
        ['X-Forwarded-Proto', 'https'],
        ['CF-Connecting-IP', '203.0.113.7'],
        ['Proxy', 'http://evil.test'],
      ] as const;
      const body = Buffer.alloc(5_000_000, 'x');
      const path = '/a%2Fb/%7Ec//d?q=%20';
      const seen = await assertAnswered(origin, knock(right({ method: 'POST', path, headers, body })), 'body');
      assert.equal(seen.bytes, body.length);
      assert.equal(seen.target, path);
      assert.deepEqual(fieldValues(seen, 'X-Forwarded-For'), ['203.0.113.7']);
      assert.deepEqual(fieldValues(seen, 'X-Forwarded-Proto'), ['https']);
      assert.deepEqual(fieldValues(seen, 'CF-Connecting-IP'), ['203.0.113.7']);
      assert.deepEqual(fieldValues(seen, 'Proxy'), []);
      assert.deepEqual(fieldValues(seen, 'Host'), [HOST]);
    });

    void test('lets a connection become a WebSocket and nothing else', async () => {
      const upgrade = (protocol: string) =>
        `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
      const before = origin.application.seen.length;
      // After 101 the application echoes; the connection is ours to close.
      const socket = await upgradeOnly(right({ rawRequest: upgrade('websocket') }));
      assert.match(socket, /^HTTP\/1\.1 101 /);
      assert.equal(origin.application.seen.length, before + 1);
      const h2c = await upgradeOnly(right({ rawRequest: upgrade('h2c') }));
      assert.doesNotMatch(h2c, /^HTTP\/1\.1 101 /);
      assert.deepEqual(fieldValues(lastSeen(origin), 'Upgrade'), []);
    });

    void test('redirects plain HTTP and serves nothing there', async () => {
      const plain = (host: string) => knockPlain({ port: origin.httpPort, host, path: '/a%20b?c=d' });
      const before = origin.application.seen.length;
      const redirected = await plain(HOST);
      assert.ok(redirected.kind === 'answered' && redirected.status === 301, JSON.stringify(redirected));
      assert.match(redirected.head, new RegExp(`\r\nlocation: https://${HOST}:${origin.tlsPort}/a%20b\\?c=d`, 'i'));
      for (const host of ['other.test', '127.0.0.1', `${HOST}.evil.test`]) {
        await assertRefused(origin, plain(host), `plain HTTP for ${host}`);
      }
      assert.equal(origin.application.seen.length, before);
    });

    void test('answers plain HTTP on the TLS port with an error', async () => {
      await assertRefused(origin, knockPlain({ port: origin.tlsPort, host: HOST }), 'plain HTTP on the TLS port');
    });
  });
}

/** A session of the edge is worth as much as its certificate, at the name where it was made and nowhere else. */
async function assertOwnSessions(
  origin: LockedOrigin,
  sessions: readonly Buffer[],
  tlsVersion: (typeof VERSIONS)[number],
): Promise<void> {
  const to = { port: origin.tlsPort, tlsVersion };
  for (const session of sessions) {
    const again = await knock({ ...to, sni: HOST, session });
    assert.equal(again.kind === 'answered' && again.resumed, true);
    await assertRefused(origin, knock({ ...to, sni: null, host: HOST, session }), 'without SNI');
    await assertRefused(origin, knock({ ...to, sni: HOST, host: ZONE, session }), 'another name');
    await assertRefused(origin, knock({ ...to, sni: ZONE, host: HOST, session }), 'SNI of another name');
  }
}

const SPELLINGS = [
  'X-Postern-Verified',
  'x-postern-verified',
  'X-POSTERN-VERIFIED',
  'X_Postern_Verified',
  'x_postern_verified',
  'X_POSTERN_VERIFIED',
  'X-Postern_Verified',
  'X_Postern-Verified',
  'x-POSTERN_verified',
];

/** Every wrong credential with its description. */
export function wrongOnes({ wrong }: PullCredentials): readonly (readonly [WrongCredential, Credential | null])[] {
  return Object.entries(wrong) as [WrongCredential, Credential | null][];
}

function absolute(authority: string, host: string): string {
  return `GET https://${authority}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}

async function upgradeOnly(request: Knock): Promise<string> {
  const outcome = await knock({ ...request, untilHead: true });
  return outcome.kind === 'answered' ? outcome.head : '';
}
