import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attention, attentionOf, atSetup } from './attention.ts';
import { instant } from './ids.ts';
import { type Concern, NO_SUBJECT } from './notice.ts';
import { besideSetup, type SetupStanding } from './under-setup.ts';
import { host, idOf, NOW } from './zone.fixture.ts';

const DAY = 86_400_000;
const ZONE = { id: idOf.zone('shop'), name: host('shop.test') };
const OPEN: Concern = {
  key: 'lock_open www.shop.test 192.0.2.7:443',
  stage: 1,
  code: 'lock_open',
  severity: 'critical',
  about: { ...NO_SUBJECT, hostnames: [host('www.shop.test')] },
  detail: '',
};
const WATCHING: SetupStanding = { modified: NOW, decided: null };
const DECIDED: SetupStanding = { modified: NOW, decided: NOW };

/** What is said of it, and where one goes on. */
function told(concern: Concern, setup: SetupStanding | null): readonly string[] {
  const judged = besideSetup(concern, setup, NOW);
  const { severity, code, page }: Attention = atSetup(attentionOf(judged, ZONE), setup, NOW);
  return [severity, code, page, judged.key];
}

test('an open lock is no alarm while a set-up watches, and one goes on there', () => {
  const key = 'lock_not_yet www.shop.test 192.0.2.7:443';
  assert.deepEqual(told(OPEN, WATCHING), ['warning', 'lock_not_yet', 'setup', key]);
  const unseen: Concern = { ...OPEN, code: 'lock_unseen', key: 'lock_unseen www.shop.test 192.0.2.7:443' };
  assert.deepEqual(told(unseen, WATCHING), ['warning', 'lock_not_yet', 'setup', key]);
});

test('it is an alarm without a set-up, once strangers should be refused, and where nobody goes on for a week', () => {
  assert.deepEqual(told(OPEN, null), ['critical', 'lock_open', 'attestations', OPEN.key]);
  assert.deepEqual(told(OPEN, DECIDED), ['critical', 'lock_open', 'setup', OPEN.key]);
  const left = { modified: instant(NOW - 7 * DAY - 1), decided: null };
  assert.deepEqual(told(OPEN, left), ['critical', 'lock_open', 'attestations', OPEN.key]);
});

test('a set-up hides nothing else of its hostname', () => {
  const broken: Concern = { ...OPEN, code: 'lock_broken' };
  assert.equal(besideSetup(broken, WATCHING, NOW), broken);
});
