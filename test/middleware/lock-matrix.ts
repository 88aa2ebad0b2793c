import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { instant } from '../../src/domain/ids.ts';
import {
  originPullServerOptions,
  requireOriginPull,
  type RefusedRequest,
  type TlsLock,
} from '../../src/origin/middleware.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { loadCertificates } from '../../src/pki/read.ts';
import { type Credential, type Knock, knock, knockHttp2, knockPlain, type Outcome } from '../support/knock.ts';
import type { PullCredentials, WrongCredential } from '../support/pull-credentials.ts';
import { type Framework, type RunningApplication, speaksHttp2, startApplication } from './applications.ts';
import { type LockFiles, lockFiles } from './lock-files.ts';

export const NAME = 'www.example.test';
export const ZONE = 'example.test';
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/** How much TLS itself refuses: the options of the lock, or a server that lets everybody in and hands out tickets. */
const SERVERS = ['hardened', 'open'] as const;

/** Asserts that nothing of an attempt reached the application, and that the answer, if any, is a refusal. */
export async function assertRefused(
  app: RunningApplication,
  attempt: Promise<Outcome>,
  what: string,
): Promise<Outcome> {
  const seen = app.seen.length;
  const outcome = await attempt;
  const told = `${what}: ${JSON.stringify({ ...outcome, sessions: undefined })}`;
  assert.equal(app.seen.length, seen, `reached the application, ${told}`);
  if (outcome.kind === 'answered') assert.ok([400, 403, 421].includes(outcome.status), `not a refusal, ${told}`);
  return outcome;
}

/** Asserts that the application answered, and gives what it saw. */
export async function assertAnswered(app: RunningApplication, attempt: Promise<Outcome>, what: string) {
  const seen = app.seen.length;
  const outcome = await attempt;
  const told = `${what}: ${JSON.stringify({ ...outcome, sessions: undefined })}`;
  assert.equal(outcome.kind === 'answered' ? outcome.status : outcome.how, 200, told);
  const [request] = app.seen.slice(seen);
  assert.ok(request !== undefined && app.seen.length === seen + 1, told);
  return request;
}

/** Every wrong credential with its description. */
export function wrongOnes({ wrong }: PullCredentials): readonly (readonly [WrongCredential, Credential | null])[] {
  return Object.entries(wrong) as [WrongCredential, Credential | null][];
}

/** The attacks that every framework must withstand, where TLS ends in the process. */
export function describeMatrix(framework: Framework): void {
  for (const kind of SERVERS) {
    void describe(`${framework} behind a lock, on a server that is ${kind}`, () => matrix(framework, kind));
  }
}

