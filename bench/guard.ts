/** The guard beside nginx with the same job, and beside the edge; strangers at its door, and those inside meanwhile. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { interleaved } from './interleaved.ts';
import type { Load } from './load.ts';
import { type LockFiles, lockFiles } from './lock-files.ts';
import { type Edge, load, MILLISECONDS, perRequest, perSecond, type Round } from './run-load.ts';
import { compared, listed, noted, ROUNDS, type Row, type Section } from './section.ts';
import { accepting, freePort, nginxConfiguration, openWorkshop, POSTERN, type Workshop } from './servers.ts';
import { NAMES, openBenchWorld } from './world.ts';

const NAME = 'www.guarded.test';

/** An application without TLS: nginx, so that it is the fastest part of the chain. */
async function startApplication(workshop: Workshop): Promise<number> {
  const port = await freePort();
  workshop.file('large', 'x'.repeat(10_000_000));
  const body = `server { listen 127.0.0.1:${port}; root ${workshop.directory};
    location = / { default_type text/plain; return 200 "${'hello from the application '.repeat(7)}"; } }`;
  const text = `user root; ${nginxConfiguration('application', workshop.directory, body)}`;
  workshop.start('nginx', ['-p', workshop.directory, '-c', workshop.file('application.conf', text)]);
  await accepting(port);
  return port;
}

