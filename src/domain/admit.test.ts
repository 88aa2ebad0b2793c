import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AdmitPolicy, admit, DENIALS, type DenialCode, type Peer } from './admit.ts';
import type { X509Facts } from './certificate.ts';
import { instant } from './ids.ts';
import { ca, facts, frozen, host, NOW } from './zone.fixture.ts';

const URI = 'postern://installation.test/zone/1';
const ROOT = ca('root');
const INTERMEDIATE = ca('intermediate');
const LEAF = facts('leaf', { uris: [URI] });
const SNI = host('www.example.test');

/** Somebody who meets every demand of `STRICT`. */
const GOOD: Peer = frozen({ leaf: LEAF, path: [LEAF, INTERMEDIATE, ROOT], resumed: false, sni: SNI });

/** Demands all that can be demanded. */
const STRICT: AdmitPolicy = {
  mode: 'enforce',
  anchors: new Set([ROOT.fingerprint]),
  uris: new Set([URI, 'postern://installation.test/zone/2']),
  pins: new Set([LEAF.fingerprint]),
  names: new Set([SNI]),
};

/** Demands the least: any leaf under the anchor. */
const LEAST: AdmitPolicy = { ...STRICT, uris: null, pins: null, names: null };

function showing(over: Partial<X509Facts>): Peer {
  const leaf = { ...LEAF, ...over };
  return { ...GOOD, leaf, path: [leaf, INTERMEDIATE, ROOT] };
}

/** One way to fail each demand, in the order in which they are made. */
const FAILINGS: readonly (readonly [DenialCode, Peer, AdmitPolicy])[] = [
  ['misdirected', { ...GOOD, sni: host('other.example.test') }, STRICT],
  ['misdirected', { ...GOOD, sni: null }, STRICT],
  ['resumed_without_certificate', { ...GOOD, leaf: null, path: null, resumed: true }, STRICT],
  ['no_certificate', { ...GOOD, leaf: null, path: null }, STRICT],
  ['not_verified', { ...GOOD, path: null }, STRICT],
  ['not_verified', { ...GOOD, path: [] }, STRICT],
  ['not_verified', { ...GOOD, path: [facts('somebody else'), INTERMEDIATE, ROOT] }, STRICT],
  ['not_verified', { ...GOOD, path: [INTERMEDIATE, ROOT] }, STRICT],
  ['foreign_anchor', { ...GOOD, path: [LEAF, ca('foreign')] }, STRICT],
  ['foreign_anchor', { ...GOOD, path: [LEAF, ROOT, ca('foreign')] }, STRICT],
  ['foreign_anchor', GOOD, { ...STRICT, anchors: new Set() }],
  ['not_a_leaf', showing({ isCa: true }), STRICT],
  ['not_for_clients', showing({ extendedKeyUsage: ['serverAuth'] }), STRICT],
  ['not_for_clients', showing({ extendedKeyUsage: [] }), STRICT],
  ['cannot_sign', showing({ keyUsage: ['keyEncipherment'] }), STRICT],
  ['outside_validity', showing({ notAfter: instant(NOW - 1) }), STRICT],
  ['outside_validity', showing({ notBefore: instant(NOW + 1) }), STRICT],
  ['outside_validity', { ...GOOD, path: [LEAF, INTERMEDIATE, { ...ROOT, notAfter: instant(NOW - 1) }] }, STRICT],
  ['outside_validity', { ...GOOD, path: [LEAF, { ...INTERMEDIATE, notBefore: instant(NOW + 1) }, ROOT] }, STRICT],
  ['other_name', showing({ uris: [] }), STRICT],
  ['other_name', showing({ uris: [`${URI}0`, URI.toUpperCase()] }), STRICT],
  ['other_name', GOOD, { ...STRICT, uris: new Set() }],
  ['not_pinned', GOOD, { ...STRICT, pins: new Set([facts('another').fingerprint]) }],
  ['not_pinned', GOOD, { ...STRICT, pins: new Set() }],
];

test('whoever meets every demand is let in, by name of the certificate', () => {
  for (const policy of [STRICT, LEAST]) {
    assert.deepEqual(admit(GOOD, policy, NOW), { kind: 'admit', peer: LEAF.fingerprint });
  }
});

describe('whoever fails one demand stays outside', () => {
  for (const [because, peer, policy] of FAILINGS) {
    const how = JSON.stringify({
      ...peer,
      leaf: peer.leaf?.subject ?? null,
      path: peer.path?.map(({ subject }) => subject),
    });
    test(`${because}: ${how}`, () => {
      assert.deepEqual(admit(peer, policy, NOW), { kind: 'deny', because });
      assert.deepEqual(admit(peer, { ...policy, mode: 'watch' }, NOW), { kind: 'watch', because });
    });
  }

  test('and there is no denial that nothing leads to', () => {
    assert.deepEqual(new Set(FAILINGS.map(([because]) => because)), new Set(Object.keys(DENIALS)));
  });
});

