import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CertificateId, type Instant, instant } from './ids.ts';
import { due } from './notice.ts';
import { originKey } from './proof.ts';
import type { OriginFact, Rotation, Standing } from './rotation.ts';
import { type HeldSight, needsSight, rotationConcerns, sharedChange } from './rotation-concerns.ts';
import type { Zone } from './zone.ts';
import { after, DAY, facts, host, idOf, later, MANAGED, NOW, newZone, rotationDraft } from './zone.fixture.ts';

const HOUR = 3_600_000;
const ORIGIN = {
  hostname: host('www.example.test'),
  address: '192.0.2.1',
  port: 443,
  serverName: null,
  hostHeader: null,
};

/** A zone whose rotation is as these tests want it. */
function rotating(over: Partial<Rotation> = {}): Zone {
  const zone = after(newZone(), { kind: 'start_rotation', draft: rotationDraft('one') });
  const rotation = zone.rotation ?? assert.fail();
  return { ...zone, rotation: { ...rotation, startedAt: NOW, phase: { kind: 'switching', since: NOW }, ...over } };
}

/** What is seen of the one origin: whether it takes the new certificate, and whether it takes the old one. */
function seen(
  accepts: { readonly to: boolean; readonly from?: boolean },
  oldUntil: Instant = later(90 * DAY),
): HeldSight {
  const to: CertificateId = idOf.certificate('coming');
  const { to: takesNew, from: takesOld = true } = accepts;
  const fact: OriginFact = {
    task: { ...ORIGIN, from: MANAGED.id, to },
    finding: null,
    lately: takesNew ? 'proved' : 'refused',
    evidence: null,
    oldRefused: !takesOld,
    pulls: { answered: 0, refused: 0 },
    oldUntil,
  };
  return { origins: [fact] };
}

function said(zone: Zone, sight: HeldSight | null, at: number) {
  const { say } = due(rotationConcerns(zone, sight, later(at)), new Map(), () => false);
  return say.filter(({ code }) => code !== 'rotation_begun');
}

describe('an origin that holds a rotation back', () => {
  test('is spoken of after a day, and told apart by what was found there', () => {
    assert.deepEqual(said(rotating(), seen({ to: false }), 23 * HOUR), []);
    const [refuses] = said(rotating(), seen({ to: false }), 25 * HOUR);
    assert.equal(refuses?.code, 'origin_refuses');
    assert.deepEqual(refuses.about.origin, ORIGIN);
    assert.match(refuses.detail, /^www\.example\.test at 192\.0\.2\.1:443: .*postern ca bundle/);
    const nobody: HeldSight = { origins: seen({ to: true }).origins.map((fact) => ({ ...fact, lately: null })) };
    assert.equal(said(rotating(), nobody, 25 * HOUR)[0]?.code, 'proof_missing');
  });

  test('is spoken of sooner where the old certificate ends soon', () => {
    const soon = seen({ to: false }, later(30 * HOUR));
    assert.deepEqual(said(rotating(), soon, 9 * HOUR), []);
    const [concern] = said(rotating(), soon, 11 * HOUR);
    assert.deepEqual([concern?.code, concern?.severity], ['origin_refuses', 'critical']);
  });

  test('is spoken of again when the old certificate ends within a week and within a day, and not in between', () => {
    const marks = new Map<string, number>();
    const end = later(90 * DAY);
    const codes = [1, 2, 40, 82, 84, 89.5, 89.9].map((day) => {
      const { say, put } = due(
        rotationConcerns(rotating(), seen({ to: false }, end), later(day * DAY)),
        marks,
        () => false,
      );
      for (const { key, stage } of put) marks.set(key, stage);
      return say.filter(({ code }) => code !== 'rotation_begun').map(({ severity }) => severity);
    });
    assert.deepEqual(codes, [[], ['warning'], [], [], ['warning'], ['critical'], []]);
  });

  test('is not spoken of each time that it wavers', () => {
    const marks = new Map<string, number>();
    const codes = [true, false, true, false, false].map((accepts, hour) => {
      const concerns = rotationConcerns(rotating(), seen({ to: accepts }), later(2 * DAY + hour * HOUR));
      const { say, put, dropped } = due(concerns, marks, () => false);
      for (const { key, stage } of put) marks.set(key, stage);
      for (const key of dropped) marks.delete(key);
      return say.map(({ code }) => code);
    });
    assert.deepEqual(codes, [['rotation_begun'], ['origin_refuses'], [], [], []]);
  });

  test('is not spoken of once it is switched, in a rehearsal, or where nobody has looked', () => {
    const standing: Standing = { kind: 'switched', origin: ORIGIN, at: NOW, how: 'proved', evidence: null };
    const switched = rotating({ standings: new Map([[originKey(ORIGIN), standing]]) });
    assert.deepEqual(said(switched, seen({ to: false }), 2 * DAY), []);
    assert.deepEqual(said(rotating({ rehearsal: true }), seen({ to: false }), 2 * DAY), []);
    assert.deepEqual(said(rotating(), null, 2 * DAY), []);
    const [concern] = said(rotating(), seen({ to: false }), 2 * DAY);
    assert.ok(needsSight(concern?.key ?? ''), 'what was said of it must be kept while nobody has looked');
  });

  test('under a paused rotation is spoken of only when time runs out', () => {
    const paused = rotating({ paused: { at: NOW, because: '' } });
    assert.deepEqual(said(paused, seen({ to: false }), 2 * DAY), []);
    const [concern] = said(paused, seen({ to: false }, later(5 * DAY)), 2 * DAY);
    assert.match(concern?.detail ?? '', /The rotation is paused\.$/);
  });

  test('and still takes what the old CA signed is spoken of after a day', () => {
    const confirming = rotating({ phase: { kind: 'confirming', since: NOW } });
    assert.deepEqual(said(confirming, seen({ to: true }), 23 * HOUR), []);
    assert.equal(said(confirming, seen({ to: true }), 25 * HOUR)[0]?.code, 'old_ca_trusted');
    assert.deepEqual(said(confirming, seen({ to: true, from: false }), 25 * HOUR), []);
  });
});

