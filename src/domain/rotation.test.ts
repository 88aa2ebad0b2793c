import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Command, change } from './change.ts';
import { compile } from './compile.ts';
import { revision } from './ids.ts';
import { originKey } from './proof.ts';
import { isRunning, nextStep } from './rotation.ts';
import { ANSWERS, locked, open, outdated, REFUSES, Rehearsed, site } from './rotation.fixture.ts';
import {
  after,
  DAY,
  draft,
  facts,
  host,
  idOf,
  later,
  MANAGED,
  newZone,
  origin,
  rotationDraft,
  SHARED,
  to,
  wish,
  world,
} from './zone.fixture.ts';

const NEW = idOf.certificate('first leaf');
const OLD = MANAGED.id;
const MINUTE = 60_000;

describe('a rotation of the root', () => {
  test('trusts first, presents second, retires last, and says at the end who was seen refusing the old one', () => {
    const it = new Rehearsed(site('a', 'b', 'c'), { pace: { ...rotationDraft('first').pace, noticeFor: DAY } }, {});
    assert.deepEqual(it.trusted(), ['root', 'first root', 'intermediate', 'first intermediate']);
    assert.deepEqual(Object.values(it.shown()), [OLD, OLD, OLD]);
    assert.equal(it.settle(), 'canary');
    assert.deepEqual(Object.values(it.shown()), [NEW, OLD, OLD], 'one of three goes first');
    assert.equal(it.wait(MINUTE), 'watch');
    assert.deepEqual(Object.values(it.shown()), [NEW, NEW, NEW]);
    assert.equal(it.zone.authority.id, 'first', 'the pair that new zones are born with');
    assert.equal(it.wait(10 * MINUTE), 'drain');
    assert.equal(it.zone.authority.root.subject, 'CN=first root');
    assert.equal(it.wait(MINUTE), 'notice');
    assert.deepEqual(it.trusted(), ['root', 'first root', 'intermediate', 'first intermediate']);
    assert.equal(it.wait(DAY - 1), 'notice');
    assert.equal(it.zone.certificates.get(OLD)?.wish.kind, 'deploy', 'it is needed to see it refused');
    assert.equal(it.wait(1), 'confirmation');
    assert.deepEqual(it.trusted(), ['first root', 'first intermediate']);

    for (const name of ['a', 'b', 'c']) {
      it.tempers.set(`${name}.example.test`, (shown) => (shown === NEW ? ANSWERS : REFUSES));
    }
    it.settle();
    const { phase, lastly } = it.rotation();
    assert.ok(phase.kind === 'ended' && phase.outcome === 'done');
    assert.equal(phase.because, '');
    assert.equal(lastly.length, 3);
    assert.equal(it.zone.certificates.get(OLD)?.wish.kind, 'delete');
    const all = 'switch, switching, switch, watching, promote, retiring, confirming, finish';
    assert.equal(it.did.join(', '), all);
  });

  test('servers behind one address are origins of their own: who is called by another name is proved for itself', () => {
    const called = (httpPort: number, serverName: string, hostHeader: string | null = null) => ({
      origin: origin({ httpPort, serverName: host(serverName), hostHeader }),
    });
    const zone = after(
      newZone(),
      to.set({ zonePull: true }),
      to.serve('www.example.test', {}, 'plain'),
      to.serve('www.example.test', called(81, 'good.example.test'), 'good'),
      to.serve('www.example.test', called(82, 'stale.example.test'), 'stale'),
      to.serve('www.example.test', called(83, 'good.example.test', 'inner.test'), 'inner'),
    );
    const it = new Rehearsed(zone, {}, { 'stale.example.test': outdated });
    it.settle();
    assert.equal(it.wait(MINUTE), 'proof');
    const { targets = [] } = compile(it.zone, SHARED).hosts.get(host('www.example.test')) ?? {};
    assert.deepEqual(
      targets.map(({ serverName, hostHeader, successor }) => [serverName, hostHeader, successor?.identity.certificate]),
      [
        [null, null, NEW],
        ['good.example.test', null, NEW],
        ['stale.example.test', null, undefined],
        ['good.example.test', 'inner.test', NEW],
      ],
    );
  });

  test('a record that calls its origin by another name leads to one that was not proved: it has the old one again', () => {
    const it = new Rehearsed(site('a'), {}, { 'other.example.test': outdated });
    assert.equal(it.settle(), 'canary');
    assert.deepEqual(Object.values(it.shown()), [NEW]);
    const draft = { origin: origin({ serverName: host('other.example.test') }) };
    it.command({ kind: 'update_record', id: idOf.record('a.example.test'), draft });
    assert.deepEqual(Object.values(it.shown()), [OLD]);
    assert.equal(it.settle(), 'proof');
    assert.equal(it.rotation().standings.size, 0);
  });

  test('an origin that does not have the new bundle holds back nobody but itself', () => {
    const it = new Rehearsed(site('a', 'b', 'c'), {}, { 'b.example.test': outdated });
    it.settle();
    assert.equal(it.wait(MINUTE), 'proof');
    assert.deepEqual(it.shown(), { 'a.example.test': NEW, 'b.example.test': OLD, 'c.example.test': NEW });
    assert.equal(it.wait(DAY), 'proof');
    it.tempers.set('b.example.test', locked);
    assert.equal(it.settle(), 'watch');
    assert.equal(it.shown()['b.example.test'], NEW);
  });

  test('is not over before the old certificate was seen being refused, or has ended', () => {
    const it = new Rehearsed(site('a'), { pace: { ...rotationDraft('first').pace, noticeFor: 0 } }, {});
    it.settle();
    it.wait(MINUTE);
    it.wait(10 * MINUTE);
    assert.equal(it.wait(MINUTE), 'confirmation');
    assert.equal(it.wait(DAY), 'confirmation');
    it.wait(5 * DAY);
    const { phase } = it.rotation();
    assert.ok(phase.kind === 'ended');
    assert.match(phase.because, /ended before it was seen being refused by a\.example\.test/);
  });
});

