// A load generator for keep-alive GETs over TLS, run as a process of its own: node bench/load.ts '<Load as JSON>'.
// Written for this purpose because it must send a server name that the system cannot resolve.
import { connect, type TLSSocket } from 'node:tls';

export interface Load {
  readonly port: number;
  readonly name: string;
  readonly path: string;
  readonly connections: number;
  readonly milliseconds: number;
}

export interface Loaded {
  readonly requests: number;
  readonly failures: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Sends one request after the other on one connection until the deadline. */
async function drive(
  load: Load,
  until: number,
  count: { requests: number; failures: number; bytes: number },
): Promise<void> {
  const request = `GET ${load.path} HTTP/1.1\r\nHost: ${load.name}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`;
  const socket: TLSSocket = connect({
    port: load.port,
    host: '127.0.0.1',
    servername: load.name,
    rejectUnauthorized: false,
  });
  let missing = 0;
  await new Promise<void>((resolve) => {
    const next = (): void => {
      if (performance.now() < until) socket.write(request);
      else socket.end(resolve);
    };
    const done = (): void => {
      count.requests++;
      next();
    };
    socket.once('secureConnect', next);
    socket.on('error', () => {
      count.failures++;
      resolve();
    });
    socket.on('data', (chunk: Buffer) => {
      count.bytes += chunk.length;
      if (missing > 0) {
        missing -= chunk.length;
        if (missing === 0) done();
        return;
      }
      const end = chunk.indexOf(HEAD_END);
      const head = chunk.toString('latin1', 0, end).toLowerCase();
      if (!head.startsWith('http/1.1 200')) count.failures++;
      missing = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0) - (chunk.length - end - HEAD_END.length);
      if (missing === 0) done();
    });
  });
}

/** Runs the load with all its connections at once. */
async function run(load: Load): Promise<Loaded> {
  const count = { requests: 0, failures: 0, bytes: 0 };
  const started = performance.now();
  const until = started + load.milliseconds;
  await Promise.all(Array.from({ length: load.connections }, () => drive(load, until, count)));
  return { ...count, milliseconds: performance.now() - started };
}

const [argument] = process.argv.slice(2);
if (argument !== undefined) process.stdout.write(JSON.stringify(await run(JSON.parse(argument) as Load)));
