import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addCertificate, associate, deleteCertificate, sameCertificate } from './certificate-changes.ts';
import { zoneCertificate } from './compile.ts';
import { revision } from './ids.ts';
import {
  after,
  draft,
  facts,
  frozen,
  holder,
  host,
  idOf,
  later,
  MANAGED,
  NOW,
  newZone,
  to,
  wish,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const ZONE = frozen(after(newZone(), to.upload('own', { level: 'hostname' }), to.upload('first')));
const OWN = idOf.certificate('own');
const FIRST = idOf.certificate('first');

describe('a certificate that is added', () => {
  test('is to be deployed with the revision that adds it', () => {
    const added = draft('new', { chain: [facts('issuer')], sent: 'as sent\r\n' });
    const zone = expectZone(addCertificate(ZONE, frozen(added), world({ now: later(1), revision: revision(20) })));
    const expected = { kind: 'deploy', at: later(1), revision: revision(20) };
    assert.deepEqual(zone.certificates.get(added.id), { ...added, uploadedAt: later(1), wish: expected });
  });

  test('keeps what was sent only where that is another text than leaf and chain', () => {
    const [leaf, issuer] = [facts('new'), facts('issuer')];
    const sentOf = (sent: string) =>
      expectZone(addCertificate(ZONE, draft('new', { chain: [issuer], sent }), world())).certificates.get(
        idOf.certificate('new'),
      )?.sent;
    assert.equal(sentOf(leaf.pem + issuer.pem), null);
    for (const sent of [leaf.pem, issuer.pem + leaf.pem, ` ${leaf.pem}${issuer.pem}`]) assert.equal(sentOf(sent), sent);
  });

  test('must not be there yet at its level; at the other one it may', () => {
    const again = draft('first', { id: idOf.certificate('another id') });
    expectProblem(addCertificate(ZONE, again, world()), 'certificate_exists', '/certificate', FIRST);
    const zone = expectZone(addCertificate(ZONE, { ...again, level: 'hostname' }, world()));
    assert.equal(zone.certificates.get(again.id)?.level, 'hostname');
    assert.equal(zone.certificates.get(FIRST)?.level, 'zone');
  });

  test('cannot come back while its deletion is under way at some edge', () => {
    const deleting = expectZone(
      deleteCertificate(ZONE, { level: 'zone', id: FIRST }, world({ revision: revision(30) })),
    );
    const behind = world({ revision: revision(31), applied: revision(29) });
    const outcome = addCertificate(frozen(deleting), draft('first'), behind);
    expectProblem(outcome, 'certificate_exists', '/certificate', `${FIRST} and is still being deleted`);
  });

  test('comes back under its old id once its deletion is in force, with what was sent this time', () => {
    const deleted = expectZone(
      deleteCertificate(ZONE, { level: 'zone', id: FIRST }, world({ revision: revision(30) })),
    );
    const again = draft('first', { id: idOf.certificate('another id'), chain: [facts('issuer')], sent: 'again' });
    const settled = world({ now: later(5), revision: revision(31), applied: revision(30) });
    const revived = expectZone(addCertificate(frozen(deleted), again, settled));
    assert.deepEqual(revived.certificates.get(FIRST), {
      ...again,
      id: FIRST,
      uploadedAt: later(5),
      wish: { kind: 'deploy', at: later(5), revision: revision(31) },
    });
    assert.equal(revived.certificates.has(again.id), false);
    assert.equal(zoneCertificate(revived)?.id, FIRST);
  });

  test('takes the place of the managed ones before it where it is managed, and of no upload', () => {
    const fresh = draft('fresh', { source: 'managed' });
    const zone = expectZone(addCertificate(ZONE, fresh, world({ now: later(1), revision: revision(20) })));
    const wishes = [...zone.certificates.values()].map(({ id, wish: { kind } }) => [id, kind]);
    assert.deepEqual(wishes, [
      [MANAGED.id, 'delete'],
      [OWN, 'deploy'],
      [FIRST, 'deploy'],
      [fresh.id, 'deploy'],
    ]);
    const ended = { kind: 'delete', at: later(1), revision: revision(20) };
    assert.deepEqual(zone.certificates.get(MANAGED.id), { ...MANAGED, wish: ended });
    const newest = draft('newest', { source: 'managed' });
    const next = expectZone(addCertificate(frozen(zone), newest, world({ revision: revision(21) })));
    assert.equal(next.certificates.get(MANAGED.id), zone.certificates.get(MANAGED.id), 'what has ended stays as it is');
    assert.equal(next.certificates.get(fresh.id)?.wish.kind, 'delete');
    const uploaded = expectZone(addCertificate(zone, draft('new'), world()));
    assert.equal(uploaded.certificates.get(fresh.id)?.wish.kind, 'deploy');
  });

  test('is found again by level and leaf, alive or not', () => {
    const deleted = expectZone(deleteCertificate(ZONE, { level: 'zone', id: FIRST }, world()));
    assert.equal(sameCertificate(deleted, 'zone', facts('first'))?.id, FIRST);
    assert.equal(sameCertificate(deleted, 'hostname', facts('first')), undefined);
    assert.equal(sameCertificate(deleted, 'zone', facts('unheard of')), undefined);
  });
});

describe('the certificate of the zone level', () => {
  test('is the newest upload, whatever its dates say', () => {
    const second = to.upload('second', { leaf: facts('second', { notAfter: later(1) }) });
    const zone = after(newZone(), to.upload('first'), second);
    assert.equal(zoneCertificate(zone)?.id, idOf.certificate('second'));
  });

  test('is the newest upload that is left, and the managed one when none is', () => {
    const two = after(newZone(), to.upload('first'), to.upload('second'));
    const one = after(two, to.drop('second'));
    assert.equal(zoneCertificate(one)?.id, FIRST);
    assert.equal(zoneCertificate(after(one, to.drop('first')))?.id, MANAGED.id);
  });

  test('is the upload that was last brought back', () => {
    const two = expectZone(deleteCertificate(after(ZONE, to.upload('second')), { level: 'zone', id: FIRST }, world()));
    const back = world({ revision: revision(40), applied: revision(39) });
    assert.equal(zoneCertificate(expectZone(addCertificate(two, draft('first'), back)))?.id, FIRST);
  });

  test('is never one for hostnames', () => {
    const zone = after(newZone(), to.upload('own', { level: 'hostname' }));
    assert.equal(zoneCertificate(zone)?.id, MANAGED.id);
  });

  test('is the newest managed one after a renewal', () => {
    const renewed = after(newZone(), to.upload('renewed', { source: 'managed' }));
    assert.equal(zoneCertificate(renewed)?.id, idOf.certificate('renewed'));
    const uploaded = after(newZone(), to.upload('first'), to.upload('renewed', { source: 'managed' }));
    assert.equal(zoneCertificate(uploaded)?.id, FIRST);
  });
});

describe('a certificate that is deleted', () => {
  test('stays readable, with the wish to be gone', () => {
    const circumstances = world({ now: later(2), revision: revision(50) });
    const zone = expectZone(deleteCertificate(ZONE, { level: 'zone', id: FIRST }, circumstances));
    const before = ZONE.certificates.get(FIRST);
    const gone = { kind: 'delete', at: later(2), revision: revision(50) };
    assert.deepEqual(zone.certificates.get(FIRST), { ...before, wish: gone });
  });

  test('must exist, at this level', () => {
    for (const [level, id] of [
      ['zone', idOf.certificate('unknown')],
      ['zone', OWN],
      ['hostname', FIRST],
      ['hostname', MANAGED.id],
    ] as const) {
      expectProblem(deleteCertificate(ZONE, { level, id }, world()), 'certificate_not_found');
    }
  });

  test('must not be the managed one: the zone level would have nothing to show', () => {
    expectProblem(deleteCertificate(ZONE, { level: 'zone', id: MANAGED.id }, world()), 'managed_certificate');
  });

  test('must not be on its way out already, nor gone', () => {
    const deleted = frozen(after(ZONE, to.drop('first')));
    for (const applied of [0, 100]) {
      const outcome = deleteCertificate(deleted, { level: 'zone', id: FIRST }, world({ applied: revision(applied) }));
      expectProblem(outcome, 'certificate_pending_deletion');
    }
  });

  test('must not be named by a hostname, not even by a veto', () => {
    for (const kind of ['present', 'veto'] as const) {
      const used = frozen(after(ZONE, to.associate(wish('www.example.test', 'own', kind))));
      const outcome = deleteCertificate(used, { level: 'hostname', id: OWN }, world());
      expectProblem(outcome, 'certificate_in_use', undefined, 'www.example.test');
      assert.ok(after(used, to.associate(wish('www.example.test', 'own', 'void')), to.drop('own', 'hostname')));
    }
  });
});

describe('associations', () => {
  test('are set with the revision that sets them, for names in the zone with or without a record', () => {
    const circumstances = world({ now: later(3), revision: revision(60) });
    const wishes = frozen([wish('example.test', 'own'), wish('*.example.test', 'own', 'veto')]);
    const zone = expectZone(associate(ZONE, wishes, circumstances));
    const common = { certificate: OWN, createdAt: later(3), updatedAt: later(3), revision: revision(60) };
    assert.deepEqual(
      [...zone.associations.values()],
      [
        { ...common, hostname: 'example.test', kind: 'present' },
        { ...common, hostname: '*.example.test', kind: 'veto' },
      ],
    );
  });

  test('change without forgetting when they were made; hostnames not named stay as they are', () => {
    const zone = frozen(after(ZONE, to.associate(wish('a.example.test', 'own'), wish('b.example.test', 'own'))));
    const circumstances = world({ now: later(4), revision: revision(70) });
    const next = expectZone(associate(zone, [wish('a.example.test', 'own', 'veto')], circumstances));
    assert.deepEqual(next.associations.get(host('a.example.test')), {
      hostname: 'a.example.test',
      kind: 'veto',
      certificate: OWN,
      createdAt: NOW,
      updatedAt: later(4),
      revision: revision(70),
    });
    assert.equal(next.associations.get(host('b.example.test')), zone.associations.get(host('b.example.test')));
  });

  test('are voided, also where there is none, and with any certificate of the zone, alive or not', () => {
    const set = after(ZONE, to.associate(wish('www.example.test', 'own')), to.drop('first'));
    const zone = expectZone(associate(frozen(set), [wish('www.example.test', 'first', 'void')], world()));
    assert.equal(zone.associations.size, 0);
    assert.equal(expectZone(associate(zone, [wish('www.example.test', 'own', 'void')], world())).associations.size, 0);
  });

  test('where one hostname is named twice, the last word counts', () => {
    const twice = [wish('www.example.test', 'own'), wish('www.example.test', 'own', 'void')];
    assert.equal(expectZone(associate(ZONE, twice, world())).associations.size, 0);
    const reversed = expectZone(associate(ZONE, twice.toReversed(), world()));
    assert.equal(reversed.associations.size, 1);
  });

  test('name a living certificate for hostnames of this zone', () => {
    const zone = after(ZONE, to.upload('gone', { level: 'hostname' }), to.drop('gone', 'hostname'));
    for (const kind of ['present', 'veto'] as const) {
      for (const tag of ['unknown', 'gone', 'first', 'managed']) {
        const outcome = associate(frozen(zone), [wish('www.example.test', tag, kind)], world());
        expectProblem(outcome, 'invalid_certificate_id', '/config/0/cert_id', idOf.certificate(tag));
      }
    }
    const outcome = associate(zone, [wish('www.example.test', 'unknown', 'void')], world());
    expectProblem(outcome, 'invalid_certificate_id', '/config/0/cert_id');
  });

  test('are for names in the zone', () => {
    for (const name of ['other.test', 'notexample.test', 'test']) {
      const outcome = associate(ZONE, [wish(name, 'own')], world());
      expectProblem(outcome, 'hostname_outside_zone', '/config/0/hostname', name);
    }
  });

  test('are not for names that lie in a zone of their own below', () => {
    const nested = world({}, [holder('example.test'), holder('sub.example.test')]);
    for (const name of ['sub.example.test', 'a.sub.example.test', '*.sub.example.test']) {
      const outcome = associate(ZONE, [wish(name, 'own')], nested);
      expectProblem(outcome, 'hostname_outside_zone', '/config/0/hostname', name);
    }
    assert.ok(expectZone(associate(ZONE, [wish('notsub.example.test', 'own')], nested)));
  });

  test('that are older than the zone below can still be voided', () => {
    const nested = world({}, [holder('example.test'), holder('sub.example.test')]);
    const old = frozen(after(ZONE, to.associate(wish('sub.example.test', 'own'))));
    const zone = expectZone(associate(old, [wish('sub.example.test', 'own', 'void')], nested));
    assert.equal(zone.associations.size, 0);
  });

  test('are all set or none: the first bad entry is named and nothing is half done', () => {
    const zone = frozen(after(ZONE, to.associate(wish('old.example.test', 'own'))));
    const wishes = [
      wish('old.example.test', 'own', 'void'),
      wish('new.example.test', 'own'),
      wish('bad.example.test', 'unknown'),
      wish('elsewhere.test', 'own'),
    ];
    expectProblem(associate(zone, frozen(wishes), world()), 'invalid_certificate_id', '/config/2/cert_id');
    assert.deepEqual([...zone.associations.keys()], ['old.example.test']);
  });
});

function expectZone(outcome: ReturnType<typeof associate>): Zone {
  return 'code' in outcome ? assert.fail(`${outcome.code}: ${outcome.detail}`) : outcome;
}

function expectProblem(outcome: ReturnType<typeof associate>, code: string, pointer?: string, detail = ''): void {
  assert.ok('code' in outcome, `${code} expected`);
  assert.equal(outcome.code, code);
  assert.equal(outcome.pointer, pointer);
  assert.ok(outcome.detail.includes(detail), outcome.detail);
}
