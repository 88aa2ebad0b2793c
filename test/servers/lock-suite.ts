import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serverFacts } from '../../src/origin/generate/server-facts.ts';
import { needs } from '../support/availability.ts';
import { fieldValues, foldedValues, type Seen } from '../support/echo-application.ts';
import { type Credential, type Knock, knock, knockHttp2, knockPlain, type Outcome } from '../support/knock.ts';
import { type PullCredentials, pullCredentials, type WrongCredential } from '../support/pull-credentials.ts';
import { HOST, type LockedOrigin, startLocked, ZONE } from './locked-origin.ts';
import { type LockedServer, type Traits, traitsOf } from './traits.ts';

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
export function describeLock(server: LockedServer, program?: string): void {
  void describe(`${program ?? server} with its generated configuration`, needs(traitsOf(server).program), () => {
    let credentials: PullCredentials;
    let origin: LockedOrigin;
    const attempt = (knocking: Partial<Knock>): Knock => ({ port: origin.tlsPort, sni: HOST, ...knocking });
    const right = (knocking: Partial<Knock> = {}): Knock => attempt({ credential: credentials.right, ...knocking });
    const traits = traitsOf(server);
    /** What the application finds of the verified header, of which the caller sent `sent`. */
    const assertVerdict = (seen: Seen, sent: readonly string[], what: string) =>
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), traits.knowsHttp ? ['SUCCESS'] : sent, what);

    before(async () => {
      credentials = await pullCredentials(ZONE, Date.now());
      origin = await startLocked(server, { credentials, program });
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
        assertVerdict(seen, [], 'nothing sent');
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
      const attempted = knockHttp2(right({ headers }));
      if (!traits.knowsHttp) return void (await assertRefused(origin, attempted, 'HTTP/2'));
      assertVerdict(await assertAnswered(origin, attempted, 'HTTP/2'), [], 'HTTP/2');
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
          const attempted = knock(right({ tlsVersion, ...knocking }));
          if (notices(traits.looksAt, knocking)) await assertRefused(origin, attempted, what);
          else await assertAnswered(origin, attempted, what);
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
          assertVerdict(seen, [value], name);
        }
      }
      const headers = SPELLINGS.map((name) => [name, 'spoofed'] as const);
      const seen = await assertAnswered(origin, knock(right({ headers })), 'all spellings at once');
      assertVerdict(
        seen,
        SPELLINGS.map(() => 'spoofed'),
        'all at once',
      );
    });

    void test('does not overlook such a field for an empty one behind it', async () => {
      const headers = [
        ['X.Postern.Verified', 'spoofed'],
        ['X~Postern~Verified', ''],
      ] as const;
      const before = origin.application.seen.length;
      await knock(right({ headers }));
      const reached = origin.application.seen.slice(before).flatMap((seen) => foldedValues(seen, 'X-Postern-Verified'));
      assert.equal(reached.includes('spoofed'), !traits.knowsHttp);
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
            const passes = !traits.knowsHttp && ask === knock;
            assert.equal(reached.includes('spoofed'), passes, `${name} over ${ask.name}`);
          }
        }
      }
    });

    void test('hands no spoofed verdict on when Connection names the header', async () => {
      const head = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Postern-Verified: spoofed\r\n`;
      const rawRequest = `${head}Connection: close, X-Postern-Verified\r\n\r\n`;
      const seen = await assertAnswered(origin, knock(right({ rawRequest })), 'Connection');
      assert.equal(foldedValues(seen, 'X-Postern-Verified').includes('spoofed'), !traits.knowsHttp);
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
      assert.deepEqual(fieldValues(seen, 'X-Forwarded-For'), [`203.0.113.7${traits.addsToForwardedFor}`]);
      assert.deepEqual(fieldValues(seen, 'X-Forwarded-Proto'), ['https']);
      assert.deepEqual(fieldValues(seen, 'CF-Connecting-IP'), ['203.0.113.7']);
      assert.deepEqual(fieldValues(seen, 'Proxy'), traits.knowsHttp ? [] : ['http://evil.test']);
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
      assert.equal(h2c.startsWith('HTTP/1.1 101 '), !traits.knowsHttp);
      const passedOn = origin.application.seen.slice(before + 1).flatMap((seen) => fieldValues(seen, 'Upgrade'));
      assert.deepEqual(passedOn, traits.knowsHttp ? [] : ['h2c']);
    });

    void test('offers the application no other protocol beside WebSocket', async () => {
      if (!traits.knowsHttp) return;
      for (const offered of [
        'websocket, h2c',
        'h2c, websocket',
        'websocket\r\nUpgrade: h2c',
        'h2c\r\nUpgrade: websocket',
      ]) {
        const before = origin.application.seen.length;
        await upgradeOnly(
          right({
            rawRequest:
              `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${offered}\r\n` +
              'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n' +
              'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
          }),
        );
        const protocols = origin.application.seen.slice(before).flatMap((seen) => fieldValues(seen, 'Upgrade'));
        assert.ok(!protocols.join().includes('h2c'), `${offered}: ${protocols.join(' | ')}`);
      }
    });

    void test('redirects plain HTTP and serves nothing there', async () => {
      const plain = (host: string) => knockPlain({ port: origin.httpPort, host, path: '/a%20b?c=d' });
      const before = origin.application.seen.length;
      const redirected = await plain(HOST);
      if (serverFacts(server).cannot.includes('redirect')) {
        return assert.equal(redirected.kind === 'refused' && redirected.how, 'no listener');
      }
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

/** Whether a server that looks there sees that a caller means another name. */
function notices(looksAt: Traits['looksAt'], { sni = HOST, host, rawRequest }: Partial<Knock>): boolean {
  if (looksAt === 'nothing') return false;
  return (host ?? sni) !== HOST || rawRequest !== undefined || looksAt === 'SNI and Host';
}

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
