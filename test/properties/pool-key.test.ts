import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COMPLIANCE_SETS } from '../../src/domain/compliance.ts';
import { certificateId, type Fingerprint, fingerprint, hostname, instant, zoneId } from '../../src/domain/ids.ts';
import type { OriginCheck } from '../../src/domain/plan.ts';
import { type Door, type DoorTls, door, doorKey, type Pulling } from '../../src/pull/door.ts';

/** All that two pulls must have in common to share a connection or a TLS session. */
interface ConnectionIdentity {
  readonly zone: string;
  readonly address: string;
  readonly port: number;
  readonly mayBePrivate: boolean;
  readonly tls: null | {
    readonly serverName: string;
    readonly shown: string | null;
    readonly trusts: readonly string[] | 'whatever';
    readonly compliance: string;
    readonly http2: boolean;
  };
}

function identityOf({ zone, address, port, mayBePrivate, tls }: Door): ConnectionIdentity {
  const place = { zone, address, port, mayBePrivate };
  if (tls === null) return { ...place, tls };
  const { serverName, identity, check, compliance, http2 } = tls;
  const trusts =
    check.kind === 'none' ? 'whatever' : [...check.cas.map((ca) => ca.fingerprint), 'not', ...check.revoked];
  return { ...place, tls: { serverName, shown: identity?.fingerprint ?? null, trusts, compliance, http2 } };
}

const ZONES = ['a', 'b'].map((digit) => sure(zoneId(digit.repeat(32))));
const NAMES = ['a.test', 'b.test', 'a.b.test', 'none', 'strict', 'https', 'fips'].map((text) => sure(hostname(text)));
const PRINTS = ['1', '2', '3'].map((digit) => sure(fingerprint(digit.repeat(64))));
const CERTIFICATES = ['1', '2'].map((digit) => sure(certificateId(`${digit.repeat(8)}-0000-4000-8000-000000000000`)));

/** Few values for each part, so that two doors often differ in one alone. */
const PARTS = {
  zone: fc.constantFrom(...ZONES),
  hostname: fc.constantFrom(...NAMES),
  scheme: fc.constantFrom('http' as const, 'https' as const),
  port: fc.constantFrom(1, 11, 80, 443, 4431),
  mayBePrivate: fc.boolean(),
  tls: fc.option(
    fc.record<DoorTls>({
      serverName: fc.constantFrom(...NAMES),
      identity: fc.option(
        fc.record({
          certificate: fc.constantFrom(...CERTIFICATES),
          fingerprint: fc.constantFrom(...PRINTS),
          notAfter: fc.constantFrom(instant(0), instant(1)),
        }),
      ),
      check: anyCheck(),
      compliance: fc.constantFrom(...COMPLIANCE_SETS),
      http2: fc.boolean(),
    }),
  ),
};

/** Addresses that look like pieces of keys. A record's content is checked elsewhere; the key must not depend on it. */
const HOSTILE = fc.oneof(
  fc.constantFrom('192.0.2.1', '::1', '', '|', 'a|1', '1|1', '|443|a.test|-|none', 'https', '-', 'none', 'strict:'),
  fc
    .array(
      fc.constantFrom(
        '|',
        ':',
        ',',
        '1',
        '443',
        '80',
        '-',
        'none',
        'strict',
        'http',
        'https',
        'h2',
        ...NAMES,
        ...ZONES,
      ),
    )
    .map((pieces) => pieces.join('')),
  fc
    .array(fc.constantFrom('1', '443', '-', 'none', 'strict:', '192.0.2.1', ...NAMES, ...PRINTS, ...ZONES))
    .map((pieces) => pieces.join('|')),
  fc.string({ unit: 'binary' }),
);

test('doors have equal keys exactly where all of the connection’s identity is equal', () => {
  const ordinary = fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', 'origin.test');
  const doors = fc.record<Door>({ ...PARTS, address: fc.oneof(ordinary, HOSTILE) });
  fc.assert(
    fc.property(doors, doors, (one, other) => {
      const same = isSame(one, other);
      assert.equal(doorKey(one) === doorKey(other), same, `${doorKey(one)}\n${doorKey(other)}`);
    }),
    { numRuns: 3000 },
  );
});

test('an address made from pieces of another door’s key does not lead to that door’s pool', () => {
  const doors = fc.record<Door>({ ...PARTS, address: HOSTILE });
  fc.assert(
    fc.property(doors, doors, fc.nat(), fc.nat(), (one, other, from, to) => {
      const key = doorKey(other);
      const cut = [from % (key.length + 1), to % (key.length + 1)].toSorted((a, b) => a - b);
      const forged = { ...one, address: key.slice(...cut) };
      assert.equal(doorKey(forged) === key, isSame(forged, other));
    }),
    { numRuns: 2000 },
  );
});

