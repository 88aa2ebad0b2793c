import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { serverAuthority } from './authorities.ts';
import { lockedOrigins, originOf, rotationUntil, startRotation, visitorsOf } from './four-origins.ts';
import { startPostern } from './postern.ts';
import { statusOf, visit } from './site.ts';
import { until } from './until.ts';

const PACE = { canary_seconds: 0, watch_seconds: 1, drain_seconds: 0, notice_seconds: 0 };

describe('an emergency', needs('nginx', 'apache2'), () => {
  test('is rehearsed, then goes as fast as the origins allow, and no request fails', async () => {
    await using postern = await startPostern();
    await using origins = await lockedOrigins(postern, {
      name: 'alarm.test',
      authority: await serverAuthority(),
      servers: ['nginx', 'apache'],
    });
    await using visitors = visitorsOf(postern, origins);
    const { zone } = origins;
    await startRotation(postern, zone, { what: 'root', emergency: true, rehearsal: true });
    for (const one of origins.all) await one.update();
    const rehearsed = await rotationUntil(postern, zone, 'it is rehearsed', ({ phase }) => phase === 'ended');
    assert.deepEqual([rehearsed.outcome, rehearsed.counts.switched], ['rehearsed', 0]);

    await startRotation(postern, zone, { what: 'root', emergency: true, pace: PACE });
    for (const one of origins.all) await one.update();
    await rotationUntil(postern, zone, 'the old root is out of the bundle', ({ phase }) => phase === 'confirming');
    for (const one of origins.all) await one.update();
    const ended = await rotationUntil(postern, zone, 'it is over', ({ phase }) => phase === 'ended');
    assert.deepEqual([ended.outcome, ended.because], ['done', '']);
    assert.deepEqual(await visitors.stop(), []);
  });

  test('that revokes first stops pulls where the new root is not, and only there', async () => {
    await using postern = await startPostern();
    await using origins = await lockedOrigins(postern, {
      name: 'stolen.test',
      authority: await serverAuthority(),
      servers: ['nginx', 'apache'],
    });
    const { zone } = origins;
    const [nginx, apache] = [origins.named('nginx'), origins.named('apache')];
    await startRotation(postern, zone, { what: 'root', emergency: true, revoke_first: true, pace: PACE });
    await nginx.update();
    await until(
      'the one that has the new root answers',
      async () => statusOf(await visit(postern, nginx.host)) === 200,
    );
    assert.notEqual(statusOf(await visit(postern, apache.host)), 200);
    await apache.update();
    await until('the other one answers, too', async () => statusOf(await visit(postern, apache.host)) === 200);
    const ended = await rotationUntil(postern, zone, 'it is over', ({ phase }) => phase === 'ended');
    assert.equal(ended.outcome, 'done');
    assert.equal(originOf(ended, nginx.host).shows, 'new');
    const { result } = await postern.call<readonly { readonly reason: string }[]>(
      'GET',
      `/postern/v1/zones/${zone}/revocations`,
    );
    assert.deepEqual(
      result.map(({ reason }) => reason),
      ['keyCompromise'],
    );
  });
});
