/** Memory: of an edge that does nothing, and of visitors that do nothing. */
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHaproxyEdge, startNginxEdge } from './competitors.ts';
import type { Idle } from './idle-visitors.ts';
import { memoryOf } from './process-tree.ts';
import type { Edge } from './run-load.ts';
import { alone, listed, type Row, type Section } from './section.ts';
import type { Workshop } from './servers.ts';
import { NAMES, openBenchWorld } from './world.ts';

const CROWDS = [1_000, 10_000];
const MIB = 1024 * 1024;
const SETTLE = 3_000;

/** Kilobytes that each of so many idle visitors costs. */
async function perVisitor(edge: Edge, visitors: number, workshop: Workshop): Promise<number> {
  const before = memoryOf(edge.pid);
  const idle: Idle = { port: edge.port, name: NAMES.kept, visitors };
  const program = fileURLToPath(new URL('idle-visitors.ts', import.meta.url));
  const child = workshop.start(process.execPath, [program, JSON.stringify(idle)]);
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (!Buffer.isBuffer(said)) throw new Error(`${edge.name}: not all of ${visitors} visitors came`);
  await after(SETTLE);
  const held = memoryOf(edge.pid) - before;
  const gone = once(child, 'exit');
  child.stdin.end();
  await gone;
  await after(SETTLE);
  return held / visitors / 1024;
}

export const IDLE: Section = {
  about: `resident memory of all processes, what they share counted once; ${CROWDS.join(' and ')} visitors`,
  run: async () => {
    const { postern, workshop, job, close } = await openBenchWorld();
    try {
      const nginx = await startNginxEdge(workshop, job);
      const haproxy = await startHaproxyEdge(workshop, job);
      const rows: Row[] = [
        alone({ name: 'at rest, one worker', unit: 'MiB', subject: memoryOf(postern.pid) / MIB }, { most: 300 }),
      ];
      for (const visitors of CROWDS) {
        const subject = await perVisitor(postern, visitors, workshop);
        const row = { name: `each of ${visitors} idle visitors`, unit: 'KiB', subject };
        const others = visitors > 4_000 ? [haproxy] : [nginx, haproxy];
        for (const other of others) {
          const reference = await perVisitor(other, visitors, workshop);
          rows.push(listed({ ...row, against: other.name, reference }));
        }
      }
      return rows;
    } finally {
      await close();
    }
  },
};
