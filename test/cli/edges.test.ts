import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { scratchDirectory } from '../support/scratch.ts';
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
  assert.match(text, /^EDGE +STATE +REVISION +WORKERS +REQ\/S +VISITORS +ORIGINS +WAITING +REACHED AT$/m);
  assert.match(text, /^local-1 +in step +\d+ +1 +0\.0 +0 +0 +0 +127\.0\.0\.1:\d+$/m);
});

test('what is said of the edges’ addresses is what a packet filter lets through', async () => {
  const before = await line.run('origin', 'firewall', 'nftables');
  assert.equal(before.code, 2);
  assert.match(before.stderr, /no address of an edge is known.*\n {2}Name them: .*postern edges addresses/);
  assert.equal(await line.good('edges', 'addresses'), 'None are known. Say them with --set CIDR,…\n');
  await line.good('edges', 'addresses', '--set', '192.0.2.0/24,2001:db8::/48', '--set', '198.51.100.7');
  const networks = ['192.0.2.0/24', '2001:db8::/48', '198.51.100.7/32'];
  assert.deepEqual(await line.json('edges', 'addresses'), { networks });
  assert.equal(await line.good('edges', 'addresses'), `${networks.join('\n')}\n`);
  const rules = await line.good('origin', 'firewall', 'nftables', '--port', '8443');
  for (const network of networks) assert.ok(rules.includes(`      ${network}`), rules);
  const named = await line.good('origin', 'firewall', 'nftables', '--edges', '203.0.113.0/24');
  assert.ok(named.includes('203.0.113.0/24') && !named.includes('192.0.2.0/24'), 'those that are named count alone');
  await line.good('edges', 'addresses', '--clear');
  assert.deepEqual(await line.json('edges', 'addresses'), { networks: [] });
  const refused = await line.run('edges', 'addresses', '--set', '192.0.2.1/24');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /is no network/);
});

test('a list of edges’ addresses may lie in a file, with comments', async () => {
  using scratch = scratchDirectory();
  const [list, out] = [join(scratch.path, 'edges.txt'), join(scratch.path, 'rules.nft')];
  writeFileSync(list, '# both of Frankfurt\n192.0.2.7\n\n2001:db8::7 # the second\n');
  const argv = ['origin', 'firewall', 'nftables', '--edges-file', list, '--out', out];
  const { code, stdout, stderr } = await line.run(...argv);
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(stderr, /^note: This is a second lock, not the first/);
  assert.match(readFileSync(out, 'utf8'), /192\.0\.2\.7\/32\n[\s\S]*2001:db8::7\/128\n/);
  for (const [wrong, words] of [
    [['--edges-file', join(scratch.path, 'gone')], /cannot be read \(ENOENT\)/],
    [['--edges', '192.0.2.1', '--port', '22'], /port of SSH/],
    [['--edges', '192.0.2.1', '--port', 'https'], /not a port/],
    [['--edges', 'edge.test'], /"edge.test": not an address/],
  ] as const) {
    const ended = await line.run('origin', 'firewall', 'nftables', ...wrong);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, words);
  }
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
