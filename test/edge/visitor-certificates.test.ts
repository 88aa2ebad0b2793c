import assert from 'node:assert/strict';
import { randomUUID, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { certificateId, type Hostname, hostname, instant } from '../../src/domain/ids.ts';
import { createVisitorContexts } from '../../src/edge/visitor-contexts.ts';
import { createAuthority, issueLeaf, type Validity, validFor } from '../../src/pki/issue.ts';
import { generateKey, type KeyType } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { makeZone, must, startTestEdge, type TestZone } from './world.ts';

/** Which certificate a visitor is shown, by real handshakes with a real edge. */

const DAY = 86_400_000;
const now = instant(Date.now());

const ca = createAuthority({
  profile: PROFILES.serverRoot,
  subject: { commonName: 'public root of the test' },
  key: await generateKey(),
  validity: validFor(now, 30 * DAY),
});

interface Bent {
  readonly keyType?: KeyType;
  readonly validity?: Validity;
}

/** An upload as the feed tells it. */
async function uploaded(zone: TestZone, names: readonly string[], bent: Bent = {}) {
  const leaf = issueLeaf(ca, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'uploaded' },
    key: await generateKey(bent.keyType),
    validity: bent.validity ?? validFor(now, DAY),
    names: names.map((value) => ({ kind: 'dns', value })),
  });
  const { certificate } = leaf;
  const id = must(certificateId(randomUUID()));
  const message = {
    kind: 'visitor_certificate',
    zone: zone.id,
    certificate: id,
    names,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    chain: certificate.pem,
    key: leaf.key.reveal(),
  } as const;
  return { id, message, fingerprint: certificate.fingerprint };
}

type Uploaded = Awaited<ReturnType<typeof uploaded>>;

/** Fingerprint of what the edge shows for a name; `null` where the handshake fails. */
function shown(port: number, servername: string, options: object = {}): Promise<string | null> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ...options });
    socket.once('error', () => resolve(null));
    socket.once('secureConnect', () => {
      const peer = socket.getPeerX509Certificate();
      socket.destroy();
      resolve(peer === undefined ? null : peer.fingerprint256.replaceAll(':', '').toLowerCase());
    });
  });
}

async function world(t: Parameters<typeof startTestEdge>[0]) {
  const zone = await makeZone('a.test');
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, []);
  const local = await shown(edge.https, 'www.a.test');
  assert.ok(local);
  const use = (...certificates: readonly Uploaded[]) => {
    for (const { message } of certificates) edge.send(message);
    edge.change(zone, { ...zone.rules, customCertificates: certificates.map(({ id }) => id) }, []);
  };
  return { zone, edge, local, use };
}

test('an upload beats the local CA’s for the names it holds and for no other; without it the local one is back', async (t) => {
  const { zone, edge, local, use } = await world(t);
  const own = await uploaded(zone, ['www.a.test']);
  edge.send(own.message);
  assert.equal(await shown(edge.https, 'www.a.test'), local, 'a key that no revision names is not shown');
  use(own);
  assert.equal(await shown(edge.https, 'www.a.test'), own.fingerprint);
  assert.equal(await shown(edge.https, 'api.a.test'), local);
  use();
  assert.equal(await shown(edge.https, 'www.a.test'), local);
  edge.send({ kind: 'visitor_certificate_dropped', zone: zone.id, certificate: own.id });
  assert.equal(await shown(edge.https, 'www.a.test'), local);
});

test('an exact name beats a wildcard, whatever their priority, and a wildcard stands for one label', async (t) => {
  const { zone, edge, local, use } = await world(t);
  const exact = await uploaded(zone, ['www.a.test']);
  const wildcard = await uploaded(zone, ['*.a.test']);
  use(wildcard, exact);
  assert.equal(await shown(edge.https, 'www.a.test'), exact.fingerprint);
  assert.equal(await shown(edge.https, 'api.a.test'), wildcard.fingerprint);
  assert.equal(await shown(edge.https, 'a.test'), local);
  assert.equal(await shown(edge.https, 'x.y.a.test'), null);
});

test('among several for one name the first of the zone’s rules is shown, and their order is changed by a revision', async (t) => {
  const { zone, edge, use } = await world(t);
  const [one, two] = [await uploaded(zone, ['www.a.test']), await uploaded(zone, ['www.a.test'])];
  use(one, two);
  assert.equal(await shown(edge.https, 'www.a.test'), one.fingerprint);
  use(two, one);
  assert.equal(await shown(edge.https, 'www.a.test'), two.fingerprint);
});

test('RSA and ECDSA stand side by side: each visitor is shown the preferred one of those that it can verify', async (t) => {
  const { zone, edge, local, use } = await world(t);
  const names = ['a.test', '*.a.test'];
  const ec = await uploaded(zone, names);
  const rsa = await uploaded(zone, names, { keyType: 'rsa:2048' });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const onlyRsa = { maxVersion, sigalgs: 'rsa_pss_rsae_sha256:RSA+SHA256' };
    const onlyEc = { maxVersion, sigalgs: 'ECDSA+SHA256' };
    use(ec, rsa);
    assert.equal(await shown(edge.https, 'www.a.test', onlyRsa), rsa.fingerprint);
    assert.equal(await shown(edge.https, 'www.a.test', onlyEc), ec.fingerprint);
    assert.equal(await shown(edge.https, 'www.a.test', { maxVersion }), ec.fingerprint);
    use(rsa, ec);
    assert.equal(await shown(edge.https, 'www.a.test', { maxVersion }), rsa.fingerprint);
    assert.equal(await shown(edge.https, 'www.a.test', onlyEc), ec.fingerprint);
    use(rsa);
    assert.equal(await shown(edge.https, 'www.a.test', onlyEc), local);
  }
});

