import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { change } from './change.ts';
import { plan } from './plan.ts';
import type { ZoneSettings } from './settings.ts';
import {
  after,
  draft,
  edgeFor,
  holder,
  host,
  idOf,
  NOW,
  newZone,
  OURS,
  origin,
  THEIRS,
  to,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const WWW = host('www.example.test');

/** example.test, whose record knocks at the origin of www.victim.test under that name. */
function intruder(settings: Partial<ZoneSettings>): Zone {
  return after(
    newZone(),
    to.serve('www.example.test', { origin: origin({ serverName: host('www.victim.test') }) }),
    to.set(settings),
  );
}

/** victim.test as it may come to be after that record. */
function victim(account: Zone['account']): Zone {
  const zone = newZone({ id: idOf.zone('victim'), name: host('victim.test'), account });
  return after(zone, to.serve('www.victim.test'));
}

describe('a record that names the host of a zone which came later', () => {
  test('is not pulled with an identity where that zone is another account’s', () => {
    for (const settings of [{ zonePull: true }, { globalPull: true }]) {
      const planned = plan(edgeFor(intruder(settings), victim(THEIRS)), WWW, 'https', NOW);
      assert.deepEqual([planned.kind, 'because' in planned && planned.because], ['refuse', 'server_name_foreign']);
    }
  });

  test('is pulled within the account with the zone’s own identity, which the other origin refuses', () => {
    assert.equal(plan(edgeFor(intruder({ zonePull: true }), victim(OURS)), WWW, 'https', NOW).kind, 'present');
  });

  test('is not pulled within the account with the shared identity, which the other origin may trust', () => {
    assert.equal(plan(edgeFor(intruder({ globalPull: true }), victim(OURS)), WWW, 'https', NOW).kind, 'refuse');
  });

  test('is pulled where nobody holds that name', () => {
    assert.equal(plan(edgeFor(intruder({ globalPull: true })), WWW, 'https', NOW).kind, 'present');
  });
});

test('a zone cannot be created over names that the zone above speaks for', () => {
  const above = holder('example.test');
  const command = {
    kind: 'create_zone',
    id: idOf.zone('sub'),
    account: OURS,
    name: host('sub.example.test'),
    authority: newZone().authority,
    managed: draft('managed of sub', { source: 'managed' }),
  } as const;
  const refused = change(null, command, world({ inhabited: (name) => name === 'sub.example.test' }, [above]));
  assert.equal('code' in refused && refused.code, 'zone_inhabited');
  assert.equal(change(null, command, world({}, [above])).kind, 'changed');
});
