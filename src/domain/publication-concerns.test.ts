import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endingConcerns } from './ending-concerns.ts';
import { type Instant, instant } from './ids.ts';
import { needsTimes, type PublishedTimes, publicationConcerns } from './publication-concerns.ts';
import { authority, DAY, facts, later, newZone } from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const cas = {
  root: facts('root', { notAfter: later(3000 * DAY) }),
  intermediate: facts('i', { notAfter: later(300 * DAY) }),
};

function zone(rootKey: 'here' | 'away', standby: Zone['authority']['standby'] = null): Zone {
  return newZone({ authority: { ...authority(), ...cas, rootKey, standby } });
}

/** Lists of both CAs and a manifest, all signed so many days ago, for so many. */
function signed(ago: number, days: number, now: Instant): PublishedTimes {
  const times = { from: instant(now - ago * DAY), until: instant(now + (days - ago) * DAY) };
  const lists = [cas.root, cas.intermediate, facts('gone')].map(({ fingerprint }) => [fingerprint, times] as const);
  return { lists: new Map(lists), manifest: times };
}

const codes = (one: Zone, times: PublishedTimes) =>
  publicationConcerns(one, times, later(0)).map(({ code, stage }) => `${code} ${stage}`);

describe('what a zone publishes', () => {
  test('is spoken of by whose turn it is to sign it, as often as its life is worth', () => {
    assert.deepEqual(codes(zone('away'), signed(360, 365, later(0))), [
      'root_list_ending 3',
      'revocation_list_ending 3',
      'bundle_manifest_ending 3',
    ]);
    assert.deepEqual(codes(zone('here'), signed(6.5, 7, later(0))), [
      'revocation_list_ending 1',
      'revocation_list_ending 1',
    ]);
    assert.deepEqual(codes(zone('away'), signed(4, 7, later(0))), []);
    assert.deepEqual(codes(zone('away'), { lists: new Map(), manifest: null }), []);
  });

  test('counts for a bundle as long as somebody can sign anew: whom the root has certified ahead', () => {
    const signedBy = (end: number) => {
      const { authority: own, ...rest } = zone('away');
      const signer = facts('signer', { notBefore: later(-300 * DAY), notAfter: later(end * DAY) });
      return codes(
        { ...rest, authority: { ...own, signer } },
        { lists: new Map(), manifest: signed(29, 30, later(0)).manifest },
      );
    };
    assert.deepEqual(signedBy(65), []);
    assert.deepEqual(signedBy(13), ['bundle_manifest_ending 2']);
  });

  test('is known to need a look into the store', () => {
    const keys = publicationConcerns(zone('away'), signed(360, 365, later(0)), later(0)).map(({ key }) => key);
    assert.ok(keys.length > 0 && keys.every(needsTimes));
    const others = endingConcerns(zone('away'), later(299 * DAY)).map(({ key }) => key);
    assert.ok(others.length > 0 && !others.some(needsTimes));
  });
});

describe('a CA that only its owner can renew', () => {
  const stages = (one: Zone, days: readonly number[]) =>
    days.map((day) =>
      endingConcerns(one, later(day * DAY))
        .filter(({ code }) => code === 'authority_ending')
        .map(({ stage }) => stage)
        .join(),
    );
  const DAYS = [0, 100, 200, 250, 271, 290, 299.5, 301];

  test('is spoken of when its time comes, and as its end comes nearer', () => {
    assert.deepEqual(stages(zone('away'), DAYS), ['', '', '1', '1', '2', '3', '5', '6']);
  });

  test('is none where an intermediate is on stand-by, or the key of the root is here', () => {
    assert.deepEqual(new Set(stages(zone('away', facts('ahead')), DAYS)), new Set(['']));
    assert.deepEqual(new Set(stages(zone('here'), DAYS)), new Set(['']));
  });
});
