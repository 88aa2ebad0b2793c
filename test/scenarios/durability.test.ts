import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startEcho } from '../support/echo-application.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, visit } from './site.ts';
import { until } from './until.ts';

const WRITERS = 4;
const ROUNDS = 2;

/** What the API has acknowledged: ids with what they were made as. */
interface Acknowledged {
  readonly zones: Map<string, string>;
  readonly records: Map<string, { readonly zone: string; readonly name: string }>;
  readonly levels: Map<string, boolean>;
}

interface Id {
  readonly id: string;
}

/** Writes until the API is gone, and notes only what was acknowledged. */
async function write(postern: Postern, label: string, acknowledged: Acknowledged): Promise<void> {
  for (let turn = 0; ; turn++) {
    const zoneName = `w${label}-${turn}.test`;
    const zone = await postern.call<Id>('POST', '/zones', { name: zoneName }).catch(gone);
    if (zone === null) return;
    acknowledged.zones.set(zone.result.id, zoneName);
    const path = `/zones/${zone.result.id}`;
    for (let at = 0; at < 3; at++) {
      const name = `r${at}.${zoneName}`;
      const body = { type: 'A', name, content: '127.0.0.1', proxied: true };
      const record = await postern.call<Id>('POST', `${path}/dns_records`, body).catch(gone);
      if (record === null) return;
      acknowledged.records.set(record.result.id, { zone: zone.result.id, name });
    }
    const enabled = turn % 2 === 0;
    const set = await postern.call('PUT', `${path}/origin_tls_client_auth/settings`, { enabled }).catch(gone);
    if (set === null) return;
    acknowledged.levels.set(zone.result.id, enabled);
  }
}

// Only the end of the process may interrupt a writer, never a refusal.
function gone(error: unknown): null {
  if (error instanceof TypeError || (error instanceof DOMException && error.name === 'AbortError')) return null;
  throw error;
}

async function assertKept(postern: Postern, { zones, records, levels }: Acknowledged): Promise<void> {
  for (const [id, name] of zones) {
    const { result } = await postern.call<{ readonly name: string }>('GET', `/zones/${id}`);
    assert.equal(result.name, name);
  }
  for (const [id, { zone, name }] of records) {
    const { result } = await postern.call<{ readonly name: string }>('GET', `/zones/${zone}/dns_records/${id}`);
    assert.equal(result.name, name);
  }
  for (const [zone, enabled] of levels) {
    const path = `/zones/${zone}/origin_tls_client_auth/settings`;
    assert.deepEqual((await postern.call('GET', path)).result, { enabled });
  }
}

test('nothing that was acknowledged is lost by kill -9 in the middle of writes, and visitors are served at once after', async () => {
  using scratch = scratchDirectory();
  const dir = join(scratch.path, 'data');
  await using application = await startEcho();
  const acknowledged: Acknowledged = { zones: new Map(), records: new Map(), levels: new Map() };
  const host = 'www.kept.test';
  for (let round = 0; round < ROUNDS; round++) {
    await using postern = await startPostern({ dir });
    if (round === 0) {
      const zone = await createZone(postern, 'kept.test', null);
      await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
      await addRecord(postern, zone, { name: host, origin: { http_port: application.port } });
    }
    // Before any call of the API.
    assertStatus(await visit(postern, host), 200, `round ${round}`);
    await assertKept(postern, acknowledged);
    const sofar = acknowledged.records.size;
    const labels = Array.from({ length: WRITERS }, (_, writer) => `${round}x${writer}`);
    const writers = labels.map((label) => write(postern, label, acknowledged));
    await until('enough is acknowledged', () => acknowledged.records.size > sofar + 30);
    postern.signal('SIGKILL');
    assert.equal(await postern.ended, 'SIGKILL');
    await Promise.all(writers);
  }
  await using postern = await startPostern({ dir });
  assertStatus(await visit(postern, host), 200, 'after the last restart');
  await assertKept(postern, acknowledged);
  assert.ok(acknowledged.records.size > 30 * ROUNDS);
});
