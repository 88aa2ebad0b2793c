import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { instant } from '../domain/ids.ts';
import { dataPath, openPlane, sure } from './control-plane.fixture.ts';

// Commits one record after the other, each with a certificate name of its own, and says which are acknowledged.
const WRITER = `
  const [, start, ids, dir] = process.argv;
  const { openControlPlane } = await import(start);
  const { hostname, recordId } = await import(ids);
  const plane = await openControlPlane({ dir, kek: null, clock: () => Date.now(), log: () => {} });
  const actor = { token: 'writer', from: 'test' };
  const origin = { httpsPort: 443, httpPort: 80, serverName: null, hostHeader: null, http2: false };
  let zone = [...plane.zones.all()][0];
  zone ??= (await plane.createZone(hostname('example.test'), plane.installation.account, actor)).zone;
  for (;;) {
    const count = plane.applied() + 1;
    const id = recordId(count.toString(16).padStart(32, '0'));
    const name = hostname('www.h' + (count % 40) + '.example.test');
    const draft = { name, type: 'A', content: '192.0.2.' + (count % 250), ttl: 1, proxied: true, origin, originSent: null, comment: String(count) };
    const done = await plane.commit({ zone: zone.id, command: { kind: 'create_record', id, draft }, actor });
    if (done.kind !== 'committed') throw new Error(done.code + done.detail);
    process.stdout.write(done.revision + ' ' + id + '\\n');
  }
`;

test('kill -9 during a stream of writes loses nothing that was acknowledged', async (t) => {
  const dir = dataPath(t);
  const start = new URL('start.ts', import.meta.url).href;
  const ids = new URL('../domain/ids.ts', import.meta.url).href;
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < 4; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, start, ids, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const enough = randomInt(5, 60);
    let seen = 0;
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      seen += chunk.split('\n').length - 1;
      if (seen >= enough) child.kill('SIGKILL');
    });
    await once(child, 'close');
    assert.equal(child.signalCode, 'SIGKILL', 'the writer ran until it was killed');
    for (const line of text.split('\n').slice(0, -1)) {
      const [revision, id] = line.split(' ');
      acknowledged.set(sure(id), Number(revision));
    }

    const plane = await openPlane(t, dir, { clock: () => instant(Date.now()) });
    const [zone] = plane.zones.all();
    const records = sure(zone).records;
    for (const [id, revision] of acknowledged) {
      const record = [...records.values()].find((candidate) => candidate.id === id);
      assert.equal(record?.comment, String(revision), `round ${round}: revision ${revision}`);
    }
    // Revision 1 made the zone; every other one made one record: whole revisions and none between.
    assert.equal(plane.applied(), records.size + 1);
    await plane.close();
    assertConsistent(join(dir, 'postern.db'));
  }
});

function assertConsistent(path: string): void {
  const database = new DatabaseSync(path);
  assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
  assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), []);
  database.close();
}
