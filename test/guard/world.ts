import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { instant } from '../../src/domain/ids.ts';
import { type Guard, type GuardOptions, startGuard } from '../../src/origin/guard/guard.ts';
import { guardSite, type Site, type SiteRequest } from '../../src/origin/guard/site.ts';
import { writeCredential } from '../servers/locked-origin.ts';
import type { Credential } from '../support/knock.ts';
import type { PullCredentials } from '../support/pull-credentials.ts';
import { scratchDirectory } from '../support/scratch.ts';
import type { LogLine } from './guard-process.ts';

/** A guard inside the test, whose clock the test turns. */
export interface GuardWorld {
  readonly guard: Guard;
  readonly port: number;
  readonly directory: string;
  readonly lines: LogLine[];
  /** Milliseconds that its clock is ahead. */
  readonly turn: (milliseconds: number) => void;
  readonly now: () => number;
}

export interface GuardWorldSetup extends Partial<Omit<GuardOptions, 'sites' | 'log' | 'now' | 'listen'>> {
  readonly hostnames: readonly string[];
  readonly upstream: string;
  readonly credentials: PullCredentials;
  readonly site?: (directory: string) => Partial<SiteRequest>;
}

/** Starts it; it is closed after the test. Files are looked at every 20 milliseconds. */
export async function startGuardWorld(t: TestContext, setup: GuardWorldSetup): Promise<GuardWorld> {
  const { credentials, hostnames, upstream, site, ...options } = setup;
  const scratch = scratchDirectory();
  const directory = scratch.path;
  writeFileSync(join(directory, 'bundle.pem'), credentials.bundle);
  writeCredential(directory, 'site', credentials.server);
  mkdirSync(join(directory, 'more'));
  const request: SiteRequest = {
    hostnames,
    upstream,
    bundle: join(directory, 'bundle.pem'),
    serverCert: join(directory, 'site.pem'),
    serverKey: join(directory, 'site.key'),
    ...site?.(directory),
  };
  let ahead = 0;
  const lines: LogLine[] = [];
  const guard = await startGuard({
    listen: [{ host: '127.0.0.1', port: 0 }],
    health: null,
    lookEvery: 20,
    sites: [checked(request)],
    log: (msg, fields) => void lines.push({ msg, ...fields }),
    now: () => instant(Date.now() + ahead),
    ...options,
  });
  t.after(async () => {
    await guard.close(0);
    scratch[Symbol.dispose]();
  });
  return {
    guard,
    port: guard.listen[0]?.port ?? 0,
    directory,
    lines,
    turn: (milliseconds) => {
      ahead += milliseconds;
    },
    now: () => Date.now() + ahead,
  };
}

function checked(request: SiteRequest): Site {
  const site = guardSite(request);
  if ('code' in site) throw new Error(`${site.field}: ${site.code}`);
  return site;
}

/** A TLS connection of somebody with a certificate, or without. */
export async function dialGuard(port: number, name: string, credential: Credential | null): Promise<TLSSocket> {
  const shown = credential === null ? {} : { cert: credential.cert, key: credential.key };
  const socket = connect({ port, host: '127.0.0.1', servername: name, rejectUnauthorized: false, ...shown });
  await once(socket, 'secureConnect');
  socket.on('error', () => socket.destroy());
  return socket;
}

/** A plain HTTP application. */
export async function startApplication(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  return listening(t, createHttpServer(answer));
}

/** A plain TCP application. */
export async function startBytes(t: TestContext, accept: (socket: Socket) => void) {
  return listening(t, createServer(accept));
}

async function listening<S extends Server>(t: TestContext, server: S) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, sockets };
}
