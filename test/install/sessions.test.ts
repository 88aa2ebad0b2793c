/** Sessions of TLS that a file keeps which other sites share: the lock cannot switch them off there. With a real nginx. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { type Knock, knock } from '../support/knock.ts';
import { type Edge, serverCertificate, type Site, startEdge, startSite } from './installed-site.ts';
import { debianNginx } from './nginx-tree.ts';

const HOST = 'www.example.test';
const NAMES = ['--hostname', HOST, '--hostname', 'example.test'];
const TICKET_KEY_BYTES = 80;

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

/** A site whose shared file also says this. */
function siteSharing(shared: readonly string[]): Promise<Site> {
  return startSite('nginx', edge, {
    tree: (places) => {
      writeFileSync(join(places.directory, 'tickets.key'), randomBytes(TICKET_KEY_BYTES));
      const files = debianNginx(places);
      const text = [files['snippets/tls.conf'], ...shared, '']
        .join('\n')
        .replace('KEY', `${places.directory}/tickets.key`);
      return { ...files, 'snippets/tls.conf': text };
    },
  });
}

type Held = Pick<Knock, 'sni' | 'tlsVersion'> & { readonly session: Buffer };

/** Sessions with this site and with its neighbour, of callers without a certificate and with one that nobody trusts. */
async function sessionsOf({ tls }: Site): Promise<readonly Held[]> {
  const stranger = await serverCertificate([HOST]);
  const held: Held[] = [];
  for (const sni of [HOST, 'other.test'])
    for (const tlsVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const credential of [null, stranger]) {
        const session = (await knock({ port: tls, sni, credential, tlsVersion })).sessions.at(-1);
        if (session !== undefined) held.push({ sni, tlsVersion, session });
      }
  return held;
}

/** What they get at the site who take these up. */
async function takenUp({ tls }: Site, held: readonly Held[]): Promise<ReadonlySet<number | string>> {
  const saw = new Set<number | string>();
  for (const one of held) {
    const got = await knock({ ...one, port: tls, sni: HOST });
    saw.add(got.kind === 'answered' ? got.status : got.how);
  }
  return saw;
}

const KEPT = [
  { how: 'tickets', shared: ['ssl_session_tickets on;'], told: null },
  {
    how: 'a cache',
    shared: ['ssl_session_tickets off;', 'ssl_session_cache shared:kept:1m;'],
    told: 'shared:kept:1m, ',
  },
  {
    how: 'tickets under a key of its own',
    shared: ['ssl_session_tickets on;', 'ssl_session_ticket_key KEY;'],
    told: 'ssl_session_ticket_key ',
  },
] as const;

describe('sessions that a shared file keeps', needs('nginx'), () => {
  for (const { how, shared, told } of KEPT)
    test(`by ${how}: let no stranger in, and are told where they outlive a reload`, async () => {
      await using site = await siteSharing(shared);
      const watching = await site.origin('install', ...NAMES, '--watch');
      assert.equal(watching.code, 0, watching.stdout + watching.stderr);
      const before = await sessionsOf(site);
      assert.ok(before.length >= 4);
      assert.deepEqual([...(await takenUp(site, before))], [200], 'nobody is refused yet');

      const installed = await site.origin('install', ...NAMES);
      assert.equal(installed.code, 0, installed.stdout + installed.stderr);
      assert.deepEqual([...(await takenUp(site, before))], [400], 'those from while it watched');
      assert.deepEqual([...(await takenUp(site, await sessionsOf(site)))], [400], 'those made with a neighbour');
      assert.match(
        installed.stdout,
        /^note: ssl_session_(?:tickets|cache) stays as it is in .*, where others share it\.$/m,
      );
      const door = /^look at: TLS sessions are kept, and a resumed one is not verified again \((.*)\)/m.exec(
        installed.stdout,
      );
      if (told === null) assert.equal(door, null, installed.stdout);
      else assert.ok(door?.[1]?.startsWith(told), installed.stdout);
    });
});
