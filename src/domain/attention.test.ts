import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attention, besideSetup } from './attention.ts';
import { instant } from './ids.ts';
import { host, idOf, NOW } from './zone.fixture.ts';

const DAY = 86_400_000;

const OPEN: Attention = {
  severity: 'critical',
  code: 'lock_open',
  text: 'A lock is open',
  fix: 'Close it.',
  zone: { id: idOf.zone('shop'), name: host('shop.test') },
  hostname: host('www.shop.test'),
  certificate: null,
  page: 'attestations',
};

const told = ({ severity, code, page }: Attention) => [severity, code, page];

test('an open lock is no alarm while a set-up watches, and one goes on there', () => {
  const watching = besideSetup(OPEN, { modified: NOW, decided: null }, NOW);
  assert.deepEqual(told(watching), ['warning', 'lock_not_yet', 'setup']);
  const unseen = besideSetup({ ...OPEN, code: 'lock_unseen' }, { modified: NOW, decided: null }, NOW);
  assert.equal(unseen.code, 'lock_not_yet');
});

test('it is an alarm without a set-up, once strangers should be refused, and where nobody goes on for a week', () => {
  assert.equal(besideSetup(OPEN, null, NOW), OPEN);
  const decided = besideSetup(OPEN, { modified: NOW, decided: NOW }, NOW);
  assert.deepEqual(told(decided), ['critical', 'lock_open', 'setup']);
  const left = { modified: instant(NOW - 7 * DAY - 1), decided: null };
  assert.equal(besideSetup(OPEN, left, NOW), OPEN);
});

test('a set-up hides nothing else of its hostname', () => {
  const broken: Attention = { ...OPEN, code: 'lock_broken' };
  assert.equal(besideSetup(broken, { modified: NOW, decided: null }, NOW), broken);
});
