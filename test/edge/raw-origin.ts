import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import { hostname } from '../../src/domain/ids.ts';
import { host, makeZone, must, serverCertificate, startTestEdge } from './world.ts';

export const WWW = must(hostname('www.a.test'));
type Test = Parameters<typeof startTestEdge>[0];

/** A real TLS server that answers each request as told, byte for byte, and counts its connections. */
export async function startRawOrigin(t: Test, onRequest: (socket: Socket, count: number) => void) {
  const certificate = await serverCertificate(['*.a.test']);
  const sockets: Socket[] = [];
  let requests = 0;
  const server = createServer(
    { cert: certificate.leaf.certificate.pem, key: certificate.leaf.key.reveal() },
    (socket) => {
      sockets.push(socket);
      socket.on('error', () => socket.destroy());
      socket.on('data', () => onRequest(socket, ++requests));
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    sockets,
    requests: () => requests,
  };
}

/** A whole answer. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** An edge with one zone and one name, which leads to a raw origin. */
export async function rawWorld(t: Test, onRequest: (socket: Socket, count: number) => void) {
  const zone = await makeZone('a.test');
  const origin = await startRawOrigin(t, onRequest);
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { zone, origin, edge };
}
