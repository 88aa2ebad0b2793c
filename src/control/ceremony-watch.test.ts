import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant } from '../domain/ids.ts';
import { authority, DAY, facts, later, newZone } from '../domain/zone.fixture.ts';
import type { Zone } from '../domain/zone.ts';
import { watchCeremonies } from './ceremony-watch.ts';

const cas = {
  root: facts('root', { notAfter: later(3000 * DAY) }),
  intermediate: facts('i', { notAfter: later(300 * DAY) }),
};

function zone(rootKey: 'here' | 'away', standby: Zone['authority']['standby'] = null): Zone {
  return newZone({ authority: { ...authority(), ...cas, rootKey, standby } });
}

/** What is said on these days, one after the other. */
async function told(one: Zone, days: readonly number[], until: Instant | null): Promise<readonly string[]> {
  const lines: string[] = [];
  const said = new Set<string>();
  for (const day of days) {
    const log = (event: string, fields: object) =>
      void lines.push(`${day} ${event} ${'what' in fields ? String(fields.what) : ''}`);
    await watchCeremonies({ zones: [one], now: later(day * DAY), log, said, listUntil: async () => until });
  }
  return lines.map((line) => line.trim());
}

const DAYS = [0, 100, 200, 250, 275, 280, 290, 301];

test('a list that was signed ahead is spoken of before it ends, and what only its root can renew when its time comes', async () => {
  assert.deepEqual(await told(zone('away'), DAYS, instant(later(300 * DAY))), [
    '200 authority_ending intermediate',
    '275 root_list_ending',
    '275 authority_ending intermediate',
    '290 root_list_ending',
    '290 authority_ending intermediate',
    '301 root_list_ending',
    '301 authority_ending intermediate',
  ]);
});

test('an intermediate on stand-by needs no ceremony; a root whose key is here needs none at all', async () => {
  assert.deepEqual(await told(zone('away', facts('ahead')), DAYS, null), []);
  assert.deepEqual(await told(zone('here'), DAYS, instant(later(DAY))), []);
});
