import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { TestContext } from 'node:test';
import type { ConnectionOptions } from 'node:tls';

/** A response over HTTP/2, read to its end. */
export interface Http2Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  readonly trailers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of the 1xx responses before it. */
  readonly interims: readonly Readonly<Record<string, unknown>>[];
  /** Code of the RST_STREAM that ended it; 0 where it ended by itself. */
  readonly reset: number;
}

/** An HTTP/2 session with the edge, by node's own client; it ends with the test. */
export async function dialHttp2(
  t: TestContext,
  port: number,
  serverName: string,
  tls: ConnectionOptions & Pick<ClientSessionOptions, 'settings'> = {},
): Promise<ClientHttp2Session> {
  const session = connect(`https://${serverName}:${port}`, {
    host: '127.0.0.1',
    servername: serverName,
    rejectUnauthorized: false,
    ...tls,
    lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  await once(session, 'connect');
  return session;
}

/** Reads what comes back for a request. */
export async function replyTo(stream: ClientHttp2Stream): Promise<Http2Reply> {
  const chunks: Buffer[] = [];
  const interims: Record<string, unknown>[] = [];
  let headers: Http2Reply['headers'] = {};
  let trailers: Http2Reply['trailers'] = {};
  stream.on('headers', (fields) => interims.push({ ...fields }));
  stream.on('response', (fields) => {
    headers = { ...fields };
  });
  stream.on('trailers', (fields) => {
    trailers = { ...fields };
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('close', resolve));
  const body = Buffer.concat(chunks).toString('latin1');
  return { status: Number(headers[':status'] ?? 0), headers, body, trailers, interims, reset: stream.rstCode };
}

/** Sends one request, with a body or without. */
export function ask(
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders = {},
  body?: string | Buffer,
): Promise<Http2Reply> {
  const stream = session.request(
    { ':path': '/', ':authority': 'www.a.test', ...fields },
    { endStream: body === undefined },
  );
  if (body !== undefined) stream.end(body);
  return replyTo(stream);
}
