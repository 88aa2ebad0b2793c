import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { type IncomingMessage, createServer as createHttp } from 'node:http';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { describe, test } from 'node:test';
import {
  clientCertField,
  lockByName,
  originPullServerOptions,
  PolicyError,
  type RefusedRequest,
  type TlsLock,
  requireOriginPull,
  requireVisitorCertificate,
  trustForwarded,
  visitorCertificateOf,
} from '../../src/origin/middleware.ts';
import { readPem } from '../../src/pki/pem.ts';
import { loadCertificates } from '../../src/pki/read.ts';
import { knock, knockHttp2 } from '../support/knock.ts';
import { pullCredentials } from '../support/pull-credentials.ts';
import { FRAMEWORKS, startApplication } from './applications.ts';
import { type LockFiles, lockFiles } from './lock-files.ts';
import { assertAnswered, assertRefused, lists, NAME, start, ZONE } from './lock-matrix.ts';

const DAY = 86_400_000;

test('a lock that has nothing to go by does not come into being', async () => {
  using files = await lockFiles();
  for (const [bundle, reason] of [
    [`${files.directory}/gone.pem`, /bundle: the file is not there .* Fetch it/],
    [files.write('empty.pem', ''), /bundle: there is nothing in it/],
    [files.write('leaf.pem', files.pulls.right.cert), /bundle: a certificate in it is not a CA/],
  ] as const) {
    assert.throws(
      () => requireOriginPull({ bundle }),
      (error) => error instanceof PolicyError && reason.test(error.message),
    );
  }
  assert.throws(() => requireOriginPull({ from: 'proxy', bundle: files.bundle, peers: ['0.0.0.0/0'] }), PolicyError);
});

test('a slip that types would have caught opens nothing', async () => {
  using files = await lockFiles();
  const slips: readonly (readonly [object, RegExp])[] = [
    [{ pin: ['ab'.repeat(32)] }, /^TypeError: pin is no option of a lock that is made from tls/],
    [{ mode: 'enforced' }, /^TypeError: mode: "enforced" is no option/],
    [{ from: 'header' }, /^TypeError: from: "header" is no option/],
    [{ from: 'verdict', peers: ['127.0.0.1'] }, /^TypeError: bundle is no option of a lock that is made from verdict/],
    [{ bundle: undefined }, /^TypeError: bundle is missing: a lock that is made from tls needs it\./],
    [{ from: 'proxy' }, /^TypeError: peers is missing/],
    [{ bundle: 7 }, /^PolicyError: bundle: the file is not there/],
    [{ hostnames: NAME }, /^TypeError: hostnames is no list: write hostnames: \['…'\]\./],
    [{ hostnames: [] }, /^PolicyError: hostnames: the list is empty/],
  ];
  for (const [slip, words] of slips) {
    assert.throws(() => requireOriginPull({ bundle: files.bundle, ...slip } as TlsLock), words);
  }
});

test('a bundle that changes is in force on the server too, and one that is spoilt leaves the last good one', async () => {
  using files = await lockFiles();
  const next = await pullCredentials(ZONE, Date.now());
  const problems: string[] = [];
  let reloads = 0;
  const lock = requireOriginPull({
    zone: ZONE,
    hostnames: [NAME],
    bundle: files.bundle,
    reloadEvery: 0,
    onProblem: (text) => problems.push(text),
    onReload: () => {
      reloads += 1;
    },
  });
  const { cert, key } = files.pulls.server;
  await using app = await startApplication('node', lock, { tls: originPullServerOptions(lock, { cert, key }) });
  lock.follow(app.server as Server, { cert, key });
  const attempt = (credential: typeof next.right) => knock({ port: app.port, sni: NAME, credential });
  await assertRefused(app, attempt(next.right), 'before');

  renameSync(files.write('new.pem', `${files.pulls.bundle}\n${next.bundle}`), files.bundle);
  assert.equal(lock.reload(), null);
  await assertAnswered(app, attempt(next.right), 'the new one');
  await assertAnswered(app, attempt(files.pulls.right), 'the old one');

  files.write('bundle.pem', '<html>Not found</html>');
  assert.match(lock.reload() ?? '', /^bundle: there is no PEM in it/);
  rmSync(files.bundle);
  assert.match(lock.reload() ?? '', /^bundle: the file is not there/);
  assert.equal(problems.length, 2);
  await assertAnswered(app, attempt(next.right), 'the last good bundle');

  files.write('bundle.pem', next.bundle);
  assert.equal(lock.reload(), null);
  await assertRefused(app, attempt(files.pulls.right), 'retired');
  assert.equal(reloads, 2);
});

