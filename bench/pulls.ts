/** Pulls over connections that are kept, beside other edges that do the same job. */
import { startCaddyEdge, startHaproxyEdge, startNginxEdge, startNodeEdge } from './competitors.ts';
import { interleaved } from './interleaved.ts';
import { type Edge, load, MILLISECONDS, perRequest, perSecond } from './run-load.ts';
import { alone, compared, listed, ROUNDS, type Row, type Section } from './section.ts';
import { type BenchWorld, type Connections, NAMES, openBenchWorld } from './world.ts';

// A just-in-time compiler works hardest in the first seconds; what is measured is an edge that has been up for a while.
const WARM_UP = 2;
const SMALL = { name: NAMES.kept, path: '/', mode: 'keep-alive', connections: 32 } as const;
const LARGE = { name: NAMES.kept, path: '/large', mode: 'keep-alive', connections: 4 } as const;
const HTTP2 = { name: NAMES.kept, path: '/', mode: 'http2', connections: 4 } as const;

/** The edges side by side, all in front of one origin. */
interface Edges {
  readonly postern: Edge;
  readonly nginx: Edge;
  readonly haproxy: Edge;
  readonly caddy: Edge;
  readonly fastify: Edge;
}

async function edgesOf({ postern, workshop, job }: BenchWorld): Promise<Edges> {
  const nginx = await startNginxEdge(workshop, job);
  const haproxy = await startHaproxyEdge(workshop, job);
  const caddy = await startCaddyEdge(workshop, job);
  const fastify = await startNodeEdge(workshop, job);
  return { postern, nginx, haproxy, caddy, fastify };
}

async function small(edges: Edges, world: BenchWorld): Promise<readonly Row[]> {
  for (const edge of Object.values<Edge>({ ...edges })) await load(edge, SMALL);
  for (let round = 1; round < WARM_UP; round++) await load(edges.postern, SMALL);
  const before = await world.connections();
  const each = await interleaved(costs(edges, SMALL));
  const row = { name: 'small keep-alive pull', unit: 'µs CPU', subject: each.postern };
  return [
    compared({ ...row, against: 'nginx', reference: each.nginx }, { most: 1.6 }),
    listed({ ...row, against: 'HAProxy', reference: each.haproxy }),
    compared({ ...row, against: 'Caddy', reference: each.caddy }, { most: 0.5 }),
    compared({ ...row, against: 'fastify', reference: each.fastify }, { most: 0.5 }),
    reuse(before, await world.connections()),
  ];
}

function reuse(before: Connections, after: Connections): Row {
  const [fresh, reused] = [after.fresh - before.fresh, after.reused - before.reused];
  const subject = (100 * reused) / (fresh + reused);
  return alone({ name: 'on connections that were there', unit: '% of small pulls', subject }, { least: 99.9 });
}

async function http2({ postern, nginx, haproxy, caddy }: Edges): Promise<readonly Row[]> {
  const edges = { postern, nginx, haproxy, caddy };
  for (const edge of Object.values<Edge>(edges)) await load(edge, HTTP2);
  const each = await interleaved(costs(edges, HTTP2));
  const row = { name: 'small pull over HTTP/2', unit: 'µs CPU', subject: each.postern };
  return [
    listed({ ...row, against: 'nginx', reference: each.nginx }),
    listed({ ...row, against: 'HAProxy', reference: each.haproxy }),
    listed({ ...row, against: 'Caddy', reference: each.caddy }),
  ];
}

/** Beside the same edge's own usual way. */
async function ways(usual: BenchWorld, logging: BenchWorld): Promise<readonly Row[]> {
  const shared = { ...SMALL, name: NAMES.http2 };
  const cost =
    ({ postern }: BenchWorld, wanted: typeof shared | typeof SMALL) =>
    async () =>
      perRequest(await load(postern, wanted));
  const subjects = { usual: cost(usual, SMALL), shared: cost(usual, shared), logged: cost(logging, SMALL) };
  for (const warmUp of Object.values(subjects)) await warmUp();
  const each = await interleaved(subjects);
  const row = { unit: 'µs CPU', reference: each.usual };
  return [
    listed({ ...row, name: 'small pull, HTTP/2 to origin', subject: each.shared, against: 'HTTP/1.1' }),
    listed({ ...row, name: 'small pull, a line for each', subject: each.logged, against: 'no log' }),
  ];
}

async function large({ postern, nginx, haproxy, caddy }: Edges): Promise<readonly Row[]> {
  const carried = (edge: Edge) => async () => perSecond(await load(edge, LARGE));
  const each = await interleaved({
    postern: carried(postern),
    nginx: carried(nginx),
    haproxy: carried(haproxy),
    caddy: carried(caddy),
  });
  const row = { name: '10 MB body', unit: 'MB per CPU s', subject: each.postern };
  return [
    compared({ ...row, against: 'nginx', reference: each.nginx }, { least: 1 }),
    listed({ ...row, against: 'HAProxy', reference: each.haproxy }),
    listed({ ...row, against: 'Caddy', reference: each.caddy }),
  ];
}

async function warm({ postern, pulls }: BenchWorld): Promise<Row> {
  const under = (enabled: boolean) => async () => {
    await pulls(enabled);
    return perRequest(await load(postern, SMALL));
  };
  const each = await interleaved({ on: under(true), off: under(false) });
  await pulls(true);
  const row = { name: 'warm pull, AOP on', unit: 'µs CPU', subject: each.on };
  return compared({ ...row, against: 'AOP off', reference: each.off }, { most: 1.02 });
}

function costs<Name extends string>(
  edges: Readonly<Record<Name, Edge>>,
  wanted: Parameters<typeof load>[1],
): Record<Name, () => Promise<number>> {
  const entries = Object.entries<Edge>(edges).map(([name, edge]) => [
    name,
    async () => perRequest(await load(edge, wanted)),
  ]);
  return Object.fromEntries(entries) as Record<Name, () => Promise<number>>;
}

export const PULLS: Section = {
  about: `${ROUNDS} rounds of ${MILLISECONDS} ms each, medians, one worker or thread each side`,
  run: async () => {
    const world = await openBenchWorld();
    const logging = await openBenchWorld({ accessLog: true });
    try {
      const edges = await edgesOf(world);
      const beside = [
        ...(await small(edges, world)),
        await warm(world),
        ...(await http2(edges)),
        ...(await large(edges)),
      ];
      return [...beside, ...(await ways(world, logging))];
    } finally {
      await logging.close();
      await world.close();
    }
  },
};
