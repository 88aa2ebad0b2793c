import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readBundle } from '../../src/pki/bundle.ts';
import { needs } from '../support/availability.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { lockedOrigins, type Origins, rotationUntil, startRotation, visitorsOf } from './four-origins.ts';
import { type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';

describe('an origin that only sync brings along', needs('nginx'), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let origins: Origins;

  before(async () => {
    authority = await serverAuthority();
    postern = await startPostern();
    origins = await lockedOrigins(postern, { name: 'synced.test', authority, servers: ['nginx'] });
  });
  after(async () => {
    await origins?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const sync = (...flags: readonly string[]) => {
    const { origin } = origins.named('nginx');
    const { directory, pid } = origin.server;
    const commands = ['--test', `nginx -t -c ${directory}/server.conf`, '--reload', `kill -HUP ${pid}`];
    const asked = ['--api', postern.base, '--zone', origins.zone, '--bundle', origin.bundle];
    return run(['origin', 'sync', ...asked, ...commands, ...flags], { POSTERN_TOKEN: postern.token });
  };

  test('goes through a rotation of the root without a failed request', async () => {
    const first = await sync();
    assert.equal(first.code, 0, first.stderr);
    const [old] = readBundle(await origins.bundle());
    await using visitors = visitorsOf(postern, origins);
    await startRotation(postern, origins.zone, { what: 'root' });
    await rotationUntil(postern, origins.zone, 'the origin refuses the new root', (now) =>
      now.origins.every(({ finding }) => finding === 'refused'),
    );
    const taken = await sync('--json');
    assert.equal(taken.code, 0, taken.stderr);
    await rotationUntil(
      postern,
      origins.zone,
      'the old root is out of the bundle',
      ({ phase }) => phase === 'confirming',
    );
    assert.equal((await sync()).code, 0);
    const ended = await rotationUntil(postern, origins.zone, 'it is over', ({ phase }) => phase === 'ended');
    assert.deepEqual([ended.outcome, ended.because], ['done', '']);
    assert.deepEqual(await visitors.stop(), []);
    assert.ok(!readBundle(await origins.bundle()).some(({ fingerprint }) => fingerprint === old?.fingerprint));
  });
});
