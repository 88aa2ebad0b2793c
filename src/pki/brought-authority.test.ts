import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname, hostnamePattern, instant } from '../domain/ids.ts';
import { type BroughtAuthority, broughtFault } from './brought-authority.ts';
import { type Authority, type CertificateRequest, createAuthority, validFor } from './issue.ts';
import { generateKey } from './keys.ts';
import { PROFILES, type Profile } from './profiles.ts';

const DAY = 86_400_000;
const NOW = instant(Date.UTC(2030, 0, 1));
const ISSUES = {
  uri: `postern://0123456789abcdef.postern.internal/zone/${'a'.repeat(32)}`,
  zoneName: hostname('example.test') ?? assert.fail(),
  wildcard: hostnamePattern('*.example.test') ?? assert.fail(),
};

async function ca(commonName: string, over: Partial<CertificateRequest> = {}, issuer?: Authority): Promise<Authority> {
  const profile: Profile = issuer === undefined ? PROFILES.pullRoot : PROFILES.pullIntermediate;
  const key = await generateKey();
  const request = { profile, subject: { commonName }, validity: validFor(NOW, 400 * DAY), key, ...over };
  return createAuthority(issuer === undefined ? request : { ...request, issuer });
}

const ROOT = await ca('house root');
const GOOD = await ca('house CA', {}, ROOT);

function brought(intermediate: Authority, root: Authority = ROOT, key = intermediate.key): BroughtAuthority {
  return { root: root.certificate, intermediate: intermediate.certificate, key };
}

async function faultOf(what: BroughtAuthority) {
  return broughtFault(what, ISSUES, NOW);
}

test('an intermediate below its root that may issue for clients is fit', async () => {
  assert.equal(await faultOf(brought(GOOD)), null);
  const bound = {
    uriHosts: [hostname('0123456789abcdef.postern.internal') ?? assert.fail()],
    dnsNames: [ISSUES.zoneName],
  };
  assert.equal(await faultOf(brought(await ca('bound', { permitted: bound }, ROOT))), null);
  assert.equal(await faultOf(brought(await ca('rsa', { key: await generateKey('rsa:3072') }, ROOT))), null);
});

const intermediate = PROFILES.pullIntermediate;
const WRONG: readonly (readonly [string, () => Promise<BroughtAuthority>, 'root' | 'intermediate' | 'key', RegExp])[] =
  [
    ['no CA', async () => brought(await ca('leaf', { profile: PROFILES.pullLeaf }, ROOT)), 'intermediate', /not a CA/],
    [
      'a CA that must not sign certificates',
      async () => brought(await ca('x', { profile: { ...intermediate, keyUsage: ['cRLSign'] } }, ROOT)),
      'intermediate',
      /must include keyCertSign/,
    ],
    [
      'a CA that must not sign lists',
      async () => brought(await ca('x', { profile: { ...intermediate, keyUsage: ['keyCertSign'] } }, ROOT)),
      'intermediate',
      /must include cRLSign/,
    ],
    [
      'a CA for servers',
      async () => brought(await ca('x', { profile: { ...intermediate, extendedKeyUsage: ['serverAuth'] } }, ROOT)),
      'intermediate',
      /must include clientAuth/,
    ],
    [
      'a CA for other names',
      async () =>
        brought(
          await ca('x', { permitted: { uriHosts: [], dnsNames: [hostname('other.test') ?? assert.fail()] } }, ROOT),
        ),
      'intermediate',
      /name that a ca above it may not certify \(postern:/,
    ],
    [
      'a CA that ends soon',
      async () => brought(await ca('x', { validity: validFor(NOW, 20 * DAY) }, ROOT)),
      'intermediate',
      /ends on 2030-01-21, must be good for 30 days/,
    ],
    [
      'a CA that is yet to come',
      async () =>
        brought(
          await ca('x', { validity: { notBefore: instant(NOW + DAY), notAfter: instant(NOW + 99 * DAY) } }, ROOT),
        ),
      'intermediate',
      /not valid before 2030-01-02/,
    ],
    [
      'a CA that outlives its root',
      async () => brought(await ca('x', { validity: validFor(NOW, 500 * DAY) }, ROOT)),
      'intermediate',
      /must not outlive its root/,
    ],
    [
      'a CA of another root',
      async () => brought(GOOD, await ca('other root')),
      'intermediate',
      /not signed by the root \(CN=other root\), but by CN=house root/,
    ],
    [
      'a root of the same name and another key',
      async () => brought(GOOD, await ca('house root')),
      'intermediate',
      /not signed by the root/,
    ],
    ['the root itself', async () => brought(ROOT), 'intermediate', /it is the root itself/],
    [
      'a root that allows nothing below',
      async () => {
        const flat = await ca('flat', { profile: { ...PROFILES.pullRoot, ca: { pathLength: 0 } } });
        return brought(await ca('x', {}, flat), flat);
      },
      'root',
      /path length is 0/,
    ],
    ['the key of another CA', async () => brought(GOOD, ROOT, await generateKey()), 'key', /not that of CN=house CA/],
    [
      'an intermediate in place of the root',
      async () =>
        brought(
          await ca('x', { profile: PROFILES.pullIntermediate }, await ca('mid', { profile: PROFILES.pullRoot }, ROOT)),
          await ca('mid', { profile: PROFILES.pullRoot }, ROOT),
        ),
      'root',
      /not signed by itself/,
    ],
  ];

for (const [what, make, which, words] of WRONG) {
  test(`${what} is refused, with what is wrong`, async () => {
    const fault = await faultOf(await make());
    assert.equal(fault?.with, which);
    assert.match(fault.because, words);
  });
}
