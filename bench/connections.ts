/** What it costs to get connected: visitors to the edge, and the edge to an origin. */
import { startHaproxyEdge, startNginxEdge } from './competitors.ts';
import { interleaved } from './interleaved.ts';
import { type Edge, load, MILLISECONDS, perRequest, type Round } from './run-load.ts';
import { alone, compared, listed, ROUNDS, type Row, type Section } from './section.ts';
import { type BenchWorld, NAMES, openBenchWorld } from './world.ts';

const VISITORS = { name: NAMES.kept, path: '/', mode: 'new', connections: 4 } as const;

/** A whole handshake with the visitor for each request; the origin's connections are kept. */
async function visitors({ postern, workshop, job }: BenchWorld): Promise<readonly Row[]> {
  const cost = (edge: Edge) => async () => perRequest(await load(edge, VISITORS));
  const nginx = await startNginxEdge(workshop, job);
  const haproxy = await startHaproxyEdge(workshop, job);
  for (const edge of [postern, nginx, haproxy]) await load(edge, VISITORS);
  const each = await interleaved({ postern: cost(postern), nginx: cost(nginx), haproxy: cost(haproxy) });
  const row = { name: 'visitor, new connection', unit: 'µs CPU', subject: each.postern };
  return [
    listed({ ...row, against: 'nginx', reference: each.nginx }),
    listed({ ...row, against: 'HAProxy', reference: each.haproxy }),
  ];
}

/** A connection to the origin for each request; the visitor's is kept. */
async function origins({ postern, pulls }: BenchWorld): Promise<readonly Row[]> {
  const cold = (name: string, enabled: boolean) => async (): Promise<Round> => {
    await pulls(enabled);
    return load(postern, { name, path: '/', mode: 'keep-alive', connections: 1 });
  };
  const kinds = {
    shown: cold(NAMES.closed, true),
    bare: cold(NAMES.closed, false),
    resumed: cold(NAMES.resumed, true),
  };
  await kinds.shown();
  const cost = await interleaved({
    shown: async () => perRequest(await kinds.shown()),
    bare: async () => perRequest(await kinds.bare()),
    resumed: async () => perRequest(await kinds.resumed()),
  });
  const took = await interleaved({
    shown: async () => (await kinds.shown()).median,
    bare: async () => (await kinds.bare()).median,
  });
  await pulls(true);
  const full = { against: 'full, no cert', reference: cost.bare };
  return [
    listed({ name: 'cold pull, certificate shown', unit: 'µs CPU', subject: cost.shown, ...full }),
    compared({ name: 'cold pull, resumed', unit: 'µs CPU', subject: cost.resumed, ...full }, { most: 1 }),
    alone(
      { name: 'added by the certificate', unit: 'ms for each handshake', subject: took.shown - took.bare },
      { most: 5 },
    ),
  ];
}

export const CONNECTIONS: Section = {
  about: `${ROUNDS} rounds of ${MILLISECONDS} ms each, medians, one worker or thread each side`,
  run: async () => {
    const world = await openBenchWorld();
    try {
      return [...(await visitors(world)), ...(await origins(world))];
    } finally {
      await world.close();
    }
  },
};
