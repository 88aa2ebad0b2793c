import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { knock, knockPlain } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, describeLock, VERSIONS, wrongOnes } from './lock-suite.ts';
import { HOST, startLocked, ZONE } from './locked-origin.ts';
import { describeRevocation } from './revocation-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('lighttpd');
describeVariants('lighttpd');
describeRevocation('lighttpd');

describe('lighttpd with an application and files of one zone', needs('lighttpd'), () => {
  const FILES = 'files.example.test';
  let credentials: PullCredentials;
  before(async () => {
    credentials = await pullCredentials(ZONE, Date.now());
  });
  const start = () =>
    startLocked('lighttpd', {
      credentials,
      several: ({ directory, application }) => {
        const root = join(directory, 'root');
        mkdirSync(root);
        writeFileSync(join(root, 'index.html'), 'the page');
        writeFileSync(join(root, '.env'), 'a secret');
        const site = { zone: ZONE, bundle: { kind: 'zone', path: join(directory, 'bundle.pem') } } as const;
        const upstream = `http://127.0.0.1:${application.port}`;
        return {
          sites: [
            { ...site, hostnames: [HOST], upstream },
            { ...site, hostnames: [FILES], root },
          ],
        };
      },
    });

  test('answers each at its name, and neither without the certificate', async () => {
    await using origin = await start();
    const { right } = credentials;
    const get = (sni: string, path: string) => knock({ port: origin.tlsPort, sni, path, credential: right });
    await assertAnswered(origin, get(HOST, '/'), 'the application');
    const page = await get(FILES, '/');
    assert.equal(page.kind === 'answered' && `${page.status} ${page.body}`, '200 the page');
    for (const path of ['/.env', '/%2eenv', '/x/../.env', '/./.env', '//.env', '/%2e%65nv']) {
      const hidden = await get(FILES, path);
      assert.ok(hidden.kind === 'answered' && hidden.status >= 400 && !hidden.body.includes('a secret'), path);
    }
    for (const sni of [HOST, FILES, null]) {
      for (const tlsVersion of VERSIONS) {
        for (const [what, credential] of wrongOnes(credentials)) {
          for (const host of [HOST, FILES])
            await assertRefused(origin, knock({ port: origin.tlsPort, sni, host, tlsVersion, credential }), what);
        }
      }
    }
  });

  test('leads plain HTTP to the same name, and to nothing else', async () => {
    await using origin = await start();
    for (const name of [HOST, FILES]) {
      for (const host of [name, `${name}:${origin.httpPort}`, name.toUpperCase(), `${name}.`]) {
        const outcome = await knockPlain({ port: origin.httpPort, host, path: '/a?b=c' });
        assert.ok(outcome.kind === 'answered' && outcome.status === 301, host);
        assert.ok(outcome.head.includes(`\r\nLocation: https://${name}:${origin.tlsPort}/a?b=c\r\n`), outcome.head);
      }
    }
    const hosts = [`${HOST}.evil.test`, `x${HOST}`, `${HOST}:evil`, `${HOST}@evil.test`, `evil.test/${HOST}`, ''];
    for (const host of hosts) await assertRefused(origin, knockPlain({ port: origin.httpPort, host }), host);
  });
});

test(
  'lighttpd with the leaf alone as its certificate answers nobody, as its note says',
  needs('lighttpd'),
  async () => {
    const credentials = await pullCredentials(ZONE, Date.now());
    await using origin = await startLocked('lighttpd', { credentials: { ...credentials, serverIssuer: '' } });
    const outcome = await assertRefused(
      origin,
      knock({ port: origin.tlsPort, sni: HOST, credential: credentials.right }),
      'the leaf alone',
    );
    // internal_error (RFC 8446 §6): the edge is kept out too.
    assert.equal(outcome.kind === 'refused' && outcome.how, 80);
  },
);
