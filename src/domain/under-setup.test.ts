import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attestation, attested, type Look } from './attestation.ts';
import { attestationConcerns } from './attestation-concerns.ts';
import { attentionOf, atSetup } from './attention.ts';
import { certificateId, type Instant, instant } from './ids.ts';
import { NEW_LOOK_SETTINGS } from './look-settings.ts';
import { CARRYING_OUT, type SetupStanding } from './under-setup.ts';
import { host, idOf, NOW } from './zone.fixture.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const ZONE = { id: idOf.zone('shop'), name: host('shop.test') };
const ORIGIN = {
  hostname: host('www.shop.test'),
  address: '192.0.2.7',
  port: 443,
  serverName: host('www.shop.test'),
  hostHeader: 'www.shop.test',
};
const PRESENTED = certificateId('7c1d0f52-93ab-4e0e-8f0a-2b6d5a91c3e4') ?? assert.fail();
const WATCHING: SetupStanding = { modified: NOW, decided: null };
const DECIDED: SetupStanding = { modified: NOW, decided: NOW };

/** What is known of a lock after looks that saw it so, each at minutes from now. */
function seen(...looks: readonly (readonly [Look['verdict'], number])[]): Attestation {
  return (
    looks.reduce<Attestation | null>((before, [verdict, minutes]) => {
      const at = instant(NOW + minutes * MINUTE);
      return attested(before, { origin: ORIGIN, verdict, at, extent: 'full', presented: PRESENTED, findings: [] }).next;
    }, null) ?? assert.fail()
  );
}

const OPEN = seen(['open', -120]);

/** What is said of it, and where one goes on. */
function told(known: Attestation, setup: SetupStanding | null, now: Instant = NOW): readonly string[] {
  const telling = { now, title: String, setup: () => setup };
  const concerns = attestationConcerns({ openings: new Map(), looks: NEW_LOOK_SETTINGS }, [known], telling);
  return concerns.flatMap((concern) => {
    const { severity, code, page } = atSetup(attentionOf(concern, ZONE), setup, now);
    return [severity, code, page, concern.key.split(' ')[0] ?? ''];
  });
}

const NOT_YET = ['warning', 'lock_not_yet', 'setup', 'lock_not_yet'];
const ALARM = ['critical', 'lock_open', 'setup', 'lock_open'];

test('an open lock is no alarm while a set-up watches, and one goes on there', () => {
  assert.deepEqual(told(OPEN, WATCHING), NOT_YET);
  assert.deepEqual(told(seen(['unknown', -120]), WATCHING), NOT_YET);
});

test('it is an alarm without a set-up, and where nobody goes on for a week', () => {
  assert.deepEqual(told(OPEN, null), ['critical', 'lock_open', 'attestations', 'lock_open']);
  const left = { modified: instant(NOW - 7 * DAY - 1), decided: null };
  assert.deepEqual(told(OPEN, left), ['critical', 'lock_open', 'attestations', 'lock_open']);
});

test('once strangers should be refused it is one when there was time to carry that out', () => {
  assert.deepEqual(told(OPEN, DECIDED), NOT_YET);
  assert.deepEqual(told(OPEN, DECIDED, instant(NOW + CARRYING_OUT - 1)), NOT_YET);
  assert.deepEqual(told(OPEN, DECIDED, instant(NOW + CARRYING_OUT)), ALARM);
  const putBack = instant(NOW - 1);
  assert.deepEqual(told(OPEN, DECIDED, putBack), ALARM, 'nobody knows how long ago it was decided');
});

test('one that held until then, or since, and is open now is an alarm at once', () => {
  const reopened = seen(['open', -1], ['locked', 1], ['open', 2]);
  assert.deepEqual(told(reopened, DECIDED, instant(NOW + 3 * MINUTE)), ALARM);
  const unseenBetween = seen(['open', -1], ['locked', 1], ['unknown', 2], ['open', 3]);
  assert.deepEqual(told(unseenBetween, DECIDED, instant(NOW + 4 * MINUTE)), ALARM);
  const until = seen(['locked', -1], ['open', 1]);
  assert.deepEqual(told(until, DECIDED, instant(NOW + 2 * MINUTE)), ALARM, 'it held until then: nobody took it down');
  const before = seen(['locked', -3], ['open', -2]);
  assert.deepEqual(told(before, DECIDED, instant(NOW + MINUTE)), NOT_YET, 'it was taken down to watch, before');
});

test('a set-up hides nothing else of its hostname', () => {
  const [severity, code] = told(seen(['broken', -1]), WATCHING);
  assert.deepEqual([severity, code], ['critical', 'lock_broken']);
});