test('a digit that moves from the port to the address makes another door', () => {
  const doors = fc.record<Door>({ ...PARTS, address: fc.constantFrom('192.0.2.', 'origin', '|') });
  fc.assert(
    fc.property(doors, fc.integer({ min: 1, max: 655 }), fc.integer({ min: 1, max: 9 }), (one, port, digit) => {
      const joined = { ...one, port: port + digit * 10 ** String(port).length };
      const moved = { ...one, address: `${one.address}${digit}`, port };
      assert.notEqual(doorKey(joined), doorKey(moved));
    }),
  );
});

test('each part alone makes another door', () => {
  fc.assert(
    fc.property(fc.record<Door>({ ...PARTS, address: fc.constant('192.0.2.1') }), (one) => {
      const tls = one.tls ?? assertedTls();
      const encrypted = { ...one, tls };
      const others: readonly Door[] = [
        { ...encrypted, zone: different(ZONES, one.zone) },
        { ...encrypted, address: '192.0.2.2' },
        { ...encrypted, port: one.port + 1 },
        { ...encrypted, mayBePrivate: !one.mayBePrivate },
        { ...encrypted, tls: null },
        { ...encrypted, tls: { ...tls, serverName: different(NAMES, tls.serverName) } },
        { ...encrypted, tls: { ...tls, identity: another(tls.identity) } },
        { ...encrypted, tls: { ...tls, check: otherKind(tls.check) } },
        { ...encrypted, tls: { ...tls, check: otherCas(tls.check) } },
        { ...encrypted, tls: { ...tls, compliance: different(COMPLIANCE_SETS, tls.compliance) } },
        { ...encrypted, tls: { ...tls, http2: !tls.http2 } },
      ];
      const keys = [encrypted, ...others].map(doorKey);
      assert.ok(!keys.slice(1).includes(keys[0] ?? ''), keys.join('\n'));
    }),
  );
});

test('names of a zone that lead to one origin under one server name share its door, whatever the visit', () => {
  const identity = {
    certificate: sure(CERTIFICATES[0] ?? null),
    fingerprint: sure(PRINTS[0] ?? null),
    notAfter: instant(1),
  };
  const [serverName = null, ...names] = NAMES;
  const target = {
    address: '192.0.2.1',
    httpsPort: 443,
    httpPort: 80,
    serverName,
    hostHeader: null,
    http2: false,
    mayBePrivate: true,
  };
  const common = {
    zone: sure(ZONES[0] ?? null),
    targets: [target],
    check: { kind: 'strict', cas: [], revoked: [] },
    compliance: 'none',
  } as const;
  const keys = names.flatMap((name) =>
    (['http', 'https'] as const).map((scheme) => {
      const planned: Pulling = { ...common, kind: 'present', level: 'zone', identity, hostname: name };
      return doorKey(door(planned, target, name, scheme));
    }),
  );
  assert.equal(new Set(keys).size, 1);
  const unnamed = names.map((name) => {
    const planned: Pulling = { ...common, kind: 'present', level: 'zone', identity, hostname: name };
    return doorKey(door(planned, { ...target, serverName: null }, name, 'https'));
  });
  assert.equal(new Set(unnamed).size, names.length, 'without a server name the SNI is the visitor’s hostname');
});

function anyCheck(): fc.Arbitrary<OriginCheck> {
  const cas = fc.array(
    fc.constantFrom(...PRINTS).map((print) => ca(print)),
    { maxLength: 3 },
  );
  const revoked = fc.array(fc.constantFrom(...PRINTS), { maxLength: 2 });
  const strict = fc.record({ kind: fc.constant('strict' as const), cas, revoked });
  return fc.oneof(fc.constant({ kind: 'none' as const }), strict);
}

function ca(print: Fingerprint) {
  return { fingerprint: print, pem: `PEM of ${print}` };
}

function isSame(one: Door, other: Door): boolean {
  return JSON.stringify(identityOf(one)) === JSON.stringify(identityOf(other));
}

function assertedTls(): DoorTls {
  return {
    serverName: sure(NAMES[0] ?? null),
    identity: null,
    check: { kind: 'none' },
    compliance: 'none',
    http2: false,
  };
}

function another(identity: DoorTls['identity']): DoorTls['identity'] {
  const print = different(PRINTS, identity?.fingerprint ?? null);
  return { certificate: sure(CERTIFICATES[0] ?? null), fingerprint: print, notAfter: instant(1) };
}

function otherKind(check: OriginCheck): OriginCheck {
  return check.kind === 'none' ? { kind: 'strict', cas: [], revoked: [] } : { kind: 'none' };
}

function otherCas(check: OriginCheck): OriginCheck {
  const cas = check.kind === 'none' ? [] : check.cas;
  return { kind: 'strict', cas: [...cas, ca(sure(PRINTS[0] ?? null))], revoked: [] };
}

function different<T>(all: readonly T[], than: T | null): T {
  return sure(all.find((one) => one !== than) ?? null);
}

function sure<T>(value: T | null): T {
  return value ?? assert.fail('an id or name does not have its form');
}
