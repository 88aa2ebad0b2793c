import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { endingConcerns, sharedConcerns } from './ending-concerns.ts';
import type { Instant } from './ids.ts';
import { type Concern, due } from './notice.ts';
import type { Zone } from './zone.ts';
import { after, customDraft, DAY, draft, facts, host, idOf, later, MANAGED, newZone } from './zone.fixture.ts';

const NOTHING_UNKNOWN = () => false;
/** After everything in these tests. */
const END = 100 * DAY;

/** Says what is due at each of these moments, and remembers. */
function told(concerns: (now: Instant) => readonly Concern[], moments: readonly number[]) {
  const marks = new Map<string, number>();
  return moments.map((at) => {
    const { say, put, dropped } = due(concerns(later(at)), marks, NOTHING_UNKNOWN);
    for (const { key, stage } of put) marks.set(key, stage);
    for (const key of dropped) marks.delete(key);
    return say;
  });
}

function zoneWith(...uploads: readonly Parameters<typeof draft>[]): Zone {
  return after(newZone(), ...uploads.map((one) => ({ kind: 'add_certificate', draft: draft(...one) }) as const));
}

function upload(end: number, tag = 'upload') {
  return { leaf: facts(tag, { notBefore: later(-DAY), notAfter: later(end) }) };
}

/** So long is Postern's own part of the zone valid that nothing is due of it. */
function withoutOwn(zone: Zone): Zone {
  const lasting = (tag: string) => facts(tag, { notBefore: later(-DAY), notAfter: later(9_000 * DAY) });
  const own = [...zone.certificates.values()].map((one) =>
    one.source === 'managed' ? { ...one, leaf: lasting(one.id) } : one,
  );
  const authority = { ...zone.authority, root: lasting('root'), intermediate: lasting('intermediate') };
  return { ...zone, authority, certificates: new Map(own.map((one) => [one.id, one])) };
}

