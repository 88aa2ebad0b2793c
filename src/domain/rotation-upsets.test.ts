import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile } from './compile.ts';
import { originKey } from './proof.ts';
import { isPromoted, nextStep } from './rotation.ts';
import { ANSWERS, open, outdated, REFUSES, Rehearsed, site } from './rotation.fixture.ts';
import {
  after,
  DAY,
  draft,
  facts,
  idOf,
  MANAGED,
  NOW,
  rotationDraft,
  SHARED,
  refused,
  to,
  wish,
} from './zone.fixture.ts';

/** Rotations in whose middle somebody errs. */

const OLD = MANAGED.id;
const NEW = idOf.certificate('first leaf');
const MINUTE = 60_000;

const NEITHER = { 'a.example.test': outdated, 'b.example.test': outdated };

describe('what nobody proved is not promoted', () => {
  test('because its zone is paused for a moment', () => {
    const it = new Rehearsed(site('a', 'b'), {}, NEITHER);
    assert.equal(it.settle(), 'proof');
    it.command({ kind: 'edit_zone', paused: true });
    it.settle();
    it.command({ kind: 'edit_zone', paused: false });
    assert.equal(isPromoted(it.rotation()), false);
    assert.deepEqual(Object.values(it.shown()), [OLD, OLD]);
  });

  for (const ssl of ['off', 'flexible'] as const) {
    test(`because pulls are plain HTTP for a moment (${ssl})`, () => {
      const it = new Rehearsed(site('a', 'b'), {}, NEITHER);
      it.settle();
      it.command(to.set({ ssl }));
      it.settle();
      it.command(to.set({ ssl: 'strict' }));
      assert.equal(isPromoted(it.rotation()), false);
      assert.deepEqual(Object.values(it.shown()), [OLD, OLD]);
    });
  }
});

test('a rehearsal that is never proved comes to an end, for nothing is renewed while it lasts', () => {
  const it = new Rehearsed(site('a'), { rehearsal: true }, { 'a.example.test': open });
  assert.equal(it.settle(), 'proof');
  assert.equal(it.wait(4 * DAY), 'nothing', 'the certificate ends in a day');
  const { phase } = it.rotation();
  assert.ok(phase.kind === 'ended' && phase.outcome === 'rehearsed');
  assert.match(phase.because, /within a day/);
});

describe('when the old certificate has ended, origins are shown the new one', () => {
  test('all at once, not canaries first', () => {
    const it = new Rehearsed(site('a', 'b'), {}, NEITHER);
    it.settle();
    it.wait(5 * DAY);
    assert.ok(!Object.values(it.shown()).includes(OLD));
  });

  test('also while canaries are watched for long', () => {
    const pace = { ...rotationDraft('first').pace, canaryFor: 30 * DAY };
    const it = new Rehearsed(site('a', 'b'), { pace }, {});
    assert.equal(it.settle(), 'canary');
    it.wait(5 * DAY);
    assert.ok(!Object.values(it.shown()).includes(OLD));
  });

  test('also where somebody has paused the rotation and forgot it', () => {
    const it = new Rehearsed(site('a', 'b'), {}, NEITHER);
    it.settle();
    it.steer('pause');
    assert.equal(it.wait(DAY), 'operator');
    assert.deepEqual(Object.values(it.shown()), [OLD, OLD]);
    assert.equal(it.wait(5 * DAY), 'operator');
    assert.ok(!Object.values(it.shown()).includes(OLD));
  });
});

