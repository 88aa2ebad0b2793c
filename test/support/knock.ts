import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type SecureVersion } from 'node:tls';

/** A client certificate with its chain, and the key: PEM. */
export interface Credential {
  readonly cert: string;
  readonly key: string;
}

/** One attempt to get something from a server, with every part of it free to be wrong. */
export interface Knock {
  readonly port: number;
  readonly address?: string;
  /** Server name in the handshake; `null` for none. */
  readonly sni: string | null;
  /** Host header; the SNI where left out. `null` for a request of HTTP/1.0 without one. */
  readonly host?: string | null;
  readonly credential?: Credential | null;
  /** A session from an earlier answer, to resume. */
  readonly session?: Buffer;
  readonly tlsVersion?: SecureVersion;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer;
  /** The whole request, instead of one made of the fields above; should ask for the connection to be closed. */
  readonly rawRequest?: string;
  /** Leaves as soon as the head of the answer is there: for connections that stay open. */
  readonly untilHead?: boolean;
}

/** How a refusal before any answer looked: a TLS alert's number (RFC 8446 §6), or how the connection ended. */
type Refusal = number | 'closed' | 'reset' | 'no listener';

export type Outcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly head: string;
      readonly body: string;
      readonly resumed: boolean;
      readonly sessions: readonly Buffer[];
    }
  | { readonly kind: 'refused'; readonly how: Refusal; readonly sessions: readonly Buffer[] };

const DEADLINE = 10_000;

/**
 * Shakes hands, ALWAYS sends a request, and reads to the end before it judges: in TLS 1.3 the server looks at the
 * certificate after the client has finished, so a completed handshake means nothing. The server's certificate is not
 * verified.
 */
export function knock(request: Knock): Promise<Outcome> {
  const options = tlsOptions(request);
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const sessions: Buffer[] = [];
    const socket = connectTls(options);
    let resumed = false;
    const finish = (how: Refusal) => {
      socket.destroy();
      const answer = parseAnswer(Buffer.concat(received));
      resolve(
        answer === null ? { kind: 'refused', how, sessions } : { kind: 'answered', ...answer, resumed, sessions },
      );
    };
    socket.setTimeout(DEADLINE, () => {
      socket.destroy();
      reject(new Error(`silence for ${DEADLINE} ms after ${Buffer.concat(received).length} bytes`));
    });
    socket.on('session', (session: Buffer) => sessions.push(session));
    socket.on('secureConnect', () => {
      resumed = socket.isSessionReused();
    });
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (request.untilHead === true && Buffer.concat(received).includes('\r\n\r\n')) finish('closed');
    });
    socket.on('end', () => finish('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(refusalOf(error)));
    socket.write(requestBytes(request));
  });
}

/** The same over HTTP/2. Refusals inside HTTP/2 count as `closed`. */
export function knockHttp2(request: Knock): Promise<Outcome> {
  const { path = '/', method = 'GET', headers = [] } = request;
  return new Promise((resolve) => {
    const session = connectHttp2(`https://${request.host ?? request.sni ?? 'localhost'}`, {
      createConnection: () => connectTls({ ...tlsOptions(request), ALPNProtocols: ['h2'] }),
    });
    const finish = (outcome: Outcome) => {
      session.destroy();
      resolve(outcome);
    };
    const refused = (error: NodeJS.ErrnoException) => finish({ kind: 'refused', how: refusalOf(error), sessions: [] });
    session.on('error', refused);
    session.on('close', () => finish({ kind: 'refused', how: 'closed', sessions: [] }));
    const stream = session.request({
      ':path': path,
      ':method': method,
      ':authority': request.host ?? request.sni ?? '',
      ...Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    });
    let status = 0;
    const received: Buffer[] = [];
    stream.on('response', (fields) => {
      status = fields[':status'] ?? 0;
    });
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    stream.on('error', refused);
    stream.on('end', () => {
      // A connection that ends before any answer ends its streams too.
      if (status === 0) return finish({ kind: 'refused', how: 'closed', sessions: [] });
      const body = Buffer.concat(received).toString('utf8');
      return finish({ kind: 'answered', status, head: '', body, resumed: false, sessions: [] });
    });
    stream.end(request.body);
  });
}

