import { readFileSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { FIREWALL_PROBLEMS, nftables } from '../origin/generate/nftables.ts';
import { type ApiFlags, apiAccess } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import { collect } from './flag-value.ts';
import { edgeAddresses } from './manage/edges.ts';
import { writeWhole } from './whole-file.ts';

const EXAMPLES = `
Examples:
  postern origin firewall nftables --data ./data --out postern.nft
  postern origin firewall nftables --edges 192.0.2.0/24,2001:db8::/48
  postern origin firewall nftables --edges-file edges.txt --port 443 --port 8443
  nft -c -f postern.nft && nft -f postern.nft

Where no edges are named, those count that "postern edges addresses" shows.

A second lock, not the first: others share the addresses of an edge, and an
address proves no identity. The first is the client certificate: see
"postern origin config --help".`;

interface Flags extends ApiFlags {
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
  return new Command('firewall')
    .description('print a packet filter that lets only the edges reach the TLS port')
    .argument('<kind>', KINDS.join(' or '))
    .option('--edges <cidr,…>', 'addresses or networks of the edges; repeatable', collect)
    .option('--edges-file <file>', 'the same from a file, one on each line; # begins a comment')
    .option('--port <port>', `port on which TLS is served; repeatable (default: ${DEFAULT_PORT})`, collect)
    .option('--out <file>', 'write there instead of printing')
    .option('--api <url>', 'control plane that is asked where no edges are named (POSTERN_API)')
    .option('--api-ca <file>', 'CA of a control plane over TLS, in PEM (POSTERN_API_CA)')
    .option('--token <token>', 'API token (POSTERN_TOKEN)')
    .option('--data <dir>', 'data directory of a local "postern up"')
    .addHelpText('after', EXAMPLES)
    .action(firewall);
}

async function firewall(kind: string, flags: Flags): Promise<void> {
  const { port = [DEFAULT_PORT], out } = flags;
  if (!KINDS.includes(kind))
    throw new Failure(
      `${JSON.stringify(kind)} is not a packet filter that is known here.`,
      `Use ${KINDS.join(' or ')}.`,
    );
  const made = nftables({ edges: await edgesOf(flags), ports: port.map(portNumber) });
  if (made.kind === 'problem') {
    const { text, fix } = FIREWALL_PROBLEMS[made.code];
    const found = made.found === '' ? 'No rules' : JSON.stringify(made.found);
    throw new Failure(`${found}: ${text}.`, fix);
  }
  if (out === undefined) process.stdout.write(made.text);
  else writeWhole(out, made.text);
  for (const note of made.notes) process.stderr.write(`note: ${note}\n`);
}

/** Those that are named, else those that the control plane knows. */
async function edgesOf({ edges = [], edgesFile, ...access }: Flags): Promise<readonly string[]> {
  if (edges.length === 0 && edgesFile === undefined) return (await edgeAddresses(apiAccess(access))).result.networks;
  const listed = edges.flatMap((list) => list.split(','));
  const all = [...listed, ...(edgesFile === undefined ? [] : networksIn(edgesFile))].map((text) => text.trim());
  return all.filter((text) => text !== '');
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