test('a bundle is looked at again by itself', async () => {
  using files = await lockFiles();
  const reloaded = Promise.withResolvers<void>();
  const lock = requireOriginPull({ bundle: files.bundle, reloadEvery: 5, onReload: reloaded.resolve });
  // Timers of a lock keep no process up; this test waits for one.
  const awake = setInterval(() => {}, 1_000);
  renameSync(files.write('new.pem', files.pulls.neighbourBundle), files.bundle);
  await reloaded.promise;
  clearInterval(awake);
  lock.close();
  assert.equal(lock.policies[0]?.edge.cas.length, 2);
});

describe('an open connection is judged anew with each request', () => {
  /** `listed` where the lock has revocation lists: what they say ends after a day. */
  const changes: readonly { what: string; listed: boolean; change: (files: LockFiles) => number }[] = [
    { what: 'a clock that jumps beyond the end of the identity', listed: false, change: () => 40 * DAY },
    { what: 'a clock that jumps a day ahead of the lists', listed: true, change: () => DAY + 60_000 },
    { what: 'a clock that jumps a day back', listed: false, change: () => -DAY },
    {
      what: 'a bundle without its CA',
      listed: false,
      change: (files) => {
        const { pulls } = files;
        files.write('bundle.pem', pulls.neighbourBundle);
        return 0;
      },
    },
    {
      what: 'a list that it is on',
      listed: true,
      change: (files) => {
        const { pulls } = files;
        files.write('lists.pem', lists(pulls, [loadCertificates(pulls.right.cert)[0]?.serial ?? '']));
        return 0;
      },
    },
  ];
  for (const { what, listed, change } of changes) {
    test(`${what} ends it`, async () => {
      using files = await lockFiles();
      let jumped = 0;
      const crl = listed ? files.write('lists.pem', lists(files.pulls, [])) : undefined;
      const common = { zone: ZONE, hostnames: [NAME], bundle: files.bundle, reloadEvery: 0 };
      const lock = requireOriginPull({ ...common, crl, clock: () => Date.now() + jumped });
      const tls = originPullServerOptions(lock, files.pulls.server);
      await using app = await startApplication('node', lock, { tls });
      const socket = connect({ port: app.port, servername: NAME, rejectUnauthorized: false, ...files.pulls.right });
      const ask = async () => {
        socket.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
        const [answer] = (await once(socket, 'data')) as [Buffer];
        return Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1]);
      };
      assert.deepEqual([await ask(), await ask()], [200, 200]);
      const jump = change(files);
      assert.equal(lock.reload(), null);
      jumped = jump;
      assert.equal(await ask(), 400);
      assert.equal(app.seen.length, 2);
      socket.destroy();
    });
  }
});