function matrix(framework: Framework, kind: (typeof SERVERS)[number]): void {
  let files: LockFiles;
  let app: RunningApplication;
  const refusals: RefusedRequest[] = [];
  const attempt = (over: Partial<Knock> = {}): Knock => ({ port: app.port, sni: NAME, ...over });
  const right = (over: Partial<Knock> = {}): Knock => attempt({ credential: files.pulls.right, ...over });

  before(async () => {
    files = await lockFiles();
    app = await start(framework, kind, files, { onRefused: (refused) => refusals.push(refused) });
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
    files?.[Symbol.dispose]();
  });

  for (const tlsVersion of VERSIONS) {
    void test(`refuses every wrong certificate over ${tlsVersion}, whatever name is asked for`, async () => {
      const names = [{ sni: NAME }, { sni: null, host: NAME }, { sni: 'unknown.test', host: NAME }];
      for (const [what, credential] of wrongOnes(files.pulls)) {
        for (const name of names) await assertRefused(app, knock(attempt({ ...name, tlsVersion, credential })), what);
      }
    });

    void test(`lets the edge in over ${tlsVersion}, and the application knows whom it has before it`, async () => {
      const request = await assertAnswered(app, knock(right({ tlsVersion, path: '/a?b=c' })), 'right certificate');
      const [leaf] = loadCertificates(files.pulls.right.cert);
      assert.deepEqual(request.pull, {
        verified: true,
        via: 'edge',
        because: null,
        zone: ZONE,
        hostname: NAME,
        fingerprint: leaf?.fingerprint,
        subject: leaf?.subject,
        level: 'zone',
      });
      assert.deepEqual(request.known, request.pull);
      assert.equal(request.target, '/a?b=c');
    });

    void test(`does not take a session for a certificate over ${tlsVersion}`, async () => {
      // The server hands out tickets where it is open, also to those who have no certificate.
      for (const credential of [null, files.pulls.wrong['self-signed certificate']]) {
        const first = await knock(attempt({ tlsVersion, credential }));
        for (const session of first.sessions) {
          await assertRefused(app, knock(attempt({ tlsVersion, session })), 'resumed');
          await assertRefused(app, knock(right({ tlsVersion, session, credential: null })), 'resumed');
        }
        if (kind === 'open') assert.ok(first.sessions.length > 0, 'there is a session to try');
      }
    });

    void test(`keeps a session to the name it was made for over ${tlsVersion}`, async () => {
      const first = await knock(right({ tlsVersion, sni: 'other.test', host: 'other.test' }));
      for (const session of first.sessions) {
        await assertRefused(app, knock(attempt({ tlsVersion, session, sni: 'other.test', host: NAME })), 'resumed');
      }
      const again = await knock(right({ tlsVersion }));
      for (const session of again.sessions) {
        await assertRefused(app, knock(attempt({ tlsVersion, session, sni: 'other.test', host: NAME })), 'resumed');
        if (kind === 'open') continue;
        const third = await assertRefused(app, knock(attempt({ tlsVersion, session })), 'resumed');
        assert.ok(third.kind === 'refused' || !third.resumed, 'a session outlived the decision');
      }
    });
  }

  void test('refuses the right certificate for another name', async () => {
    const foreign: readonly (readonly [string, Partial<Knock>])[] = [
      ['another Host', { host: 'other.test' }],
      ['the zone, which is not served', { sni: ZONE, host: ZONE }],
      ['a name below', { host: `a.${NAME}` }],
      ['an address', { host: '127.0.0.1' }],
      ['no SNI', { sni: null, host: NAME }],
      ['another SNI', { sni: 'other.test', host: NAME }],
      ['both other', { sni: 'other.test', host: 'other.test' }],
      ['another authority in the request line', { rawRequest: absolute('other.test', NAME) }],
      ['two hosts', { rawRequest: `GET / HTTP/1.1\r\nHost: ${NAME}\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n` }],
    ];
    for (const tlsVersion of VERSIONS) {
      for (const [what, over] of foreign) await assertRefused(app, knock(right({ tlsVersion, ...over })), what);
    }
  });

  void test('knows its name in every spelling', async () => {
    for (const host of [NAME.toUpperCase(), `${NAME}.`, `${NAME}:8443`]) {
      await assertAnswered(app, knock(right({ host })), host);
    }
    await assertAnswered(app, knock(right({ rawRequest: absolute(NAME, NAME) })), 'absolute form');
  });

  void test('answers plain HTTP on the TLS port with nothing of the application', async () => {
    await assertRefused(app, knockPlain({ port: app.port, host: NAME }), 'plain HTTP');
  });

  void test('believes what the edge says of the visitor', async () => {
    const headers = [
      ['CF-Connecting-IP', '203.0.113.9'],
      ['X-Forwarded-For', '198.51.100.1, 203.0.113.9'],
      ['X-Forwarded-Proto', 'http'],
    ] as const;
    const { visitor } = await assertAnswered(app, knock(right({ headers })), 'forwarded');
    assert.deepEqual(visitor, { address: '203.0.113.9', proto: 'http', forwarded: true });
  });

  void test('tells of each refusal why, and nothing to the caller', async () => {
    refusals.length = 0;
    const outcome = await knock(right({ host: 'other.test' }));
    assert.deepEqual(
      refusals.map(({ because, mode, hostname, address }) => ({ because, mode, hostname, address })),
      [{ because: 'other_host', mode: 'enforce', hostname: 'other.test', address: '127.0.0.1' }],
    );
    assert.ok(outcome.kind === 'answered' && outcome.status === 421);
    assert.doesNotMatch(`${outcome.head}${outcome.body}`, /other_host|handshake/);
  });

  if (!speaksHttp2(framework)) return;
  void test('withstands the same over HTTP/2, also on a connection that was made for another name', async () => {
    await using h2 = await start(framework, kind, files, {}, true);
    const port = h2.port;
    const request = await assertAnswered(h2, knockHttp2({ ...right(), port }), 'right certificate');
    assert.equal(request.pull?.verified, true);
    for (const [what, credential] of wrongOnes(files.pulls)) {
      await assertRefused(h2, knockHttp2({ ...attempt({ credential }), port }), what);
    }
    await assertRefused(h2, knockHttp2({ ...right({ host: 'other.test' }), port }), 'another :authority');
    await assertRefused(h2, knockHttp2({ ...right({ sni: 'other.test', host: NAME }), port }), 'another SNI');
    await assertRefused(h2, knockHttp2({ ...right({ headers: [['host', 'other.test']] }), port }), 'Host beside it');
    await assertAnswered(h2, knock({ ...right(), port }), 'HTTP/1.1 on the same port');
  });
}

