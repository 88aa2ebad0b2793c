/** What `requireOriginPull` costs in front of an application on node:https, beside TLS that asks for the same certificate. */
import { fileURLToPath } from 'node:url';
import { interleaved } from './interleaved.ts';
import type { Load } from './load.ts';
import { type LockFiles, lockFiles } from './lock-files.ts';
import type { Application } from './locked-application.ts';
import { type Edge, load, MILLISECONDS, perRequest } from './run-load.ts';
import { listed, ROUNDS, type Section } from './section.ts';
import { accepting, freePort, openWorkshop, type Workshop } from './servers.ts';

const NAME = 'www.locked.test';
const WARM_UPS = [1, 2, 3];

async function startApplication(workshop: Workshop, files: LockFiles, locked: boolean): Promise<Edge> {
  const port = await freePort();
  const { bundle, chain, key } = files;
  const program = fileURLToPath(new URL('locked-application.ts', import.meta.url));
  const application = { name: NAME, port, locked, bundle, chain, key } satisfies Application;
  const child = workshop.start(process.execPath, [program, JSON.stringify(application)]);
  await accepting(port);
  return { name: locked ? 'with the middleware' : 'without it', port, pid: child.pid ?? 0 };
}

export const MIDDLEWARE: Section = {
  about: `${ROUNDS} rounds of ${MILLISECONDS} ms each, medians, one process each; both ask for the certificate and verify it`,
  run: async () => {
    const workshop = openWorkshop();
    try {
      const files = await lockFiles(workshop, NAME);
      const applications = {
        locked: await startApplication(workshop, files, true),
        plain: await startApplication(workshop, files, false),
      };
      const kept = { name: NAME, path: '/', mode: 'keep-alive', connections: 32, credential: files.pull } as const;
      const anew = { ...kept, mode: 'new', connections: 8 } as const;
      const cost = (application: Edge, wanted: Omit<Load, 'port' | 'milliseconds'>) => async () =>
        perRequest(await load(application, wanted));
      const both = async (wanted: typeof kept | typeof anew) => {
        const measured = { locked: cost(applications.locked, wanted), plain: cost(applications.plain, wanted) };
        // A just-in-time compiler works hardest in the first seconds, on the lock longer than on nothing.
        for (const _round of WARM_UPS) for (const warmUp of Object.values(measured)) await warmUp();
        return interleaved(measured);
      };
      const [request, connection] = [await both(kept), await both(anew)];
      const row = { unit: 'µs CPU', against: 'without' };
      return [
        listed({
          ...row,
          name: 'node:https with requireOriginPull, connections kept',
          subject: request.locked,
          reference: request.plain,
        }),
        listed({
          ...row,
          name: 'a connection for each request',
          subject: connection.locked,
          reference: connection.plain,
        }),
      ];
    } finally {
      await workshop.close();
    }
  },
};