test('an origin that refuses nobody is not proved', () => {
  const it = new Rehearsed(site('a', 'b'), { what: 'leaf', authority: null }, { 'a.example.test': open });
  it.settle();
  assert.equal(it.wait(MINUTE), 'proof');
  assert.deepEqual(it.shown(), { 'a.example.test': OLD, 'b.example.test': NEW });
});

test('an old certificate that has ended has nothing to lose', () => {
  const it = new Rehearsed(site('a'), {}, { 'a.example.test': () => REFUSES });
  assert.equal(it.settle(), 'proof');
  assert.equal(it.wait(5 * DAY), 'canary');
  assert.equal(it.shown()['a.example.test'], NEW);
  const standing = [...it.rotation().standings.values()][0];
  assert.ok(standing?.kind === 'switched' && standing.how === 'lapsed');
});

describe('an origin that accepted the new certificate and refuses it later', () => {
  test('gets the old one back, and is tried again after a pause that grows', () => {
    const it = new Rehearsed(site('a', 'b'), {}, {});
    it.settle();
    assert.equal(it.wait(MINUTE), 'watch');
    it.tempers.set('a.example.test', outdated);
    assert.equal(it.settle(), 'proof');
    assert.deepEqual(it.shown(), { 'a.example.test': OLD, 'b.example.test': NEW });
    it.tempers.set('a.example.test', locked);
    assert.equal(it.settle(), 'proof', 'not at once');
    assert.equal(it.wait(5 * MINUTE), 'watch');
    it.tempers.set('a.example.test', outdated);
    it.settle();
    it.tempers.set('a.example.test', locked);
    assert.equal(it.wait(5 * MINUTE), 'proof');
    assert.equal(it.wait(5 * MINUTE), 'watch');
  });

  test('is told by the pulls of visitors, above a share and more than a few', () => {
    const it = new Rehearsed(site('a'), {}, {});
    it.settle();
    it.wait(MINUTE);
    const [task] = it.tasks();
    const key = originKey(task ?? assert.fail('an origin'));
    it.pulls.set(key, { answered: 0, refused: 2 });
    assert.equal(it.settle(), 'watch');
    it.pulls.set(key, { answered: 1000, refused: 20 });
    assert.equal(it.settle(), 'watch');
    it.pulls.set(key, { answered: 979, refused: 21 });
    assert.equal(it.settle(), 'proof');
    const standing = it.rotation().standings.get(key);
    assert.ok(standing?.kind === 'reverted');
    assert.equal(standing.because, '21 of 1000 pulls with the new certificate were refused');
  });

  test('all canaries taken back: the rotation proves anew', () => {
    const it = new Rehearsed(site('a', 'b'), {}, {});
    it.settle();
    it.tempers.set('a.example.test', outdated);
    it.settle();
    assert.deepEqual(it.did, ['switch', 'revert', 'proving', 'switch']);
    assert.deepEqual(it.shown(), { 'a.example.test': OLD, 'b.example.test': NEW });
  });
});

