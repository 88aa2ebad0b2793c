import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { admit } from '../domain/admit.ts';
import { instant } from '../domain/ids.ts';
import { originPullServerOptions } from '../origin/middleware.ts';
import { peerOf } from '../origin/peer.ts';
import { lockPolicy } from '../origin/policy.ts';
import { policyProblemText } from '../origin/policy-problems.ts';
import {
  application,
  DEMO_HEADER,
  DEMO_HOST,
  type DemoCertificate,
  type DemoOrigin,
  listen,
} from './demo-application.ts';

/** The demo's origin where no nginx is installed: Node's own server, which asks `admit` about every caller. */
export async function startNodeOrigin(bundle: string, { chain, key }: DemoCertificate): Promise<DemoOrigin> {
  const policy = lockPolicy({ bundle, hostnames: [DEMO_HOST] }, instant(Date.now()));
  if (policy.kind === 'problem') throw new TypeError(policyProblemText(policy));
  const server = createServer(
    originPullServerOptions({ policies: [policy] }, { cert: chain, key }),
    (request, response) => {
      const now = instant(Date.now());
      if (admit(peerOf(request.socket as TLSSocket, policy, now), policy.admit, now).kind !== 'admit') {
        response.statusCode = 403;
        return response.end();
      }
      request.headers[DEMO_HEADER.toLowerCase()] = 'SUCCESS';
      return application(request, response);
    },
  );
  const port = await listen(server);
  return {
    port,
    software: `Node ${process.versions.node}`,
    lock: 'Postern’s own admission rule',
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
