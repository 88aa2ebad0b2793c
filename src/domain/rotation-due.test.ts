import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { compile } from './compile.ts';
import { instant, zoneId } from './ids.ts';
import { presentsManaged, rotationDue } from './rotation-due.ts';
import { after, authority, ca, DAY, draft, facts, later, MANAGED, newZone, NOW, SHARED, to } from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const HOUR = 3_600_000;
const FAR = { notBefore: NOW, notAfter: later(3_650 * DAY) };

/** A zone whose leaf was issued now for 30 days, below an authority that lives for ten years. */
function fresh(over: Partial<Zone> = {}): Zone {
  const leaf = facts('leaf', { notBefore: NOW, notAfter: later(30 * DAY) });
  const root = { ...ca('root'), ...FAR };
  return newZone({
    authority: { ...authority(), root, intermediate: { ...ca('intermediate', 'root'), ...FAR } },
    certificates: new Map([[MANAGED.id, { ...MANAGED, leaf }]]),
    ...over,
  });
}

test('a certificate is due with a third of its life left, at most a day sooner', () => {
  const zone = fresh();
  assert.equal(rotationDue(zone, later(19 * DAY)), null);
  assert.equal(rotationDue(zone, later(20 * DAY + 1)), 'leaf');
});

test('a short life is spread by a twelfth of it at most', () => {
  const leaf = facts('leaf', { notBefore: NOW, notAfter: later(DAY) });
  const zone = fresh({ certificates: new Map([[MANAGED.id, { ...MANAGED, leaf }]]) });
  assert.equal(rotationDue(zone, later(14 * HOUR - 1)), null);
  assert.equal(rotationDue(zone, later(16 * HOUR + 1)), 'leaf');
});

test('the highest that is due goes first: its rotation brings what is below it', () => {
  const zone = fresh();
  const soon = { notBefore: NOW, notAfter: later(10 * DAY) };
  const ended = { ...zone.authority, intermediate: { ...zone.authority.intermediate, ...soon } };
  assert.equal(rotationDue({ ...zone, authority: ended }, later(25 * DAY)), 'intermediate');
  const both = { ...ended, root: { ...zone.authority.root, ...soon } };
  assert.equal(rotationDue({ ...zone, authority: both }, later(25 * DAY)), 'root');
});

test('100,000 zones that were made in one go are renewed over a day, each hour as many as the others', () => {
  const zone = fresh();
  const hours = new Map<number, number>();
  for (let count = 0; count < 100_000; count++) {
    const id = zoneId(createHash('sha256').update(`${count}`).digest('hex').slice(0, 32)) ?? assert.fail('an id');
    let from = 19 * 24;
    for (let to = 20 * 24; to - from > 1; ) {
      const middle = Math.floor((from + to) / 2);
      if (rotationDue({ ...zone, id }, instant(NOW + middle * HOUR)) === null) from = middle;
      else to = middle;
    }
    hours.set(from, (hours.get(from) ?? 0) + 1);
  }
  assert.equal(hours.size, 24);
  for (const [hour, count] of hours) assert.ok(Math.abs(count - 100_000 / 24) < 400, `hour ${hour}: ${count}`);
});

test('whether anybody is shown a managed certificate', () => {
  const zone = after(newZone(), to.serve('www.example.test'));
  const shows = (one: Zone) => presentsManaged(one, compile(one, SHARED));
  assert.equal(shows(zone), false);
  const on = after(zone, to.set({ zonePull: true }));
  assert.equal(shows(on), true);
  assert.equal(shows(after(on, to.set({ ssl: 'flexible' }))), false);
  assert.equal(shows(after(on, { kind: 'add_certificate', draft: draft('upload') })), false);
});
