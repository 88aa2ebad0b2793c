import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Hostname, hostnamePattern, instant } from '../../domain/ids.ts';
import type { X509Facts } from '../../domain/certificate.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { doubtsOf, doubtText, endingDoubt } from './doubts.ts';

const NOW = instant(Date.UTC(2031, 0, 1));
const DAY = 86_400_000;

function names(...texts: readonly string[]): [Hostname, ...Hostname[]] {
  const [first, ...rest] = texts.map((text) => hostnamePattern(text) ?? assert.fail(text));
  return [first ?? assert.fail(), ...rest];
}

async function authority(commonName: string, issuer: Authority | null, zone: string | null): Promise<Authority> {
  return createAuthority({
    profile: issuer === null ? PROFILES.pullRoot : PROFILES.pullIntermediate,
    subject: { commonName },
    key: await generateKey(),
    validity: validFor(NOW, 365 * DAY),
    ...(issuer === null ? {} : { issuer }),
    ...(zone === null ? {} : { permitted: { uriHosts: [], dnsNames: names(zone) } }),
  });
}

let root: Authority;
let shop: Authority;
let blog: Authority;

before(async () => {
  root = await authority('root', null, null);
  shop = await authority('of the shop', root, 'shop.test');
  blog = await authority('of the blog', root, 'blog.test');
});

async function shown(...dnsNames: readonly string[]): Promise<X509Facts> {
  const key = await generateKey();
  const { certificate } = issueLeaf(root, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'www.shop.test' },
    key,
    validity: validFor(NOW, 30 * DAY),
    names: dnsNames.map((value) => ({ kind: 'dns', value })),
  });
  return certificate;
}

async function uncovered(certified: readonly string[], hostnames: readonly string[], serverNames: string[] = []) {
  const site = { hostnames: names(...hostnames), serverNames: serverNames.length === 0 ? [] : names(...serverNames) };
  const doubts = doubtsOf(site, { leaf: await shown(...certified), cas: [root.certificate] });
  assert.ok(doubts.every(({ code }) => code === 'name_not_shown'));
  return doubts.flatMap((doubt) => doubt.names);
}

test('a certificate covers the names in it, and by a wildcard those with one label more', async () => {
  const wild = ['shop.test', '*.SHOP.test'];
  assert.deepEqual(await uncovered(wild, ['shop.test', 'www.shop.test', '*.shop.test']), []);
  assert.deepEqual(await uncovered(wild, ['a.b.shop.test', 'www.shop.test', '*.b.shop.test', 'www.blog.test']), [
    'a.b.shop.test',
    '*.b.shop.test',
    'www.blog.test',
  ]);
});

test('a wildcard above the zone and a common name cover nothing', async () => {
  assert.deepEqual(await uncovered(['*.test'], ['www.shop.test']), ['www.shop.test']);
  assert.deepEqual(await uncovered([], ['www.shop.test']), ['www.shop.test']);
  assert.deepEqual(await uncovered(['www.shop.test'], ['*.shop.test']), ['*.shop.test']);
});

test('where the edge asks for server names, those are what the certificate must have', async () => {
  assert.deepEqual(await uncovered(['origin.test'], ['www.shop.test'], ['origin.test']), []);
  assert.deepEqual(await uncovered(['www.shop.test'], ['www.shop.test'], ['origin.test']), ['origin.test']);
});

const refused = async (cas: readonly Authority[], hostnames: readonly string[]) => {
  const site = { hostnames: names(...hostnames), serverNames: [] };
  const files = { leaf: await shown(...hostnames), cas: cas.map(({ certificate }) => certificate) };
  const doubts = doubtsOf(site, files);
  assert.ok(doubts.every(({ code }) => code === 'bundle_of_others'));
  return doubts.flatMap((doubt) => doubt.names);
};

test('a bundle whose CAs may certify another zone alone is told of, with the names that it shuts out', async () => {
  assert.deepEqual(await refused([root, blog], ['www.shop.test', 'blog.test', '*.blog.test']), ['www.shop.test']);
  assert.deepEqual(await refused([blog], ['notblog.test']), ['notblog.test']);
  assert.deepEqual(await refused([root, shop], ['shop.test', 'www.shop.test', '*.a.shop.test']), []);
});

test('a bundle with a CA that may certify the name, or that nothing binds, is not', async () => {
  const other = await authority('another root', null, null);
  assert.deepEqual(await refused([root, blog, shop], ['www.shop.test']), []);
  assert.deepEqual(await refused([root], ['www.shop.test']), []);
  assert.deepEqual(await refused([root, blog, other], ['www.shop.test']), []);
});

test('what binds a CA binds those below it', async () => {
  const below = await authority('below the blog', blog, null);
  assert.deepEqual(await refused([root, blog, below], ['www.shop.test', 'www.blog.test']), ['www.shop.test']);
});

test('it is said of which names, which file, why, and what the file is for instead', async () => {
  const site = {
    hostnames: names(...Array.from({ length: 25 }, (_, index) => `h${index}.shop.test`)),
    serverNames: [],
    credential: { certificate: '/c.pem', key: '/k.pem' },
    policy: { bundle: '/bundle.pem' },
  };
  const files = { leaf: await shown('www.else.test'), cas: [root.certificate, blog.certificate] };
  const [cert, bundle] = doubtsOf(site, files).map((doubt) => doubtText(doubt, site));
  assert.match(cert?.names ?? '', /^h0\.shop\.test h1\.shop\.test .* h19\.shop\.test and 5 more$/);
  assert.deepEqual([cert?.file, bundle?.file], ['/c.pem', '/bundle.pem']);
  assert.match(cert?.because ?? '', /does not name them.*\(it is for www\.else\.test\)$/);
  assert.match(bundle?.because ?? '', /another CA.*\(it is for blog\.test\)$/);
});

test('a certificate is spoken of from two weeks before its end on, and otherwise once it is over', async () => {
  const leaf = await shown('www.shop.test');
  const at = (moment: number) => endingDoubt(leaf, instant(moment));
  assert.equal(at(leaf.notAfter - 14 * DAY - 1), null);
  assert.equal(at(leaf.notAfter - 14 * DAY), 'certificate_ending');
  assert.equal(at(leaf.notAfter), 'certificate_ending');
  assert.equal(at(leaf.notAfter + 1), 'certificate_ended');
});
