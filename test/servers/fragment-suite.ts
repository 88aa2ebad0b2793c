import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { fieldValues } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, VERSIONS, wrongOnes } from './lock-suite.ts';
import { HOST, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { type LockedServer, traitsOf } from './traits.ts';

/** Names of a server as people have it, around the fragment: open, and with another authority. */
const OPEN = 'open.test';
const NEIGHBOUR = 'neighbour.test';

/** The generated part among what a server has beside it, loosely set; `around` holds both names. */
export function describeFragment(server: LockedServer, around: NonNullable<LockOptions['around']>): void {
  void describe(`the ${server} fragment among other sites`, needs(traitsOf(server).program), () => {
    let credentials: PullCredentials;
    before(async () => {
      credentials = await pullCredentials(ZONE, Date.now());
    });
    const start = () => startLocked(server, { credentials, around, request: () => ({ form: 'fragment' }) });

    void test('lets the right certificate in and no other', async () => {
      await using origin = await start();
      for (const tlsVersion of VERSIONS) {
        const to = { port: origin.tlsPort, sni: HOST, tlsVersion };
        const seen = await assertAnswered(origin, knock({ ...to, credential: credentials.right }), 'right');
        assert.deepEqual(fieldValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
        for (const [what, credential] of wrongOnes(credentials)) {
          await assertRefused(origin, knock({ ...to, credential }), what);
        }
      }
    });

    void test('is not entered through other names, their authorities or their sessions', async () => {
      await using origin = await start();
      const neighbour = credentials.wrong["neighbour zone's valid certificate"];
      const doors = [
        { sni: OPEN, credential: null },
        { sni: OPEN, credential: neighbour },
        { sni: NEIGHBOUR, credential: neighbour },
      ];
      for (const tlsVersion of VERSIONS) {
        for (const door of doors) {
          const through = { port: origin.tlsPort, tlsVersion, ...door };
          const first = await knock(through);
          assert.equal(first.kind === 'answered' && first.status, 200, `${door.sni} is open to its own`);
          await assertRefused(origin, knock({ ...through, host: HOST }), `SNI ${door.sni}`);
          await assertRefused(origin, knock({ ...through, sni: null, host: HOST }), 'without SNI');
          for (const session of first.sessions) {
            await assertRefused(origin, knock({ ...through, sni: HOST, credential: null, session }), 'its session');
            await assertRefused(origin, knock({ ...through, host: HOST, session }), 'its session and SNI');
          }
        }
      }
    });
  });
}
