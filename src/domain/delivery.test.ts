import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attempted, type Delivery, deliveryState, type Outcome } from './delivery.ts';
import { channelId, instant } from './ids.ts';
import { NOW } from './zone.fixture.ts';

const HOUR = 3_600_000;
const FIRST = 30_000;

function fresh(): Delivery {
  const channel = channelId('a'.repeat(32)) ?? assert.fail();
  return { id: 'b'.repeat(32), channel, createdAt: NOW, notices: [], attempts: [], nextAt: NOW };
}

const REFUSED: Outcome = { failure: 'status', status: 500 };

test('what arrives is not sent again, nor what another attempt cannot mend', () => {
  const retry = { now: NOW, first: FIRST, chance: 0.5 };
  const arrived = attempted(fresh(), { failure: null, status: 204 }, retry);
  assert.deepEqual([arrived.nextAt, deliveryState(arrived)], [null, 'delivered']);
  for (const failure of ['gone', 'mail_refused', 'secret_missing'] as const) {
    const given = attempted(fresh(), { failure, status: null }, retry);
    assert.deepEqual([given.nextAt, deliveryState(given)], [null, 'failed']);
  }
});

test('whatever chance says, pauses grow to hours, and after a day a delivery is given up', () => {
  const chances = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(chances, (luck) => {
      let delivery = fresh();
      for (const chance of luck) {
        if (delivery.nextAt === null) break;
        const now = delivery.nextAt;
        delivery = attempted(delivery, REFUSED, { now, first: FIRST, chance });
        if (delivery.nextAt !== null) {
          const pause = delivery.nextAt - now;
          assert.ok(pause >= FIRST / 2 && pause <= 4 * HOUR + 1);
          assert.ok(delivery.nextAt - delivery.createdAt <= 24 * HOUR);
        }
      }
      assert.equal(deliveryState(delivery), 'failed');
      const { length } = delivery.attempts;
      assert.ok(length >= 13 && length <= 25, String(length));
    }),
  );
});

test('the second attempt follows soon', () => {
  const { nextAt } = attempted(fresh(), REFUSED, { now: NOW, first: FIRST, chance: 0 });
  assert.equal(nextAt, instant(NOW + FIRST / 2));
});