async function startGuard(workshop: Workshop, { bundle, chain, key }: LockFiles, application: number): Promise<Edge> {
  const ready = join(workshop.directory, 'guard-ready.json');
  rmSync(ready, { force: true });
  const site = ['--hostname', NAME, '--bundle', bundle, '--server-cert', chain, '--server-key', key];
  const rest = ['--upstream', `http://127.0.0.1:${application}`, '--listen', '127.0.0.1:0', '--ready-file', ready];
  const child = workshop.startLogging(process.execPath, [POSTERN, 'guard', ...site, ...rest]);
  for (;;) {
    try {
      const { listen, pid } = JSON.parse(readFileSync(ready, 'utf8')) as { listen: string[]; pid: number };
      return { name: 'guard', port: Number(listen[0]?.split(':').at(-1)), pid };
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** The same lock as postern origin config writes it: handshakes for the name alone, no sessions, and the verified header. */
async function startNginx(workshop: Workshop, { bundle, chain, key }: LockFiles, application: number): Promise<Edge> {
  const port = await freePort();
  const body = `upstream application { server 127.0.0.1:${application}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 300s; }
  server { listen 127.0.0.1:${port} ssl default_server; server_name _; ssl_reject_handshake on; }
  server {
    listen 127.0.0.1:${port} ssl; server_name ${NAME};
    ssl_certificate ${chain}; ssl_certificate_key ${key}; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets off; ssl_session_cache off;
    ssl_client_certificate ${bundle}; ssl_verify_client on; ssl_verify_depth 3;
    location / {
      proxy_pass http://application; proxy_http_version 1.1; proxy_buffering off;
      proxy_set_header Host $host; proxy_set_header Connection "";
      proxy_set_header X-Postern-Verified $ssl_client_verify; proxy_set_header X-Client-Fingerprint $ssl_client_fingerprint;
      proxy_set_header Client-Cert $ssl_client_escaped_cert;
    }
  }`;
  const file = workshop.file('nginx-guard.conf', nginxConfiguration('guard', workshop.directory, body));
  const child = workshop.start('nginx', ['-p', workshop.directory, '-c', file]);
  await accepting(port);
  return { name: 'nginx', port, pid: child.pid ?? 0 };
}

type Wanted = Omit<Load, 'port' | 'milliseconds'>;

interface Guards {
  readonly guard: Edge;
  readonly nginx: Edge;
  readonly pull: LockFiles['pull'];
}

function pulls({ pull }: Guards): Wanted {
  return { name: NAME, path: '/', mode: 'keep-alive', connections: 32, credential: pull };
}

const STRANGERS: Wanted = { name: NAME, path: '/', mode: 'refused', connections: 8 };

async function beside(guards: Guards): Promise<readonly Row[]> {
  const { guard, nginx, pull } = guards;
  const world = await openBenchWorld();
  try {
    const wanted = pulls(guards);
    const cost = (edge: Edge, over: Wanted) => async () => perRequest(await load(edge, over));
    const edges = { guard: cost(guard, wanted), nginx: cost(nginx, wanted) };
    const edge = cost(world.postern, { name: NAMES.kept, path: '/', mode: 'keep-alive', connections: 32 });
    // A just-in-time compiler works hardest in the first seconds.
    for (const warmUp of [edges.guard, edges.guard, edges.nginx, edge, edge]) await warmUp();
    const each = await interleaved({ ...edges, edge });
    const row = { name: 'small request, kept connections', unit: 'µs CPU', subject: each.guard };
    const large: Wanted = { name: NAME, path: '/large', mode: 'keep-alive', connections: 4, credential: pull };
    const carried = (one: Edge) => async () => perSecond(await load(one, large));
    const bytes = await interleaved({ guard: carried(guard), nginx: carried(nginx) });
    const body = { name: '10 MB body', unit: 'MB per CPU s', subject: bytes.guard };
    return [
      compared({ ...row, against: 'nginx', reference: each.nginx }, { most: 1.6 }),
      listed({ ...row, against: 'edge', reference: each.edge }),
      listed({ ...body, against: 'nginx', reference: bytes.nginx }),
    ];
  } finally {
    await world.close();
  }
}

async function strangers({ guard, nginx }: Guards): Promise<Row> {
  const perCpu = (edge: Edge) => async () => {
    const { requests, cpu } = await load(edge, STRANGERS);
    return requests / cpu;
  };
  for (const warmUp of [guard, guard, nginx]) await perCpu(warmUp)();
  const each = await interleaved({ guard: perCpu(guard), nginx: perCpu(nginx) });
  const row = { name: 'callers without a certificate', unit: 'refusals per CPU s', subject: each.guard };
  return compared({ ...row, against: 'nginx', reference: each.nginx }, { least: 0.5 });
}

/** How long those inside wait while strangers come as fast as they can, against quiet. */
async function flooded(guards: Guards): Promise<readonly Row[]> {
  const wanted: Wanted = { ...pulls(guards), connections: 4 };
  const quiet = (edge: Edge) => async () => (await load(edge, wanted)).p99;
  const under = (edge: Edge) => async () => {
    const [inside] = (await Promise.all([load(edge, wanted), load(edge, STRANGERS)])) as [Round, Round];
    return inside.p99;
  };
  const { guard, nginx } = guards;
  const each = await interleaved({
    quiet: quiet(guard),
    flood: under(guard),
    nginxQuiet: quiet(nginx),
    nginxFlood: under(nginx),
  });
  const row = { name: 'p99 under a flood of strangers', unit: 'ms' };
  return [
    compared({ ...row, subject: each.flood, against: 'quiet', reference: each.quiet }, { most: 2 }),
    listed({ ...row, subject: each.flood, against: 'nginx', reference: each.nginxFlood }),
    noted({ name: 'p99 of nginx in quiet', unit: 'ms', subject: each.nginxQuiet }),
  ];
}

export const GUARD: Section = {
  about: `${ROUNDS} rounds of ${MILLISECONDS} ms each, medians, one worker or thread each side`,
  run: async () => {
    const workshop = openWorkshop();
    try {
      const shown = await lockFiles(workshop, NAME);
      const application = await startApplication(workshop);
      const guard = await startGuard(workshop, shown, application);
      const nginx = await startNginx(workshop, shown, application);
      const guards = { guard, nginx, pull: shown.pull };
      return [...(await beside(guards)), await strangers(guards), ...(await flooded(guards))];
    } finally {
      await workshop.close();
    }
  },
};
