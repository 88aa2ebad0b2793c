/** The doctor at 1,000 locked names on a few nginx: how long the full matrix takes, what it costs, and what it holds. */
import { instant } from '../src/domain/ids.ts';
import { readGiven } from '../src/doctor/credentials.ts';
import { examine } from '../src/doctor/examine.ts';
import type { Target } from '../src/doctor/target.ts';
import { writeBundle } from '../src/pki/bundle.ts';
import { createAuthority, type Issued, issueLeaf, validFor } from '../src/pki/issue.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';
import { createSharedAuthority, issueIdentity, sharedUri } from '../src/pki/zone-authority.ts';
import { cpuSeconds } from './cpu.ts';
import { alone, noted, type Row, type Section } from './section.ts';
import { accepting, freePort, nginxConfiguration, openWorkshop, type Workshop } from './servers.ts';

const TARGETS = 1_000;
const SERVERS = 4;
const INSTALLATION = 'bench.postern.internal';
const HOUR = 3_600_000;

/** Every row of the section. */
export const DOCTOR: Section = {
  about: `postern doctor at ${TARGETS} names on ${SERVERS} nginx, with an identity and a foreign one, without a CA key`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const workshop = openWorkshop();
  try {
    const now = instant(Date.now());
    const own = await createSharedAuthority({ installation: INSTALLATION, now });
    const other = await createSharedAuthority({ installation: INSTALLATION, now });
    const identity = (from: typeof own) =>
      issueIdentity(from.intermediate, { uri: sharedUri(INSTALLATION), now }).then(credential);
    const given = {
      identity: await identity(own),
      unwanted: [await identity(other)],
      authority: null,
      lists: [],
      made: {},
    };
    const bundle = workshop.file('bundle.pem', writeBundle([own.root.certificate, own.intermediate.certificate]));
    const servers = await startServers(workshop, bundle);
    const hand = readGiven(given, now);
    if (hand.kind === 'problem') throw new Error(hand.code);
    return await measured(servers, hand);
  } finally {
    await workshop.close();
  }
}

async function measured(
  servers: readonly Server[],
  hand: NonNullable<Parameters<typeof examine>[0]['hand']>,
): Promise<readonly Row[]> {
  const targets = servers.flatMap(({ targets: own }) => own);
  const common = { path: '/', timeout: 5_000, signal: new AbortController().signal, hand };
  // A just-in-time compiler works hardest at first; and it is what is held later that must not grow.
  for await (const _one of examine({ ...common, targets: targets.slice(0, 50) }));
  const before = { cpu: process.cpuUsage(), servers: cpuOf(servers), at: performance.now() };
  const memory: number[] = [];
  let looks = 0;
  let letIn = 0;
  for await (const { probe, saw } of examine({ ...common, targets })) {
    looks += 1;
    if (probe.credential === 'right' && saw.kind === 'answered' && saw.answer.status === 200) letIn += 1;
    if (looks % 1_000 === 0) memory.push(process.memoryUsage().rss);
  }
  if (letIn < TARGETS) throw new Error(`only ${letIn} looks with the right identity were let in`);
  const seconds = (performance.now() - before.at) / 1_000;
  const { user, system } = process.cpuUsage(before.cpu);
  const quarter = Math.ceil(memory.length / 4);
  return [
    alone({ name: `full matrix, ${TARGETS} targets`, unit: 's', subject: seconds }, { most: 60 }),
    noted({ name: 'looks at each', unit: '', subject: looks / TARGETS }),
    noted({ name: 'doctor, each target', unit: 'ms CPU', subject: (user + system) / 1_000 / TARGETS }),
    noted({
      name: 'nginx, each target',
      unit: 'ms CPU',
      subject: ((cpuOf(servers) - before.servers) * 1_000) / TARGETS,
    }),
    noted({ name: 'memory, most', unit: 'MB', subject: Math.max(...memory) / 1e6 }),
    noted({
      name: 'memory, last quarter against first',
      unit: 'MB more',
      subject: (Math.max(...memory.slice(-quarter)) - Math.max(...memory.slice(0, quarter))) / 1e6,
    }),
  ];
}

interface Server {
  readonly pid: number;
  readonly targets: readonly Target[];
}

async function startServers(workshop: Workshop, bundle: string): Promise<readonly Server[]> {
  const now = instant(Date.now());
  const request = async (commonName: string) => ({
    subject: { commonName },
    validity: validFor(now, HOUR),
    key: await generateKey(),
  });
  const authority = createAuthority({ profile: PROFILES.serverRoot, ...(await request('bench CA')) });
  const leaf = issueLeaf(authority, {
    profile: PROFILES.serverLeaf,
    ...(await request('bench server')),
    names: [{ kind: 'dns', value: '*.bench.test' }],
  });
  const files = {
    chain: workshop.file('server.pem', leaf.certificate.pem),
    key: workshop.file('server.key', leaf.key.reveal()),
    bundle,
  };
  const started: Server[] = [];
  for (let index = 0; index < SERVERS; index += 1) started.push(await startServer(workshop, index, files));
  return started;
}

async function startServer(
  workshop: Workshop,
  index: number,
  files: { readonly chain: string; readonly key: string; readonly bundle: string },
): Promise<Server> {
  const port = await freePort();
  const hosts = Array.from({ length: TARGETS / SERVERS }, (_none, name) => `site-${index}-${name}.bench.test`);
  const common = `listen 127.0.0.1:${port} ssl; ssl_certificate ${files.chain}; ssl_certificate_key ${files.key};
    ssl_protocols TLSv1.2 TLSv1.3; ssl_client_certificate ${files.bundle}; ssl_verify_client on; ssl_verify_depth 3;`;
  const sites = hosts.map(
    (host) => `server { ${common} server_name ${host}; default_type text/html;
    return 200 "<html><title>${host}</title><p>${'What the application of a site says. '.repeat(20)}</p></html>"; }`,
  );
  const body = `server_names_hash_max_size 4096; server { listen 127.0.0.1:${port} ssl default_server; server_name _; ssl_reject_handshake on; }
  ${sites.join('\n  ')}`;
  const name = `doctor-${index}`;
  const text = `user root; ${nginxConfiguration(name, workshop.directory, body)}`;
  // Each look that is refused is a line in its log.
  const child = workshop.startLogging('nginx', ['-p', workshop.directory, '-c', workshop.file(`${name}.conf`, text)]);
  await accepting(port);
  const targets = hosts.map((host) => ({ host, address: '127.0.0.1', port, door: 'https' }) as const);
  return { pid: child.pid ?? 0, targets };
}

function cpuOf(servers: readonly Server[]): number {
  return servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
}

function credential({ certificate, chain, key }: Issued) {
  return { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: key.reveal() };
}
