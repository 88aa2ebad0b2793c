import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { createAuthority, validFor } from '../../src/pki/issue.ts';
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

describe('a file of revocation lists', () => {
  const place = () => join(scene.freshDirectory(), 'lists.crl');
  const asked = (crl: string) => scene.local('--hostname', HOST, '--crl', crl);

  test('goes into the configuration, with what it needs from then on', async () => {
    const crl = place();
    const { code, stderr } = await run([
      'ca',
      'crl',
      '--data',
      scene.postern.dir,
      '--zone',
      'example.test',
      '--out',
      crl,
    ]);
    assert.equal(code, 0, stderr);
    const made = await asked(crl);
    assert.equal(made.code, 0, made.stderr);
    assert.ok(made.stdout.includes(`ssl_crl "${crl}";`), made.stdout);
    assert.match(made.stderr, /^note: Past the end of a list in .* everybody is refused/m);
  });

  test('that is missing, no list, ended, or of another zone is refused, and nothing is written', async () => {
    const crl = place();
    assertFailure(await asked(crl), 1, /--crl .*lists\.crl cannot be read \(ENOENT\)/);
    writeFileSync(crl, 'not a list\n');
    assertFailure(await asked(crl), 1, /holds no revocation lists in PEM: There is no PEM block/);
    writeFileSync(crl, await (await fetch(`${scene.postern.base}/ssl/static/authenticated_origin_pull_ca.pem`)).text());
    assertFailure(await asked(crl), 1, /X509 CRL, not CERTIFICATE/);
    writeFileSync(crl, await (await fetch(`${scene.postern.base}/ssl/static/authenticated_origin_pull_ca.crl`)).text());
    assertFailure(await asked(crl), 1, /holds no revocation list of O=Postern, CN=pull root example\.test/);
    const past = instant(Date.now() - 86_400_000);
    const authority = createAuthority({
      profile: PROFILES.pullRoot,
      subject: { commonName: 'past' },
      key: await generateKey(),
      validity: validFor(past, 86_400_000),
    });
    const times = { thisUpdate: past, nextUpdate: instant(past + 3_600_000) };
    writeFileSync(crl, crlPem(writeCrl(authority, { number: 1, ...times, revoked: [] })));
    assertFailure(await asked(crl), 1, /has ended \(20\d\d-.*so everybody would be refused/);
  });
});

describe('postern origin config tells', () => {
  test('that no proxied record leads to a hostname, since it may be a typing error', async () => {
    const { code, stderr } = await scene.local('--hostname', 'wwww.example.test');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^note: \S+: No proxied record leads here yet: .*no record names this host/m);
    const { stderr: right } = await scene.local('--hostname', HOST);
    assert.doesNotMatch(right, /No proxied record/);
  });

  test('that the edge pulls over plain HTTP', async () => {
    await scene.postern.call('PATCH', `/zones/${scene.zone}/settings/ssl`, { value: 'flexible' });
    const { stderr } = await scene.local('--hostname', HOST);
    await scene.postern.call('PATCH', `/zones/${scene.zone}/settings/ssl`, { value: 'full' });
    assert.match(stderr, /^note: \S+: The edge does not pull over TLS here yet: .*flexible/m);
  });

  test('which of the files of the server are not there', async () => {
    const { stderr } = await scene.local('--hostname', HOST);
    for (const name of ['fullchain.pem', 'privkey.pem']) {
      assert.match(stderr, new RegExp(`^note: .*/etc/letsencrypt/live/${HOST}/${name} is not on this machine`, 'm'));
    }
    const place = scene.freshDirectory();
    const [cert, key] = [join(place, 'cert.pem'), join(place, 'key.pem')];
    writeFileSync(cert, '');
    const { stderr: half } = await scene.local('--hostname', HOST, '--server-cert', cert, '--server-key', key);
    assert.doesNotMatch(half, /cert\.pem is not/);
    assert.match(half, /key\.pem is not on this machine/);
  });
});

