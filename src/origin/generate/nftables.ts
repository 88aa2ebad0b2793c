/** A packet filter that lets only the edges' addresses reach the TLS port: a second lock, never the first. */

import { networkText, parseNetwork } from '../../wire/networks.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';

/** Why there is no rule set: code → sentence, and what to do. */
export const FIREWALL_PROBLEMS = {
  no_edges: {
    text: 'no address of an edge is known, so the rules would shut everybody out',
    fix: 'Name them: --edges CIDR, --edges-file FILE, or once for all with postern edges addresses --set CIDR.',
  },
  bad_network: {
    text: 'not an address or a network',
    fix: 'Write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32, without bits beyond the prefix.',
  },
  everybody: {
    text: 'all addresses, so the rules would keep nobody out',
    fix: 'Name the edges’ own addresses, or use no packet filter at all.',
  },
  too_many: { text: 'more than 10,000 networks or 16 ports', fix: 'Name wider networks, or fewer ports.' },
  bad_port: { text: 'not a port of TCP', fix: 'Name a number from 1 to 65535: the one on which TLS is served.' },
  ssh_port: {
    text: 'the port of SSH, which would lock you out of the machine',
    fix: 'Name only ports on which the edge pulls.',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

type FirewallProblemCode = keyof typeof FIREWALL_PROBLEMS;

export interface FirewallRequest {
  /** Addresses and networks of the edges, of both families. */
  readonly edges: readonly string[];
  readonly ports: readonly number[];
}

export type Firewall =
  | { readonly kind: 'rules'; readonly text: string; readonly undo: string; readonly notes: readonly string[] }
  | { readonly kind: 'problem'; readonly code: FirewallProblemCode; readonly found: string };

const TABLE = 'inet postern_origin';
const UNDO = `nft delete table ${TABLE}`;
const MOST = { networks: 10_000, ports: 16 } as const;
const SSH = 22;

/** The rules, or what is wrong with the request. The same addresses in another order give the same text. */
export function nftables({ edges, ports }: FirewallRequest): Firewall {
  const wrong = wrongWith(edges, ports);
  if (wrong !== null) return { kind: 'problem', ...wrong };
  const networks = [...new Set(edges.map(networkText).filter((text) => text !== null))].toSorted(byAddress);
  const sorted = [...new Set(ports)].toSorted((one, other) => one - other);
  const [v4, v6] = [networks.filter((text) => !text.includes(':')), networks.filter((text) => text.includes(':'))];
  const text = fileText(paragraphs(heading(sorted), table(sorted, v4, v6)));
  return { kind: 'rules', text, undo: UNDO, notes: notes(v4, v6) };
}

function wrongWith(edges: readonly string[], ports: readonly number[]) {
  if (edges.length === 0) return { code: 'no_edges', found: '' } as const;
  if (edges.length > MOST.networks) return { code: 'too_many', found: `${edges.length} networks` } as const;
  if (ports.length > MOST.ports) return { code: 'too_many', found: `${ports.length} ports` } as const;
  for (const text of edges) {
    const network = parseNetwork(text);
    if (network === null) return { code: 'bad_network', found: text } as const;
    if (network.prefix === 0) return { code: 'everybody', found: text } as const;
  }
  for (const family of [4, 6] as const) {
    if (coversAll(edges, family)) return { code: 'everybody', found: `IPv${family}` } as const;
  }
  for (const port of ports) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return { code: 'bad_port', found: String(port) } as const;
    if (port === SSH) return { code: 'ssh_port', found: String(port) } as const;
  }
  return ports.length === 0 ? ({ code: 'bad_port', found: 'none' } as const) : null;
}

/** Whether networks hold every address of a family together. */
function coversAll(edges: readonly string[], family: 4 | 6): boolean {
  const bits = family === 4 ? 32 : 128;
  const own = edges.toSorted(byAddress).flatMap((text) => parseNetwork(text) ?? []);
  const end = own
    .filter((network) => network.family === family)
    .reduce((reached, { first, prefix }) => {
      const next = first + (1n << BigInt(bits - prefix));
      return first > reached || next < reached ? reached : next;
    }, 0n);
  return end === 1n << BigInt(bits);
}

function heading(ports: readonly number[]): Lines {
  return [
    `Lets only the edges' addresses reach port ${ports.join(', ')}. Made by: postern origin firewall nftables`,
    'This is a second lock, not the first: many share the addresses of an edge, and an address proves no identity.',
    'The first is the client certificate: postern origin config, install or guard.',
    'Load it with: nft -f FILE. Loading it again replaces it. It touches no other table, and no other port.',
    'To keep it beyond a restart: a copy in /etc, and a line include "/path/of/it" in /etc/nftables.conf.',
    `Undo it with: ${UNDO}`,
  ].map((line) => `# ${line}`);
}

function table(ports: readonly number[], v4: readonly string[], v6: readonly string[]): Lines {
  return [
    '# Made first where it is not there yet, so that it can be deleted; all of this file is one transaction.',
    `table ${TABLE} { }`,
    `delete table ${TABLE}`,
    ...section(
      `table ${TABLE} {`,
      paragraphs(
        set('ports', ['type inet_service'], ports.map(String)),
        set('edges4', ['type ipv4_addr', 'flags interval', 'auto-merge'], v4),
        set('edges6', ['type ipv6_addr', 'flags interval', 'auto-merge'], v6),
        section('chain edges_only {', EDGES_ONLY, '}'),
        section('chain arriving {', ARRIVING, '}'),
      ),
      '}',
    ),
  ];
}

const ARRIVING: Lines = [
  '# Before destinations are rewritten: a port that a container publishes never gets to the input hook.',
  'type filter hook prerouting priority -150; policy accept;',
  'iif "lo" accept',
  'fib daddr type != local accept',
  '# Over UDP the same port would be HTTP/3. Fragments show no port and go on: without the first they are nothing.',
  'meta l4proto { tcp, udp } th dport @ports jump edges_only',
];

const EDGES_ONLY: Lines = ['ip saddr @edges4 accept', 'ip6 saddr @edges6 accept', 'counter drop'];

function set(name: string, type: Lines, elements: readonly string[]): Lines {
  const listed = elements.map((one, index) => `  ${one}${index === elements.length - 1 ? '' : ','}`);
  return section(`set ${name} {`, [...type, ...(listed.length === 0 ? [] : ['elements = {', ...listed, '}'])], '}');
}

function notes(v4: readonly string[], v6: readonly string[]): readonly string[] {
  const without = v6.length === 0 ? 'IPv6' : v4.length === 0 ? 'IPv4' : null;
  return [
    'This is a second lock, not the first: lock the origin with the client certificate too.',
    ...(without === null ? [] : [`No edge has an address of ${without}: nobody at all gets in over it.`]),
    `Undo it with: ${UNDO}`,
  ];
}

function byAddress(one: string, other: string): number {
  const [a, b] = [parseNetwork(one), parseNetwork(other)];
  if (a === null || b === null) return 0;
  if (a.family !== b.family) return a.family - b.family;
  return a.first === b.first ? a.prefix - b.prefix : a.first < b.first ? -1 : 1;
}