/** What an application is told in watch mode, of callers of one's own, and of those who are revoked. */
export function describeModes(framework: Framework): void {
  const spoofed = SPELLINGS.map((name) => [name, 'SUCCESS'] as const);
  const forged = [...spoofed, ['CF-Connecting-IP', '192.0.2.7'], ['X-Forwarded-Proto', 'http']] as const;

  void test(`${framework}: a lock that watches lets everybody in, says so, and takes every claim away`, async () => {
    using files = await lockFiles();
    const refusals: RefusedRequest[] = [];
    const onRefused = (refused: RefusedRequest) => refusals.push(refused);
    await using app = await start(framework, 'hardened', files, { mode: 'watch', onRefused });
    for (const [what, credential] of wrongOnes(files.pulls)) {
      const request = await assertAnswered(
        app,
        knock({ port: app.port, sni: NAME, credential, headers: forged }),
        what,
      );
      assert.equal(request.pull?.verified, false, what);
      assert.equal(request.pull?.because, refusals.at(-1)?.because);
      assert.deepEqual(request.visitor, { address: '127.0.0.1', proto: 'https', forwarded: false });
      assert.deepEqual(claims(request.fields), []);
    }
    assert.equal(refusals.length, wrongOnes(files.pulls).length);
    assert.ok(refusals.every(({ mode }) => mode === 'watch'));
    const good = await assertAnswered(app, knock({ port: app.port, sni: NAME, credential: files.pulls.right }), 'edge');
    assert.equal(good.pull?.verified, true);
    if (!speaksHttp2(framework)) return;
    await using h2 = await start(framework, 'hardened', files, { mode: 'watch' }, true);
    const stranger = await assertAnswered(h2, knockHttp2({ port: h2.port, sni: NAME, headers: forged }), 'HTTP/2');
    assert.equal(stranger.pull?.because, 'no_certificate');
    assert.deepEqual(claims(stranger.fields), []);
  });

  void test(`${framework}: a caller under a CA of one's own comes in as such and is not believed`, async () => {
    using files = await lockFiles();
    await using app = await start(framework, 'hardened', files, { alsoTrust: files.own });
    const knocked = knock({ port: app.port, sni: NAME, credential: files.ownCaller, headers: forged });
    const request = await assertAnswered(app, knocked, 'own caller');
    assert.equal(request.pull?.via, 'own');
    assert.equal(request.pull?.level, null);
    assert.deepEqual(request.visitor, { address: '127.0.0.1', proto: 'https', forwarded: false });
    assert.deepEqual(claims(request.fields), []);
    const edge = await assertAnswered(app, knock({ port: app.port, sni: NAME, credential: files.pulls.right }), 'edge');
    assert.equal(edge.pull?.via, 'edge');
    for (const [what, credential] of wrongOnes(files.pulls)) {
      await assertRefused(app, knock({ port: app.port, sni: NAME, credential }), what);
    }
  });

  void test(`${framework}: who is revoked is refused`, async () => {
    using files = await lockFiles();
    const [leaf] = loadCertificates(files.pulls.right.cert);
    assert.ok(leaf);
    const crl = files.write('lists.pem', lists(files.pulls, [leaf.serial]));
    await using app = await start(framework, 'hardened', files, { crl });
    await assertRefused(app, knock({ port: app.port, sni: NAME, credential: files.pulls.right }), 'revoked');
    await assertAnswered(app, knock({ port: app.port, sni: NAME, credential: files.pulls.next }), 'not revoked');
  });
}

/** Starts an application of the framework behind a lock over these files. */
export function start(
  framework: Framework,
  kind: (typeof SERVERS)[number],
  { bundle, pulls }: Pick<LockFiles, 'bundle' | 'pulls'>,
  over: Partial<TlsLock>,
  http2 = false,
): Promise<RunningApplication> {
  const lock = requireOriginPull({ zone: ZONE, hostnames: [NAME], bundle, reloadEvery: 0, ...over });
  const { cert, key } = pulls.server;
  const open: TlsOptions = { cert, key, ca: pulls.bundle, requestCert: true, rejectUnauthorized: false };
  return startApplication(framework, lock, {
    http2,
    tls: kind === 'open' ? open : originPullServerOptions(lock, { cert, key }),
  });
}

/** Lists of both CAs of the zone. */
export function lists({ authority }: PullCredentials, serials: readonly string[]): string {
  const now = instant(Date.now());
  const revoked = serials.map((serial) => ({ serial, at: now, reason: 'keyCompromise' as const }));
  const of = (issuer: typeof authority.root, struck: typeof revoked) =>
    crlPem(writeCrl(issuer, { number: 1, thisUpdate: now, nextUpdate: instant(now + 86_400_000), revoked: struck }));
  return of(authority.root, []) + of(authority.intermediate, revoked);
}

const SPELLINGS = [
  'X-Postern-Verified',
  'X_Postern_Verified',
  'x-postern_verified',
  'X_POSTERN-VERIFIED',
  'Client-Cert',
  'Client_Cert',
  'CLIENT-CERT',
  'X-Postern-Pull',
  'X-Client_Cert',
  'X-SSL-Client-Verify',
  'X-Forwarded-For',
  'X_Forwarded_For',
  'Forwarded',
  'X-Real-IP',
  'True-Client-IP',
];

/** Fields that an application might believe. */
function claims(fields: readonly (readonly [string, string])[]): readonly string[] {
  const folded = fields.map(([name]) => name.toLowerCase().replaceAll('_', '-'));
  return folded.filter((name) =>
    /^(?:x-postern|client-cert|x-client|x-ssl|x-forwarded|forwarded|x-real|true-|cf-)/.test(name),
  );
}

function absolute(authority: string, host: string): string {
  return `GET https://${authority}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}
