import { once } from 'node:events';
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { EdgeHost } from '../../src/domain/edge-zone.ts';
import type { EdgeOptions } from '../../src/edge/start.ts';
import { WWW } from './raw-origin.ts';
import { host, makeZone, serverCertificate, startTestEdge } from './world.ts';

/** One request as an HTTP/2 origin saw it. */
export interface Seen {
  readonly fields: IncomingHttpHeaders;
  readonly raw: readonly string[];
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
  /** Of the client certificate, in lower-case hex; empty where none was shown. */
  readonly shown: string;
  readonly resumed: boolean;
  readonly session: number;
}

export interface Http2Origin {
  readonly port: number;
  readonly seen: Seen[];
  readonly sessions: ServerHttp2Session[];
  /** Codes with which streams ended that did not end well. */
  readonly resets: number[];
  readonly server: ReturnType<typeof createSecureServer>;
}

type Answer = (stream: ServerHttp2Stream, seen: Seen) => void;

interface Http2Conduct {
  readonly answer?: Answer;
  /** Told of a request before its body is read; true where nothing more is to be done with it. */
  readonly early?: (stream: ServerHttp2Stream, fields: IncomingHttpHeaders) => boolean;
  readonly options?: SecureServerOptions;
}

/** An HTTP/2 server of Node's that asks for a client certificate and tells which came. */
export async function startHttp2Origin(t: TestContext, conduct: Http2Conduct = {}): Promise<Http2Origin> {
  const { leaf } = await serverCertificate(['*.a.test', '*.b.test']);
  const origin = { seen: [] as Seen[], sessions: [] as ServerHttp2Session[], resets: [] as number[] };
  const asked = { requestCert: true, rejectUnauthorized: false } as const;
  const server = createSecureServer({
    cert: leaf.certificate.pem,
    key: leaf.key.reveal(),
    ...asked,
    ...conduct.options,
  });
  server.on('session', (session) => {
    session.on('error', () => undefined);
    origin.sessions.push(session);
  });
  server.on('stream', (stream: ServerHttp2Stream, fields: IncomingHttpHeaders, _flags: number, raw: string[]) => {
    const socket = stream.session?.socket as TLSSocket;
    const shown = (socket.getPeerX509Certificate()?.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
    const session = origin.sessions.indexOf(stream.session as ServerHttp2Session);
    const chunks: Buffer[] = [];
    let trailers: IncomingHttpHeaders = {};
    stream.on('error', () => undefined);
    stream.on('close', () => stream.rstCode !== 0 && origin.resets.push(stream.rstCode));
    if (conduct.early?.(stream, fields) === true) return;
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('trailers', (late: IncomingHttpHeaders) => {
      trailers = late;
    });
    stream.on('end', () => {
      // Node ends a stream that was reset like one that is complete.
      if (stream.closed) return;
      const body = Buffer.concat(chunks).toString('latin1');
      const seen = { fields, raw, body, trailers, shown, resumed: socket.isSessionReused(), session };
      origin.seen.push(seen);
      if (conduct.answer !== undefined) return conduct.answer(stream, seen);
      stream.respond({ ':status': 200, 'content-length': 2 });
      stream.end('ok');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const session of origin.sessions) session.destroy();
    server.close();
  });
  return { ...origin, port: (server.address() as AddressInfo).port, server };
}

/** A hostname whose origin is asked for HTTP/2. */
export function http2Host(port: number, name = WWW): EdgeHost {
  const asked = host(name, { https: port });
  return { ...asked, targets: asked.targets.map((target) => ({ ...target, http2: true })) };
}

/** An edge with one zone and one name, which leads to a server by HTTP/2. */
export async function http2Edge(t: TestContext, port: number, options: Partial<EdgeOptions> = {}) {
  const zone = await makeZone('a.test');
  const edge = await startTestEdge(t, [zone], options);
  edge.change(zone, zone.rules, [http2Host(port)]);
  return { zone, edge };
}
