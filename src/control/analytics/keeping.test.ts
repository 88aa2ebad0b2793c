import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { keepAnalytics } from './keeping.ts';

const NOON = Date.UTC(2031, 0, 31, 12);
const SECOND = 1_000;

test('a look that fails is said once, and the counting goes on', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  let now = NOON;
  let answered = 0;
  let isBroken = false;
  const source = {
    read: async () => {
      if (isBroken) throw new Error('out of order');
      return {
        total: { counters: { pulls_total: 0, 'pulls_total|present|zone|answered': answered }, gauges: {} },
        edges: [],
      };
    },
    takeTraffic: () => [],
  };
  const said: string[] = [];
  const steps = { storedSteps: async () => [], storeSteps: async () => undefined };
  const clock = () => instant(now);
  const keeping = await keepAnalytics(source, steps, { clock, log: (event) => void said.push(event) });
  const second = async () => {
    now += SECOND;
    mock.timers.tick(SECOND);
    // A look has no wait in it but those for promises.
    await new Promise((ready) => setImmediate(ready));
  };
  const pulls = () =>
    keeping.analytics
      .course(null, '15m')
      .stretches.reduce((sum, { counts }) => sum + (counts?.['pulls_total|present|zone|answered'] ?? 0), 0);
  await second();
  isBroken = true;
  answered = 3;
  for (let look = 0; look < 5; look++) await second();
  assert.deepEqual([said, pulls()], [['analytics_not_counted'], 0]);
  isBroken = false;
  await second();
  assert.deepEqual([said, pulls()], [['analytics_not_counted'], 3]);
  isBroken = true;
  await keeping.close();
  assert.deepEqual(said, ['analytics_not_counted', 'analytics_not_counted']);
});
