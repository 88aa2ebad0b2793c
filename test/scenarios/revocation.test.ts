import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, lockedOrigin, SERVERS, visit, zonePull } from './site.ts';

const ZONE = 'ended.test';
const HOST = `www.${ZONE}`;

async function fetchLists({ base }: Postern, zone: string): Promise<string> {
  const response = await fetch(`${base}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.crl`);
  assert.equal(response.status, 200);
  return response.text();
}

async function presented(postern: Postern, zone: string): Promise<string | undefined> {
  const path = `/postern/v1/zones/${zone}/identities?level=zone`;
  const { result } = await postern.call<readonly { readonly id: string; readonly status: string }[]>('GET', path);
  return result.find(({ status }) => status === 'active')?.id;
}

for (const [server, program] of SERVERS) {
  void describe(`a revoked identity, with ${server} that checks lists`, needs(program), () => {
    void test('makes no pull any more, not even on a connection that stands; the next one does', async () => {
      using scratch = scratchDirectory();
      const dir = join(scratch.path, 'data');
      const crl = join(scratch.path, 'lists.crl');
      const authority = await serverAuthority();
      await using first = await startPostern({ dir });
      const zone = await createZone(first, ZONE, authority);
      await zonePull(first, zone, true);
      writeFileSync(crl, await fetchLists(first, zone));
      const flags = ['--crl', crl];
      await using origin = await lockedOrigin(server, first, { zone: ZONE, host: HOST, authority, flags });
      await addRecord(first, zone, { name: HOST, origin: { https_port: origin.tlsPort } });
      assertStatus(await visit(first, HOST), 200, 'before');
      const before = origin.application.seen.length;

      const id = await presented(first, zone);
      const wish = { certificate_id: id, reason: 'keyCompromise', force: true };
      const { messages } = await first.call('POST', `/postern/v1/zones/${zone}/revocations`, wish);
      assert.match(messages[0]?.message ?? '', /refused \(525\)/);
      const page = assertStatus(await visit(first, HOST), 525, 'after');
      assert.match(page, /no usable client certificate/);
      assert.equal(origin.application.seen.length, before, 'a pull was made');
      first.signal('SIGTERM');
      assert.equal(await first.ended, 0);

      // The round of the start issues another one, which is on no list.
      await using second = await startPostern({ dir });
      const next = await presented(second, zone);
      assert.notEqual(next, id);
      assertStatus(await visit(second, HOST), 200, 'with the old list');
      writeFileSync(crl, await fetchLists(second, zone));
      origin.server.signal(server === 'nginx' ? 'SIGHUP' : 'SIGUSR1');
      assertStatus(await visit(second, HOST), 200, 'with the new list');
    });
  });
}
