import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What reached the application: header fields in the order and spelling in which they came. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly bytes: number;
}

/** The application behind a lock: it answers every request with what it saw, as JSON, and counts. */
export interface EchoApplication extends AsyncDisposable {
  /** 0 when it listens on a socket file. */
  readonly port: number;
  /** Every request that came, finished or not. */
  readonly seen: Seen[];
}

// RFC 6455 §1.3: HAProxy hands on no switch whose answer does not hold it.
const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** On a free port of 127.0.0.1, or on a socket file. Switches to "websocket" on request and then echoes bytes. */
export async function startEcho(socketFile?: string): Promise<EchoApplication> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const entry = { ...described(request), bytes: 0 };
    seen.push(entry);
    request.on('data', (chunk: Buffer) => {
      entry.bytes += chunk.length;
    });
    request.on('end', () => answer(response, entry));
  });
  server.on('upgrade', (request, socket: Duplex) => {
    seen.push({ ...described(request), bytes: 0 });
    socket.on('error', () => socket.destroy());
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${WEBSOCKET}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  if (socketFile === undefined) server.listen(0, '127.0.0.1');
  else server.listen(socketFile);
  await once(server, 'listening');
  // The sockets of a test keep the run alive as long as it needs; this must not do so after a failed one.
  server.unref();
  if (socketFile !== undefined) chmodSync(socketFile, 0o777);
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The values of a header field in `seen`, by its exact name without regard to case. */
export function fieldValues({ fields }: Seen, name: string): readonly string[] {
  return fields.filter(([found]) => found.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

/** The values that a CGI program would find under the variable of `name` (RFC 3875 §4.1.18), and more generously so. */
export function foldedValues({ fields }: Seen, name: string): readonly string[] {
  const fold = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '_');
  return fields.filter(([found]) => fold(found) === fold(name)).map(([, value]) => value);
}

function described(request: IncomingMessage): Omit<Seen, 'bytes'> {
  const raw = request.rawHeaders;
  const fields = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
  return { method: request.method ?? '', target: request.url ?? '', fields };
}

function answer(response: ServerResponse, entry: Seen): void {
  const body = JSON.stringify(entry);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}
