import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeWhole } from './backup-file.ts';

test('what breaks off at once leaves no part of it behind, then or later', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'backup-file-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (let turn = 0; turn < 50; turn++) {
    const making = writeWhole(join(directory, `kept-${turn}`), {
      bytes: brokenAtOnce(),
      signal: new AbortController().signal,
      look: async () => assert.fail('there is nothing to look at'),
    });
    await assert.rejects(making, /broke off/);
  }
  await sleep(50);
  assert.deepEqual(readdirSync(directory), []);
});

async function* brokenAtOnce(): AsyncGenerator<Buffer> {
  yield* [];
  throw new Error('broke off');
}
