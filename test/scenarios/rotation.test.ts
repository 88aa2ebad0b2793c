import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readBundle } from '../../src/pki/bundle.ts';
import { needs } from '../support/availability.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import {
  FOUR,
  lockedOrigins,
  type Origins,
  originOf,
  rotationUntil,
  startRotation,
  visitorsOf,
} from './four-origins.ts';
import { type Postern, startPostern } from './postern.ts';

const PROGRAMS = ['nginx', 'apache2', 'haproxy', 'caddy'] as const;

describe('rotations of a zone with origins on four servers, under load', needs(...PROGRAMS), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let origins: Origins;

  before(async () => {
    authority = await serverAuthority();
    postern = await startPostern({ argv: ['--workers', '2'] });
    origins = await lockedOrigins(postern, { name: 'turned.test', authority, servers: FOUR });
  });
  after(async () => {
    await origins?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  for (const what of ['leaf', 'intermediate'] as const) {
    test(`a new ${what} reaches every origin, which has nothing to install, and no request fails`, async () => {
      await using visitors = visitorsOf(postern, origins);
      await startRotation(postern, origins.zone, { what });
      const ended = await rotationUntil(postern, origins.zone, `the ${what} is new`, ({ phase }) => phase === 'ended');
      assert.equal(ended.outcome, 'done');
      assert.deepEqual(await visitors.stop(), []);
      assert.deepEqual(
        ended.origins.map(({ hostname, shows, finding }) => [hostname, shows, finding]),
        origins.all.map(({ host }) => [host, 'new', 'proved']),
      );
      for (const stream of visitors.each) assert.ok(stream.answered() > 0);
    });
  }

  test('a new root is switched to where the new bundle is, and at its end the old one is refused everywhere', async () => {
    const { zone } = origins;
    const [before] = readBundle(await origins.bundle());
    await using visitors = visitorsOf(postern, origins);
    await startRotation(postern, zone, { what: 'root' });
    const held = await rotationUntil(
      postern,
      zone,
      'all refuse the new root',
      (now) => now.waits_for === 'proof' && now.origins.every(({ finding }) => finding === 'refused'),
    );
    assert.equal(held.waits_for, 'proof');
    assert.match(originOf(held, 'nginx.turned.test').fix, /postern ca bundle/);

    // Three of four take the new bundle: they go on, and the one that does not is named.
    for (const server of ['apache', 'haproxy', 'caddy'] as const) await origins.named(server).update();
    const three = await rotationUntil(postern, zone, 'three are switched', ({ counts }) => counts.switched === 3);
    assert.equal(originOf(three, 'nginx.turned.test').shows, 'old');
    assert.equal(originOf(three, 'nginx.turned.test').finding, 'refused');
    await origins.named('nginx').update();

    const open = await rotationUntil(postern, zone, 'the old root is out of the bundle', ({ phase }) => {
      return phase === 'confirming';
    });
    assert.equal(open.counts.switched, 4);
    assert.ok(!readBundle(await origins.bundle()).some(({ fingerprint }) => fingerprint === before?.fingerprint));
    for (const one of origins.all) await one.update();
    const ended = await rotationUntil(
      postern,
      zone,
      'the old root is refused everywhere',
      ({ phase }) => phase === 'ended',
    );
    assert.deepEqual(await visitors.stop(), []);
    assert.deepEqual([ended.outcome, ended.because], ['done', '']);
    for (const { evidence } of ended.origins) {
      const [edge] = evidence?.edges ?? [];
      const [seen] = edge?.addresses ?? [];
      assert.deepEqual(
        [seen?.old_certificate.saw, seen?.new_certificate.saw, seen?.no_certificate.saw],
        ['refused', 'answered', 'refused'],
      );
      assert.equal(evidence?.edges.length, 2, 'both workers looked for themselves');
    }
  });

  test('an origin that accepts the new root and later refuses it gets the old certificate back by itself', async () => {
    const { zone } = origins;
    const old = await origins.bundle();
    await startRotation(postern, zone, {
      what: 'root',
      pace: { canary_seconds: 1, watch_seconds: 600, retry_seconds: 1 },
    });
    for (const one of origins.all) await one.update();
    await rotationUntil(postern, zone, 'all are switched', ({ phase }) => phase === 'watching');
    origins.named('apache').install(old);
    const taken = await rotationUntil(postern, zone, 'one is taken back', (now) => {
      return originOf(now, 'apache.turned.test').reverted !== null;
    });
    assert.equal(originOf(taken, 'apache.turned.test').shows, 'old');
    assert.equal(taken.counts.switched, 3);
    assert.ok(taken.history.some(({ did, because }) => did === 'revert' && because !== ''));
    await using visitors = visitorsOf(postern, origins);
    const undo = { action: 'undo', reason: 'enough' };
    await postern.call('PATCH', `/postern/v1/zones/${zone}/rotations/${taken.id}`, undo);
    const ended = await rotationUntil(postern, zone, 'it is undone', ({ phase }) => phase === 'ended');
    assert.equal(ended.outcome, 'undone');
    assert.deepEqual(await visitors.stop(), []);
    assert.deepEqual(
      readBundle(await origins.bundle()).map(({ fingerprint }) => fingerprint),
      readBundle(old).map(({ fingerprint }) => fingerprint),
    );
  });
});