test('what has expired or has not begun gives way to what is valid', async (t) => {
  const { zone, edge, local, use } = await world(t);
  const expired = await uploaded(zone, ['www.a.test'], {
    validity: { notBefore: instant(now - 2 * DAY), notAfter: instant(now - DAY) },
  });
  const early = await uploaded(zone, ['www.a.test'], {
    validity: { notBefore: instant(now + DAY), notAfter: instant(now + 2 * DAY) },
  });
  const wildcard = await uploaded(zone, ['*.a.test']);
  use(expired, early, wildcard);
  assert.equal(await shown(edge.https, 'www.a.test'), wildcard.fingerprint);
  use(expired, early);
  assert.equal(await shown(edge.https, 'www.a.test'), local);
});

test('a certificate that OpenSSL does not take costs nothing but itself, and is logged', async (t) => {
  const { zone, edge, local, use } = await world(t);
  const [broken, good] = [await uploaded(zone, ['www.a.test']), await uploaded(zone, ['api.a.test'])];
  use({ ...broken, message: { ...broken.message, key: good.message.key } }, good);
  assert.equal(await shown(edge.https, 'www.a.test'), local);
  assert.equal(await shown(edge.https, 'api.a.test'), good.fingerprint);
  assert.ok(edge.logged.some(({ event, certificate }) => event === 'visitor_certificate_unusable' && certificate));
});

test('a zone below another is its own: the wildcard of the zone above is not shown for its name', async (t) => {
  const [above, below] = [await makeZone('a.test'), await makeZone('shop.a.test')];
  const edge = await startTestEdge(t, [above, below]);
  const wildcard = await uploaded(above, ['*.a.test', 'shop.a.test']);
  edge.send(wildcard.message);
  edge.change(above, { ...above.rules, customCertificates: [wildcard.id] }, []);
  assert.equal(await shown(edge.https, 'shop.a.test'), wildcard.fingerprint);
  edge.change(below, below.rules, []);
  assert.notEqual(await shown(edge.https, 'shop.a.test'), wildcard.fingerprint);
  assert.equal(await shown(edge.https, 'www.a.test'), wildcard.fingerprint);
  const own = await uploaded(below, ['shop.a.test']);
  edge.send(own.message);
  edge.change(below, { ...below.rules, customCertificates: [own.id] }, []);
  assert.equal(await shown(edge.https, 'shop.a.test'), own.fingerprint);
});

test('whatever is uploaded where, no zone’s certificate is shown for a name of another zone', async () => {
  const zones = await Promise.all(['a.test', 'b.a.test', 'b.test'].map(makeZone));
  const names = ['a.test', '*.a.test', 'b.a.test', '*.b.a.test', 'b.test', '*.b.test', 'x.a.test', 'x.b.a.test'];
  const holder = (name: Hostname) =>
    zones
      .filter((zone) => name === zone.name || name.endsWith(`.${zone.name}`))
      .toSorted((a, b) => b.name.length - a.name.length)[0];
  const material = await Promise.all(zones.map((zone) => uploaded(zone, [zone.name])));
  const entry = fc.record({
    zone: fc.nat(2),
    names: fc.subarray(names, { minLength: 1 }),
    local: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), fc.constantFrom(...names, 'y.x.a.test'), (entries, asked) => {
      const ids = entries.map(({ local }) => (local ? null : must(certificateId(randomUUID()))));
      const used: number[] = [];
      const contexts = createVisitorContexts({
        asked: () => null,
        holder: (name) => {
          const zone = holder(name);
          return zone && { id: zone.id, customCertificates: ids.filter((id) => id !== null), visitorTls: '1.2' };
        },
        now: () => now,
        log: () => assert.fail('a certificate was not usable'),
      });
      for (const [index, { zone, names: held }] of entries.entries()) {
        const made = material[zone];
        const owner = zones[zone];
        assert.ok(made && owner);
        const reveal = () => {
          used.push(zone);
          return made.message.key;
        };
        contexts.put({
          ...made.message,
          zone: owner.id,
          certificate: ids[index] ?? null,
          names: held,
          // Only the asking is watched: a real Secret tells nobody who looked.
          key: { reveal } as unknown as Parameters<typeof contexts.put>[0]['key'],
        });
      }
      contexts.find(asked, { signatures: [], protocol: 'TLSv1.3', address: '127.0.0.1' });
      const name = hostname(asked);
      for (const zone of used) assert.equal(zones[zone]?.id, name === null ? null : holder(name)?.id);
    }),
    { numRuns: 300 },
  );
});

test('what the edge shows verifies at a visitor that trusts its CA alone', async (t) => {
  const { zone, edge, use } = await world(t);
  const own = await uploaded(zone, ['www.a.test']);
  use(own);
  const strict = { rejectUnauthorized: true, ca: ca.certificate.pem };
  assert.equal(await shown(edge.https, 'www.a.test', strict), own.fingerprint);
  assert.equal(await shown(edge.https, 'api.a.test', strict), null);
  assert.ok(new X509Certificate(own.message.chain).checkHost('www.a.test'));
});
