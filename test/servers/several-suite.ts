import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { OriginRequest } from '../../src/origin/requirement.ts';
import type { SiteRequest } from '../../src/origin/site.ts';
import { needs } from '../support/availability.ts';
import { fieldValues, foldedValues } from '../support/echo-application.ts';
import { type Credential, type Knock, knock, knockHttp2, knockHttp2Hosts, knockPlain } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, VERSIONS, wrongOnes } from './lock-suite.ts';
import { type Files, HOST, type LockedOrigin, startLocked, ZONE } from './locked-origin.ts';
import { type LockedServer, traitsOf } from './traits.ts';

const OTHER_ZONE = 'other.test';
const OTHER = 'shop.other.test';
const OPEN = 'open.example.test';
const NEIGHBOUR = "neighbour zone's valid certificate";

/** Two zones and an open name on one listener: who may enter one of them must not get into another. */
export function describeSeveral(server: LockedServer): void {
  void describe(`${server} with two zones and an open name on one listener`, needs(traitsOf(server).program), () => {
    let credentials: PullCredentials;
    let other: Credential;
    before(async () => {
      credentials = await pullCredentials(ZONE, Date.now());
      other = credentials.wrong[NEIGHBOUR] ?? assert.fail('the neighbour has a certificate');
    });

    /** What each site and the open name are; `change` bends the sites. */
    const places = (
      { directory, application }: Files,
      change: { readonly own?: Partial<SiteRequest>; readonly other?: Partial<SiteRequest> } = {},
    ): Pick<OriginRequest, 'sites' | 'openNames'> => {
      const upstream = `http://127.0.0.1:${application.port}`;
      const bundle = (name: string) => ({ kind: 'zone', path: join(directory, name) }) as const;
      return {
        sites: [
          { zone: ZONE, hostnames: [HOST], bundle: bundle('bundle.pem'), upstream, ...change.own },
          { zone: OTHER_ZONE, hostnames: [OTHER], bundle: bundle('neighbour.pem'), upstream, ...change.other },
        ],
        openNames: [{ hostname: OPEN, upstream }],
      };
    };
    const start = (change: Parameters<typeof places>[1] = {}) =>
      startLocked(server, {
        credentials,
        several: (files) => places(files, change),
        request: ({ directory }) => ({ runtimeDirectory: directory }),
      });
    const at = ({ tlsPort }: LockedOrigin, sni: string | null, knocking: Partial<Knock> = {}): Knock => ({
      port: tlsPort,
      sni,
      ...knocking,
    });
    const callers = () =>
      [
        ['nobody', null],
        ["the first zone's edge", credentials.right],
        ["the second zone's edge", other],
      ] as const;
    const locked = () =>
      [
        [HOST, credentials.right],
        [OTHER, other],
      ] as const;

    void test('lets each edge in at its own names, and everybody at the open one', async () => {
      await using origin = await start();
      for (const tlsVersion of VERSIONS) {
        for (const [name, credential] of locked()) {
          const seen = await assertAnswered(origin, knock(at(origin, name, { credential, tlsVersion })), name);
          assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
          assert.deepEqual(fieldValues(seen, 'Host'), [name]);
        }
        await assertAnswered(origin, knock(at(origin, OPEN, { tlsVersion })), OPEN);
      }
      for (const [name, credential] of locked()) {
        await assertAnswered(origin, knockHttp2(at(origin, name, { credential })), `${name} over HTTP/2`);
      }
      await assertAnswered(origin, knockHttp2(at(origin, OPEN)), 'the open name over HTTP/2');
    });

    void test('refuses every other certificate at each locked name', async () => {
      await using origin = await start();
      for (const tlsVersion of VERSIONS) {
        for (const [what, credential] of wrongOnes(credentials)) {
          await assertRefused(origin, knock(at(origin, HOST, { credential, tlsVersion })), what);
          if (what === NEIGHBOUR) continue;
          await assertRefused(origin, knock(at(origin, OTHER, { credential, tlsVersion })), `${what} at ${OTHER}`);
        }
        const first = at(origin, OTHER, { credential: credentials.right, tlsVersion });
        await assertRefused(origin, knock(first), "the first zone's edge at the second");
      }
      await assertRefused(origin, knockHttp2(at(origin, HOST, { credential: other })), 'over HTTP/2');
      await assertRefused(origin, knockHttp2(at(origin, OTHER, { credential: credentials.right })), 'over HTTP/2');
    });

    void test('is not entered with the name of one in the handshake and that of another in Host', async () => {
      await using origin = await start();
      const hosts = [HOST, OTHER, `${HOST}.`, `${HOST}:${origin.tlsPort}`, HOST.toUpperCase()];
      const mixes = [HOST, OTHER, OPEN, 'unknown.test', null].flatMap((sni) =>
        hosts.filter((host) => sni === null || !host.toLowerCase().startsWith(sni)).map((host) => ({ sni, host })),
      );
      const rawRequest = `GET https://${HOST}/ HTTP/1.1\r\nHost: ${OPEN}\r\nConnection: close\r\n\r\n`;
      for (const tlsVersion of VERSIONS) {
        for (const [who, credential] of callers()) {
          for (const { sni, host } of mixes) {
            const what = `${who} with SNI ${sni} and Host ${host}`;
            await assertRefused(origin, knock(at(origin, sni, { host, credential, tlsVersion })), what);
          }
          const absolute = at(origin, OPEN, { rawRequest, credential, tlsVersion });
          await assertRefused(origin, knock(absolute), `another authority in the request line, ${who}`);
        }
      }
    });

    void test('is not entered over an HTTP/2 connection that was made for another name', async () => {
      await using origin = await start();
      const doors = [
        [OPEN, null],
        [OPEN, credentials.right],
        [OPEN, other],
        [HOST, credentials.right],
        [OTHER, other],
      ] as const;
      for (const [sni, credential] of doors) {
        const elsewhere = [HOST, OTHER].filter((name) => name !== sni);
        const before = origin.application.seen.length;
        const [own, ...others] = await knockHttp2Hosts(at(origin, sni, { credential }), [sni, ...elsewhere]);
        assert.equal(own, 200, `${sni} is answered at its own name`);
        for (const status of others) assert.ok([0, 400, 403, 421].includes(status), `${sni}: ${others.join(' ')}`);
        assert.equal(origin.application.seen.length, before + 1, sni);
      }
    });

    for (const tlsVersion of VERSIONS) {
      void test(`is not entered with a session of another name over ${tlsVersion}`, async () => {
        await using origin = await start();
        const doors = [
          [OPEN, null],
          [OPEN, credentials.right],
          [OTHER, other],
        ] as const;
        for (const [sni, credential] of doors) {
          const first = await knock(at(origin, sni, { credential, tlsVersion }));
          assert.equal(first.kind === 'answered' && first.status, 200, `${sni}: ${origin.server.errorLog()}`);
          for (const session of first.sessions) await assertWorthless(origin, { session, tlsVersion }, sni);
        }
      });

      void test(`asks for the certificate again on resumption over ${tlsVersion}`, async () => {
        await using origin = await start();
        for (const [name, credential] of traitsOf(server).resumesOwnSessions ? [] : locked()) {
          const first = await knock(at(origin, name, { credential, tlsVersion }));
          for (const session of first.sessions) {
            await assertRefused(origin, knock(at(origin, name, { session, tlsVersion })), `session of ${name} alone`);
          }
        }
      });
    }

    /** A session from `sni` opens the first zone's name to nobody but its edge. */
    const assertWorthless = async (origin: LockedOrigin, again: Partial<Knock>, sni: string) => {
      for (const [who, credential] of callers().filter(([, one]) => one !== credentials.right)) {
        const what = `session of ${sni}, ${who}`;
        await assertRefused(origin, knock(at(origin, HOST, { ...again, credential })), what);
        await assertRefused(origin, knock(at(origin, null, { ...again, credential, host: HOST })), `${what}, no SNI`);
        await assertRefused(origin, knock(at(origin, sni, { ...again, credential, host: HOST })), `${what}, its SNI`);
      }
    };

    void test('hands no verdict of a caller on at the open name', async () => {
      await using origin = await start();
      const spellings = ['X-Postern-Verified', 'X_Postern_Verified', 'X-Postern_Verified', 'x.postern.verified'];
      for (const name of spellings) {
        const before = origin.application.seen.length;
        await knock(at(origin, OPEN, { headers: [[name, 'SUCCESS']] }));
        for (const seen of origin.application.seen.slice(before)) {
          assert.ok(!foldedValues(seen, 'X-Postern-Verified').includes('SUCCESS'), name);
        }
      }
      const seen = await assertAnswered(origin, knock(at(origin, OPEN, { credential: credentials.right })), 'open');
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['NONE']);
    });

    void test('redirects plain HTTP for its names only', async () => {
      await using origin = await start();
      for (const host of [HOST, OTHER, OPEN]) {
        const outcome = await knockPlain({ port: origin.httpPort, host });
        assert.equal(outcome.kind === 'answered' && outcome.status, 301, host);
      }
      await assertRefused(origin, knockPlain({ port: origin.httpPort, host: 'unknown.test' }), 'unknown name');
    });

    void test('stays locked at one name while another is watched', async () => {
      await using origin = await start({ other: { mode: 'watch' } });
      for (const tlsVersion of VERSIONS) {
        await assertAnswered(origin, knock(at(origin, OTHER, { tlsVersion })), 'nobody at the watched name');
        const right = at(origin, HOST, { credential: credentials.right, tlsVersion });
        const seen = await assertAnswered(origin, knock(right), 'the edge at the locked name');
        assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
        for (const [what, credential] of wrongOnes(credentials)) {
          for (const sni of [HOST, OTHER, OPEN, null]) {
            const asked = at(origin, sni, { host: HOST, credential, tlsVersion });
            await assertRefused(origin, knock(asked), `${what} with SNI ${sni}`);
          }
        }
      }
    });

    void test('leaves a name open below a wildcard that is locked', async () => {
      const own = { hostnames: [HOST, '*.apps.example.test'] };
      await using origin = await startLocked(server, {
        credentials,
        several: (files) => ({
          ...places(files, { own }),
          openNames: [{ hostname: 'status.apps.example.test', upstream: `http://127.0.0.1:${files.application.port}` }],
        }),
      });
      const credential = credentials.right;
      const [open, closed] = ['status.apps.example.test', 'a.apps.example.test'];
      await assertAnswered(origin, knock(at(origin, open)), 'the open name');
      await assertAnswered(origin, knock(at(origin, closed, { credential })), 'a name of the wildcard');
      await assertRefused(origin, knock(at(origin, closed)), 'a name of the wildcard, nobody');
      await assertRefused(origin, knock(at(origin, open, { host: closed })), 'the open name in the handshake');
      await assertRefused(origin, knock(at(origin, open, { host: closed, credential })), 'the same, the edge');
    });
  });
}
