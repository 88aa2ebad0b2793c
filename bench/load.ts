// A load generator for GETs over TLS, run as a process of its own: node bench/load.ts '<Load as JSON>'.
// Written for this purpose because it must send a server name that the system cannot resolve.
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';

export interface Load {
  readonly port: number;
  /** What is asked for; of several names each connection asks for the next. */
  readonly name: string | readonly string[];
  readonly path: string;
  /**
   * `keep-alive`: one request after the other on each connection; `http2`: ten at a time; `new`: each on a connection of
   * its own, with a whole handshake; `refused`: the same by somebody whom nobody may answer with 200.
   */
  readonly mode: 'keep-alive' | 'http2' | 'new' | 'refused';
  readonly connections: number;
  readonly milliseconds: number;
  /** Files with what is shown to a server that asks for a certificate. */
  readonly credential?: { readonly chain: string; readonly key: string };
}

export interface Loaded {
  readonly requests: number;
  readonly failures: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** Milliseconds from request to the end of its answer: half of them, and all but one of a hundred, took less. */
  readonly median: number;
  readonly p99: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const STREAMS = 10;

/** What the drivers count together. */
class Tally {
  requests = 0;
  failures = 0;
  bytes = 0;
  readonly #took: number[] = [];

  done(ok: boolean, since: number): void {
    this.requests++;
    if (!ok) this.failures++;
    this.#took.push(performance.now() - since);
  }

  summary(milliseconds: number): Loaded {
    const { requests, failures, bytes } = this;
    const took = this.#took.toSorted((a, b) => a - b);
    const at = (share: number) => took[Math.floor((took.length - 1) * share)] ?? 0;
    return { requests, failures, bytes, milliseconds, median: at(0.5), p99: at(0.99) };
  }
}

/** What one connection does. */
type Visit = Load & { readonly name: string };

type Drive = (load: Visit, until: number, tally: Tally) => Promise<void>;

function visit(load: Load, connection: number): Visit {
  const names = [load.name].flat();
  return { ...load, name: names[connection % names.length] ?? '' };
}

function dial({ port, name, credential }: Visit, protocol: 'h2' | 'http/1.1'): TLSSocket {
  const shown =
    credential === undefined ? {} : { cert: readFileSync(credential.chain), key: readFileSync(credential.key) };
  const place = { port, host: '127.0.0.1', servername: name };
  return connect({ ...place, ...shown, rejectUnauthorized: false, ALPNProtocols: [protocol] });
}

function request({ path, name }: Visit, connection: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nUser-Agent: bench\r\nAccept: */*\r\n${connection}\r\n`;
}

/** Sends one request after the other on one connection until the deadline. */
const keepAlive: Drive = (load, until, tally) =>
  new Promise((resolve) => {
    const socket = dial(load, 'http/1.1');
    const text = request(load, '');
    let since = 0;
    let missing = 0;
    let ok = true;
    const next = (): void => {
      if (performance.now() >= until) return void socket.end(resolve);
      since = performance.now();
      socket.write(text);
    };
    const took = (bytes: number): void => {
      missing -= bytes;
      if (missing > 0) return;
      tally.done(ok, since);
      next();
    };
    socket.once('secureConnect', next);
    socket.on('error', () => {
      tally.failures++;
      resolve();
    });
    socket.on('data', (chunk: Buffer) => {
      tally.bytes += chunk.length;
      if (missing > 0) return took(chunk.length);
      const end = chunk.indexOf(HEAD_END);
      const head = chunk.toString('latin1', 0, end).toLowerCase();
      ok = head.startsWith('http/1.1 200');
      missing = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
      took(chunk.length - end - HEAD_END.length);
    });
  });

/** Shakes hands for each request. */
const anew: Drive = async (load, until, tally) => {
  const text = request(load, 'Connection: close\r\n');
  while (performance.now() < until) {
    const since = performance.now();
    const ok = await new Promise<boolean>((resolve) => {
      const socket = dial(load, 'http/1.1');
      let status = '';
      socket.once('secureConnect', () => socket.write(text));
      socket.on('data', (chunk: Buffer) => {
        tally.bytes += chunk.length;
        status ||= chunk.toString('latin1', 0, 12).toLowerCase();
      });
      socket.on('error', () => resolve(false));
      socket.on('close', () => resolve(status === 'http/1.1 200'));
    });
    tally.done(ok, since);
  }
};

/** Knocks again and again without what it takes to come in. */
const refused: Drive = async (load, until, tally) => {
  const text = request(load, 'Connection: close\r\n');
  while (performance.now() < until) {
    const since = performance.now();
    const ok = await new Promise<boolean>((resolve) => {
      const socket = dial(load, 'http/1.1');
      let answer = '';
      socket.once('secureConnect', () => socket.write(text));
      socket.on('data', (chunk: Buffer) => {
        answer ||= chunk.toString('latin1', 0, 12).toLowerCase();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer !== 'http/1.1 200'));
    });
    tally.done(ok, since);
  }
};

/** Keeps some requests under way on one HTTP/2 connection. */
const http2: Drive = async (load, until, tally) => {
  const session = connectHttp2(`https://${load.name}`, { createConnection: () => dial(load, 'h2') });
  session.on('error', () => tally.failures++);
  await Promise.all(Array.from({ length: STREAMS }, () => streams(session, load, { until, tally })));
  session.close();
};

async function streams(
  session: ClientHttp2Session,
  { path, name }: Visit,
  { until, tally }: { readonly until: number; readonly tally: Tally },
): Promise<void> {
  while (performance.now() < until && !session.destroyed) {
    const since = performance.now();
    const ok = await new Promise<boolean>((resolve) => {
      const stream = session.request({ ':path': path, ':authority': name, 'user-agent': 'bench', accept: '*/*' });
      let status: unknown;
      stream.on('response', (fields) => {
        status = fields[':status'];
      });
      stream.on('data', (chunk: Buffer) => {
        tally.bytes += chunk.length;
      });
      stream.on('error', () => resolve(false));
      stream.on('close', () => resolve(status === 200));
    });
    tally.done(ok, since);
  }
}

const DRIVERS: Readonly<Record<Load['mode'], Drive>> = { 'keep-alive': keepAlive, new: anew, http2, refused };

/** Runs the load with all its connections at once. */
async function run(load: Load): Promise<Loaded> {
  const tally = new Tally();
  const started = performance.now();
  const until = started + load.milliseconds;
  const drive = DRIVERS[load.mode];
  await Promise.all(Array.from({ length: load.connections }, (_, count) => drive(visit(load, count), until, tally)));
  return tally.summary(performance.now() - started);
}

const [argument] = process.argv.slice(2);
if (argument !== undefined) process.stdout.write(JSON.stringify(await run(JSON.parse(argument) as Load)));
