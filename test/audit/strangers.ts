import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Credential, knock, knockPlain, type Outcome } from '../support/knock.ts';

/** An application that says one word to everybody. */
export async function startWord(word: string): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_request, response) => response.end(word)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A socket of a server under test. */
export interface Socket {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Who comes, with which credential. */
export type Callers = Readonly<Record<string, Credential | null>>;

const PATHS = ['/', '/admin', '/api/x', '/welcome', '/index.php'];
const NAMES = ['a.test', 'b.test', null, 'x.invalid'];
const HOSTS = ['a.test', 'b.test', 'x.invalid'];

/** Every name in the handshake with every name in Host; more paths where both are right. */
const PAIRS = NAMES.flatMap((sni) =>
  HOSTS.flatMap((host) => (sni === 'a.test' && host === 'a.test' ? PATHS : ['/']).map((path) => ({ sni, host, path }))),
);

/** How strangers got to read a word: each way as a line. */
export async function waysIn(sockets: readonly Socket[], callers: Callers, word: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const socket of sockets) {
    for (const [who, credential] of Object.entries(callers))
      found.push(...(await waysOf(socket, { who, credential, word })));
    if (socket.tls) found.push(...(await plainWays(socket, word)));
  }
  return found;
}

interface Stranger {
  readonly who: string;
  readonly credential: Credential | null;
  readonly word: string;
}

async function waysOf(socket: Socket, { who, credential, word }: Stranger): Promise<readonly string[]> {
  const found: string[] = [];
  for (const names of socket.tls ? PAIRS : HOSTS.map((host) => ({ sni: null, host, path: '/' }))) {
    const way = `${who}, ${socket.address}:${socket.port}, sni ${names.sni ?? '-'}, host ${names.host}, ${names.path}`;
    if (read(await ask(socket, { ...names, credential }), word)) found.push(way);
  }
  return found;
}

/** Plain HTTP to a socket that speaks TLS. */
async function plainWays(socket: Socket, word: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const host of HOSTS) {
    const saw = await ask({ ...socket, tls: false }, { sni: null, host, path: '/', credential: null });
    if (read(saw, word)) found.push(`plain HTTP, ${socket.address}:${socket.port}, host ${host}`);
  }
  return found;
}

/** Whether the right caller reads the word. */
export async function getsIn(socket: Socket, credential: Credential, word: string): Promise<boolean> {
  return read(await ask(socket, { sni: 'a.test', host: 'a.test', path: '/', credential }), word);
}

interface Asked {
  readonly sni: string | null;
  readonly host: string;
  readonly path: string;
  readonly credential: Credential | null;
}

function ask({ address, port, tls }: Socket, { sni, host, path, credential }: Asked): Promise<Outcome> {
  return tls ? knock({ address, port, sni, host, path, credential }) : knockPlain({ address, port, host, path });
}

function read(saw: Outcome, word: string): boolean {
  return saw.kind === 'answered' && saw.body.includes(word);
}