describe('several locks in one process', () => {
  const OTHER = 'api.neighbour.test';

  test('let in at each name whoever belongs there and nobody else, over both versions of TLS and HTTP/2', async () => {
    using files = await lockFiles();
    const refusals: string[] = [];
    const common = { reloadEvery: 0, onRefused: ({ because }: RefusedRequest) => refusals.push(because) };
    const own = { bundle: files.bundle, zone: ZONE, hostnames: [NAME], alsoTrust: files.own };
    const neighbour = files.write('neighbour.pem', files.pulls.neighbourBundle);
    const lock = lockByName(
      requireOriginPull({ ...common, ...own }),
      requireOriginPull({ ...common, bundle: neighbour, zone: 'neighbour.test', hostnames: ['*.neighbour.test'] }),
    );
    const { cert, key } = files.pulls.server;
    const tls = originPullServerOptions(lock, { cert, key });
    const theirs = files.pulls.wrong["neighbour zone's valid certificate"];
    const callers: readonly (readonly [string, typeof theirs, readonly string[]])[] = [
      ['the zone’s edge', files.pulls.right, [NAME]],
      ['the neighbour’s', theirs, [OTHER]],
      ['an own caller', files.ownCaller, [NAME]],
      ['a stranger', files.pulls.wrong['self-signed certificate'], []],
      ['nobody', null, []],
    ];
    await using app = await startApplication('node', lock, { tls });
    await using h2 = await startApplication('koa', lock, { tls, http2: true });
    for (const [what, credential, served] of callers) {
      for (const sni of [NAME, OTHER, 'elsewhere.test']) {
        const expected = served.includes(sni);
        for (const tlsVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
          const attempt = knock({ port: app.port, sni, credential, tlsVersion });
          if (!expected) await assertRefused(app, attempt, `${what} at ${sni}`);
          else assert.equal((await assertAnswered(app, attempt, what)).pull?.zone, sni.split('.').slice(-2).join('.'));
        }
        const attempt = knockHttp2({ port: h2.port, sni, credential });
        await (expected ? assertAnswered(h2, attempt, what) : assertRefused(h2, attempt, `${what} at ${sni}`));
      }
      await assertRefused(app, knock({ port: app.port, sni: NAME, host: OTHER, credential }), `${what} across`);
      await assertRefused(app, knock({ port: app.port, sni: OTHER, host: NAME, credential }), `${what} across`);
    }
    assert.ok(refusals.includes('misdirected') && refusals.includes('not_verified') && refusals.includes('other_host'));
  });

  test('one that watches opens its own names only, and a name that nobody serves stays shut', async () => {
    using files = await lockFiles();
    const common = { reloadEvery: 0, bundle: files.bundle };
    const lock = lockByName(
      requireOriginPull({ ...common, hostnames: [NAME] }),
      requireOriginPull({ ...common, hostnames: ['open.example.test'], mode: 'watch' }),
    );
    const tls = originPullServerOptions(lock, files.pulls.server);
    assert.equal(tls.rejectUnauthorized, false);
    await using app = await startApplication('node', lock, { tls });
    await assertAnswered(app, knock({ port: app.port, sni: 'open.example.test' }), 'watched');
    await assertRefused(app, knock({ port: app.port, sni: NAME }), 'enforced');
    await assertRefused(app, knock({ port: app.port, sni: 'other.test' }), 'not served');
    await assertRefused(app, knock({ port: app.port, sni: 'open.example.test', host: NAME }), 'across');
  });

  test('must not serve the same name, or any', async () => {
    using files = await lockFiles();
    const one = (hostnames?: readonly string[]) =>
      requireOriginPull({ bundle: files.bundle, hostnames, reloadEvery: 0 });
    assert.throws(() => lockByName(one([NAME]), one()), /needs hostnames/);
    assert.throws(() => lockByName(one([NAME]), one(['a.test', NAME])), /Two locks serve www\.example\.test/);
  });
});

test('an upgrade is no way around', async () => {
  using files = await lockFiles();
  const upgrade = `GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`;
  for (const kind of ['hardened', 'open'] as const) {
    await using app = await start('node', kind, files, {});
    const attempt = (credential: typeof files.pulls.right | null) =>
      knock({ port: app.port, sni: NAME, credential, rawRequest: upgrade, untilHead: true });
    await assertRefused(app, attempt(null), 'no certificate');
    await assertRefused(app, attempt(files.pulls.wrong["neighbour zone's valid certificate"]), 'neighbour');
    const outcome = await attempt(files.pulls.right);
    assert.ok(outcome.kind === 'answered' && outcome.status === 101, JSON.stringify(outcome));
    assert.equal(app.seen.at(-1)?.known?.verified, true);
  }
});