describe('postern origin config --lines', () => {
  test('prints what goes into a server block that is there, as the API makes it', async () => {
    const { code, stdout, stderr } = await scene.local('--hostname', HOST, '--lines');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^# Locks www\.example\.test of the zone example\.test\.\n# Goes into the server \{ \}/);
    assert.match(stdout, /^ssl_verify_client on;$/m);
    assert.doesNotMatch(stdout, /server \{$|proxy_pass|listen /m);
    assert.doesNotMatch(stderr, /is not on this machine/, 'the certificate is that of the block');
    const wish = { server: 'nginx', hostnames: [HOST], mode: 'enforce', lines: true };
    const path = `/postern/v1/zones/${scene.zone}/origin_config`;
    const { result } = await scene.postern.call<{ readonly text: string }>('POST', path, wish);
    const withoutBundle = (text: string) => text.replaceAll(/"[^"]*bundle\.pem"/g, '"BUNDLE"');
    assert.equal(withoutBundle(stdout), withoutBundle(result.text));
  });

  test('writes the format of the log beside them, and says where it goes', async () => {
    const place = scene.freshDirectory();
    const out = join(place, 'lines.conf');
    const { code, stderr } = await scene.local('--hostname', HOST, '--lines', '--watch', '--out', out);
    assert.equal(code, 0, stderr);
    const format = join(place, `00-postern-${HOST}.conf`);
    assert.ok(
      stderr.includes(`note: Copy ${format} to /etc/nginx/conf.d/00-postern-${HOST}.conf before the lines go in.\n`),
      stderr,
    );
    const [, name = ''] = /^access_log "[^"]+" (\S+?);?(?: |$)/m.exec(readFileSync(out, 'utf8')) ?? [];
    assert.match(readFileSync(format, 'utf8'), new RegExp(`^log_format ${name} `, 'm'));
  });

  test('goes with nothing that the block says itself, and into no other server', async () => {
    const { code, stderr } = await scene.local('--hostname', HOST, '--lines', '--upstream', 'http://127.0.0.1:1');
    assert.equal(code, 2, stderr);
    assert.match(stderr, /--lines.*--upstream/);
    const other = ['origin', 'config', 'caddy', '--zone', 'example.test', '--hostname', HOST, '--lines'];
    assertFailure(await run([...other, '--data', scene.postern.dir]), 2, /--lines .*lines of the lock alone go into/);
  });
});

