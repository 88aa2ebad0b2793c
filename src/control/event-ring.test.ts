import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, revision } from '../domain/ids.ts';
import { EventRing } from './event-ring.ts';

test('what is told to nobody pushes nothing out of the ring', () => {
  const ring = new EventRing(() => instant(0));
  const heard: string[] = [];
  ring.listen({ token: 'one', hear: ({ id }) => void heard.push(id), ended: () => undefined });
  for (const number of [1, 2]) ring.add({ kind: 'edge_applied', edge: 'local', revision: revision(number) });
  for (let count = 0; count < 5_000; count++) ring.add({ kind: 'session_ended', token: 'one' });
  const known = ring.after(heard[0] ?? assert.fail());
  assert.deepEqual(
    known?.map(({ id }) => id),
    [heard[1]],
  );
  assert.equal(heard.length, 5_002, 'whoever listens still looks at its rights');
});
