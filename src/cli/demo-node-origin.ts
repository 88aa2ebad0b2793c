import { constants } from 'node:crypto';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { admit } from '../domain/admit.ts';
import { type Hostname, hostname, instant } from '../domain/ids.ts';
import { readBundle } from '../pki/bundle.ts';
import { verifyPath } from '../pki/chain.ts';
import { readCertificate } from '../pki/read.ts';
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
  const anchors = readBundle(bundle);
  const allowed = new Set(anchors.map(({ fingerprint }) => fingerprint));
  const names = new Set<Hostname>([hostname(DEMO_HOST)].filter((name) => name !== null));
  const options = {
    cert: chain,
    key,
    ca: bundle,
    requestCert: true,
    rejectUnauthorized: true,
    // A resumed session would carry a verdict from earlier on.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
  const server = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket;
    const now = instant(Date.now());
    const shown = socket.getPeerX509Certificate();
    const leaf = shown === undefined ? null : readCertificate(shown.raw);
    const verified = leaf === null ? null : verifyPath(leaf, { offered: [], anchors, purpose: 'client' }, now);
    const path = verified?.kind === 'verified' ? verified.path : null;
    const sni = hostname(socket.servername || '');
    const policy = {
      mode: 'enforce',
      anchors: allowed,
      uris: null,
      pins: null,
      subjects: null,
      listed: false,
      own: null,
      names,
    } as const;
    const admission = admit({ leaf, path, standing: null, resumed: socket.isSessionReused(), sni }, policy, now);
    if (admission.kind !== 'admit') {
      response.statusCode = 403;
      return response.end();
    }
    request.headers[DEMO_HEADER.toLowerCase()] = 'SUCCESS';
    return application(request, response);
  });
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
