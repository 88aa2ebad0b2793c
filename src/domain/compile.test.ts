import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { identityOf } from './certificate.ts';
import { type Command, change } from './change.ts';
import { type Compiled, compile, difference, zoneCertificate, zoneIdentity } from './compile.ts';
import type { EdgeAuthorities, EdgeHost, EdgeZone, EdgeZoneDelta, EdgeZoneRules } from './edge-zone.ts';
import { type Hostname, revision } from './ids.ts';
import { SSL_MODES, TLS_VERSIONS, type TlsVersion } from './settings.ts';
import {
  after,
  host,
  idOf,
  MANAGED,
  newZone,
  origin,
  recordDraft,
  SHARED,
  to,
  trustedCa,
  wish,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const OWN = idOf.certificate('own');
const ZONE = after(
  newZone(),
  to.serve('www.example.test'),
  to.serve('api.example.test'),
  to.serve('*.example.test'),
  to.upload('own', { level: 'hostname' }),
  to.associate(wish('www.example.test', 'own')),
);
const EDGE = compile(ZONE, SHARED);

function recompiled(...commands: readonly Command[]): EdgeZone {
  return compile(after(ZONE, ...commands), SHARED, { zone: ZONE, edge: EDGE });
}

describe('the rules of a zone', () => {
  test('say all that holds for its hostnames, and name identities by their facts', () => {
    const zone = after(ZONE, to.set({ ssl: 'full', zonePull: true }), to.trust('house'));
    const { fingerprint, pem } = trustedCa('house').certificate;
    assert.deepEqual(compile(zone, SHARED).rules, {
      id: zone.id,
      account: zone.account,
      name: 'example.test',
      paused: false,
      ssl: 'full',
      alwaysUseHttps: true,
      visitorTls: '1.2',
      compliance: 'none',
      zonePull: { kind: 'on', identity: identityOf(MANAGED) },
      globalPull: { kind: 'off' },
      originCas: [{ fingerprint, pem }],
      customCertificates: [],
      revokedOrigins: [],
      accessRules: [],
      rateLimits: [],
    });
  });

  test('name the oldest TLS that can be in force: nothing below 1.2', () => {
    const oldest = (minTlsVersion: TlsVersion) =>
      compile(after(ZONE, to.set({ minTlsVersion })), SHARED).rules.visitorTls;
    assert.deepEqual(TLS_VERSIONS.map(oldest), ['1.2', '1.2', '1.2', '1.3']);
  });

  test('a level that is on without an identity stays on: it must refuse, not vanish', () => {
    const empty = after(newZone({ certificates: new Map() }), to.set({ zonePull: true, globalPull: true }));
    const { zonePull, globalPull } = compile(empty, null).rules;
    assert.deepEqual(zonePull, { kind: 'on', identity: null });
    assert.deepEqual(globalPull, { kind: 'on', identity: null });
  });

  test('the global level shows the identity of the installation, the zone level that of the zone', () => {
    const uploaded = after(ZONE, to.set({ zonePull: true, globalPull: true }), to.upload('first'), to.upload('second'));
    const { zonePull, globalPull } = compile(uploaded, SHARED).rules;
    assert.deepEqual(globalPull, { kind: 'on', identity: SHARED });
    assert.ok(zonePull.kind === 'on');
    assert.equal(zonePull.identity?.certificate, idOf.certificate('second'));
    assert.deepEqual(zonePull.identity, zoneIdentity(uploaded));
  });

  test('a zone without a certificate that is to be deployed has no identity', () => {
    const only = new Map([[MANAGED.id, { ...MANAGED, wish: { ...MANAGED.wish, kind: 'delete' as const } }]]);
    assert.equal(zoneIdentity(newZone({ certificates: only })), null);
    assert.equal(zoneCertificate(newZone({ certificates: new Map() })), null);
    assert.deepEqual(zoneIdentity(newZone()), identityOf(MANAGED));
  });
});

describe('the hosts of a zone', () => {
  test('have one entry for each name, with all proxied origins in the order of their records', () => {
    const zone = after(
      newZone(),
      to.serve('www.example.test', { content: '192.0.2.1' }, 'one'),
      to.serve('www.example.test', { content: '192.0.2.2', proxied: false }, 'two'),
      to.serve('www.example.test', { content: '192.0.2.3', origin: origin({ httpsPort: 8443 }) }, 'three'),
      to.serve('dns.example.test', { proxied: false }),
    );
    const { hosts } = compile(zone, SHARED);
    assert.deepEqual([...hosts.keys()], ['www.example.test', 'dns.example.test']);
    const usual = { httpPort: 80, serverName: null, hostHeader: null, http2: false, mayBePrivate: false };
    assert.deepEqual(hosts.get(host('www.example.test'))?.targets, [
      { address: '192.0.2.1', httpsPort: 443, ...usual },
      { address: '192.0.2.3', httpsPort: 8443, ...usual },
    ]);
    assert.deepEqual(hosts.get(host('dns.example.test'))?.targets, []);
  });

  test('say what their owner said about them', () => {
    const vetoed = after(ZONE, to.associate(wish('api.example.test', 'own', 'veto')));
    const pull = (name: string) => compile(vetoed, SHARED).hosts.get(host(name))?.pull;
    assert.deepEqual(pull('api.example.test'), { kind: 'veto' });
    assert.equal(pull('www.example.test')?.kind, 'present');
    assert.deepEqual(pull('*.example.test'), { kind: 'inherit' });
  });

  test('an association without a record counts under a wildcard only', () => {
    const named = to.associate(wish('a.example.test', 'own'));
    const under = compile(after(ZONE, named), SHARED).hosts.get(host('a.example.test'));
    assert.equal(under?.pull.kind, 'present');
    assert.deepEqual(under?.targets, EDGE.hosts.get(host('*.example.test'))?.targets);
    const nowhere = after(newZone(), to.upload('own', { level: 'hostname' }), named);
    assert.equal(compile(nowhere, SHARED).hosts.size, 0);
  });

  test('an association takes the nearest wildcard’s way, and one on a wildcard is a wildcard itself', () => {
    const zone = after(
      ZONE,
      to.serve('*.deep.example.test', { content: '192.0.2.7' }),
      to.associate(wish('a.deep.example.test', 'own'), wish('*.side.example.test', 'own')),
    );
    const { hosts } = compile(zone, SHARED);
    assert.equal(hosts.get(host('a.deep.example.test'))?.targets[0]?.address, '192.0.2.7');
    assert.equal(hosts.get(host('*.side.example.test'))?.targets[0]?.address, '192.0.2.1');
    assert.equal(hosts.get(host('*.side.example.test'))?.pull.kind, 'present');
  });

  test('an association with a certificate that is not to be deployed has no identity', () => {
    const certificates = new Map(ZONE.certificates);
    certificates.delete(OWN);
    const { hosts } = compile({ ...ZONE, certificates }, SHARED);
    assert.deepEqual(hosts.get(host('www.example.test'))?.pull, { kind: 'present', identity: null });
  });
});

describe('what did not change is the same object', () => {
  test('a switch keeps all hosts as they are', () => {
    for (const command of [
      to.set({ zonePull: true }),
      { kind: 'edit_zone', paused: true } as const,
      to.trust('house'),
    ]) {
      assert.equal(recompiled(command).hosts, EDGE.hosts);
    }
  });

  test('one record changes its own host and no other', () => {
    const edge = recompiled({
      kind: 'update_record',
      id: idOf.record('api.example.test'),
      draft: { content: '192.0.2.9' },
    });
    assert.deepEqual(unlike(EDGE, edge), ['api.example.test']);
  });

  test('a certificate that is gone changes the hosts that named it, though neither record nor association did', () => {
    const certificates = new Map(ZONE.certificates);
    certificates.delete(OWN);
    const edge = compile({ ...ZONE, certificates }, SHARED, { zone: ZONE, edge: EDGE });
    assert.deepEqual(unlike(EDGE, edge), ['www.example.test']);
  });

  test('what the edge does not need to know changes no host', () => {
    const id = idOf.record('api.example.test');
    for (const draft of [{ comment: 'ours' }, { ttl: 300 }, { originSent: '{}' }]) {
      assert.deepEqual(unlike(EDGE, recompiled({ kind: 'update_record', id, draft })), []);
    }
    assert.deepEqual(unlike(EDGE, recompiled(to.upload('spare'))), []);
  });

  test('an association changes its own host, and a wildcard those that go its way', () => {
    assert.deepEqual(unlike(EDGE, recompiled(to.associate(wish('api.example.test', 'own')))), ['api.example.test']);
    const zone = after(ZONE, to.associate(wish('a.example.test', 'own')));
    const edge = compile(zone, SHARED);
    const moved = after(zone, {
      kind: 'update_record',
      id: idOf.record('*.example.test'),
      draft: { content: '192.0.2.9' },
    });
    assert.deepEqual(unlike(edge, compile(moved, SHARED, { zone, edge })), ['*.example.test', 'a.example.test']);
  });
});

describe('the difference of two states', () => {
  test('of a new zone is everything, of a deleted zone all names, of no zone nothing', () => {
    assert.deepEqual(difference(null, EDGE), {
      zone: ZONE.id,
      rules: EDGE.rules,
      put: [...EDGE.hosts.values()],
      dropped: [],
    });
    assert.deepEqual(difference(EDGE, null), { zone: ZONE.id, rules: null, put: [], dropped: [...EDGE.hosts.keys()] });
    assert.equal(difference(null, null), null);
  });

  test('of a switch names no host', () => {
    const delta = difference(EDGE, recompiled(to.set({ zonePull: true })));
    assert.deepEqual([delta?.put, delta?.dropped], [[], []]);
    assert.equal(delta?.rules?.zonePull.kind, 'on');
  });

  test('of one record is its host alone', () => {
    const gone = difference(EDGE, recompiled({ kind: 'delete_record', id: idOf.record('api.example.test') }));
    assert.deepEqual([gone?.put, gone?.dropped], [[], ['api.example.test']]);
    const fresh = difference(EDGE, recompiled(to.serve('new.example.test')));
    assert.deepEqual(
      fresh?.put.map(({ hostname }) => hostname),
      ['new.example.test'],
    );
    assert.deepEqual(fresh?.dropped, []);
  });
});

test('an edge that follows the differences has what a compilation from scratch gives, and is told no host in vain', () => {
  fc.assert(
    fc.property(fc.array(anyCommand(), { maxLength: 25 }), (commands) => {
      const followed = follower();
      let zone: Zone = newZone();
      let compiled: Compiled = { zone, edge: compile(zone, SHARED) };
      followed.take(difference(null, compiled.edge));
      for (const [index, command] of commands.entries()) {
        const circumstances = world({ revision: revision(10 + index), applied: revision(9 + index) });
        const outcome = change(zone, command, circumstances);
        if (outcome.kind === 'problem' || outcome.zone === null) continue;
        zone = outcome.zone;
        const edge = compile(zone, SHARED, compiled);
        const delta = difference(compiled.edge, edge);
        for (const entry of delta?.put ?? []) assert.notDeepEqual(compiled.edge.hosts.get(entry.hostname), entry);
        for (const list of delta?.authorities?.put ?? []) {
          assert.notDeepEqual(compiled.edge.authorities.get(list.hostname), list);
        }
        followed.take(delta);
        compiled = { zone, edge };
        assert.deepEqual(edge, compile(zone, SHARED));
        assert.deepEqual(followed.state(), edge);
      }
      followed.take(difference(compiled.edge, null));
      assert.deepEqual(followed.state(), { rules: null, hosts: new Map(), authorities: new Map() });
    }),
    { numRuns: 300 },
  );
});

function anyCommand(): fc.Arbitrary<Command> {
  const names = ['example.test', 'www.example.test', '*.example.test', 'a.b.example.test', '*.b.example.test'];
  const name = fc.constantFrom(...names);
  const id = fc.constantFrom('one', 'two', 'three', 'four').map((tag) => idOf.record(tag));
  const content = fc.constantFrom('192.0.2.1', '192.0.2.2');
  const draft = fc
    .record({ name, content, proxied: fc.boolean() })
    .map(({ name: text, ...over }) => recordDraft(text, over));
  const own = fc.constantFrom('own one', 'own two');
  const tag = fc.constantFrom('zone one', 'zone two');
  return fc.oneof(
    fc.record({ kind: fc.constant('create_record' as const), id, draft }),
    fc.record({ kind: fc.constant('update_record' as const), id, draft }),
    fc.record({ kind: fc.constant('delete_record' as const), id }),
    own.map((text) => to.upload(text, { level: 'hostname' })),
    own.map((text) => to.drop(text, 'hostname')),
    tag.map((text) => to.upload(text)),
    tag.map((text) => to.drop(text)),
    fc
      .array(fc.tuple(name, own, fc.constantFrom('present', 'veto', 'void')), { minLength: 1, maxLength: 3 })
      .map((wishes) => to.associate(...wishes.map(([text, of, kind]) => wish(text, of, kind)))),
    fc.record({ zonePull: fc.boolean(), globalPull: fc.boolean(), ssl: fc.constantFrom(...SSL_MODES) }).map(to.set),
    fc.record({ kind: fc.constant('edit_zone' as const), paused: fc.boolean() }),
    fc.constantFrom(to.trust('house'), to.distrust('house')),
    fc.tuple(name, fc.constantFrom('staff', 'partners')).map(([text, list]) => to.ask(text, list)),
    name.map((text) => to.askNothing(text)),
  );
}

/** The least that an edge must do with what it is told. */
function follower() {
  let rules: EdgeZoneRules | null = null;
  const hosts = new Map<Hostname, EdgeHost>();
  const authorities = new Map<Hostname, EdgeAuthorities>();
  return {
    take: (delta: EdgeZoneDelta | null) => {
      rules = delta?.rules ?? null;
      for (const name of delta?.dropped ?? []) hosts.delete(name);
      for (const entry of delta?.put ?? []) hosts.set(entry.hostname, entry);
      for (const name of delta?.authorities?.dropped ?? []) authorities.delete(name);
      for (const list of delta?.authorities?.put ?? []) authorities.set(list.hostname, list);
    },
    state: () => ({ rules, hosts, authorities }),
  };
}

/** Names whose hosts are not the very same object in both. */
function unlike(before: EdgeZone, now: EdgeZone): readonly string[] {
  const names = new Set([...before.hosts.keys(), ...now.hosts.keys()]);
  return [...names].filter((name) => before.hosts.get(name) !== now.hosts.get(name)).toSorted();
}
