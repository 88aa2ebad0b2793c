import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attestation, ZoneLocks } from '../../domain/attestation.ts';
import { compile } from '../../domain/compile.ts';
import { revision, type ZoneId } from '../../domain/ids.ts';
import { originAt } from '../../domain/proof.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { after, host, idOf, later, newZone, NOW, SHARED, to } from '../../domain/zone.fixture.ts';
import type { ZoneEntry } from '../zones.ts';
import { OverviewIndex } from './overview-index.ts';

const MANY = 10_000;
const HOSTS = 10;

/** A zone with so many proxied names, all alike but for what it is called. */
function entry(tag: string, template = serving(HOSTS)): ZoneEntry {
  const zone = { ...template, id: idOf.zone(tag), name: host(`${tag}.test`) };
  const { edge } = shared(template);
  const rules = { ...edge.rules, id: zone.id, name: zone.name };
  const visitor = { names: [], chain: '', notBefore: NOW, notAfter: later(1) };
  return { zone, edge: { ...edge, rules }, visitor, since: revision(1) };
}

const compiled = new Map<object, Pick<ZoneEntry, 'edge'>>();

function shared(template: ZoneEntry['zone']): Pick<ZoneEntry, 'edge'> {
  const known = compiled.get(template) ?? { edge: compile(template, SHARED) };
  compiled.set(template, known);
  return known;
}

const templates = new Map<number, ZoneEntry['zone']>();

function serving(count: number): ZoneEntry['zone'] {
  const names = Array.from({ length: count }, (_, index) => to.serve(`h${index}.example.test`));
  const zone = templates.get(count) ?? after(newZone(), ...names);
  templates.set(count, zone);
  return zone;
}

function seen(verdict: Verdict, at: number): ZoneLocks {
  const attestations = Array.from({ length: HOSTS }, (_, index): Attestation => {
    const target = { address: '192.0.2.1', httpsPort: 443, serverName: null, hostHeader: null };
    const origin = originAt(host(`h${index}.example.test`), target);
    const when = later(at);
    const rest = {
      presented: null,
      since: when,
      at: when,
      fullAt: when,
      lastHeld: null,
      lastOpen: null,
      lastBroken: null,
      findings: [],
    };
    return { origin, verdict, lockedSince: verdict === 'locked' ? when : null, ...rest };
  });
  return { attestations, unattested: [], pause: null };
}

/** An index of these zones that counts how often somebody asks how one is. */
function index(zones: Map<ZoneId, ZoneEntry>, verdicts: Map<ZoneId, Verdict>) {
  const asked: ZoneId[] = [];
  const locks = (id: ZoneId) => {
    asked.push(id);
    return seen(verdicts.get(id) ?? 'locked', 0);
  };
  const made = new OverviewIndex({ ids: () => zones.keys(), entry: (id) => zones.get(id), locks, concerns: () => [] });
  const since = () => asked.splice(0);
  return { index: made, since };
}

test('of ten thousand zones only those are looked at again that were changed or seen otherwise', () => {
  const zones = new Map<ZoneId, ZoneEntry>();
  for (let count = 0; count < MANY; count++) zones.set(idOf.zone(`z${count}`), entry(`z${count}`));
  const verdicts = new Map<ZoneId, Verdict>();
  const { index: rows, since } = index(zones, verdicts);
  assert.equal(rows.rows('worst').length, MANY);
  assert.equal(since().length, MANY);
  assert.equal(rows.rows('worst'), rows.rows('worst'), 'nothing changed, and the list was made anew');
  assert.equal(rows.expiries(), rows.expiries());
  assert.deepEqual(since(), []);

  const open = idOf.zone('z4711');
  verdicts.set(open, 'open');
  rows.touch(open);
  const [first] = rows.rows('worst');
  assert.equal(first?.id, open);
  assert.equal(first?.hostnames.open, HOSTS);
  assert.equal(rows.rows('name').length, MANY);
  assert.deepEqual(since(), [open]);

  const changed = entry('z12', serving(3));
  zones.set(changed.zone.id, changed);
  zones.delete(idOf.zone('z13'));
  rows.touch(changed.zone.id);
  rows.touch(idOf.zone('z13'));
  assert.equal(rows.rows('hostnames').at(-1)?.id, changed.zone.id);
  assert.equal(rows.rows('hostnames').length, MANY - 1);
  assert.deepEqual(since(), [changed.zone.id]);
});

test('rows are worked out some at a time, and each once, before anybody asks for them', () => {
  const tags = Array.from({ length: 25 }, (_, count) => `z${count}`);
  const zones = new Map(tags.map((tag) => [idOf.zone(tag), entry(tag)]));
  const { index: rows, since } = index(zones, new Map());
  const steps: (readonly [boolean, number])[] = [];
  do steps.push([rows.advance(10), since().length]);
  while (steps.at(-1)?.[0]);
  assert.deepEqual(steps, [
    [true, 10],
    [true, 10],
    [false, 5],
  ]);
  assert.equal(rows.rows('name').length, zones.size);
  assert.deepEqual(since(), []);
});

test('the row of one zone is worked out alone, and stands in all lists then', () => {
  const tags = ['a', 'b', 'c'];
  const zones = new Map(tags.map((tag) => [idOf.zone(tag), entry(tag)]));
  const verdicts = new Map<ZoneId, Verdict>();
  const { index: rows, since } = index(zones, verdicts);
  const b = idOf.zone('b');
  assert.equal(rows.row(b)?.verdict, 'locked');
  assert.deepEqual(since(), [b]);
  assert.equal(rows.rows('name').length, tags.length);
  assert.deepEqual(since(), [idOf.zone('a'), idOf.zone('c')]);
  verdicts.set(b, 'open');
  rows.touch(b);
  assert.equal(rows.row(b)?.verdict, 'open');
  assert.equal(rows.rows('worst')[0]?.id, b);
  assert.deepEqual(since(), [b]);
  zones.delete(b);
  rows.touch(b);
  assert.equal(rows.row(b), undefined);
  assert.equal(rows.rows('name').length, tags.length - 1);
});

test('what is worst comes first, and zones that are alike go by name', () => {
  const tags = ['b', 'a', 'c', 'd', 'e'];
  const zones = new Map(tags.map((tag) => [idOf.zone(tag), entry(tag)]));
  const verdicts = new Map<ZoneId, Verdict>([
    [idOf.zone('d'), 'unknown'],
    [idOf.zone('c'), 'broken'],
    [idOf.zone('e'), 'open'],
  ]);
  const { index: rows } = index(zones, verdicts);
  assert.equal(
    rows
      .rows('worst')
      .map(({ name }) => name)
      .join(' '),
    'e.test c.test d.test a.test b.test',
  );
});