describe('several names', () => {
  before(async () => {
    const { result } = await scene.postern.call<{ readonly id: string }>('POST', '/zones', { name: 'other.test' });
    const record = { type: 'A', name: 'shop', content: '127.0.0.1', proxied: true };
    await scene.postern.call('POST', `/zones/${result.id}/dns_records`, record);
    await scene.postern.call('PUT', `/zones/${result.id}/origin_tls_client_auth/settings`, { enabled: true });
  });
  const zones = ['--zone', 'example.test', '--zone', 'other.test', '--hostname', HOST];
  const several = (server: string, place: string, ...argv: readonly string[]) => {
    const out = ['--data', scene.postern.dir, '--out', join(place, 'made.conf')];
    return run(['origin', 'config', server, ...out, ...zones, ...argv]);
  };
  const made = (place: string) => readFileSync(join(place, 'made.conf'), 'utf8');

  test('of several zones each have their bundle, their content and their certificate', async () => {
    const place = scene.freshDirectory();
    const names = [
      '--hostname',
      'shop.other.test=/srv/shop',
      '--open-name',
      'status.example.test=http://127.0.0.1:4000',
    ];
    const all = ['--server-cert', '/etc/ssl/all.pem', '--server-key', '/etc/ssl/all.key'];
    const own = [
      '--server-cert',
      'shop.other.test=/etc/ssl/shop.pem',
      '--server-key',
      'shop.other.test=/etc/ssl/s.key',
    ];
    const { code, stderr } = await several('nginx', place, ...names, ...all, ...own);
    assert.equal(code, 0, stderr);
    const [, ...blocks] = made(place).split(/^ *server_name /m);
    const block = (name: string) => blocks.find((text) => text.startsWith(`${name};`)) ?? assert.fail(name);
    assert.match(block(HOST), /client_certificate ".*\/postern-example\.test-bundle\.pem";/);
    assert.match(block(HOST), /ssl_certificate "\/etc\/ssl\/all\.pem";/);
    assert.match(block('shop.other.test'), /client_certificate ".*\/postern-other\.test-bundle\.pem";/);
    assert.match(block('shop.other.test'), /ssl_certificate "\/etc\/ssl\/shop\.pem";/);
    assert.match(block('shop.other.test'), /root "\/srv\/shop";/);
    assert.match(block('status.example.test'), /ssl_verify_client off;/);
    assert.match(stderr, /^note: status\.example\.test is open to everybody, as asked for\./m);
    const bundles = ['example.test', 'other.test'].map((zone) =>
      readFileSync(join(place, `postern-${zone}-bundle.pem`), 'utf8'),
    );
    assert.notEqual(bundles[0], bundles[1]);
  });

  test('that belong to no zone, twice to one, or share one bundle file are refused, and nothing is written', async () => {
    for (const [argv, words] of [
      [
        ['--hostname', 'www.third.test'],
        /www\.third\.test lies in none of the zones given \(example\.test, other\.test\)/,
      ],
      [['--open-name', HOST], /--open-name "www\.example\.test": this name is given twice/],
      [
        ['--hostname', 'shop.other.test', '--bundle', '/tmp/one.pem'],
        /--bundle names one file, but 2 bundles are needed/,
      ],
      [['--server-cert', 'third.test=/a.pem'], /--server-cert "third\.test=\/a\.pem" is for no name given/],
      [['--server-cert', '/a.pem', '--server-cert', '/b.pem'], /--server-cert is given twice for all names/],
    ] as const) {
      const place = scene.freshDirectory();
      assertFailure(await several('nginx', place, ...argv), 2, words);
      assert.deepEqual(readdirSync(place), []);
    }
  });

  test('lie in a list beside the configuration of HAProxy', async () => {
    const place = scene.freshDirectory();
    const { code, stderr } = await several('haproxy', place, '--hostname', 'shop.other.test', '--origin-ca');
    assert.equal(code, 0, stderr);
    const list = /crt-list "([^"]+)"/.exec(made(place))?.[1] ?? '';
    assert.match(stderr, new RegExp(`^note: wrote ${list}, which the configuration reads`, 'm'));
    const lines = readFileSync(list, 'utf8').split('\n');
    for (const [name, zone] of [
      [HOST, 'example.test'],
      ['shop.other.test', 'other.test'],
    ] as const) {
      const options = `[ca-file ${place}/postern-${zone}-bundle.pem verify required]`;
      assert.ok(lines.includes(`${place}/postern-${zone}-origin.pem ${options} ${name}`), lines.join('\n'));
    }
    if (existsSync('/usr/sbin/haproxy')) {
      const checked = spawnSync('/usr/sbin/haproxy', ['-c', '-f', join(place, 'made.conf')], { encoding: 'utf8' });
      assert.equal(checked.status, 0, checked.stderr);
    }
  });

  test('come with the CAs one by one for Caddy', async () => {
    const place = scene.freshDirectory();
    const { code, stderr } = await several('caddy', place, '--origin-ca');
    assert.equal(code, 0, stderr);
    const file = join(place, 'postern-example.test-bundle.pem.caddy');
    assert.ok(made(place).includes(`import "${file}"`));
    assert.match(readFileSync(file, 'utf8'), /^\ttrusted_ca_cert MI/m);
  });
});

