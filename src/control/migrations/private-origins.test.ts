import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { dataPath, newZone, openPlane, record, recordIdOf, sure } from '../control-plane.fixture.ts';
import { takeDirectory } from '../data-directory.ts';
import { openStore } from '../store.ts';
import { tokenHash } from '../tokens.ts';
import { privateOrigins } from './private-origins.ts';

const name = (text: string): RecordDraft => ({ ...record(text), type: 'CNAME', content: 'origin.test' });

test('records that stand keep what their writers may do, and names no more than that', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const zone = await newZone(plane);
  const bearer = readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim();
  const bootstrap = sure(plane.tokenByHash(tokenHash(bearer))).id;
  const commit = async (by: string, command: Parameters<typeof plane.commit>[0]['command']) => {
    const done = await plane.commit({ zone: zone.id, command, actor: { token: by, from: 'test' } });
    assert.equal(done.kind, 'committed', JSON.stringify(done));
  };
  const write = (by: string, count: number, draft: RecordDraft) =>
    commit(by, { kind: 'create_record', id: recordIdOf(count), draft });
  const edit = (by: string, count: number, draft: Partial<RecordDraft>) =>
    commit(by, { kind: 'update_record', id: recordIdOf(count), draft });
  const edits = (by: string, ...changes: readonly (readonly [count: number, draft: Partial<RecordDraft>])[]) =>
    commit(by, {
      kind: 'batch_records',
      steps: changes.map(([count, draft], index) => ({
        at: `/patches/${index}`,
        step: { kind: 'update_record', id: recordIdOf(count), draft },
      })),
    });
  await write('tenant', 1, record('a.example.test'));
  await write(bootstrap, 2, name('b.example.test'));
  await write('tenant', 3, name('c.example.test'));
  await write(bootstrap, 4, name('d.example.test'));
  await edit('tenant', 4, { content: 'other.test' });
  await write('tenant', 5, name('e.example.test'));
  await edit(bootstrap, 5, { comment: 'seen' });
  await write('tenant', 6, name('f.example.test'));
  await edit(bootstrap, 6, { content: 'other.test' });
  await write(bootstrap, 7, name('g.example.test'));
  await edit('tenant', 7, { comment: 'mine' });
  // In one batch the right is given to one name and taken from another.
  await write('tenant', 8, name('h.example.test'));
  await edits(bootstrap, [8, { content: 'other.test' }]);
  await write(bootstrap, 9, name('i.example.test'));
  await edits('tenant', [8, { comment: 'mine' }], [9, { origin: { ...name('i.example.test').origin, httpPort: 81 } }]);
  await plane.close();

  const database = new DatabaseSync(join(dir, 'postern.db'));
  database.exec('ALTER TABLE records DROP COLUMN may_be_private');
  database.close();
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  t.after(() => store.destroy());
  await privateOrigins(store);
  const rows = await store.selectFrom('records').select(['name', 'may_be_private']).orderBy('name').execute();
  assert.deepEqual(
    rows.map((row) => [row.name.slice(0, 1), row.may_be_private]),
    [
      ['a', 1],
      ['b', 1],
      ['c', 0],
      ['d', 0],
      ['e', 0],
      ['f', 1],
      ['g', 1],
      ['h', 1],
      ['i', 0],
    ],
  );
});
