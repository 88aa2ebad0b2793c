import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { type Authority, createAuthority, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { run } from '../scenarios/program.ts';
import { assertFailure, type ConfigScene, HOST, startConfigScene } from './config-scene.ts';

let scene: ConfigScene;
before(async () => {
  scene = await startConfigScene();
});
after(async () => {
  await scene?.[Symbol.asyncDispose]();
});

describe("a CA of the owner's own", () => {
  const authority = async (commonName: string, issuer?: Authority) =>
    createAuthority({
      ...(issuer === undefined ? {} : { issuer }),
      profile: issuer === undefined ? PROFILES.pullRoot : PROFILES.pullIntermediate,
      subject: { commonName },
      key: await generateKey(),
      validity: validFor(instant(Date.now()), 86_400_000),
    });
  const asked = (ca: string, ...more: readonly string[]) =>
    scene.local('--hostname', HOST, '--also-trust', ca, '--also-listen', '127.0.0.1:9443', ...more);

  test('gets a listener of its own, and its list is asked for there alone', async () => {
    const directory = scene.freshDirectory();
    const own = await authority('monitors');
    const [ca, crl] = [join(directory, 'own.pem'), join(directory, 'own.crl')];
    writeFileSync(ca, own.certificate.pem);
    const now = Math.floor(Date.now() / 1000) * 1000;
    const times = { thisUpdate: instant(now), nextUpdate: instant(now + 86_400_000) };
    writeFileSync(crl, crlPem(writeCrl(own, { number: 1, ...times, revoked: [] })));
    const { code, stdout, stderr } = await asked(ca, '--also-trust-crl', crl);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.split(`ssl_client_certificate "${ca}";`).length, 2, 'once');
    assert.equal(stdout.split(`ssl_crl "${crl}";`).length, 2, 'once');
    assert.match(stdout, /listen 127\.0\.0\.1:9443 ssl/);
    assert.match(stderr, /^note: Whom .*own\.pem certifies comes in at 127\.0\.0\.1:9443/m);
  });

  test('that is also in the bundle, is none, or has no listener, is refused', async () => {
    const place = () => join(scene.freshDirectory(), 'own.pem');
    const ca = place();
    writeFileSync(ca, await (await fetch(`${scene.postern.base}/ssl/static/authenticated_origin_pull_ca.pem`)).text());
    assert.equal((await asked(ca)).code, 0, 'the shared CA is not in the bundle of the zone');
    const bundle = join(scene.freshDirectory(), 'bundle.pem');
    const made = await scene.local('--hostname', HOST, '--bundle', bundle);
    assert.equal(made.code, 0, made.stderr);
    writeFileSync(ca, readFileSync(bundle));
    assertFailure(await asked(ca), 1, /--also-trust .*own\.pem: .*pull root example\.test is in the bundle/);
    writeFileSync(ca, 'nothing\n');
    assertFailure(await asked(ca), 1, /--also-trust .*own\.pem holds no CA certificates in PEM/);
    const root = await authority('monitors');
    const below = await authority('monitors of today', root);
    writeFileSync(ca, below.certificate.pem);
    const alone = await asked(ca);
    assertFailure(alone, 1, /--also-trust .*own\.pem: .*\(CN=monitors of today, certified by CN=monitors\)/);
    assert.match(alone.stderr, /Add the certificate of its issuer/);
    writeFileSync(ca, `${below.certificate.pem}${root.certificate.pem}`);
    assert.equal((await asked(ca)).code, 0, 'with its root');
    writeFileSync(ca, root.certificate.pem);
    assertFailure(
      await scene.local('--hostname', HOST, '--also-trust', ca),
      2,
      /--also-listen: callers of another CA need/,
    );
    assertFailure(
      await scene.local('--hostname', HOST, '--also-listen', ':9443'),
      2,
      /--also-listen .*nobody is let in/,
    );
    assertFailure(await asked(ca, '--also-listen', ':443'), 2, /--also-listen .*also one of the others/);
    assertFailure(await asked(ca, '--also-trust-crl', place()), 1, /--also-trust-crl .* cannot be read/);
    const absent = await asked(join(scene.freshDirectory(), 'absent.pem'));
    assert.equal(absent.code, 0, absent.stderr);
    assert.match(absent.stderr, /^note: .*absent\.pem is not on this machine/m);
  });

  test('is made into what Caddy reads, and must be there for that', async () => {
    const directory = scene.freshDirectory();
    const ca = join(directory, 'own.pem');
    const caddy = () => {
      const own = ['--also-trust', ca, '--also-listen', '127.0.0.1:9443'];
      const bundle = ['--bundle', join(directory, 'bundle.pem')];
      const which = ['--data', scene.postern.dir, '--zone', 'example.test', '--hostname', HOST];
      return run(['origin', 'config', 'caddy', ...which, ...bundle, ...own]);
    };
    assertFailure(await caddy(), 1, /--also-trust .*own\.pem is not on this machine, and Caddy reads/);
    assert.ok(!existsSync(join(directory, 'bundle.pem')), 'nothing was written');
    writeFileSync(ca, (await authority('monitors')).certificate.pem);
    const { code, stdout, stderr } = await caddy();
    assert.equal(code, 0, stderr);
    assert.ok(stdout.includes(`import "${ca}.caddy"`));
    assert.match(readFileSync(`${ca}.caddy`, 'utf8'), /trusted_ca_cert M/);
    assert.match(stderr, /^note: Caddy reads .*own\.pem\.caddy in place of .*own\.pem: make this configuration anew/m);
  });
});