describe('a hostname that names a certificate of a rotation in its middle', () => {
  const own = draft('own', { source: 'managed', level: 'hostname', leaf: facts('own') });
  const next = draft('next own', { source: 'managed', level: 'hostname' });
  const begun = () => {
    const zone = after(
      site('a', 'b'),
      { kind: 'add_certificate', draft: own },
      to.associate(wish('b.example.test', 'own')),
    );
    const successors = [...rotationDraft('first').successors, { from: own.id, draft: next }];
    return new Rehearsed(zone, { successors, what: 'leaf', authority: null }, {});
  };
  const presents = (it: Rehearsed, hostname: string) => {
    const [host] = [...compile(it.zone, SHARED).hosts.values()].filter((one) => one.hostname === hostname);
    return host?.pull.kind === 'present' ? host.pull.identity?.certificate : host?.pull.kind;
  };

  test('has it only as far as the rotation has come: nobody goes before it', () => {
    const it = begun();
    it.settle();
    assert.equal(refused(it.zone, to.associate(wish('a.example.test', 'next own'))).code, 'rotation_running');
    assert.equal(it.wait(MINUTE), 'watch');
    assert.equal(it.wait(10 * MINUTE), 'drain');
    assert.equal(refused(it.zone, to.associate(wish('a.example.test', 'own'))).code, 'rotation_running');
    assert.equal(it.wait(MINUTE), 'nothing');
    assert.equal(presents(it, 'b.example.test'), next.id);
  });
});

test('a notice of days is cut short by force, so that another rotation may begin', () => {
  const it = new Rehearsed(site('a'), {}, {});
  it.settle();
  it.wait(MINUTE);
  it.wait(10 * MINUTE);
  assert.equal(it.wait(MINUTE), 'notice');
  it.steer('force');
  assert.equal(it.settle(), 'confirmation');
  assert.deepEqual(it.trusted(), ['first root', 'first intermediate']);
  it.steer('force');
  assert.equal(it.rotation().phase.kind, 'ended');
});

test('a clock that was ahead and is right again keeps no rotation waiting for the difference', () => {
  const it = new Rehearsed(site('a'), {}, {});
  it.now = (it.now + 4 * DAY) as typeof it.now;
  it.settle();
  assert.equal(it.wait(MINUTE), 'watch');
  it.now = (it.now - 4 * DAY) as typeof it.now;
  it.settle();
  assert.notEqual(it.wait(DAY), 'watch');
});

test('an origin whose every pull is refused with either certificate is not tossed between them', () => {
  const it = new Rehearsed(site('a'), {}, { 'a.example.test': () => REFUSES });
  assert.equal(it.settle(), 'proof');
  it.steer('force', ['a.example.test']);
  const [task] = it.tasks();
  it.pulls.set(originKey(task ?? assert.fail()), { answered: 0, refused: 1000 });
  assert.equal(it.wait(MINUTE), 'watch');
});

test('what was seen before the old CA left the bundle does not confirm that it is refused', () => {
  const it = new Rehearsed(site('a'), { pace: { ...rotationDraft('first').pace, noticeFor: 0 } }, {});
  it.settle();
  it.wait(MINUTE);
  it.wait(10 * MINUTE);
  assert.equal(it.wait(MINUTE), 'confirmation');
  it.tempers.set('a.example.test', (shown) => (shown === NEW ? ANSWERS : REFUSES));
  const { origins } = it.facts();
  const stale = origins.map((fact) => ({ ...fact, evidence: fact.evidence && { ...fact.evidence, at: NOW } }));
  assert.ok(stale.every(({ oldRefused }) => oldRefused));
  assert.deepEqual(nextStep(it.rotation(), it.facts({ origins: stale }), it.now), {
    kind: 'wait',
    for: 'confirmation',
  });
  assert.equal(it.settle(), 'nothing');
});

test('its new certificate is not revoked in its middle, not by force either: it is undone first', () => {
  const { authority } = rotationDraft('first');
  const chain = authority === null ? [] : [authority.intermediate];
  const successors = [{ from: OLD, draft: draft('first leaf', { source: 'managed', chain }) }];
  const it = new Rehearsed(site('a'), { successors }, {});
  it.settle();
  assert.equal(it.wait(MINUTE), 'watch');
  const target = { kind: 'certificate', id: NEW } as const;
  const revoke = { kind: 'revoke_certificate', target, reason: 'keyCompromise', force: true } as const;
  assert.equal(refused(it.zone, revoke).code, 'revoke_presented');
  it.steer('undo');
  assert.equal(it.settle(), 'nothing');
  assert.deepEqual(Object.values(it.shown()), [OLD]);
});
