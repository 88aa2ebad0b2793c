import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { clientAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';
import { createZone } from './site.ts';

let postern: Postern;
let scratch: Scratch;
let zone = '';
let neighbour = '';

before(async () => {
  scratch = scratchDirectory();
  postern = await startPostern();
  zone = await createZone(postern, 'bundled.test', null);
  neighbour = await createZone(postern, 'other.test', null);
});
after(async () => {
  await postern?.[Symbol.asyncDispose]();
  scratch?.[Symbol.dispose]();
});

const SHARED = '/ssl/static/authenticated_origin_pull_ca.pem';
const bundleOf = (id: string) => `/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`;
// Without a token: an origin that fetches its bundle has none.
const get = (path: string, headers: Readonly<Record<string, string>> = {}) => fetch(postern.base + path, { headers });

describe('the trust bundles', () => {
  test('are public, with entity tag and checksum', async () => {
    for (const path of [SHARED, bundleOf(zone)]) {
      const response = await get(path);
      const text = await response.text();
      assert.equal(response.status, 200);
      assert.match(text, /^-----BEGIN CERTIFICATE-----$/m);
      assert.doesNotMatch(text, /PRIVATE KEY/);
      const sha256 = createHash('sha256').update(text).digest();
      assert.equal(response.headers.get('x-checksum-sha256'), sha256.toString('hex'));
      assert.equal(response.headers.get('repr-digest'), `sha-256=:${sha256.toString('base64')}:`);
      assert.match(response.headers.get('etag') ?? '', /^"[^"]+"$/);
    }
  });

  test('are not sent again to whoever has them', async () => {
    const etag = (await get(bundleOf(zone))).headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get(bundleOf(zone), { 'if-none-match': known });
      assert.equal(response.status, 304, known);
      assert.equal(response.headers.get('etag'), etag);
      assert.equal(await response.text(), '');
    }
    assert.equal((await get(bundleOf(zone), { 'if-none-match': '"other"' })).status, 200);
  });

  test('are one for each zone and another for all', async () => {
    const texts = await Promise.all(
      [SHARED, bundleOf(zone), bundleOf(neighbour)].map(async (path) => (await get(path)).text()),
    );
    const certificates = texts.map((text) => text.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []);
    assert.ok(certificates.every((list) => list.length > 0));
    assert.equal(new Set(certificates.flat()).size, certificates.flat().length, 'a certificate is in two bundles');
    assert.equal((await get(bundleOf('0'.repeat(32)))).status, 404);
  });

  test('change, and their tag with them, when a certificate is uploaded with its issuer', async () => {
    const before = (await get(bundleOf(neighbour))).headers.get('etag');
    const { ca, credential } = await clientAuthority('of the neighbour');
    const body = { certificate: `${credential.cert}${ca}`, private_key: credential.key };
    await postern.call('POST', `/zones/${neighbour}/origin_tls_client_auth`, body);
    const response = await get(bundleOf(neighbour), { 'if-none-match': before ?? '' });
    assert.equal(response.status, 200);
    assert.notEqual(response.headers.get('etag'), before);
    assert.ok((await response.text()).includes(ca.trim()));
  });
});

describe('the bundle file of postern origin config', () => {
  const asked = ['--zone', 'bundled.test', '--hostname', 'www.bundled.test', '--upstream', 'http://127.0.0.1:3000'];
  const config = (bundle: string, ...more: readonly string[]) =>
    run(['origin', 'config', 'nginx', '--data', postern.dir, ...asked, '--bundle', bundle, ...more]);

  test('is byte for byte what the endpoint serves, and is left alone when it is there', async () => {
    const file = join(scratch.path, 'bundle.pem');
    const first = await config(file);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /wrote the trust bundle/);
    const served = await (await get(bundleOf(zone))).text();
    assert.equal(readFileSync(file, 'utf8'), served);
    const second = await config(file);
    assert.equal(second.code, 0, second.stderr);
    assert.doesNotMatch(second.stderr, /wrote/);
    assert.equal(second.stdout, first.stdout);
    assert.equal(readFileSync(file, 'utf8'), served);
  });

  test('lies beside the configuration where it is not named', async () => {
    const out = join(scratch.path, 'site.conf');
    const ended = await run(['origin', 'config', 'apache', '--data', postern.dir, ...asked, '--out', out]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout, '');
    const named = /SSLCACertificateFile "([^"]+)"/.exec(readFileSync(out, 'utf8'))?.[1] ?? '';
    assert.equal(named, join(scratch.path, 'postern-bundled.test-bundle.pem'));
    assert.equal(readFileSync(named, 'utf8'), await (await get(bundleOf(zone))).text());
  });

  test('is refused, never overwritten, where it holds something else', async () => {
    const good = await (await get(bundleOf(zone))).text();
    const wrong: readonly (readonly [what: string, text: string])[] = [
      ["a neighbour's bundle", await (await get(bundleOf(neighbour))).text()],
      ['the shared bundle', await (await get(SHARED)).text()],
      ['half of the bundle', good.slice(0, good.length / 2)],
      ['a garbled bundle', good.replace(/[A-Za-z0-9+/]{20}\n/g, '!!\n')],
      ['nothing', ''],
      ['a page of HTML', '<html>404</html>\n'],
    ];
    for (const [what, text] of wrong) {
      const file = join(scratch.path, 'wrong.pem');
      const out = join(scratch.path, 'never.conf');
      writeFileSync(file, text);
      const ended = await config(file, '--out', out);
      assert.equal(ended.code, 1, `${what}: ${ended.stderr}`);
      assert.match(ended.stderr, /^postern: .*wrong\.pem/, what);
      assert.doesNotMatch(ended.stderr, /\n\s+at /);
      assert.equal(readFileSync(file, 'utf8'), text, `${what} was overwritten`);
      assert.ok(!existsSync(out), `${what}: a configuration was written all the same`);
    }
  });

  test('may hold more than the zone needs, as during a change of authority', async () => {
    const file = join(scratch.path, 'both.pem');
    const { ca } = await clientAuthority('the next');
    const text = `${await (await get(bundleOf(zone))).text()}${ca}`;
    writeFileSync(file, text);
    const ended = await config(file);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(readFileSync(file, 'utf8'), text);
  });
});
