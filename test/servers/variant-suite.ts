import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Ability } from '../../src/origin/generate/abilities.ts';
import { serverFacts } from '../../src/origin/generate/server-facts.ts';
import type { OneSiteRequest } from '../../src/origin/one-site.fixture.ts';
import { ORIGIN_PROBLEMS } from '../../src/origin/problems.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { fieldValues, foldedValues, startEcho } from '../support/echo-application.ts';
import { type Knock, knock, knockHttp2, knockPlain } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { DidNotStart } from '../support/server-process.ts';
import { assertAnswered, assertRefused, lastSeen, VERSIONS } from './lock-suite.ts';
import { HOST, type LockedOrigin, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { type LockedServer, type Traits, traitsOf } from './traits.ts';

const GUIDE_HEADER = 'X-Cloudflare-Client-Cert-Verified';

const SILENT = /^$/;
/** What watching tells of a good certificate, of a bad one, and of none. */
const TOLD: Readonly<Record<Traits['watch'], readonly [good: RegExp, bad: RegExp, none: RegExp]>> = {
  verdict: [/^SUCCESS$/, /^FAILED:/, /^NONE$/],
  'verdict but for expired': [/^SUCCESS$/, /^FAILED:/, /^NONE$/],
  presence: [/^UNVERIFIED$/, /^UNVERIFIED$/, /^NONE$/],
  nothing: [SILENT, SILENT, SILENT],
};

/** What the fields of a request change, on a real server. */
export function describeVariants(server: LockedServer): void {
  void describe(`${server} with variants of its configuration`, needs(traitsOf(server).program), () => {
    let credentials: PullCredentials;
    before(async () => {
      credentials = await pullCredentials(ZONE, Date.now());
    });
    const start = (options: Omit<LockOptions, 'credentials'>) => startLocked(server, { credentials, ...options });
    const at = (origin: LockedOrigin, knocking: Partial<Knock>): Knock => ({
      port: origin.tlsPort,
      sni: HOST,
      ...knocking,
    });

    const traits = traitsOf(server);
    /** What is asked for beyond what a server can do is refused before there is a configuration. */
    const cannot = (ability: Ability) => serverFacts(server).cannot.includes(ability);
    const assertUnable = (change: Partial<OneSiteRequest>, text: string) =>
      assert.rejects(start({ request: () => change }), new RegExp(`is refused: ${text}`));

    void test('while watching, refuses nobody, says what it verified, and logs who came without', async () => {
      if (cannot('watch')) return assertUnable({ mode: 'watch' }, ORIGIN_PROBLEMS.no_watch.text);
      await using origin = await start({
        request: ({ directory }) => ({ mode: 'watch', runtimeDirectory: directory }),
      });
      const headers = [
        ['X-Postern-Verified', 'SUCCESS'],
        ['X_Postern_Verified', 'SUCCESS'],
      ] as const;
      const body = Buffer.from('a body');
      const verdict = async (credential: Knock['credential'], tlsVersion: (typeof VERSIONS)[number]) => {
        const asked = at(origin, { credential: credential ?? null, tlsVersion, headers, body, method: 'POST' });
        const seen = await assertAnswered(origin, knock(asked), 'watching');
        assert.equal(seen.bytes, body.length);
        const [value = '', ...others] = foldedValues(seen, 'X-Postern-Verified');
        assert.deepEqual(others, []);
        return value;
      };
      const { wrong, right } = credentials;
      const { watch } = traits;
      const [good, bad, none] = TOLD[watch];
      for (const tlsVersion of VERSIONS) {
        assert.match(await verdict(right, tlsVersion), good);
        assert.match(await verdict(null, tlsVersion), none);
        assert.match(await verdict(wrong['self-signed certificate'], tlsVersion), bad);
        assert.match(await verdict(wrong["neighbour zone's valid certificate"], tlsVersion), bad);
        if (watch === 'verdict')
          assert.match(await verdict(wrong['expired certificate'], tlsVersion), /^FAILED:.*expired/);
      }
      await assertAnswered(origin, knockHttp2(at(origin, {})), 'HTTP/2 while watching');
      const isGood = (line: string) => line.includes(watch === 'presence' ? '"client_serial"' : 'verify="SUCCESS"');
      const named = watch === 'presence' ? `"host":"${HOST}"` : `host="${HOST}"`;
      const logged = (good: boolean) =>
        watchLog(server, origin)
          .split('\n')
          .some((line) => isGood(line) === good && line.includes(named));
      // A log may be written in batches.
      await until('the log tells of the edge and of others', async () => logged(true) && logged(false));
    });

    void test('while watching, hands on no spelling of the header by which a stranger says to be verified', async () => {
      if (cannot('watch')) return assertUnable({ mode: 'watch' }, ORIGIN_PROBLEMS.no_watch.text);
      const isShortOnly = cannot('long_header');
      if (isShortOnly)
        await assertUnable({ mode: 'watch', verifiedHeader: GUIDE_HEADER }, ORIGIN_PROBLEMS.long_header.text);
      const verifiedHeader = isShortOnly ? 'X-Other-Verified' : GUIDE_HEADER;
      await using origin = await start({
        request: ({ directory }) => ({ mode: 'watch', runtimeDirectory: directory, verifiedHeader }),
      });
      const spellings = spellingsOf(verifiedHeader);
      // Fewer in one request than any of the servers takes.
      for (let from = 0; from < spellings.length; from += 45) {
        const some = spellings.slice(from, from + 45);
        for (const behind of [
          verifiedHeader.replaceAll('-', '~'),
          verifiedHeader.replace('-', '~').replaceAll('-', '.'),
        ]) {
          const empty = [behind, ''] as const;
          const headers = [...some.filter((name) => name !== behind).map((name) => [name, 'spoofed'] as const), empty];
          const before = origin.application.seen.length;
          await knock(at(origin, { headers }));
          const reached = origin.application.seen.slice(before).flatMap((seen) => foldedValues(seen, verifiedHeader));
          assert.deepEqual(
            reached.filter((value) => value.includes('spoofed')),
            [],
            `${some[0]} …`,
          );
        }
      }
      const seen = await assertAnswered(origin, knock(at(origin, {})), 'nobody');
      assert.deepEqual(
        foldedValues(seen, verifiedHeader).filter((value) => value === 'SUCCESS'),
        [],
      );
    });

    void test('with a shared identity, lets in exactly the pinned certificate', async () => {
      const request = ({ directory }: { readonly directory: string }) => ({
        bundle: { kind: 'shared' as const, path: join(directory, 'bundle.pem'), pins: [credentials.right.cert] },
      });
      if (cannot('shared')) return assertUnable(request({ directory: '/' }), ORIGIN_PROBLEMS.no_shared.text);
      await using origin = await start({ request });
      for (const tlsVersion of VERSIONS) {
        await assertAnswered(origin, knock(at(origin, { credential: credentials.right, tlsVersion })), 'pinned');
        const next = at(origin, { credential: credentials.next, tlsVersion });
        const outcome = await assertRefused(origin, knock(next), 'not pinned');
        assert.equal(outcome.kind === 'answered' && outcome.status, 403);
      }
      await using watched = await start({
        request: (files) => ({ ...request(files), mode: 'watch', runtimeDirectory: files.directory }),
      });
      await assertAnswered(watched, knock(at(watched, { credential: credentials.next })), 'watched');
      assert.deepEqual(fieldValues(lastSeen(watched), 'X-Postern-Verified'), ['FAILED:not a pinned certificate']);
      await assertAnswered(watched, knock(at(watched, { credential: credentials.right })), 'watched');
      assert.deepEqual(fieldValues(lastSeen(watched), 'X-Postern-Verified'), ['SUCCESS']);
      await assertAnswered(watched, knock(at(watched, {})), 'watched');
      assert.deepEqual(fieldValues(lastSeen(watched), 'X-Postern-Verified'), ['NONE']);
    });

    void test('refuses to be given revocation lists that it could not read', async () => {
      const asked = start({ request: ({ directory }) => ({ crl: join(directory, 'lists.crl') }) });
      if (traitsOf(server).readsLists) return assert.rejects(asked, DidNotStart);
      return assert.rejects(asked, /cannot check revocation lists/);
    });

    void test("can use the guide's name for the verified header", async () => {
      await using origin = await start({ request: () => ({ verifiedHeader: GUIDE_HEADER }) });
      const spellings = [GUIDE_HEADER, 'x_cloudflare_client_cert_verified', 'X-Cloudflare_Client-Cert_Verified'];
      const headers = spellings.map((name) => [name, 'spoofed'] as const);
      const seen = await assertAnswered(origin, knock(at(origin, { credential: credentials.right, headers })), 'guide');
      const untouched = spellings.map(() => 'spoofed');
      assert.deepEqual(foldedValues(seen, GUIDE_HEADER), traits.knowsHttp ? ['SUCCESS'] : untouched);
    });

    void test('lets nobody in with a bundle that is missing, empty, garbled or a page of HTML', async () => {
      const garbled = credentials.bundle.replace(/[A-Za-z0-9+/]{20}\n/g, '!!\n');
      for (const bundle of [null, '', '\n\n', garbled, '<html>404</html>\n', credentials.right.key]) {
        const what = JSON.stringify(bundle?.slice(0, 40));
        try {
          await using origin = await start({ bundle });
          // Apache starts with a file that holds no certificate, and then trusts nobody.
          assert.equal(server, 'apache', `started with ${what}`);
          await assertNobodyEnters(origin, credentials, what);
        } catch (error) {
          if (!(error instanceof DidNotStart)) throw error;
          assert.match(error.message, /bundle\.pem|verify|CA/i, what);
        }
      }
    });

    void test('accepts the certificate of a bundle with old and new authority, and no other', async () => {
      await using origin = await start({ bundle: `${credentials.bundle}${credentials.neighbourBundle}` });
      await assertAnswered(origin, knock(at(origin, { credential: credentials.right })), 'old');
      const neighbour = credentials.wrong["neighbour zone's valid certificate"];
      await assertAnswered(origin, knock(at(origin, { credential: neighbour })), 'new');
      const other = credentials.wrong["another authority's certificate"];
      await assertRefused(origin, knock(at(origin, { credential: other })), 'other');
    });

    void test('serves files only to the edge, and hidden ones to nobody', async () => {
      if (cannot('root')) return assertUnable({ root: '/srv' }, ORIGIN_PROBLEMS.no_root.text);
      await using origin = await start({
        request: ({ directory }) => {
          const root = join(directory, 'a site (1)');
          mkdirSync(join(root, '.well-known'), { recursive: true });
          writeFileSync(join(root, 'index.html'), 'the page');
          writeFileSync(join(root, '.env'), 'a secret');
          writeFileSync(join(root, '.well-known', 'x'), 'known');
          return { root };
        },
      });
      const get = (path: string, credential = credentials.right) => knock(at(origin, { credential, path }));
      const bodyOf = async (path: string) => {
        const outcome = await get(path);
        return outcome.kind === 'answered' ? `${outcome.status} ${outcome.body}` : JSON.stringify(outcome.how);
      };
      assert.equal(await bodyOf('/'), '200 the page');
      assert.equal(await bodyOf('/.well-known/x'), '200 known');
      assert.match(await bodyOf('/.env'), /^40[34] (?!a secret)/);
      const refused = await knock(at(origin, {}));
      assert.ok(refused.kind === 'refused' || (refused.status === 400 && !refused.body.includes('the page')));
    });

    void test('reaches an application on a socket file', async () => {
      await using origin = await start({
        request: ({ directory }) => ({ upstream: `unix:${join(directory, 'app.sock')}` }),
      });
      const application = await startEcho(join(origin.server.directory, 'app.sock'));
      const outcome = await knock(at(origin, { credential: credentials.right, path: '/socket' }));
      await application[Symbol.asyncDispose]();
      assert.equal(outcome.kind === 'answered' && outcome.status, 200, origin.server.errorLog());
      assert.equal(application.seen.at(-1)?.target, '/socket');
    });

    void test('locks IPv6 like IPv4 and serves every name that it was given', async () => {
      await using origin = await start({
        request: ({ tlsPort }) => ({
          listen: [`127.0.0.1:${tlsPort}`, `[::1]:${tlsPort}`],
          hostnames: ['*.wild.example.test', HOST, ZONE],
        }),
      });
      for (const address of ['127.0.0.1', '::1']) {
        for (const sni of [HOST, ZONE, 'a.wild.example.test']) {
          const credential = credentials.right;
          await assertAnswered(origin, knock(at(origin, { address, sni, credential })), `${sni} at ${address}`);
          await assertRefused(origin, knock(at(origin, { address, sni })), `${sni} at ${address}`);
        }
        const outside = knock(at(origin, { address, sni: 'wild.example.test', credential: credentials.right }));
        if (traits.looksAt === 'nothing') await assertAnswered(origin, outside, 'the name above a wildcard');
        else await assertRefused(origin, outside, 'the name above a wildcard');
      }
    });

    void test('serves a name as long as names can be', async () => {
      const long = `${['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.')}.${'d'.repeat(48)}.${ZONE}`;
      await using origin = await start({ request: () => ({ hostnames: [long] }) });
      await assertAnswered(origin, knock(at(origin, { sni: long, credential: credentials.right })), 'long name');
    });

    void test('leaves plain HTTP closed unless asked', async () => {
      await using origin = await start({ plainHttp: false });
      const outcome = await assertRefused(origin, knockPlain({ port: origin.httpPort, host: HOST }), 'plain HTTP');
      assert.equal(outcome.kind === 'refused' && outcome.how, 'no listener');
    });

    void test('runs beside another of its kind', async () => {
      await using first = await start({});
      await using second = await start({ request: () => ({ hostnames: [ZONE] }) });
      await assertAnswered(first, knock(at(first, { credential: credentials.right })), 'first');
      await assertAnswered(second, knock(at(second, { sni: ZONE, credential: credentials.right })), 'second');
    });

    void test('keeps everything in the runtime directory where one is given', async () => {
      await using origin = await start({ request: ({ directory }) => ({ runtimeDirectory: directory }) });
      await assertAnswered(origin, knock(at(origin, { credential: credentials.right })), 'runtime directory');
      assert.ok(readdirSync(origin.server.directory).some((name) => traitsOf(server).mark.test(name)));
    });
  });
}

/** HAProxy writes no files: its log is what it says. */
function watchLog(server: LockedServer, origin: LockedOrigin): string {
  const { directory } = origin.server;
  if (server === 'haproxy') return origin.server.errorLog();
  const log = readdirSync(directory).find((name) => name.startsWith('postern-watch-'));
  return log === undefined ? '' : readFileSync(join(directory, log), 'utf8');
}

async function assertNobodyEnters(origin: LockedOrigin, credentials: PullCredentials, what: string): Promise<void> {
  for (const credential of [credentials.right, ...Object.values(credentials.wrong)]) {
    for (const tlsVersion of VERSIONS) {
      await assertRefused(origin, knock({ port: origin.tlsPort, sni: HOST, credential, tlsVersion }), what);
    }
  }
}

const MARKS = "- _ ! # $ % & ' * + . ^ ` | ~".split(' ');

/** With every two marks in turn between the words: all that there are for three words. */
function spellingsOf(name: string): readonly string[] {
  const words = name.split('-');
  const joined = (one: string, other: string) =>
    words.reduce((sofar, word, index) => `${sofar}${index % 2 === 1 ? one : other}${word}`);
  return MARKS.flatMap((one) => MARKS.map((other) => joined(one, other)));
}
