import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AdmitPolicy, admit, DENIALS, type DenialCode, type Peer } from './admit.ts';
import type { X509Facts } from './certificate.ts';
import { instant } from './ids.ts';
import { ca, DAY, facts, frozen, host, later, NOW } from './zone.fixture.ts';

const URI = 'postern://installation.test/zone/1';
const ROOT = ca('root');
const INTERMEDIATE = ca('intermediate');
const LEAF = facts('leaf', { uris: [URI] });
const SNI = host('www.example.test');

/** Somebody who meets every demand of `STRICT`. */
const GOOD: Peer = frozen({
  leaf: LEAF,
  path: [LEAF, INTERMEDIATE, ROOT],
  standing: { revoked: false, from: NOW, until: later(DAY) },
  resumed: false,
  sni: SNI,
});

/** Demands all that can be demanded. */
const STRICT: AdmitPolicy = {
  mode: 'enforce',
  anchors: new Set([ROOT.fingerprint]),
  uris: new Set([URI, 'postern://installation.test/zone/2']),
  pins: new Set([LEAF.fingerprint]),
  subjects: new Set([LEAF.subject]),
  listed: true,
  own: null,
  names: new Set([SNI]),
};

/** Demands the least: any leaf under the anchor. */
const LEAST: AdmitPolicy = { ...STRICT, uris: null, pins: null, subjects: null, listed: false, names: null };

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
  ['standing_unknown', { ...GOOD, standing: null }, STRICT],
  ['standing_unknown', { ...GOOD, standing: { revoked: false, from: later(1), until: later(DAY) } }, STRICT],
  ['standing_unknown', { ...GOOD, standing: { revoked: true, from: later(-DAY), until: later(-1) } }, STRICT],
  ['revoked', { ...GOOD, standing: { revoked: true, from: NOW, until: NOW } }, STRICT],
  ['other_name', showing({ uris: [] }), STRICT],
  ['other_name', showing({ uris: [`${URI}0`, URI.toUpperCase()] }), STRICT],
  ['other_name', GOOD, { ...STRICT, uris: new Set() }],
  ['not_pinned', GOOD, { ...STRICT, pins: new Set([facts('another').fingerprint]) }],
  ['not_pinned', GOOD, { ...STRICT, pins: new Set() }],
  ['other_subject', GOOD, { ...STRICT, subjects: new Set([`${LEAF.subject}, O=else`, LEAF.subject.slice(1)]) }],
  ['other_subject', GOOD, { ...STRICT, subjects: new Set() }],
];

test('whoever meets every demand is let in, by name of the certificate', () => {
  for (const policy of [STRICT, LEAST]) {
    assert.deepEqual(admit(GOOD, policy, NOW), { kind: 'admit', peer: LEAF.fingerprint, via: 'edge' });
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

test('of several reasons the first is given: name asked for, certificate, path, fitness, lists, name, pin, subject', () => {
  const expired = instant(NOW - 1);
  const worst = { isCa: true, extendedKeyUsage: [], keyUsage: [], notAfter: expired, uris: [] };
  const path = (over: Partial<X509Facts>) => [{ ...LEAF, ...over }, INTERMEDIATE, ROOT];
  const peer = (over: Partial<X509Facts>, rest: Partial<Peer> = {}): Peer => ({
    ...GOOD,
    standing: null,
    leaf: { ...LEAF, ...over },
    path: path(over),
    ...rest,
  });
  const policy: AdmitPolicy = { ...STRICT, pins: new Set(), subjects: new Set() };
  const struck = { revoked: true, from: NOW, until: NOW };
  const mended: readonly Peer[] = [
    { leaf: null, path: null, standing: null, resumed: true, sni: null },
    { leaf: null, path: null, standing: null, resumed: true, sni: SNI },
    { leaf: null, path: null, standing: null, resumed: false, sni: SNI },
    peer(worst, { path: null }),
    peer(worst, { path: [...path(worst), ca('foreign')] }),
    peer(worst),
    peer({ ...worst, isCa: false }),
    peer({ ...worst, isCa: false, extendedKeyUsage: null }),
    peer({ notAfter: expired, uris: [] }),
    peer({ uris: [] }),
    peer({ uris: [] }, { standing: struck }),
    peer({ uris: [] }, { standing: GOOD.standing }),
    peer({}, { standing: GOOD.standing }),
  ];
  const last = admit(GOOD, { ...STRICT, subjects: new Set() }, NOW);
  const reasons = [...mended.map((one) => admit(one, policy, NOW)), last].map((one) =>
    'because' in one ? one.because : '',
  );
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
    'standing_unknown',
    'revoked',
    'other_name',
    'not_pinned',
    'other_subject',
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

describe('a caller under a CA of the owner', () => {
  const OWN = ca('own');
  const caller = facts('caller', { uris: [] });
  const peer: Peer = { ...GOOD, leaf: caller, path: [caller, OWN] };
  const policy: AdmitPolicy = { ...STRICT, own: { anchors: new Set([OWN.fingerprint]), listed: false } };

  test('is let in as such, and what is demanded of the edge’s name says nothing about it', () => {
    assert.deepEqual(admit(peer, policy, NOW), { kind: 'admit', peer: caller.fingerprint, via: 'own' });
    assert.deepEqual(admit(GOOD, policy, NOW), { kind: 'admit', peer: LEAF.fingerprint, via: 'edge' });
    assert.deepEqual(admit(peer, STRICT, NOW), { kind: 'deny', because: 'foreign_anchor' });
  });

  test('must be fit like any other, under a name that the door serves', () => {
    const ended = { ...caller, notAfter: later(-1) };
    const bent: readonly (readonly [Peer, DenialCode])[] = [
      [{ ...peer, leaf: ended, path: [ended, OWN] }, 'outside_validity'],
      [{ ...peer, path: [caller, { ...OWN, notAfter: later(-1) }] }, 'outside_validity'],
      [{ ...peer, sni: host('other.example.test') }, 'misdirected'],
      [{ ...peer, leaf: null }, 'no_certificate'],
    ];
    for (const [one, because] of bent) assert.deepEqual(admit(one, policy, NOW), { kind: 'deny', because });
  });

  test('needs a list of its CA only where that CA is said to have one', () => {
    const listed = { ...policy, own: { anchors: new Set([OWN.fingerprint]), listed: true } };
    assert.equal(admit({ ...peer, standing: null }, policy, NOW).kind, 'admit');
    assert.deepEqual(admit({ ...peer, standing: null }, listed, NOW), { kind: 'deny', because: 'standing_unknown' });
    assert.equal(admit(peer, listed, NOW).kind, 'admit');
  });

  test('is the edge, with all that is demanded of it, where the CA is the edge’s too', () => {
    const both = { ...policy, anchors: new Set([OWN.fingerprint]) };
    assert.deepEqual(admit(peer, both, NOW), { kind: 'deny', because: 'other_name' });
  });
});

test('a wildcard stands for the names below it, not for the name itself', () => {
  const policy = { ...STRICT, names: new Set([host('*.example.test')]) };
  const asked = (sni: string) => admit({ ...GOOD, sni: host(sni) }, policy, NOW).kind;
  assert.deepEqual(['www.example.test', 'a.b.example.test'].map(asked), ['admit', 'admit']);
  assert.deepEqual(['example.test', 'www.other.test', 'wwwexample.test'].map(asked), ['deny', 'deny', 'deny']);
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
