import { connect as connectTcp, type Socket } from 'node:net';
import { connect } from 'node:tls';

/** A client certificate with its chain, and the key: PEM. */
export interface Credential {
  readonly cert: string;
  readonly key: string;
}

/** One look at an origin, with the credential given or none. */
export interface Knock {
  readonly address: string;
  readonly port: number;
  /** Name in the handshake; `null` for none. */
  readonly serverName: string | null;
  /** Value of Host; the name in the handshake where left out. */
  readonly host?: string;
  /** The only version that is offered; what Node offers where left out. */
  readonly tlsVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Asks without TLS. */
  readonly plain?: boolean;
  readonly path: string;
  readonly credential: Credential | null;
  /** More lines of the request's head. */
  readonly headers: readonly string[];
  /** Milliseconds until silence counts as an answer of its own. */
  readonly timeout: number;
}

/** What came back: an HTTP answer, a TLS alert (RFC 8446 §6), the end of the connection, or nothing. */
export type Saw =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'alert'; readonly number: number }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'unreachable'; readonly detail: string };

const MAX_ANSWER = 256 * 1024;

/**
 * Shakes hands, always sends a request, and reads before it says anything: in TLS 1.3 the server judges the client's
 * certificate only after the client has finished (RFC 8446 §4.4.2.4). Looks and never judges; sessions are never reused.
 */
export function knock(request: Knock): Promise<Saw> {
  const { serverName, host, path, headers, timeout } = request;
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    let size = 0;
    const socket = connected(request);
    const finish = (otherwise: Saw): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answerIn(Buffer.concat(received)) ?? otherwise);
    };
    const timer = setTimeout(() => finish({ kind: 'silent' }), timeout);
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      size += chunk.length;
      if (size > MAX_ANSWER) finish({ kind: 'closed' });
    });
    socket.on('end', () => finish({ kind: 'closed' }));
    socket.on('close', () => finish({ kind: 'closed' }));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(sawError(error)));
    const lines = [`GET ${path} HTTP/1.1`, `Host: ${host ?? serverName ?? ''}`, ...headers, 'Connection: close'];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  });
}

function connected({ address, port, serverName, credential, tlsVersion, plain }: Knock): Socket {
  if (plain === true) return connectTcp({ host: address, port });
  const version = tlsVersion === undefined ? {} : { minVersion: tlsVersion, maxVersion: tlsVersion };
  // What is looked at is the door, not who stands behind it: the origin's own certificate is another probe's business.
  // Node sends no name for an empty one.
  return connect({
    host: address,
    port,
    servername: serverName ?? '',
    rejectUnauthorized: false,
    ...version,
    ...credential,
  });
}

function sawError(error: NodeJS.ErrnoException): Saw {
  // OpenSSL's names of alerts mix protocol versions; the number is reliable.
  const alert = /alert number (\d+)/.exec(error.message)?.[1];
  if (alert !== undefined) return { kind: 'alert', number: Number(alert) };
  if (error.code === 'ECONNREFUSED' || error.code === 'EHOSTUNREACH')
    return { kind: 'unreachable', detail: error.code };
  return { kind: 'closed' };
}

function answerIn(bytes: Buffer): Saw | null {
  const text = bytes.toString('latin1');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  const end = text.indexOf('\r\n\r\n');
  return status === undefined || end === -1
    ? null
    : { kind: 'answered', status: Number(status), body: text.slice(end + 4) };
}