describe('a certificate of the Origin CA', () => {
  const asked = (place: string, ...argv: readonly string[]) =>
    scene.local('--hostname', HOST, '--origin-ca', '--out', join(place, 'made.conf'), ...argv);
  const cert = (place: string) => join(place, 'postern-example.test-origin.pem');
  const issued = async () =>
    (
      await scene.postern.call<readonly { readonly revoked_at?: string }[]>(
        'GET',
        `/certificates?zone_id=${scene.zone}`,
      )
    ).result;

  test('is made for the names, with a key that only its owner reads, and used again the next time', async () => {
    const place = scene.freshDirectory();
    const first = await asked(place, '--open-name', 'status.example.test=http://127.0.0.1:4000');
    assert.equal(first.code, 0, first.stderr);
    const [text, key] = [readFileSync(cert(place), 'utf8'), readFileSync(`${cert(place)}.key`, 'utf8')];
    const certificate = new X509Certificate(text);
    assert.equal(certificate.subjectAltName, `DNS:${HOST}, DNS:status.example.test`);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    assert.equal(statSync(`${cert(place)}.key`).mode & 0o777, 0o600);
    assert.equal(statSync(cert(place)).mode & 0o777, 0o644);
    assert.ok(readFileSync(join(place, 'made.conf'), 'utf8').includes(`ssl_certificate_key "${cert(place)}.key";`));
    const count = (await issued()).length;
    const again = await asked(place);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(readFileSync(cert(place), 'utf8'), text);
    assert.equal((await issued()).length, count);
  });

  test('that is there and does not fit is never overwritten', async () => {
    const place = scene.freshDirectory();
    assert.equal((await asked(place)).code, 0);
    const text = readFileSync(cert(place), 'utf8');
    const open = ['--open-name', 'status.example.test=http://127.0.0.1:4000'];
    assertFailure(await asked(place, ...open), 1, /it is not for status\.example\.test; it is never overwritten/);
    writeFileSync(`${cert(place)}.key`, 'none');
    assertFailure(await asked(place), 1, /is there, but There is no private key/);
    rmSync(`${cert(place)}.key`);
    assertFailure(await asked(place), 1, /its other half is missing/);
    assert.equal(readFileSync(cert(place), 'utf8'), text);
  });

  test('is revoked and taken away where the configuration cannot be written', async () => {
    const place = scene.freshDirectory();
    mkdirSync(join(place, 'made.conf'));
    const before = (await issued()).filter((one) => one.revoked_at === undefined).length;
    assertFailure(await asked(place), 3, /cannot be written to .* \(EISDIR\)/);
    assert.deepEqual(readdirSync(place), ['made.conf']);
    assert.equal((await issued()).filter((one) => one.revoked_at === undefined).length, before);
  });

  test('is not made beside another for the same names, nor for a name outside the zones', async () => {
    const place = scene.freshDirectory();
    const both = await asked(place, '--server-cert', '/a.pem', '--server-key', '/a.key');
    assertFailure(both, 2, /--origin-ca and a --server-cert for all names exclude each other/);
    const outside = await asked(place, '--open-name', 'www.third.test');
    assertFailure(outside, 2, /www\.third\.test lies in none of the zones given/);
    assert.deepEqual(readdirSync(place), []);
  });
});

describe('the version of the server', () => {
  test('is that of the one on this machine unless it is given, and either is said', async () => {
    const found = await scene.local('--hostname', HOST);
    assert.match(found.stderr, /^note: (?:Made for nginx \d+\.\d+\.\d+, as \/.*nginx says|No nginx on this machine)/m);
    const given = await scene.local('--hostname', HOST, '--server-version', '1.27.0');
    assert.doesNotMatch(given.stderr, /Made for nginx|No nginx/);
    assert.match(given.stdout, /^ *http2 on;$/m);
    assertFailure(await scene.local('--hostname', HOST, '--server-version', '1.18.0'), 2, /nginx 1\.19\.4 is needed/);
  });
});

describe('postern origin config fails with a sentence and what to do', () => {
  test('where --out is a directory', async () => {
    const told = await scene.local('--hostname', HOST, '--out', scene.freshDirectory());
    assertFailure(told, 3, /cannot be written to .* \(EISDIR\)/);
  });

  test('where no Postern runs in the data directory', async () => {
    const data = scene.freshDirectory();
    for (const none of [data, join(data, 'nodata')]) {
      assertFailure(await scene.config('--hostname', HOST, '--data', none), 2, /No Postern is running in .*place-/);
    }
  });

  test('where what it left in the data directory is garbled', async () => {
    const data = scene.freshDirectory();
    for (const text of ['', '{"api": 1}', 'null', '{"api"', '{"api": "a b"}']) {
      writeFileSync(join(data, 'listening.json'), text);
      const told = await scene.config('--hostname', HOST, '--data', data);
      assertFailure(told, 2, /listening\.json does not say where an API listens/);
    }
  });

  test('where the API wants a token, or another one, and shows no path of the API', async () => {
    for (const [argv, words] of [
      [['--api', scene.postern.base], /asks for a token/],
      [['--data', scene.postern.dir, '--token', 'x'.repeat(40)], /does not accept the token/],
    ] as const) {
      const told = await scene.config('--hostname', HOST, ...argv);
      assertFailure(told, 2, words);
      assert.doesNotMatch(told.stderr, /client\/v4|bootstrap-token/);
      assert.match(told.stderr, /POSTERN_TOKEN/);
    }
  });

  test('and the API can be named where the data directory holds only the token', async () => {
    const data = scene.freshDirectory();
    writeFileSync(join(data, 'bootstrap-token'), readFileSync(join(scene.postern.dir, 'bootstrap-token')));
    const { code, stderr } = await scene.config('--hostname', HOST, '--data', data, '--api', scene.postern.base);
    assert.equal(code, 0, stderr);
  });
});