describe('an operator', () => {
  test('pauses and resumes', () => {
    const it = new Rehearsed(site('a', 'b'), {}, {});
    it.settle();
    it.steer('pause');
    assert.equal(it.wait(DAY), 'operator');
    it.steer('resume');
    assert.equal(it.settle(), 'watch');
  });

  test('forces what is not proved, and the history says why', () => {
    const it = new Rehearsed(site('a', 'b'), {}, { 'a.example.test': outdated, 'b.example.test': outdated });
    assert.equal(it.settle(), 'proof');
    it.steer('force', ['a.example.test']);
    assert.equal(it.wait(MINUTE), 'proof');
    assert.deepEqual(it.shown(), { 'a.example.test': NEW, 'b.example.test': OLD });
    const line = it.rotation().history.find(({ did }) => did === 'force');
    assert.deepEqual([line?.by, line?.because, line?.origins.length], ['tester', 'said so', 1]);
  });

  for (const [when, waits] of [
    ['of two that were switched one', 'canary'],
    ['all were switched', 'watch'],
    ['the new one was given to the zone', 'drain'],
    ['the old CA waits for its date', 'notice'],
  ] as const) {
    test(`undoes it when ${when}`, () => {
      const before = site('a', 'b');
      const it = new Rehearsed(before, {}, {});
      for (const step of [0, MINUTE, 10 * MINUTE, MINUTE]) {
        if (it.wait(step) === waits) break;
      }
      it.steer('undo');
      assert.deepEqual(Object.values(it.shown()), [OLD, OLD]);
      assert.ok(it.trusted().includes('first root'), 'edges may still show the new one');
      assert.equal(it.settle(), 'nothing');
      assert.deepEqual(it.zone.authority, before.authority);
      assert.equal(it.zone.certificates.get(NEW)?.wish.kind, 'delete');
      assert.equal(it.zone.certificates.get(OLD)?.wish.kind, 'deploy');
    });
  }

  test('cannot go back to what has ended, nor once the old CA is out of the bundle', () => {
    const it = new Rehearsed(site('a'), { pace: { ...rotationDraft('first').pace, noticeFor: 0 } }, {});
    it.settle();
    it.wait(MINUTE);
    it.wait(10 * MINUTE);
    it.wait(MINUTE);
    const undo: Command = {
      kind: 'steer_rotation',
      wish: { id: it.rotation().id, by: 'tester', because: '', wish: { kind: 'undo' } },
    };
    const confirming = change(it.zone, undo, world({ now: it.now }));
    assert.ok(confirming.kind === 'problem' && confirming.code === 'rotation_beyond_undo');
    const late = new Rehearsed(site('a'), {}, { 'a.example.test': outdated });
    const ended = change(late.zone, { ...undo, wish: { ...undo.wish } }, world({ now: later(5 * DAY) }));
    assert.ok(ended.kind === 'problem' && ended.code === 'rotation_beyond_undo');
  });
});

