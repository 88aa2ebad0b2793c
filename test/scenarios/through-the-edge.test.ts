import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { fieldValues, foldedValues, type Seen } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { type ServerAuthority, serverAuthority, strangers } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import {
  addRecord,
  assertStatus,
  createZone,
  lockedSite,
  SERVERS,
  type Site,
  statusOf,
  visit,
  zonePull,
} from './site.ts';

const GUIDE_HEADER = 'X-Cloudflare-Client-Cert-Verified';

let postern: Postern;
let authority: ServerAuthority;

before(async () => {
  [postern, authority] = await Promise.all([startPostern(), serverAuthority()]);
});
after(() => postern?.[Symbol.asyncDispose]());

/** Every mixture of `-` and `_`, each in three cases. */
function spellings(name: string): readonly string[] {
  const [first = '', ...rest] = name.split('-');
  const mixed = rest.reduce((so, word) => so.flatMap((begun) => [`${begun}-${word}`, `${begun}_${word}`]), [first]);
  return mixed.flatMap((one) => [one, one.toLowerCase(), one.toUpperCase()]);
}

function lastSeen({ origin }: Site): Seen {
  const seen = origin.application.seen.at(-1);
  assert.ok(seen, 'the application saw no request');
  return seen;
}

for (const [server, program] of SERVERS) {
  describe(`a visit through the edge to a locked ${server}`, needs(program), () => {
    let site: Site;
    before(async () => {
      site = await lockedSite(server, postern, { name: `plain-${server}.test`, authority });
    });
    after(() => site?.[Symbol.asyncDispose]());

    test('is answered by the application, which is told that the edge was verified', async () => {
      assertStatus(await visit(postern, site.host, { path: '/a%2Fb?c=d' }), 200, 'the visit');
      const seen = lastSeen(site);
      assert.equal(seen.target, '/a%2Fb?c=d');
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
      assert.deepEqual(fieldValues(seen, 'Host'), [site.host]);
    });

    test('never carries a verified header of its own to the application', async () => {
      const all = spellings('X-Postern-Verified');
      for (const headers of [
        all.map((name) => [name, 'spoofed'] as const),
        ...all.map((name) => [[name, 'SUCCESS'] as const]),
      ]) {
        assertStatus(await visit(postern, site.host, { headers }), 200, headers.join());
        assert.deepEqual(foldedValues(lastSeen(site), 'X-Postern-Verified'), ['SUCCESS'], headers.join());
      }
    });

    test('is told of by the edge, whatever the visitor says of itself', async () => {
      const claims = [
        'X-Forwarded-For',
        'x_forwarded_for',
        'CF-Connecting-IP',
        'cf_connecting_ip',
        'X-Real-IP',
        'Forwarded',
      ];
      const headers = claims.map((name) => [name, '203.0.113.66'] as const);
      assertStatus(await visit(postern, site.host, { headers }), 200, 'the visit');
      const seen = lastSeen(site);
      assert.deepEqual(foldedValues(seen, 'X-Forwarded-For'), ['127.0.0.1']);
      assert.deepEqual(foldedValues(seen, 'CF-Connecting-IP'), ['127.0.0.1']);
      assert.deepEqual(foldedValues(seen, 'X-Forwarded-Proto'), ['https']);
      assert.ok(!JSON.stringify(seen.fields).includes('203.0.113.66'), JSON.stringify(seen.fields));
    });

    test("sees the guide's header where the configuration was asked for it", async () => {
      const flags = ['--verified-header', GUIDE_HEADER];
      await using guided = await lockedSite(server, postern, { name: `guide-${server}.test`, authority, flags });
      const headers = spellings(GUIDE_HEADER).map((name) => [name, 'spoofed'] as const);
      assertStatus(await visit(postern, guided.host, { headers }), 200, 'the visit');
      assert.deepEqual(foldedValues(lastSeen(guided), GUIDE_HEADER), ['SUCCESS']);
      assert.deepEqual(fieldValues(lastSeen(guided), GUIDE_HEADER), ['SUCCESS']);
    });

    test('is the only way in: whoever knocks at the origin directly is refused before the application', async () => {
      for (const tlsVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        for (const [what, credential] of await strangers(site.origin.bundle)) {
          const seen = site.origin.application.seen.length;
          const outcome = await knock({ port: site.origin.tlsPort, sni: site.host, credential, tlsVersion });
          // nginx shakes hands and answers with its page; Apache ends the handshake.
          assert.match(
            String(statusOf(outcome)),
            server === 'nginx' ? /^400$/ : /^refused/,
            `${what} over ${tlsVersion}`,
          );
          assert.equal(site.origin.application.seen.length, seen, `${what} over ${tlsVersion} reached the application`);
        }
      }
      assertStatus(await visit(postern, site.host), 200, 'through the edge');
    });

    test("is not the way in for a neighbour's zone that names this origin as its own", async () => {
      const neighbour = await createZone(postern, `neighbour-${server}.test`, authority);
      await zonePull(postern, neighbour, true);
      const www = `www.neighbour-${server}.test`;
      const origin = { https_port: site.origin.tlsPort, server_name: site.host, host_header: site.host };
      await addRecord(postern, neighbour, { name: www, origin });
      const seen = site.origin.application.seen.length;
      const outcome = await visit(postern, www);
      assert.equal(statusOf(outcome), server === 'nginx' ? 400 : 525);
      assert.equal(site.origin.application.seen.length, seen, 'the neighbour reached the application');
      // The same address under the same name, for the right zone.
      assertStatus(await visit(postern, site.host), 200, 'the owner');
    });
  });
}