describe('a rotation', () => {
  const codes = (zone: Zone, at: number) => rotationConcerns(zone, null, later(at)).map(({ code }) => code);

  test('is told when it begins and how it ended, for a week', () => {
    assert.deepEqual(codes(rotating(), 0), ['rotation_begun']);
    const ended = (outcome: 'done' | 'undone') =>
      rotating({ phase: { kind: 'ended', at: NOW, outcome, because: 'x' } });
    assert.deepEqual(codes(ended('done'), HOUR), ['rotation_ended']);
    assert.deepEqual(codes(ended('undone'), HOUR), ['rotation_undone']);
    assert.deepEqual(codes(ended('done'), 8 * DAY), []);
  });

  test('is louder in an emergency', () => {
    const [usual] = rotationConcerns(rotating(), null, NOW);
    const [loud] = rotationConcerns(rotating({ cause: 'emergency' }), null, NOW);
    assert.deepEqual([usual?.severity, loud?.severity], ['info', 'warning']);
  });

  test('that switches an origin back says so each time', () => {
    const back = (times: number) => {
      const standing: Standing = { kind: 'reverted', origin: ORIGIN, at: NOW, because: 'why', times, evidence: null };
      return rotating({ standings: new Map([[originKey(ORIGIN), standing]]) });
    };
    const [first] = said(back(1), null, HOUR);
    assert.deepEqual([first?.code, first?.stage], ['origin_switched_back', 1]);
    const marks = new Map([[first?.key ?? '', 1]]);
    const again = due(rotationConcerns(back(2), null, later(HOUR)), marks, () => false).say;
    assert.ok(again.some(({ code, detail }) => code === 'origin_switched_back' && detail.endsWith('(2 times so far)')));
  });
});

test('a zone that presents the shared identity is told when that is another one', () => {
  const root = facts('root', { notBefore: later(-90 * DAY) });
  const leaf = facts('shared', { notBefore: instant(NOW - HOUR) });
  const zone = newZone();
  const global = after(zone, { kind: 'set', settings: { globalPull: true } });
  assert.equal(sharedChange(global, { root, leaf }, NOW)[0]?.code, 'shared_identity_changed');
  assert.deepEqual(sharedChange(zone, { root, leaf }, NOW), []);
  assert.deepEqual(sharedChange(global, { root, leaf: { ...leaf, notBefore: root.notBefore } }, NOW), []);
  assert.deepEqual(sharedChange(global, { root, leaf }, later(8 * DAY)), []);
});