test('a rehearsal proves, switches nothing, and leaves everything as it was', () => {
  const before = site('a', 'b');
  const it = new Rehearsed(before, { rehearsal: true }, { 'a.example.test': outdated });
  assert.equal(it.settle(), 'proof');
  it.tempers.set('a.example.test', locked);
  assert.equal(it.settle(), 'nothing');
  const { phase, lastly } = it.rotation();
  assert.ok(phase.kind === 'ended' && phase.outcome === 'rehearsed');
  assert.equal(lastly.length, 2);
  assert.deepEqual(it.zone.authority, before.authority);
  assert.deepEqual(Object.values(it.shown()), [OLD, OLD]);
});

test('where nothing presents the old one, nothing is to be proved', () => {
  const it = new Rehearsed(after(newZone(), to.serve('a.example.test')), { what: 'leaf', authority: null }, {});
  assert.equal(it.settle(), 'drain');
  assert.equal(it.wait(MINUTE), 'nothing');
});

test('a hostname that comes in the middle is proved before it is switched; one that goes is forgotten', () => {
  const it = new Rehearsed(site('a', 'b'), {}, { 'c.example.test': outdated });
  it.settle();
  it.wait(MINUTE);
  it.command(to.serve('c.example.test'));
  assert.equal(it.settle(), 'proof');
  assert.equal(it.shown()['c.example.test'], OLD);
  it.command({ kind: 'delete_record', id: idOf.record('a.example.test') });
  it.settle();
  assert.deepEqual(
    [...it.rotation().standings.values()].map(({ origin }) => origin.hostname),
    ['b.example.test'],
  );
});

test('a step waits until the one before is in force, and is not taken over what somebody else decided', () => {
  const it = new Rehearsed(site('a'), {}, {});
  assert.deepEqual(nextStep(it.rotation(), it.facts({ applied: revision(1) }), it.now), { kind: 'wait', for: 'edges' });
  assert.deepEqual(nextStep(it.rotation(), it.facts({ edges: 0 }), it.now), { kind: 'wait', for: 'no_edge' });
  const step = it.next();
  assert.ok(step.kind === 'switch');
  const { id, revision: over } = it.rotation();
  it.steer('pause');
  const late = change(it.zone, { kind: 'move_rotation', move: { id, over, step } }, world());
  assert.ok(late.kind === 'problem' && late.code === 'rotation_moved_on');
});

test('one rotation at a time', () => {
  const it = new Rehearsed(site('a'), {}, {});
  const again = rotationDraft('second', { id: idOf.rotation('second') });
  const refused = change(it.zone, { kind: 'start_rotation', draft: again }, world());
  assert.ok(refused.kind === 'problem' && refused.code === 'rotation_running');
  assert.ok(isRunning(it.zone.rotation));
});

test('a hostname with a managed certificate of its own is rotated with it, and its association follows', () => {
  const own = draft('own', { source: 'managed', level: 'hostname', leaf: facts('own') });
  const zone = after(
    site('a', 'b'),
    { kind: 'add_certificate', draft: own },
    to.associate(wish('b.example.test', 'own')),
  );
  const next = draft('next own', { source: 'managed', level: 'hostname' });
  const successors = [...rotationDraft('first').successors, { from: own.id, draft: next }];
  const it = new Rehearsed(zone, { successors }, {});
  it.settle();
  it.wait(MINUTE);
  assert.deepEqual(it.shown(), { 'a.example.test': NEW, 'b.example.test': next.id });
  it.wait(10 * MINUTE);
  assert.equal(it.zone.associations.get(wish('b.example.test', 'own').hostname)?.certificate, next.id);
  assert.deepEqual(it.shown(), { 'a.example.test': NEW, 'b.example.test': next.id });
});
