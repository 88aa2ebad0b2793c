import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { assertAnswered, assertRefused, VERSIONS, wrongOnes } from '../servers/lock-suite.ts';
import { HOST, writeCredential, ZONE } from '../servers/locked-origin.ts';
import { foldedValues, startEcho } from '../support/echo-application.ts';
import { type Knock, knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { DidNotStart } from '../support/server-process.ts';
import { type GuardProcess, type GuardSetup, startGuardProcess } from './guard-process.ts';

void describe('a guard, as it may be configured', () => {
  let credentials: PullCredentials;
  let neighbour: PullCredentials;
  before(async () => {
    credentials = await pullCredentials(ZONE, Date.now());
    neighbour = await pullCredentials('neighbour.test', Date.now());
  });
  const start = (setup: Omit<GuardSetup, 'credentials'>) => startGuardProcess({ credentials, ...setup });
  const at = (guard: GuardProcess, knocking: Partial<Knock>): Knock => ({
    port: guard.tlsPort,
    sni: HOST,
    ...knocking,
  });

  void test('while watching, refuses nobody, says what it verified, and logs who came without', async () => {
    await using guard = await start({ flags: () => ['--watch'] });
    const headers = [
      ['X-Postern-Verified', 'SUCCESS'],
      ['X_Postern_Verified', 'SUCCESS'],
      ['X-Forwarded-For', '203.0.113.7'],
      ['CF-Connecting-IP', '203.0.113.7'],
      ['Client-Cert', ':dmlzaXRvcg==:'],
    ] as const;
    const came = async (credential: Knock['credential'], tlsVersion: (typeof VERSIONS)[number]) => {
      const seen = await assertAnswered(
        guard,
        knock(at(guard, { credential: credential ?? null, tlsVersion, headers })),
        'watching',
      );
      const [value = '', ...others] = foldedValues(seen, 'X-Postern-Verified');
      assert.deepEqual(others, []);
      return { seen, value };
    };
    for (const tlsVersion of VERSIONS) {
      const right = await came(credentials.right, tlsVersion);
      assert.equal(right.value, 'SUCCESS');
      assert.deepEqual(foldedValues(right.seen, 'X-Forwarded-For'), ['203.0.113.7']);
      for (const [what, credential] of wrongOnes(credentials)) {
        const { seen, value } = await came(credential, tlsVersion);
        assert.match(value, credential === null ? /^NONE$/ : /^FAILED:/, what);
        // Nobody but the edge is believed, and nobody unverified gets a name.
        assert.deepEqual(foldedValues(seen, 'X-Forwarded-For'), ['127.0.0.1'], what);
        assert.deepEqual(foldedValues(seen, 'CF-Connecting-IP'), [], what);
        assert.deepEqual(foldedValues(seen, 'Client-Cert'), [], what);
        assert.deepEqual(foldedValues(seen, 'X-Postern-Visitor-Cert'), [], what);
      }
    }
    await guard.logged('guard_watched', ({ because }) => because === 'no_certificate');
    await guard.logged('guard_watched', ({ because }) => because === 'outside_validity');
    // A name that is not served is no matter of watching.
    await assertRefused(guard, knock(at(guard, { sni: 'unknown.test' })), 'unknown name');
    await assertRefused(guard, knock(at(guard, { host: 'other.test' })), 'another Host');
  });

  void test('with a shared identity, lets in exactly what is pinned, by fingerprint, subject or URI', async () => {
    const { fingerprint, subject, uri } = await factsOf(credentials.right.cert);
    for (const demand of [
      ['--pin', fingerprint],
      ['--subject', subject],
      ['--uri', uri],
    ]) {
      const other = demand[0] === '--pin' ? credentials.next : null;
      await using guard = await start({ flags: () => ['--shared', ...demand] });
      await assertAnswered(guard, knock(at(guard, { credential: credentials.right })), demand[0] ?? '');
      if (other !== null) {
        await assertRefused(guard, knock(at(guard, { credential: other })), 'not pinned');
        await guard.logged('guard_refused', ({ because }) => because === 'not_pinned');
      }
    }
    for (const [demand, because] of [
      [['--subject', 'O=Postern, CN=another'], 'other_subject'],
      [['--uri', 'postern://origins.test/zone/another'], 'other_name'],
    ] as const) {
      await using guard = await start({ flags: () => ['--shared', ...demand] });
      await assertRefused(guard, knock(at(guard, { credential: credentials.right })), because);
      await guard.logged('guard_refused', (line) => line['because'] === because);
    }
    await assert.rejects(start({ flags: () => ['--shared'] }), /shared identity is presented for every zone/);
  });

  void test('tells callers of your own CA from the edge, and believes them nothing', async () => {
    const own = neighbour.right;
    const trusting =
      (text: string) =>
      ({ directory }: { readonly directory: string }) => {
        writeFileSync(join(directory, 'own.pem'), text);
        return ['--also-trust', join(directory, 'own.pem'), '--zone', ZONE];
      };
    const { pem } = neighbour.authority.intermediate.certificate;
    const rootless = /also_trust: a CA in it leads to no root in it.*neighbour/;
    await assert.rejects(start({ flags: trusting(pem) }), rootless);
    await using guard = await start({ flags: trusting(neighbour.bundle) });
    const headers = [
      ['X-Forwarded-For', '203.0.113.7'],
      ['X-Postern-Via', 'edge'],
      ['X_Postern_Via', 'edge'],
    ] as const;
    const edge = await assertAnswered(guard, knock(at(guard, { credential: credentials.right, headers })), 'edge');
    assert.deepEqual(foldedValues(edge, 'X-Postern-Via'), ['edge']);
    assert.deepEqual(foldedValues(edge, 'X-Forwarded-For'), ['203.0.113.7']);
    const seen = await assertAnswered(guard, knock(at(guard, { credential: own, headers })), 'own');
    assert.deepEqual(foldedValues(seen, 'X-Postern-Via'), ['own']);
    assert.deepEqual(foldedValues(seen, 'X-Forwarded-For'), ['127.0.0.1']);
    for (const [what, credential] of wrongOnes(neighbour)) {
      if (credential === null || what === "neighbour zone's valid certificate") continue;
      await assertRefused(guard, knock(at(guard, { credential })), what);
    }
  });

  void test('lets nobody to a locked name below a wildcard of another site', async () => {
    const locked = `locked.w.${ZONE}`;
    await using guard = await start({
      alone: true,
      flags: ({ directory, application }) => {
        writeFileSync(join(directory, 'other.pem'), neighbour.bundle);
        const config = {
          listen: '127.0.0.1:0',
          server_cert: 'site.pem',
          server_key: 'site.key',
          upstream: `http://127.0.0.1:${application.port}`,
          sites: [
            { hostnames: `*.w.${ZONE}`, server_names: `sni.${ZONE}`, bundle: 'bundle.pem', mode: 'watch' },
            { hostnames: locked, bundle: 'other.pem' },
          ],
        };
        writeFileSync(join(directory, 'guard.json'), JSON.stringify(config));
        return ['--config', join(directory, 'guard.json')];
      },
    });
    await assertAnswered(guard, knock(at(guard, { sni: `sni.${ZONE}`, host: `one.w.${ZONE}` })), 'watched');
    await assertRefused(guard, knock(at(guard, { sni: `sni.${ZONE}`, host: locked })), 'locked');
    await assertRefused(guard, knock(at(guard, { sni: locked })), 'locked');
  });

  void test('serves several zones, each to its own edge, and lets no connection for one speak of another', async () => {
    const second = await startEcho();
    const names = { a: `a.${ZONE}`, b: 'b.neighbour.test' } as const;
    await using guard = await start({
      alone: true,
      flags: ({ directory, application }) => {
        mkdirSync(join(directory, 'n'));
        writeFileSync(join(directory, 'n', 'bundle.pem'), neighbour.bundle);
        writeCredential(join(directory, 'n'), 'site', neighbour.server);
        const config = {
          listen: '127.0.0.1:0',
          server_cert: 'site.pem',
          server_key: 'site.key',
          upstream: `http://127.0.0.1:${application.port}`,
          sites: [
            { hostnames: [names.a, `*.w.${ZONE}`], server_names: `sni.${ZONE}`, bundle: 'bundle.pem' },
            {
              hostnames: names.b,
              bundle: 'n/bundle.pem',
              server_cert: 'n/site.pem',
              server_key: 'n/site.key',
              upstream: `http://127.0.0.1:${second.port}`,
              verified_header: 'X-Cloudflare-Client-Cert-Verified',
            },
          ],
        };
        writeFileSync(join(directory, 'guard.yaml'), JSON.stringify(config));
        return ['--config', join(directory, 'guard.yaml')];
      },
    });
    const [one, other] = [credentials.right, neighbour.right];
    await assertAnswered(guard, knock(at(guard, { sni: names.a, credential: one })), 'a');
    await assertAnswered(guard, knock(at(guard, { sni: `x.w.${ZONE}`, credential: one })), 'below a wildcard');
    await assertAnswered(
      guard,
      knock(at(guard, { sni: `sni.${ZONE}`, host: names.a, credential: one })),
      'server name',
    );
    const b = await knock(at(guard, { sni: names.b, credential: other }));
    assert.equal(b.kind === 'answered' && b.status, 200);
    assert.deepEqual(foldedValues(second.seen.at(-1) ?? assert.fail(), 'X-Cloudflare-Client-Cert-Verified'), [
      'SUCCESS',
    ]);
    const seen = second.seen.length;
    await assertRefused(guard, knock(at(guard, { sni: names.a, credential: other })), 'b at a');
    await assertRefused(guard, knock(at(guard, { sni: names.b, credential: one })), 'a at b');
    for (const [sni, host] of [
      [names.a, names.b],
      [names.a, `x.w.${ZONE}`],
      [`x.w.${ZONE}`, `y.w.${ZONE}`],
      [names.a, `sni.${ZONE}`],
      [`sni.${ZONE}`, `sni.${ZONE}`],
    ] as const) {
      const outcome = await assertRefused(guard, knock(at(guard, { sni, host, credential: one })), `${host} at ${sni}`);
      assert.equal(outcome.kind === 'answered' && outcome.status, 421);
    }
    await assertRefused(guard, knock(at(guard, { sni: `w.${ZONE}`, credential: one })), 'above the wildcard');
    assert.equal(second.seen.length, seen);
    await second[Symbol.asyncDispose]();
  });

  void test('reaches an application on a socket file', async () => {
    await using guard = await start({
      flags: ({ directory }) => ['--upstream', `unix:${join(directory, 'app.sock')}`],
    });
    const absent = await knock(at(guard, { credential: credentials.right }));
    assert.equal(absent.kind === 'answered' && absent.status, 502);
    await guard.logged('guard_application_failed');
    const application = await startEcho(join(guard.directory, 'app.sock'));
    const outcome = await knock(at(guard, { credential: credentials.right, path: '/socket' }));
    assert.equal(outcome.kind === 'answered' && outcome.status, 200);
    assert.equal(application.seen.at(-1)?.target, '/socket');
    await application[Symbol.asyncDispose]();
  });

  void test('listens on IPv6 as on IPv4', async () => {
    await using guard = await start({ flags: () => ['--listen', '[::1]:0'] });
    const knocking = { address: '::1', credential: credentials.right };
    await assertAnswered(guard, knock(at(guard, knocking)), 'IPv6');
    await assertRefused(guard, knock(at(guard, { ...knocking, credential: null })), 'IPv6');
  });

  void test('does not start with a bundle or a certificate that locks nothing, and says which and why', async () => {
    const garbled = credentials.bundle.replace(/[A-Za-z0-9+/]{20}\n/g, '!!\n');
    const leaf = credentials.right.cert.split('-----END CERTIFICATE-----')[0];
    const expired = await pullCredentials(ZONE, Date.now() - 40 * 365 * 86_400_000);
    for (const [bundle, why] of [
      [null, /bundle: the file is not there/],
      ['', /bundle: there is nothing in it/],
      ['\n\n', /bundle: there is nothing in it/],
      [garbled, /www\.example\.test: bundle: .*bundle\.pem\)/],
      ['<html>404</html>\n', /bundle: there is no PEM in it/],
      [`${leaf}-----END CERTIFICATE-----\n`, /bundle: a certificate in it is not a CA/],
      [credentials.right.key, /bundle: a private key is in it/],
      [expired.bundle, /bundle: every CA in it has expired/],
    ] as const) {
      await assert.rejects(
        start({ bundle }),
        (error) => error instanceof DidNotStart && why.test(error.message) && error.message.endsWith('exit code 1'),
        String(why),
      );
    }
    const flags = ({ directory }: { readonly directory: string }) => {
      writeFileSync(join(directory, 'other.key'), credentials.right.key);
      return ['--server-key', join(directory, 'other.key')];
    };
    await assert.rejects(start({ flags }), /server_key: certificate and key cannot be used/);
    await assert.rejects(start({ flags: () => ['--crl', '/nowhere'] }), /crl: the file is not there/);
  });

  void test('refuses what it is not told right, and names the field', async () => {
    for (const [flags, why] of [
      [['--upstream', 'https://127.0.0.1:1'], /--upstream: not an address of an application/],
      [['--upstream', 'tcp://127.0.0.1'], /--upstream: not an address of an application/],
      [['--hostname', 'not a name'], /--hostname: not a hostname/],
      [['--verified-header', 'Host'], /--verified-header: not a name for the verified header/],
      [['--pin', 'abc'], /pins: not a SHA-256 fingerprint.*exit code 2$/s],
      [['--listen', '127.0.0.1'], /--listen is "127.0.0.1"/],
      [['--health', '192.0.2.1:80'], /--health 192.0.2.1:80 is no address of this machine alone/],
      [['--config', 'x.yaml'], /--hostname and --config exclude each other/],
      [['--max-connections', '0'], /--max-connections is 0/],
    ] as const) {
      await assert.rejects(start({ flags: () => flags }), why);
    }
    await assert.rejects(start({ flags: () => ['--upstream', 'nowhere'] }), /exit code 2$/);
    const sites = [
      { hostnames: 'a.test', bundle: 'b.pem', upstream: 'http://127.0.0.1:1', server_cert: 'c', server_key: 'k' },
    ];
    for (const [config, why] of [
      [{ sites: [] }, /sites: /],
      [{ sites, lissten: ':1' }, /lissten/],
      [{ sites: [{ ...sites[0], pin: 'x' }] }, /sites\[0\].*pin/],
      [{ sites: [{ ...sites[0], bundle: undefined, bundel: 'x' }] }, /: sites\[0\]: unknown bundel\./],
      [{ sites: [{ ...sites[0], bundle: undefined }] }, /: sites\[0\]\.bundle is missing\./],
      [{ sites: [{ ...sites[0], upstream: undefined }] }, /sites\[0\]\.upstream is missing/],
      [{ sites: [...sites, ...sites] }, /sites\[1\]\.hostnames: two sites are called by this name \(a\.test\)/],
      [{ sites: [{ ...sites[0], upstream: 'ftp://x' }] }, /sites\[0\]\.upstream: not an address/],
      ['a: [', /is not YAML/],
    ] as const) {
      const flags = ({ directory }: { readonly directory: string }) => {
        const file = join(directory, 'guard.yaml');
        writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
        return ['--config', file];
      };
      await assert.rejects(start({ alone: true, flags }), why);
    }
  });
});

async function factsOf(pem: string): Promise<{ fingerprint: string; subject: string; uri: string }> {
  const { loadCertificates } = await import('../../src/pki/read.ts');
  const [leaf] = loadCertificates(pem);
  assert.ok(leaf);
  return { fingerprint: leaf.fingerprint, subject: leaf.subject, uri: leaf.uris[0] ?? '' };
}
