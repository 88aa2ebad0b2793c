/** Very many hostnames, each with a client certificate of its own: memory, start, and what a pull costs then. */
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { X509Facts } from '../src/domain/certificate.ts';
import { instant } from '../src/domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from '../src/pki/issue.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';
import { type Installation, startInstallation } from './installation.ts';
import { interleaved } from './interleaved.ts';
import { hostnameOf, seedHostnames, type Wish, zoneName } from './many-hostnames.ts';
import { memoryOf } from './process-tree.ts';
import { load, MILLISECONDS, perRequest, type Round } from './run-load.ts';
import { alone, compared, listed, median, noted, ROUNDS, type Row, type Section } from './section.ts';
import { accepting, freePort, nginxConfiguration, openWorkshop, type Workshop } from './servers.ts';

const HOSTNAMES_WANTED = Number(process.env['BENCH_HOSTNAMES'] ?? 100_000);
const PER_ZONE = 1_000;
const FEW = 10;
/** How many of the hostnames are asked for at all, and how many of these at the same time while pulls are measured. */
const [ASKED, AT_ONCE] = [1_000, 100];
const MIB = 1024 * 1024;
const SETTLE = 3_000;
const WARM_UP = 2;
const STARTS = 3;

type Shape = Pick<Wish, 'name' | 'zones' | 'hostnamesPerZone'>;

const MANY: Shape = {
  name: 'many',
  zones: Math.max(1, Math.round(HOSTNAMES_WANTED / PER_ZONE)),
  hostnamesPerZone: Math.min(PER_ZONE, HOSTNAMES_WANTED),
};
const COMPARED: Shape = { name: 'few', zones: 1, hostnamesPerZone: FEW };

async function originCertificate(workshop: Workshop) {
  const validity = validFor(instant(Date.now()), 86_400_000);
  const subject = { commonName: 'bench origin' };
  const ca = createAuthority({ profile: PROFILES.serverRoot, subject, key: await generateKey(), validity });
  const names = [MANY, COMPARED].flatMap(({ name, zones }) =>
    Array.from({ length: zones }, (_, count) => ({ kind: 'dns', value: `*.${zoneName(name, count)}` }) as const),
  );
  const leaf = issueLeaf(ca, { profile: PROFILES.serverLeaf, subject, key: await generateKey(), validity, names });
  const chain = workshop.file('origin.pem', leaf.certificate.pem);
  return { ca: ca.certificate, chain, key: workshop.file('origin.key', leaf.key.reveal()) };
}

/** One nginx for all of them. It lets in whoever has a certificate of one of the owners' CAs, and nobody else. */
async function startOrigin(
  workshop: Workshop,
  { port, chain, key, trusted }: { port: number; chain: string; key: string; trusted: readonly X509Facts[] },
): Promise<void> {
  const bundle = workshop.file('bundle.pem', trusted.map(({ pem }) => pem).join(''));
  const body = `server {
    listen 127.0.0.1:${port} ssl; ssl_certificate ${chain}; ssl_certificate_key ${key};
    ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off; ssl_session_cache off;
    ssl_client_certificate ${bundle}; ssl_verify_client on;
    location = / { default_type text/plain; return 200 "${'hello from the origin '.repeat(8)}"; }
  }`;
  const text = `user root; ${nginxConfiguration('origin', workshop.directory, body)}`;
  workshop.start('nginx', ['-p', workshop.directory, '-c', workshop.file('origin.conf', text)]);
  await accepting(port);
}

/** Hostnames from everywhere among them, the same ones in each run. */
function spread(shape: Shape, count: number): readonly string[] {
  const all = shape.zones * shape.hostnamesPerZone;
  return Array.from({ length: Math.min(count, all) }, (_, index) => hostnameOf(shape, (index * 7_919) % all));
}

/** The middle of a few starts; the last installation stays. */
async function started(workshop: Workshop, data: string): Promise<{ rows: readonly Row[]; running: Installation }> {
  const [seconds, cpu, memory]: [number[], number[], number[]] = [[], [], []];
  for (;;) {
    const one = await startInstallation(workshop, data);
    await after(SETTLE);
    seconds.push(one.seconds);
    cpu.push(one.cpu);
    memory.push(memoryOf(one.pid) / MIB);
    if (seconds.length < STARTS) {
      await one.stop();
      continue;
    }
    const rows = [
      alone({ name: 'start until all answers', unit: 's', subject: median(seconds) }, { most: 10 }),
      noted({ name: 'the same, CPU', unit: 's, all processes', subject: median(cpu) }),
      alone({ name: 'memory after the start', unit: 'MiB, all processes', subject: median(memory) }, { most: 1024 }),
    ];
    return { rows, running: one };
  }
}

/** Visitors at as many of the names, or fewer where there are fewer. */
function visit(shape: Shape, { port, pid }: Installation, names: readonly string[]): Promise<Round> {
  const visitors = { path: '/', mode: 'keep-alive', name: names, connections: AT_ONCE } as const;
  return load({ name: shape.name, port, pid }, visitors, MILLISECONDS / 2);
}

async function pulls(many: Installation, few: Installation): Promise<readonly Row[]> {
  const asked = spread(MANY, ASKED);
  for (let from = 0; from < asked.length; from += AT_ONCE) await visit(MANY, many, asked.slice(from, from + AT_ONCE));
  await after(SETTLE);
  const memory = memoryOf(many.pid) / MIB;
  const cost = (shape: Shape, at: Installation, names: number) => async () =>
    perRequest(await visit(shape, at, spread(shape, names)));
  // Other names are other identities, so other connections: more of them cost more, however many names there are beside.
  const subjects = { same: cost(MANY, many, FEW), more: cost(MANY, many, AT_ONCE), few: cost(COMPARED, few, FEW) };
  for (let round = 0; round < WARM_UP; round++) for (const warm of Object.values(subjects)) await warm();
  // Many short turns: what is looked for is small beside what another program on the machine does to either.
  const each = await interleaved(subjects, 4 * ROUNDS);
  const row = { unit: 'µs CPU', reference: each.few, against: `only ${FEW}` };
  return [
    alone({ name: `memory after ${asked.length} asked`, unit: 'MiB', subject: memory }, { most: 1024 }),
    compared({ ...row, name: `pull, ${FEW} names asked`, subject: each.same }, { most: 1.05 }),
    listed({ ...row, name: `pull, ${AT_ONCE} names asked`, subject: each.more }),
  ];
}

export const HOSTNAMES: Section = {
  about: `${MANY.zones * MANY.hostnamesPerZone} hostnames in ${MANY.zones} zones, each with an uploaded certificate; ${STARTS} starts, ${4 * ROUNDS} rounds, medians, one worker`,
  run: async () => {
    const workshop = openWorkshop();
    try {
      const originPort = await freePort();
      const { ca, ...server } = await originCertificate(workshop);
      const [many, few] = [join(workshop.directory, 'many'), join(workshop.directory, 'few')];
      const trusted = [
        ...(await seedHostnames(few, { ...COMPARED, originPort, originCa: ca })),
        ...(await seedHostnames(many, { ...MANY, originPort, originCa: ca })),
      ];
      await startOrigin(workshop, { ...server, port: originPort, trusted });
      const { rows, running } = await started(workshop, many);
      return [...rows, ...(await pulls(running, await startInstallation(workshop, few)))];
    } finally {
      await workshop.close();
    }
  },
};