/**
 * Asks for several hosts over one HTTP/2 connection, one after the other: a client may reuse a connection for every name
 * that its certificate holds (RFC 9113 §9.1.1). The status of each answer; 0 where there was none.
 */
export async function knockHttp2Hosts(request: Knock, hosts: readonly string[]): Promise<readonly number[]> {
  const session = connectHttp2(`https://${request.sni ?? 'localhost'}`, {
    createConnection: () => connectTls({ ...tlsOptions(request), ALPNProtocols: ['h2'] }),
  });
  session.on('error', () => session.destroy());
  const ask = (host: string) =>
    new Promise<number>((resolve) => {
      let status = 0;
      if (session.destroyed) return resolve(0);
      const stream = session.request({ ':path': '/', ':authority': host });
      stream.on('response', (fields) => {
        status = fields[':status'] ?? 0;
      });
      stream.on('error', () => resolve(status));
      stream.on('close', () => resolve(status));
      stream.resume();
      stream.end();
    });
  const statuses: number[] = [];
  for (const host of hosts) statuses.push(await ask(host));
  session.destroy();
  return statuses;
}

/** Plain HTTP to a port. */
export function knockPlain(request: Omit<Knock, 'sni'>): Promise<Outcome> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connectTcp({ port: request.port, host: request.address ?? '127.0.0.1' });
    const finish = (how: Refusal) => {
      socket.destroy();
      const answer = parseAnswer(Buffer.concat(received));
      const rest = { resumed: false, sessions: [] };
      resolve(answer === null ? { kind: 'refused', how, sessions: [] } : { kind: 'answered', ...answer, ...rest });
    };
    socket.setTimeout(DEADLINE, () => finish('closed'));
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('end', () => finish('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(refusalOf(error)));
    socket.write(requestBytes({ sni: null, ...request }));
  });
}

function tlsOptions({ port, address = '127.0.0.1', sni, credential, session, tlsVersion }: Knock): ConnectionOptions {
  return {
    port,
    host: address,
    // Node sends no SNI for an empty name.
    servername: sni ?? '',
    rejectUnauthorized: false,
    ...(tlsVersion === undefined ? {} : { minVersion: tlsVersion, maxVersion: tlsVersion }),
    ...(credential === undefined || credential === null ? {} : { cert: credential.cert, key: credential.key }),
    ...(session === undefined ? {} : { session }),
  };
}

function requestBytes(request: Knock): Buffer {
  if (request.rawRequest !== undefined) return Buffer.from(request.rawRequest, 'latin1');
  const { method = 'GET', path = '/', headers = [], body } = request;
  const lines = [
    ...(request.host === null
      ? [`${method} ${path} HTTP/1.0`]
      : [`${method} ${path} HTTP/1.1`, `Host: ${request.host ?? request.sni ?? 'localhost'}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

function parseAnswer(bytes: Buffer): { status: number; head: string; body: string } | null {
  const text = bytes.toString('latin1');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined) return null;
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(end + 4);
  return { status: Number(status), head, body: /\r\ntransfer-encoding: chunked/i.test(head) ? joinChunks(body) : body };
}

function joinChunks(text: string): string {
  const size = Number.parseInt(text, 16);
  const start = text.indexOf('\r\n') + 2;
  return size > 0 && start > 1 ? text.slice(start, start + size) + joinChunks(text.slice(start + size + 2)) : '';
}

function refusalOf(error: NodeJS.ErrnoException): Refusal {
  // The number: OpenSSL's names for the codes mix protocol versions for historical reasons.
  const alert = /alert number (\d+)/.exec(error.message)?.[1];
  if (alert !== undefined) return Number(alert);
  if (error.code === 'ECONNREFUSED') return 'no listener';
  return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'closed';
}