describe('what ends', () => {
  test('is spoken of 30, 14, 7 and 1 days before, and once when it is over', () => {
    const zone = withoutOwn(zoneWith(['upload', upload(END)]));
    const days = [31, 30, 29, 15, 14, 8, 7, 2, 1, 0.5, 0, -1, -400];
    const said = told(
      (now) => endingConcerns(zone, now),
      days.map((left) => END - left * DAY),
    );
    assert.deepEqual(
      said.map((one) => one.length),
      [0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0],
    );
    const [first, ...others] = said.flat();
    assert.match(first?.detail ?? '', /^CN=upload ends on 2030-04-11, in 30 days$/);
    assert.match(others.at(-1)?.detail ?? '', /^CN=upload ended on 2030-04-11$/);
    assert.deepEqual(
      said.flat().map(({ severity }) => severity),
      ['warning', 'warning', 'warning', 'critical', 'critical'],
    );
  });

  test('is spoken of once where nobody looked for a long time', () => {
    const zone = withoutOwn(zoneWith(['upload', upload(END)]));
    const said = told((now) => endingConcerns(zone, now), [END - 5 * DAY, END - 4 * DAY, END + DAY]);
    assert.deepEqual(
      said.map((one) => one.length),
      [1, 0, 1],
    );
  });

  test('is no more spoken of once it is deleted', () => {
    const zone = withoutOwn(zoneWith(['upload', upload(END)]));
    const gone = after(zone, { kind: 'delete_certificate', level: 'zone', id: idOf.certificate('upload') });
    assert.equal(endingConcerns(gone, later(END)).filter(({ code }) => code === 'certificate_ending').length, 0);
  });

  test('is spoken of no more once its owner has put another one in its place', () => {
    const zone = withoutOwn(zoneWith(['upload', upload(END)], ['next', upload(4 * END, 'next')]));
    assert.deepEqual(endingConcerns(zone, later(END)), []);
    const unused = withoutOwn(zoneWith(['upload', { ...upload(END), level: 'hostname' as const }]));
    assert.deepEqual(endingConcerns(unused, later(END)), [], 'no hostname presents it');
  });

  test('and is for visitors is spoken of where none for the same names lasts longer', () => {
    const custom = (tag: string, end: number) => {
      const leaf = facts(tag, { dnsNames: ['example.test'], notBefore: later(-DAY), notAfter: later(end) });
      return { kind: 'add_custom_certificate', draft: customDraft(tag, { leaf }) } as const;
    };
    const one = withoutOwn(after(newZone(), custom('one', END)));
    assert.deepEqual(
      endingConcerns(one, later(END)).map(({ code }) => code),
      ['visitor_certificate_ending'],
    );
    assert.deepEqual(endingConcerns(withoutOwn(after(one, custom('two', 4 * END))), later(END)), []);
  });

  test('names the hostnames that present it', () => {
    const named = withoutOwn(zoneWith(['upload', { ...upload(END), level: 'hostname' as const }]));
    const zone = after(named, {
      kind: 'associate',
      wishes: [{ hostname: host('www.example.test'), certificate: idOf.certificate('upload'), wish: 'present' }],
    });
    const [concern] = endingConcerns(zone, later(END - DAY));
    assert.deepEqual(concern?.about.hostnames, ['www.example.test']);
  });

  test('and is renewed by Postern itself is spoken of only when that is late', () => {
    const leaf = facts('managed', { notBefore: later(0), notAfter: later(30 * DAY) });
    const zone = withoutOwn(newZone());
    const [id] = [...zone.certificates.keys()];
    assert.ok(id !== undefined && id === MANAGED.id);
    const known = zone.certificates.get(id) ?? assert.fail();
    const mine = { ...zone, certificates: new Map([[id, { ...known, leaf }]]) };
    const said = told(
      (now) => endingConcerns(mine, now),
      [0, 10, 20, 22, 23, 24, 29, 30].map((day) => day * DAY),
    );
    assert.deepEqual(
      said.map((one) => one.map(({ code }) => code)),
      [[], [], [], [], ['managed_ending'], [], ['managed_ending'], ['managed_ending']],
    );
  });

  test('of the shared identity is spoken of in the same way', () => {
    const leaf = facts('shared', { notBefore: later(0), notAfter: later(90 * DAY) });
    const said = told(
      (now) => sharedConcerns([leaf], now),
      [59, 61, 76, 83, 89, 91].map((day) => day * DAY),
    );
    assert.deepEqual(
      said.map((one) => one.length),
      [0, 0, 1, 1, 1, 1],
    );
  });
});

describe('what is due', () => {
  const concern = (key: string, stage: number): Concern => ({
    key,
    stage,
    code: 'test',
    severity: 'info',
    about: {
      certificate: null,
      fingerprint: null,
      subject: null,
      hostnames: [],
      origin: null,
      rotation: null,
      endsAt: null,
    },
    detail: '',
  });

  test('is said once for each stage, whenever somebody looks, and never a lower one after a higher one', () => {
    const moments = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 30 });
    fc.assert(
      fc.property(moments, (stages) => {
        const said: number[] = [];
        const marks = new Map<string, number>();
        for (const stage of stages) {
          const { say, put } = due([concern('one', stage)], marks, NOTHING_UNKNOWN);
          said.push(...say.map((one) => one.stage));
          for (const mark of put) marks.set(mark.key, mark.stage);
        }
        assert.deepEqual(
          said,
          [...new Set(said)].toSorted((a, b) => a - b),
        );
        assert.equal(said.at(-1) ?? 0, Math.max(0, ...stages));
      }),
    );
  });

  test('is forgotten with the state of things that it was about, unless nothing is known of that now', () => {
    const marks = new Map([
      ['gone', 1],
      ['held x', 2],
    ]);
    const { say, dropped } = due([], marks, (key) => key.startsWith('held '));
    assert.deepEqual([say, dropped], [[], ['gone']]);
  });
});
