import { readFileSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { FIREWALL_PROBLEMS, nftables } from '../origin/generate/nftables.ts';
import { EXIT, Failure } from './failure.ts';
import { writeWhole } from './whole-file.ts';

const EXAMPLES = `
Examples:
  postern origin firewall nftables --edges 192.0.2.0/24,2001:db8::/48 \\
      --out postern.nft
  postern origin firewall nftables --edges-file edges.txt --port 443 --port 8443
  nft -c -f postern.nft && nft -f postern.nft

A second lock, not the first: others share the addresses of an edge, and an
address proves no identity. The first is the client certificate: see
"postern origin config --help".`;

interface Flags {
  readonly edges?: readonly string[];
  readonly edgesFile?: string;
  readonly port?: readonly string[];
  readonly out?: string;
}

const KINDS = ['nftables'];
const MOST_BYTES = 1024 * 1024;
const DEFAULT_PORT = '443';

/** `postern origin firewall`: a packet filter that lets only the edges reach the TLS port. */
export function firewallCommand(): Command {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  return new Command('firewall')
    .description('print a packet filter that lets only the edges reach the TLS port')
    .argument('<kind>', KINDS.join(' or '))
    .option('--edges <cidr,…>', 'addresses or networks of the edges; repeatable', collect)
    .option('--edges-file <file>', 'the same from a file, one on each line; # begins a comment')
    .option('--port <port>', `port on which TLS is served; repeatable (default: ${DEFAULT_PORT})`, collect)
    .option('--out <file>', 'write there instead of printing')
    .addHelpText('after', EXAMPLES)
    .action(firewall);
}

function firewall(kind: string, { edges = [], edgesFile, port = [DEFAULT_PORT], out }: Flags): void {
  if (!KINDS.includes(kind))
    throw new Failure(
      `${JSON.stringify(kind)} is not a packet filter that is known here.`,
      `Use ${KINDS.join(' or ')}.`,
    );
  const listed = edges.flatMap((list) => list.split(','));
  const all = [...listed, ...(edgesFile === undefined ? [] : networksIn(edgesFile))].map((text) => text.trim());
  const made = nftables({ edges: all.filter((text) => text !== ''), ports: port.map(portNumber) });
  if (made.kind === 'problem') {
    const { text, fix } = FIREWALL_PROBLEMS[made.code];
    const found = made.found === '' ? 'No rules' : JSON.stringify(made.found);
    throw new Failure(`${found}: ${text}.`, fix);
  }
  if (out === undefined) process.stdout.write(made.text);
  else writeWhole(out, made.text);
  for (const note of made.notes) process.stderr.write(`note: ${note}\n`);
}

function portNumber(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
}

function networksIn(path: string): readonly string[] {
  try {
    if (statSync(path).size > MOST_BYTES)
      throw new Failure(`--edges-file ${path} is larger than a list of addresses.`, 'Name another file.');
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.replace(/#.*/, ''));
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new Failure(`--edges-file ${path} cannot be read (${code}).`, 'Check the path.', EXIT.wrongUse);
  }
}
