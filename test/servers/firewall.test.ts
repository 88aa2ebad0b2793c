import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { nftables } from '../../src/origin/generate/nftables.ts';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';

const GOLDEN = join(import.meta.dirname, 'golden/nftables.txt');
const EDGES = ['198.51.100.7', '192.0.2.0/24', '2001:DB8:1::/48', '192.0.2.9', '2001:db8:ffff::1', '198.51.100.7/32'];

function rules(edges: readonly string[] = EDGES, ports: readonly number[] = [8443, 443]) {
  const made = nftables({ edges, ports });
  assert.ok(made.kind === 'rules', JSON.stringify(made));
  return made;
}

/** A network of its own, in which filters can be loaded; as root without further ado, else as root of its own users. */
const UNSHARE = ['-n', '-rn'].find((flag) => spawnSync('unshare', [flag, 'true']).status === 0);

function inNamespace(): { readonly skip: string | false } {
  const { skip } = needs('nft', 'unshare');
  return skip === false && UNSHARE === undefined ? { skip: 'a network of its own is not permitted here' } : { skip };
}

test('the rules are those of the golden file, in whatever order the edges are named', () => {
  const { text, notes } = rules();
  const whole = `${text}${'-'.repeat(80)}\n${notes.join('\n')}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, whole);
  assert.equal(readFileSync(GOLDEN, 'utf8'), whole);
  assert.equal(rules(EDGES.toReversed(), [443, 8443, 443]).text, text);
});

test('what would let in everybody, or nobody, or lock the owner out, is refused', () => {
  const reasons = (edges: readonly string[], ports: readonly number[] = [443]) => {
    const made = nftables({ edges, ports });
    return made.kind === 'problem' ? `${made.code} ${made.found}`.trim() : made.kind;
  };
  assert.equal(reasons([]), 'no_edges');
  assert.equal(reasons(['192.0.2.1', '0.0.0.0/0']), 'everybody 0.0.0.0/0');
  assert.equal(reasons(['::/0']), 'everybody ::/0');
  assert.equal(reasons(['128.0.0.0/1', '192.0.2.1', '64.0.0.0/2', '0.0.0.0/2']), 'everybody IPv4');
  assert.equal(reasons(['8000::/1', '::/1']), 'everybody IPv6');
  assert.equal(reasons(['192.0.2.1/24']), 'bad_network 192.0.2.1/24');
  assert.equal(reasons(['192.0.2.1; flush ruleset']), 'bad_network 192.0.2.1; flush ruleset');
  assert.equal(reasons(['edge.test']), 'bad_network edge.test');
  assert.equal(reasons(Array.from({ length: 10_001 }, () => '192.0.2.1')), 'too_many 10001 networks');
  assert.equal(reasons(['192.0.2.1'], [22]), 'ssh_port 22');
  assert.equal(reasons(['192.0.2.1'], [0]), 'bad_port 0');
  assert.equal(reasons(['192.0.2.1'], [Number.NaN]), 'bad_port NaN');
  assert.equal(reasons(['192.0.2.1'], []), 'bad_port none');
});

test('who has edges of one family is told that the other is shut', () => {
  assert.ok(rules(['192.0.2.1']).notes.some((note) => note.includes('IPv6')));
  assert.ok(rules(['2001:db8::1']).notes.some((note) => note.includes('IPv4')));
  assert.ok(!rules().notes.some((note) => note.includes('No edge has')));
});

describe('nft', () => {
  const sets: readonly (readonly [string, readonly string[]])[] = [
    ['both families', EDGES],
    ['IPv4 alone', ['192.0.2.1']],
    ['IPv6 alone', ['2001:db8::/32']],
    ['ten thousand networks', Array.from({ length: 10_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`)],
  ];
  for (const [what, edges] of sets) {
    test(
      `takes the rules for ${what}, loads them twice, undoes them, and leaves other tables alone`,
      inNamespace(),
      async () => {
        using scratch = scratchDirectory();
        const file = join(scratch.path, 'rules.nft');
        const { text, undo } = rules(edges);
        writeFileSync(file, text);
        const script = [
          'set -e',
          'nft add table inet other',
          `nft -c -f ${file}`,
          `nft -f ${file}`,
          'nft list table inet postern_origin | grep -v counter | sort > one',
          `nft -f ${file}`,
          'nft list table inet postern_origin | grep -v counter | sort > two',
          'cmp one two',
          undo,
          'nft list ruleset',
        ].join('\n');
        const { stdout } = await promisify(execFile)('unshare', [UNSHARE ?? '', 'sh', '-c', script], {
          cwd: scratch.path,
        });
        assert.equal(stdout, 'table inet other {\n}\n');
      },
    );
  }
});

/** Two machines on one wire: the origin, and one that has an address of an edge and another one. */
const WIRE = `
set -e
unshare -n sleep 60 & far=$!
trap 'kill $far' EXIT
while [ "$(readlink /proc/$far/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
there() { nsenter -t $far -n "$@"; }
ip link set lo up
ip link add near type veth peer name far
ip link set far netns $far
ip addr add 192.0.2.2/24 dev near; ip addr add 203.0.113.2/24 dev near; ip link set near up
ip addr add 2001:db8:1::2/64 dev near nodad; ip addr add 2001:db8:2::2/64 dev near nodad
there ip link set lo up
there ip addr add 192.0.2.1/24 dev far; there ip addr add 203.0.113.1/24 dev far; there ip link set far up
there ip addr add 2001:db8:1::1/64 dev far nodad; there ip addr add 2001:db8:2::1/64 dev far nodad
"$NODE" -e 'for (const port of [8443, 8080]) require("http").createServer((q, r) => r.end("answer\\n")).listen(port, "::")' & server=$!
trap 'kill $far $server' EXIT
until curl -s -o /dev/null http://127.0.0.1:8443/; do sleep 0.05; done
look() { name=$1; shift; echo "$name $("$@" curl -s --connect-timeout 2 --noproxy '*' "$url" || echo shut)"; }
url=http://192.0.2.2:8443/ look before/edge there
url=http://203.0.113.2:8443/ look before/other there
nft -f "$RULES"
url=http://192.0.2.2:8443/ look edge there
url=http://203.0.113.2:8443/ look other there
url=http://203.0.113.2:8080/ look other/another-port there
url='http://[2001:db8:1::2]:8443/' look edge6 there
url='http://[2001:db8:2::2]:8443/' look other6 there
url='http://[2001:db8:2::2]:8080/' look other6/another-port there
url=http://127.0.0.1:8443/ look itself env
url=http://203.0.113.2:8443/ look itself/by-its-address env
nft delete table inet postern_origin
url=http://203.0.113.2:8443/ look undone/other there
`;

test('on a wire: edges get through, others do not, other ports and the machine itself stay as they were', {
  skip: inNamespace().skip || needs('ip', 'nsenter', 'curl').skip,
}, async () => {
  using scratch = scratchDirectory();
  const file = join(scratch.path, 'rules.nft');
  writeFileSync(file, rules(['192.0.2.0/24', '2001:db8:1::/64'], [8443]).text);
  const env = { ...process.env, NODE: process.execPath, RULES: file };
  const { stdout } = await promisify(execFile)('unshare', [UNSHARE ?? '', 'sh', '-c', WIRE], { env });
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'before/edge answer',
    'before/other answer',
    'edge answer',
    'other shut',
    'other/another-port answer',
    'edge6 answer',
    'other6 shut',
    'other6/another-port answer',
    'itself answer',
    'itself/by-its-address answer',
    'undone/other answer',
  ]);
});
