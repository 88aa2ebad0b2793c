import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, change } from './change.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { RotationWish } from './rotation-changes.ts';
import { dueLeafs, rotationDue } from './rotation-due.ts';
import {
  after,
  authority,
  DAY,
  facts,
  holder,
  host,
  idOf,
  issuedDraft,
  later,
  MANAGED,
  newZone,
  rotationDraft,
  refused,
  to,
  wish,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const WWW = host('www.example.test');

function issue(tag: string, over: Partial<Extract<Command, { kind: 'issue_certificate' }>> = {}): Command {
  return { kind: 'issue_certificate', draft: issuedDraft(tag), hostnames: [WWW], present: true, ...over };
}

const move = (zone: Zone, step: 'promote' | 'retiring'): Command => ({
  kind: 'move_rotation',
  move: {
    id: idOf.rotation('first'),
    over: zone.rotation?.revision ?? assert.fail('there is a rotation'),
    step: step === 'promote' ? { kind: 'promote' } : { kind: 'enter', phase: step },
  },
});

test('a managed certificate for hostnames is presented by them at once, and the zone goes on presenting its own', () => {
  const zone = after(newZone(), to.serve('www.example.test'), issue('made'));
  const id = idOf.certificate('made');
  assert.deepEqual(zone.associations.get(WWW)?.certificate, id);
  assert.equal(zone.certificates.get(id)?.source, 'managed');
  assert.equal(zone.certificates.get(MANAGED.id)?.wish.kind, 'deploy');
});

test('where that is wished no hostname presents it yet', () => {
  const zone = after(newZone(), issue('made', { present: false }));
  assert.equal(zone.associations.size, 0);
  assert.equal(zone.certificates.get(idOf.certificate('made'))?.wish.kind, 'deploy');
});

test('it takes the place of an upload, and one that nobody names is deleted like an upload', () => {
  const zone = after(
    newZone(),
    to.upload('own', { level: 'hostname' }),
    to.associate(wish('www.example.test', 'own')),
    issue('made'),
    to.drop('own', 'hostname'),
    to.upload('other', { level: 'hostname' }),
    to.associate(wish('www.example.test', 'other')),
    to.drop('made', 'hostname'),
  );
  assert.equal(zone.certificates.get(idOf.certificate('made'))?.wish.kind, 'delete');
});

test('one that a hostname names is not deleted, and the managed one of the zone never', () => {
  const zone = after(newZone(), issue('made'));
  assert.equal(refused(zone, to.drop('made', 'hostname')).code, 'certificate_in_use');
  assert.equal(refused(zone, to.drop('managed')).code, 'managed_certificate');
});

test('a name outside the zone, or in a zone below, is refused at its place', () => {
  const names = [WWW, host('www.sub.example.test'), host('www.other.test')];
  const below = world({}, [holder('sub.example.test')]);
  const inner = refused(newZone(), issue('made', { hostnames: names.slice(0, 2) }), world(below));
  assert.deepEqual([inner.code, inner.pointer], ['hostname_outside_zone', '/hostnames/1']);
  const outer = refused(newZone(), issue('made', { hostnames: [WWW, host('www.other.test')] }));
  assert.deepEqual([outer.code, outer.pointer], ['hostname_outside_zone', '/hostnames/1']);
});

test('the limits of certificates and of hostnames count it; one that a rotation brings counts no second time', () => {
  const limits = { ...DEFAULT_LIMITS, aopCertificatesPerZone: 1 };
  const one = after(newZone(), issue('made'));
  assert.equal(refused(one, issue('second'), world({ limits })).code, 'too_many_certificates');
  assert.equal(refused(one, to.upload('own', { level: 'hostname' }), world({ limits })).code, 'too_many_certificates');
  const few = { ...DEFAULT_LIMITS, aopHostnamesPerZone: 0 };
  const crowded = refused(newZone(), issue('made'), world({ limits: few }));
  assert.deepEqual([crowded.code, crowded.pointer], ['too_many_hostnames', '/hostnames/0']);
  const successors = [{ from: idOf.certificate('made'), draft: issuedDraft('next') }];
  const draft = rotationDraft('first', { what: 'leaf', authority: null, successors });
  const rotating = after(one, { kind: 'start_rotation', draft });
  const two = { ...DEFAULT_LIMITS, aopCertificatesPerZone: 2 };
  assert.equal(change(rotating, issue('second'), world({ limits: two })).kind, 'changed');
});

test('while a rotation moves certificates, nobody else deletes them or gives them to hostnames', () => {
  const successors = [{ from: idOf.certificate('made'), draft: issuedDraft('next') }];
  const draft = rotationDraft('first', { what: 'leaf', authority: null, successors });
  const rotating = after(newZone(), issue('made', { present: false }), { kind: 'start_rotation', draft });
  for (const tag of ['made', 'next'])
    assert.equal(refused(rotating, to.drop(tag, 'hostname')).code, 'rotation_running');
  assert.equal(refused(rotating, to.associate(wish('www.example.test', 'next'))).code, 'rotation_running');
  const named = after(rotating, to.associate(wish('www.example.test', 'made')));
  const promoted = after(named, move(named, 'promote'));
  assert.equal(promoted.associations.get(WWW)?.certificate, idOf.certificate('next'), 'handed over');
  assert.equal(refused(promoted, to.associate(wish('api.example.test', 'made'))).code, 'rotation_running');
});

test('none is issued between two CAs; under the new one it is, and then the rotation is not undone any more', () => {
  const rotating = after(newZone(), { kind: 'start_rotation', draft: rotationDraft('first') });
  assert.equal(refused(rotating, issue('made')).code, 'rotation_running');
  const promoted = after(rotating, move(rotating, 'promote'));
  assert.equal(refused(promoted, issue('made')).code, 'rotation_moved_on', 'under the CA that leaves');
  const issued = after(promoted, issue('made', { draft: issuedDraft('made', promoted.authority) }));
  const undo: RotationWish = { id: idOf.rotation('first'), by: 'tester', because: '', wish: { kind: 'undo' } };
  const late = refused(issued, { kind: 'steer_rotation', wish: undo });
  assert.equal(late.code, 'rotation_beyond_undo');
  assert.equal(change(promoted, { kind: 'steer_rotation', wish: undo }, world()).kind, 'changed');
});

test('what is due is exchanged alone, and what its CA would not outlive is never due', () => {
  const day = issuedDraft('made');
  const leaf = facts('made', { ...day.leaf, notBefore: later(-DAY), notAfter: later(DAY / 24) });
  const zone = after(newZone(), issue('made', { draft: { ...day, leaf } }));
  const long = { ...authority(), root: facts('root', { notAfter: later(1000 * DAY) }) };
  const healthy = { ...zone, authority: { ...long, intermediate: facts('i', { notAfter: later(900 * DAY) }) } };
  assert.deepEqual(
    dueLeafs(healthy, later(0)).map(({ id }) => id),
    [idOf.certificate('made')],
  );
  assert.equal(rotationDue(healthy, later(0)), 'leaf');
  const ending = { ...healthy, authority: { ...long, intermediate: facts('i', { notAfter: leaf.notAfter }) } };
  assert.deepEqual(dueLeafs(ending, later(0)), []);
});
