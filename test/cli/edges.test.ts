import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CommandLine, startCommandLine } from './command-line.ts';

let line: CommandLine;

before(async () => {
  line = await startCommandLine();
});
after(() => line[Symbol.asyncDispose]());

interface EdgeLine {
  readonly name: string;
  readonly lag: number;
  readonly traffic: { readonly workers: number; readonly requests_per_second: number } | null;
}

test('edges are shown with their revision, whether they keep up, and their traffic', async () => {
  await line.json('zones', 'create', 'edges.test');
  const [edge, ...others] = await line.json<readonly EdgeLine[]>('edges');
  assert.deepEqual(others, []);
  assert.deepEqual([edge?.name, edge?.lag, edge?.traffic?.workers], ['local-1', 0, 1]);
  const text = await line.good('edges');
  assert.match(text, /^EDGE +STATE +REVISION +WORKERS +REQ\/S +VISITORS +ORIGINS +WAITING$/m);
  assert.match(text, /^local-1 +in step +\d+ +1 +0\.0 +0 +0 +0$/m);
});

test('watching is for people', async () => {
  const ended = await line.run('edges', '--watch', '--json');
  assert.equal(ended.code, 2);
  assert.match(ended.stderr + ended.stdout, /--watch is for people/);
});

test('the figures of a running Postern are those of its edge, its API and its processes', async () => {
  await line.good('edges');
  const response = await fetch(`${line.postern.base}/metrics`);
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.match(text, /^postern_edge_connected\{edge="local-1"\} 1$/m);
  assert.match(text, /^postern_visitor_connections\{scheme="https"\} 0$/m);
  assert.match(text, /^postern_api_requests_total\{status="2xx"\} [1-9]/m);
  for (const role of ['main', 'worker']) {
    assert.match(text, new RegExp(`^postern_processes\\{role="${role}"\\} 1$`, 'm'));
    assert.match(text, new RegExp(`^postern_process_resident_memory_bytes\\{role="${role}"\\} [1-9]\\d{6,}$`, 'm'));
    assert.match(text, new RegExp(`^postern_process_busy_seconds_total\\{role="${role}"\\} \\d`, 'm'));
  }
});
