import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { loadCertificates } from '../../src/pki/read.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { fieldValues } from '../support/echo-application.ts';
import { type Credential, knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, VERSIONS } from './lock-suite.ts';
import { HOST, type LockedOrigin, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { type LockedServer, traitsOf } from './traits.ts';

const HOUR = 3_600_000;

interface Lists {
  /** Who stands on the intermediate's list. */
  readonly revoked?: readonly Credential[];
  /** When both lists end, in milliseconds from now. */
  readonly lasts?: number;
  readonly without?: 'root' | 'intermediate';
}

/** What a server with `--crl` does, as its generated configuration has it. */
export function describeRevocation(server: LockedServer): void {
  void describe(`${server} with revocation lists`, needs(traitsOf(server).program), () => {
    let credentials: PullCredentials;
    before(async () => {
      credentials = await pullCredentials(ZONE, Date.now());
    });

    const lists = ({ revoked = [], lasts = 24 * HOUR, without }: Lists = {}): string => {
      const now = Math.floor(Date.now() / 1000) * 1000;
      const times = { thisUpdate: instant(now - 2 * HOUR), nextUpdate: instant(now + lasts) };
      const entries = revoked.map(({ cert }) => {
        const serial = loadCertificates(cert)[0]?.serial ?? assert.fail('a credential has a certificate');
        return { serial, at: times.thisUpdate, reason: 'keyCompromise' } as const;
      });
      const { root, intermediate } = credentials.authority;
      return [
        ...(without === 'root' ? [] : [writeCrl(root, { number: 1, ...times, revoked: [] })]),
        ...(without === 'intermediate' ? [] : [writeCrl(intermediate, { number: 1, ...times, revoked: entries })]),
      ]
        .map(crlPem)
        .join('');
    };
    const place = (directory: string) => join(directory, 'lists.crl');
    const start = (text: string, mode: 'enforce' | 'watch' = 'enforce') => {
      const request: LockOptions['request'] = ({ directory }) => {
        writeFileSync(place(directory), text);
        return { crl: place(directory), mode };
      };
      return startLocked(server, { credentials, request });
    };
    const everybody = async (origin: LockedOrigin, what: string) => {
      for (const tlsVersion of VERSIONS) {
        for (const credential of [credentials.right, credentials.next, null]) {
          await assertRefused(origin, knock({ port: origin.tlsPort, sni: HOST, tlsVersion, credential }), what);
        }
      }
    };

    void test('refuses a revoked identity once it has the new list, and no other', async () => {
      await using origin = await start(lists());
      const to = (credential: Credential, tlsVersion: (typeof VERSIONS)[number]) =>
        knock({ port: origin.tlsPort, sni: HOST, tlsVersion, credential });
      for (const tlsVersion of VERSIONS) {
        for (const credential of [credentials.right, credentials.next]) {
          await assertAnswered(origin, to(credential, tlsVersion), 'while nobody is revoked');
        }
      }
      writeFileSync(place(origin.server.directory), lists({ revoked: [credentials.right] }));
      origin.server.signal(traitsOf(server).reload ?? 'SIGHUP');
      let inRow = 0;
      // Processes of before and after accept side by side for a moment.
      await until('the revoked identity is refused by all processes', async () => {
        const outcome = await to(credentials.right, 'TLSv1.3');
        inRow = outcome.kind === 'refused' || outcome.status === 400 ? inRow + 1 : 0;
        return inRow === 10;
      });
      for (const tlsVersion of VERSIONS) {
        await assertRefused(origin, to(credentials.right, tlsVersion), 'revoked');
        await assertAnswered(origin, to(credentials.next, tlsVersion), 'not revoked');
      }
    });

    void test('while watching, tells who is revoked', async () => {
      await using origin = await start(lists({ revoked: [credentials.right] }), 'watch');
      const to = (credential: Credential) => knock({ port: origin.tlsPort, sni: HOST, credential });
      const good = await assertAnswered(origin, to(credentials.next), 'not revoked');
      assert.deepEqual(fieldValues(good, 'X-Postern-Verified'), ['SUCCESS']);
      // Apache refuses it all the same: no setting keeps it from that.
      if (traitsOf(server).watch !== 'verdict')
        return void (await assertRefused(origin, to(credentials.right), 'revoked'));
      const revoked = await assertAnswered(origin, to(credentials.right), 'revoked');
      assert.deepEqual(fieldValues(revoked, 'X-Postern-Verified'), ['FAILED:certificate revoked']);
    });

    void test('refuses everybody past the end of the lists', async () => {
      await using origin = await start(lists({ lasts: -HOUR }));
      await everybody(origin, 'lists that ended');
    });

    for (const without of ['root', 'intermediate'] as const) {
      void test(`refuses everybody without the list of the ${without}`, async () => {
        await using origin = await start(lists({ without }));
        await everybody(origin, `without the list of the ${without}`);
      });
    }
  });
}
