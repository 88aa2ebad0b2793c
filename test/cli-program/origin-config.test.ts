import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { createAuthority, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { type Ended, run } from '../scenarios/program.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';

const HOST = 'www.example.test';

let scratch: Scratch;
let postern: Postern;
let zone = '';

before(async () => {
  scratch = scratchDirectory();
  postern = await startPostern();
  const { result } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'example.test' });
  zone = result.id;
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
  await postern.call('POST', `/zones/${zone}/dns_records`, record);
  await postern.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
});
after(async () => {
  await postern?.[Symbol.asyncDispose]();
  scratch?.[Symbol.dispose]();
});

let places = 0;
function freshDirectory(): string {
  places += 1;
  const path = join(scratch.path, `place-${places}`);
  mkdirSync(path);
  return path;
}

function config(...argv: readonly string[]): Promise<Ended> {
  const bundle = join(freshDirectory(), 'bundle.pem');
  return run(['origin', 'config', 'nginx', '--zone', 'example.test', '--bundle', bundle, ...argv]);
}

function local(...argv: readonly string[]): Promise<Ended> {
  return config('--data', postern.dir, ...argv);
}

function assertFailure({ code, stderr }: Ended, expected: number, words: RegExp): void {
  const [first = '', fix = '', ...rest] = stderr.trimEnd().split('\n');
  assert.equal(code, expected, stderr);
  assert.match(first, /^postern: /);
  assert.match(first, words);
  assert.match(fix, /^ {2}[A-Z]/, stderr);
  assert.deepEqual(rest, []);
}

describe('a file of revocation lists', () => {
  const place = () => join(freshDirectory(), 'lists.crl');
  const asked = (crl: string) => local('--hostname', HOST, '--crl', crl);

  test('goes into the configuration, with what it needs from then on', async () => {
    const crl = place();
    const { code, stderr } = await run(['ca', 'crl', '--data', postern.dir, '--zone', 'example.test', '--out', crl]);
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
    writeFileSync(crl, await (await fetch(`${postern.base}/ssl/static/authenticated_origin_pull_ca.pem`)).text());
    assertFailure(await asked(crl), 1, /X509 CRL, not CERTIFICATE/);
    writeFileSync(crl, await (await fetch(`${postern.base}/ssl/static/authenticated_origin_pull_ca.crl`)).text());
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
    const { code, stderr } = await local('--hostname', 'wwww.example.test');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^note: No proxied record leads here yet: .*no record names this host/m);
    const { stderr: right } = await local('--hostname', HOST);
    assert.doesNotMatch(right, /No proxied record/);
  });

  test('that the edge pulls over plain HTTP', async () => {
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
    const { stderr } = await local('--hostname', HOST);
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'full' });
    assert.match(stderr, /^note: The edge does not pull over TLS here yet: .*flexible/m);
  });

  test('which of the files of the server are not there', async () => {
    const { stderr } = await local('--hostname', HOST);
    for (const name of ['fullchain.pem', 'privkey.pem']) {
      assert.match(stderr, new RegExp(`^note: .*/etc/letsencrypt/live/${HOST}/${name} is not on this machine`, 'm'));
    }
    const place = freshDirectory();
    const [cert, key] = [join(place, 'cert.pem'), join(place, 'key.pem')];
    writeFileSync(cert, '');
    const { stderr: half } = await local('--hostname', HOST, '--server-cert', cert, '--server-key', key);
    assert.doesNotMatch(half, /cert\.pem is not/);
    assert.match(half, /key\.pem is not on this machine/);
  });
});

describe('postern origin config fails with a sentence and what to do', () => {
  test('where --out is a directory', async () => {
    const told = await local('--hostname', HOST, '--out', scratch.path);
    assertFailure(told, 3, /cannot be written to .* \(EISDIR\)/);
  });

  test('where no Postern runs in the data directory', async () => {
    const data = freshDirectory();
    for (const none of [data, join(data, 'nodata')]) {
      assertFailure(await config('--hostname', HOST, '--data', none), 2, /No Postern is running in .*place-/);
    }
  });

  test('where what it left in the data directory is garbled', async () => {
    const data = freshDirectory();
    for (const text of ['', '{"api": 1}', 'null', '{"api"', '{"api": "a b"}']) {
      writeFileSync(join(data, 'listening.json'), text);
      const told = await config('--hostname', HOST, '--data', data);
      assertFailure(told, 2, /listening\.json does not say where an API listens/);
    }
  });

  test('where the API wants a token, or another one, and shows no path of the API', async () => {
    for (const [argv, words] of [
      [['--api', postern.base], /asks for a token/],
      [['--data', postern.dir, '--token', 'x'.repeat(40)], /does not accept the token/],
    ] as const) {
      const told = await config('--hostname', HOST, ...argv);
      assertFailure(told, 2, words);
      assert.doesNotMatch(told.stderr, /client\/v4|bootstrap-token/);
      assert.match(told.stderr, /POSTERN_TOKEN/);
    }
  });

  test('and the API can be named where the data directory holds only the token', async () => {
    const data = freshDirectory();
    writeFileSync(join(data, 'bootstrap-token'), readFileSync(join(postern.dir, 'bootstrap-token')));
    const { code, stderr } = await config('--hostname', HOST, '--data', data, '--api', postern.base);
    assert.equal(code, 0, stderr);
  });
});