test('TLS options are hardened whatever was there, and a lock without CAs gives none', async () => {
  using files = await lockFiles();
  const lock = requireOriginPull({ bundle: files.bundle, reloadEvery: 0 });
  const options = originPullServerOptions(lock, {
    ...files.pulls.server,
    ca: files.pulls.neighbourBundle,
    requestCert: false,
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
  });
  const { requestCert, rejectUnauthorized, minVersion, ca } = options;
  assert.deepEqual(
    { requestCert, rejectUnauthorized, minVersion },
    {
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    },
  );
  assert.ok(!ca.includes(readPemBody(files.pulls.neighbourBundle)));
  const proxied = requireOriginPull({ from: 'verdict', peers: ['127.0.0.1'] });
  assert.throws(() => originPullServerOptions(proxied, {}), TypeError);
});

test('a request that no lock has looked at is nobody’s, whatever it says of itself', async () => {
  const seen: unknown[] = [];
  const server = createHttp((request: IncomingMessage, response) => {
    Object.assign(request, { originPull: { verified: true, via: 'edge' } });
    seen.push(trustForwarded(request));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}/`, {
    headers: { 'CF-Connecting-IP': '203.0.113.9', 'X-Forwarded-Proto': 'https' },
  });
  server.closeAllConnections();
  server.close();
  assert.deepEqual(seen, [{ address: '127.0.0.1', proto: 'http', forwarded: false }]);
});

describe('both the edge’s certificate and the visitor’s', () => {
  const der = (cert: string) => readPem(cert)[0]?.der ?? assert.fail('a certificate');

  for (const framework of FRAMEWORKS) {
    test(`${framework}: the visitor’s counts only from the edge, once, and of the CA that is named`, async () => {
      using files = await lockFiles();
      const common = { zone: ZONE, hostnames: [NAME], bundle: files.bundle, alsoTrust: files.own, reloadEvery: 0 };
      const lock = requireOriginPull(common);
      const behind = requireVisitorCertificate(lock, { bundle: files.own });
      const tls = originPullServerOptions(lock, files.pulls.server);
      await using app = await startApplication(framework, lock, { tls, behind });
      const subjects: (string | undefined)[] = [];
      app.server.prependListener('request', (request: IncomingMessage) => {
        request.once('close', () => subjects.push(visitorCertificateOf(request)?.subject));
      });
      const attempt = (credential: typeof files.ownCaller, headers: readonly (readonly [string, string])[]) =>
        knock({ port: app.port, sni: NAME, credential, headers });
      const visitor = ['Client-Cert', clientCertField(der(files.ownCaller.cert))] as const;
      const stranger = ['Client-Cert', clientCertField(der(files.pulls.right.cert))] as const;
      const { pull } = await assertAnswered(app, attempt(files.pulls.right, [visitor]), 'both');
      assert.equal(pull?.via, 'edge');
      assert.deepEqual(subjects, [loadCertificates(files.ownCaller.cert)[0]?.subject]);
      await assertRefused(app, attempt(files.pulls.right, []), 'without the visitor’s');
      await assertRefused(app, attempt(files.pulls.right, [stranger]), 'of another CA');
      await assertRefused(app, attempt(files.pulls.right, [visitor, visitor]), 'two');
      await assertRefused(app, attempt(files.pulls.right, [['Client_Cert', visitor[1]]]), 'under another name');
      await assertRefused(app, attempt(files.pulls.right, [['Client-Cert', ':AAAA:']]), 'no certificate');
      // Admitted by itself, but nobody who could say what a visitor showed.
      await assertRefused(app, attempt(files.ownCaller, [visitor]), 'from an own caller');
      behind.close();
    });
  }

  test('a proxy that uses the same field for the edge’s certificate leaves no place for it', async () => {
    using files = await lockFiles();
    const common = { from: 'proxy', bundle: files.bundle, peers: ['127.0.0.1'], reloadEvery: 0 } as const;
    assert.throws(() => requireVisitorCertificate(requireOriginPull(common)), TypeError);
    assert.throws(() => requireVisitorCertificate(requireOriginPull({ ...common, field: 'client_cert' })), TypeError);
    requireVisitorCertificate(requireOriginPull({ ...common, field: 'X-Edge-Cert' })).close();
  });
});

function readPemBody(pem: string): string {
  return pem.split('-----BEGIN CERTIFICATE-----')[1]?.trim().slice(0, 64) ?? assert.fail('a certificate');
}
