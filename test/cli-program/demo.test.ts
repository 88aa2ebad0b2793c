import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { runChecks } from '../../src/cli/demo-checks.ts';
import { openDemoWorld } from '../../src/cli/demo-world.ts';
import { endWithTests, environment, PROGRAM } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';

test('an origin that died and closes every connection does not pass for a lock', async () => {
  const world = await openDemoWorld('node');
  const { port } = world.origin;
  await world.origin.close();
  const dead = createServer((socket) => socket.destroy());
  try {
    dead.listen(port, '127.0.0.1');
    await once(dead, 'listening');
    const rows = await runChecks(world);
    assert.ok(rows.some(({ observed }) => observed.startsWith('connection closed')));
    assert.deepEqual(
      rows.filter(({ ok }) => ok),
      [],
    );
  } finally {
    dead.close();
    await world.close();
  }
});

test('the demo fits into 80 columns, says what it saw in full for machines only, and prints no token', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--origin', 'node'], {
    env: environment({ NO_COLOR: '1' }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  endWithTests(child);
  const ended = once(child, 'close');
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  try {
    await until('it invites to try', () => /files: \S+\n/.test(said));
  } finally {
    child.kill('SIGINT');
    await ended;
  }
  assert.deepEqual(
    said.split('\n').filter((line) => line.length > 80),
    [],
  );
  assert.match(said, /✓ direct, without a certificate +refused +(?:TLS alert|HTTP|closed)/);
  assert.match(said, /# through the edge\n {2}curl /);
  assert.match(said, /Bearer \$\(cat \$DIR\/data\/bootstrap-token\)/);
  assert.doesNotMatch(said, /Bearer [A-Za-z0-9]/);
});
