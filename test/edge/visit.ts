import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A response as its bytes say. */
export interface Reply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Opens a connection to the edge: over TLS where a server name is given. */
export async function dial(port: number, serverName: string | null, ca?: string): Promise<Socket> {
  const socket =
    serverName === null
      ? connectTcp({ port, host: '127.0.0.1' })
      : connectTls({
          port,
          host: '127.0.0.1',
          servername: serverName,
          ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
        });
  await new Promise<void>((resolve, reject) => {
    socket.once(serverName === null ? 'connect' : 'secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Sends raw bytes and reads until the edge closes the connection. */
export async function exchange(socket: Socket, text: string | Buffer): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(text);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
  });
  return Buffer.concat(chunks).toString('latin1');
}

/** The parts of one response that is the last on its connection. */
export function parse(raw: string): Reply {
  const cut = raw.indexOf('\r\n\r\n');
  const [first = '', ...lines] = raw.slice(0, cut).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number(first.split(' ')[1]), headers, body: raw.slice(cut + 4) };
}

/** One GET over https on a connection of its own. */
export async function visit(port: number, name: string, path = '/', extra = ''): Promise<Reply> {
  const socket = await dial(port, name);
  return parse(await exchange(socket, `GET ${path} HTTP/1.1\r\nHost: ${name}\r\n${extra}Connection: close\r\n\r\n`));
}
