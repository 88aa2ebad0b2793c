import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { serverAuthority } from './authorities.ts';
import { FAST, lockedOrigins, newestRotation, type RotationFacts, startRotation } from './four-origins.ts';
import { type Postern, startPostern } from './postern.ts';
import { assertStatus, visit } from './site.ts';
import { until } from './until.ts';

/** What a rotation has decided so far: another one means that a step was taken. */
function decided({ phase, history }: RotationFacts): string {
  return `${phase} ${history.length}`;
}

const LONG = 30_000;

describe('killed at every step and started again, a rotation ends as if nothing had been', needs('nginx'), () => {
  for (const what of ['leaf', 'intermediate', 'root'] as const) {
    test(`of the ${what}`, async () => {
      using scratch = scratchDirectory();
      const dir = join(scratch.path, 'data');
      let postern = await startPostern({ dir });
      await using origins = await lockedOrigins(postern, {
        name: 'killed.test',
        authority: await serverAuthority(),
        servers: ['nginx'],
      });
      const { host, install } = origins.named('nginx');
      const update = async (from: Postern) => {
        const path = `/ssl/static/zones/${origins.zone}/authenticated_origin_pull_ca.pem`;
        install(await (await fetch(from.base + path)).text());
      };
      try {
        let last = decided(await startRotation(postern, origins.zone, { what, pace: FAST }));
        let kills = 0;
        for (let ended = false; !ended; ) {
          await postern[Symbol.asyncDispose]();
          kills++;
          postern = await startPostern({ dir });
          await update(postern);
          assertStatus(await visit(postern, host), 200, `after ${last}`);
          const now = await until(
            `something follows ${last}`,
            async () => {
              const rotation = await newestRotation(postern, origins.zone);
              return decided(rotation) !== last && rotation;
            },
            LONG,
          );
          last = decided(now);
          ended = now.phase === 'ended';
          if (ended) assert.deepEqual([now.outcome, now.because === '' || what === 'intermediate'], ['done', true]);
        }
        // Where the machine is slow, several decisions pass between two looks.
        assert.ok(kills >= 3, String(kills));
        assertStatus(await visit(postern, host), 200, 'at the end');
      } finally {
        await postern[Symbol.asyncDispose]();
      }
    });
  }
});