test('of several reasons the first is given: name asked for, certificate, path, fitness, name carried, pin', () => {
  const expired = instant(NOW - 1);
  const worst = { isCa: true, extendedKeyUsage: [], keyUsage: [], notAfter: expired, uris: [] };
  const path = (over: Partial<X509Facts>) => [{ ...LEAF, ...over }, INTERMEDIATE, ROOT];
  const peer = (over: Partial<X509Facts>, rest: Partial<Peer> = {}): Peer => ({
    ...GOOD,
    leaf: { ...LEAF, ...over },
    path: path(over),
    ...rest,
  });
  const policy: AdmitPolicy = { ...STRICT, pins: new Set() };
  const mended: readonly Peer[] = [
    { leaf: null, path: null, resumed: true, sni: null },
    { leaf: null, path: null, resumed: true, sni: SNI },
    { leaf: null, path: null, resumed: false, sni: SNI },
    peer(worst, { path: null }),
    peer(worst, { path: [...path(worst), ca('foreign')] }),
    peer(worst),
    peer({ ...worst, isCa: false }),
    peer({ ...worst, isCa: false, extendedKeyUsage: null }),
    peer({ notAfter: expired, uris: [] }),
    peer({ uris: [] }),
    peer({}),
  ];
  const reasons = mended.map((one) => admit(one, policy, NOW)).map((one) => ('because' in one ? one.because : ''));
  assert.deepEqual(reasons, [
    'misdirected',
    'resumed_without_certificate',
    'no_certificate',
    'not_verified',
    'foreign_anchor',
    'not_a_leaf',
    'not_for_clients',
    'cannot_sign',
    'outside_validity',
    'other_name',
    'not_pinned',
  ]);
});

test('the first and the last moment of a certificate count, one millisecond more does not', () => {
  for (const at of [0, 1, 2]) {
    const end = instant(NOW + 500);
    const path = (GOOD.path ?? []).map((one, index) =>
      index === at ? { ...one, notBefore: NOW, notAfter: end } : one,
    );
    const peer = { ...GOOD, leaf: path[0] ?? LEAF, path };
    assert.equal(admit(peer, STRICT, NOW).kind, 'admit');
    assert.equal(admit(peer, STRICT, end).kind, 'admit');
    assert.equal(admit(peer, STRICT, instant(NOW - 1)).kind, 'deny');
    assert.equal(admit(peer, STRICT, instant(end + 1)).kind, 'deny');
  }
});

test('without a usage extension any purpose is allowed (RFC 5280 §4.2.1.12)', () => {
  assert.equal(admit(showing({ extendedKeyUsage: null, keyUsage: null }), STRICT, NOW).kind, 'admit');
  const both = showing({
    extendedKeyUsage: ['serverAuth', 'clientAuth'],
    keyUsage: ['keyAgreement', 'digitalSignature'],
  });
  assert.equal(admit(both, STRICT, NOW).kind, 'admit');
});

test('a resumed session is judged by its certificate like any other', () => {
  assert.equal(admit({ ...GOOD, resumed: true }, STRICT, NOW).kind, 'admit');
  assert.equal(admit({ ...showing({ uris: [] }), resumed: true }, STRICT, NOW).kind, 'deny');
});

test('an empty set of anchors admits nobody, however little else is demanded', () => {
  assert.deepEqual(admit(GOOD, { ...LEAST, anchors: new Set() }, NOW), { kind: 'deny', because: 'foreign_anchor' });
});

test('only the end of the path is an anchor: one in the middle proves nothing', () => {
  const anchors = new Set([LEAF.fingerprint, INTERMEDIATE.fingerprint]);
  assert.deepEqual(admit(GOOD, { ...LEAST, anchors }, NOW), { kind: 'deny', because: 'foreign_anchor' });
  const shorter = { ...GOOD, path: [LEAF, INTERMEDIATE] };
  assert.equal(admit(shorter, { ...LEAST, anchors }, NOW).kind, 'admit');
});

test('a door that serves any name lets in whoever names none', () => {
  assert.equal(admit({ ...GOOD, sni: null }, LEAST, NOW).kind, 'admit');
});

test('every denial has a status fit for its kind and one sentence for the log', () => {
  for (const [code, { status, text }] of Object.entries(DENIALS)) {
    assert.ok([400, 403, 421].includes(status), code);
    assert.match(text, /^[A-Z].*[^.\s]$/, code);
  }
  assert.equal(DENIALS.misdirected.status, 421);
});
