import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { assertAnswered, assertRefused, VERSIONS, wrongOnes } from '../servers/lock-suite.ts';
import { HOST, ZONE } from '../servers/locked-origin.ts';
import { fieldValues, foldedValues } from '../support/echo-application.ts';
import { type Knock, knock, knockHttp2, knockPlain } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { type GuardProcess, startGuardProcess } from './guard-process.ts';

/** The attacks that every lock must withstand, on the guard. */
void describe('a guard that enforces', () => {
  let credentials: PullCredentials;
  let guard: GuardProcess;
  const attempt = (knocking: Partial<Knock>): Knock => ({ port: guard.tlsPort, sni: HOST, ...knocking });
  const right = (knocking: Partial<Knock> = {}): Knock => attempt({ credential: credentials.right, ...knocking });

  before(async () => {
    credentials = await pullCredentials(ZONE, Date.now());
    guard = await startGuardProcess({ credentials });
  });
  after(() => guard?.[Symbol.asyncDispose]());

  /** How much of an answer to its hello somebody gets who asks for that name. */
  const bytesShown = (servername: string, version: (typeof VERSIONS)[number]): Promise<number> =>
    new Promise((resolve) => {
      const place = { port: guard.tlsPort, host: '127.0.0.1', servername, rejectUnauthorized: false };
      const carrier = connectTcp(place);
      const socket = connectTls({ ...place, socket: carrier, minVersion: version, maxVersion: version });
      socket.on('error', () => undefined);
      carrier.on('error', () => undefined).on('close', () => resolve(carrier.bytesRead));
    });

  for (const tlsVersion of VERSIONS) {
    void test(`refuses every wrong certificate before an application byte, over ${tlsVersion}`, async () => {
      for (const [what, credential] of wrongOnes(credentials)) {
        const outcome = await assertRefused(guard, knock(attempt({ tlsVersion, credential })), what);
        assert.equal(outcome.kind, 'refused', what);
      }
    });

    void test(`tells who shows no certificate so by an alert, over ${tlsVersion}`, async () => {
      // RFC 8446 §6.2; before 1.3 there was no word of its own for it.
      const alert = tlsVersion === 'TLSv1.3' ? 116 : 40;
      // Node drops an alert where the answer before it is still on its way out: who asks again gets to hear it.
      for (let tries = 0; ; tries++) {
        const outcome = await assertRefused(guard, knock(attempt({ tlsVersion })), 'no certificate');
        assert.ok(outcome.kind === 'refused');
        if (outcome.how === alert) break;
        assert.ok(outcome.how === 'closed' || outcome.how === 'reset', String(outcome.how));
        assert.ok(tries < 50, 'never told');
      }
    });

    void test(`shows no certificate to who names no site of it, over ${tlsVersion}`, async () => {
      for (const sni of [null, 'unknown.test', ZONE, `a.${HOST}`]) {
        const outcome = await assertRefused(guard, knock(right({ tlsVersion, sni, host: HOST })), String(sni));
        assert.equal(outcome.kind, 'refused');
        assert.equal(await bytesShown(sni ?? '', tlsVersion), 0, String(sni));
      }
      assert.ok((await bytesShown(HOST, tlsVersion)) > 0);
    });

    void test(`lets the right certificate in over ${tlsVersion} and tells the application who came`, async () => {
      const seen = await assertAnswered(guard, knock(right({ tlsVersion, path: '/a/b?c=d' })), 'right certificate');
      assert.equal(seen.target, '/a/b?c=d');
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
      assert.deepEqual(foldedValues(seen, 'X-Postern-Via'), ['edge']);
      const [pem = ''] = credentials.right.cert.split('-----END');
      const der = pem.replace(/-----BEGIN CERTIFICATE-----|\s/g, '');
      assert.deepEqual(foldedValues(seen, 'Client-Cert'), [`:${der}:`]);
    });

    void test(`resumes no session over ${tlsVersion}, of whoever it is`, async () => {
      for (const credential of [credentials.right, null]) {
        const first = await knock(attempt({ tlsVersion, credential }));
        for (const session of first.sessions) {
          const outcome = await assertRefused(guard, knock(attempt({ tlsVersion, session })), 'resumed');
          assert.equal(outcome.kind, 'refused');
          const again = await knock(right({ tlsVersion, session }));
          assert.ok(again.kind === 'answered' && !again.resumed && again.status === 200);
        }
      }
    });
  }

  void test('offers HTTP/1.1 alone', async () => {
    for (const credential of [credentials.right, null]) {
      await assertRefused(guard, knockHttp2(attempt({ credential })), 'HTTP/2');
    }
  });

  void test('refuses the right certificate for another name', async () => {
    const foreign: readonly (readonly [string, Partial<Knock>])[] = [
      ['another Host', { host: 'other.test' }],
      ['the name of the zone, which is not served', { host: ZONE }],
      ['a name below', { host: `a.${HOST}` }],
      ['an address', { host: `127.0.0.1:${guard.tlsPort}` }],
      ['another authority in the request line', { rawRequest: absolute('other.test', HOST) }],
    ];
    for (const tlsVersion of VERSIONS) {
      for (const [what, knocking] of foreign) {
        const outcome = await assertRefused(guard, knock(right({ tlsVersion, ...knocking })), what);
        assert.ok(outcome.kind === 'answered' && [421, 400].includes(outcome.status), what);
      }
    }
  });

  void test('knows its name in every spelling', async () => {
    for (const host of [HOST.toUpperCase(), `${HOST}.`, `${HOST}:${guard.tlsPort}`, `${HOST.toUpperCase()}.:443`]) {
      await assertAnswered(guard, knock(right({ host })), host);
    }
    await assertAnswered(guard, knock(right({ sni: HOST.toUpperCase() })), 'SNI in upper case');
    await assertAnswered(guard, knock(right({ rawRequest: absolute(HOST, HOST) })), 'absolute form');
  });

  void test('hands on no copy of a field that it sets, however it is spelt', async () => {
    const names = ['X-Postern-Verified', 'X-Postern-Via', 'X-Postern-Certificate', 'X-Postern-Visitor-Cert'];
    const claims = [...names, 'Client-Cert', 'Client-Cert-Chain', 'X-SSL-Client-Verify', 'X-Forwarded-Client-Cert'];
    for (const name of claims) {
      for (const mark of ['-', '_', '.', '~', '+', '!', '*', '|']) {
        for (const spelt of [name, name.toLowerCase(), name.toUpperCase()].map((one) => one.replaceAll('-', mark))) {
          const before = guard.application.seen.length;
          await knock(right({ headers: [[spelt, 'spoofed']] }));
          const seen = guard.application.seen.slice(before);
          assert.equal(seen.length, 1, spelt);
          assert.ok(!seen.flatMap((one) => foldedValues(one, name)).includes('spoofed'), spelt);
        }
      }
    }
    const mixed = ['X-Postern_Verified', 'X_Postern-Verified', 'x.POSTERN_verified', 'Client_Cert', 'x-postern.via'];
    const headers = mixed.map((name) => [name, 'spoofed'] as const);
    const seen = await assertAnswered(guard, knock(right({ headers })), 'all at once');
    assert.ok(!seen.fields.some(([, value]) => value === 'spoofed'));
  });

  void test('hands no spoofed verdict on in trailers or by Connection', async () => {
    const head = `POST / HTTP/1.1\r\nHost: ${HOST}\r\n`;
    const named = `${head}X-Postern-Verified: spoofed\r\nContent-Length: 0\r\nConnection: close, X-Postern-Verified, Client-Cert\r\n\r\n`;
    const seen = await assertAnswered(guard, knock(right({ rawRequest: named })), 'Connection');
    assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
    assert.equal(foldedValues(seen, 'Client-Cert').length, 1);
    const trailers = `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\nX_Postern_Verified: spoofed\r\n\r\n`;
    await assertAnswered(guard, knock(right({ rawRequest: trailers })), 'trailers');
  });

  void test('believes the edge in what it says of visitors, and passes on path and body as they came', async () => {
    const headers = [
      ['X-Forwarded-For', '203.0.113.7'],
      ['X-Forwarded-Proto', 'https'],
      ['CF-Connecting-IP', '203.0.113.7'],
      ['X_Forwarded_For', 'spoofed'],
      ['Client-Cert', ':dmlzaXRvcg==:'],
      ['Proxy', 'http://evil.test'],
    ] as const;
    const body = Buffer.alloc(5_000_000, 'x');
    const path = '/a%2Fb/%7Ec//d?q=%20';
    const seen = await assertAnswered(guard, knock(right({ method: 'POST', path, headers, body })), 'body');
    assert.equal(seen.bytes, body.length);
    assert.equal(seen.target, path);
    assert.deepEqual(foldedValues(seen, 'X-Forwarded-For'), ['203.0.113.7']);
    assert.deepEqual(fieldValues(seen, 'X-Forwarded-Proto'), ['https']);
    assert.deepEqual(fieldValues(seen, 'CF-Connecting-IP'), ['203.0.113.7']);
    assert.deepEqual(fieldValues(seen, 'X-Postern-Visitor-Cert'), [':dmlzaXRvcg==:']);
    assert.deepEqual(fieldValues(seen, 'Proxy'), []);
    assert.deepEqual(fieldValues(seen, 'Host'), [HOST]);
  });

  void test('answers plain HTTP on its port with nothing', async () => {
    const outcome = await assertRefused(guard, knockPlain({ port: guard.tlsPort, host: HOST }), 'plain HTTP');
    assert.equal(outcome.kind, 'refused');
  });

  void test('says of each refusal why', async () => {
    await knock(attempt({}));
    await knock(attempt({ credential: credentials.wrong["neighbour zone's valid certificate"] }));
    const none = await guard.logged('guard_refused', ({ because }) => because === 'no_certificate');
    assert.equal(none['name'], HOST);
    assert.equal(none['address'], '127.0.0.1');
    const neighbour = await guard.logged('guard_refused', ({ because }) => because === 'not_verified');
    assert.match(String(neighbour['certificate']), /^[0-9a-f]{64}$/);
    assert.match(String(neighbour['subject']), /CN=/);
  });

  void test('tells this machine how it is, and counts', async () => {
    const health = await fetch(`http://127.0.0.1:${guard.healthPort}/health`);
    assert.equal(health.status, 200);
    assert.deepEqual(await health.json(), {
      status: 'ok',
      sites: [{ site: HOST, serves: true, mode: 'enforce', stale: false }],
    });
    const metrics = await (await fetch(`http://127.0.0.1:${guard.healthPort}/metrics`)).text();
    assert.match(metrics, /^postern_guard_refused_total\{because="no_certificate"\} [1-9]/m);
    assert.match(metrics, /^postern_guard_requests_total\{via="edge",status="2xx"\} [1-9]/m);
    assert.match(metrics, new RegExp(`^postern_guard_lock_enforced\\{site="${HOST}"\\} 1$`, 'm'));
  });
});

function absolute(authority: string, host: string): string {
  return `GET https://${authority}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}
