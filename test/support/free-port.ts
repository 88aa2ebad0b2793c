import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 10_000;
const TRIES = 1000;

/**
 * The first port that the kernel hands out by itself (ip(7), `ip_local_port_range`). A port above it may become
 * somebody's between the moment that it is found free and the one that a server listens on it: every connection of
 * every test running beside this one takes one of those.
 */
function firstEphemeral(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    return 32_768;
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    // A machine without IPv6 has nobody on its port either.
    return error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL';
  }
  server.close();
  await once(server, 'close');
  return true;
}

/**
 * A TCP port that nobody listens on right now. Another test may still take it before it is used: who starts a server
 * on it has to be ready to ask for another.
 */
async function freePort(): Promise<number> {
  const end = firstEphemeral();
  // Where the kernel hands out nearly everything, anything is as good.
  const beyond = end - LOWEST > TRIES ? end : 60_000;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(LOWEST, beyond);
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port;
  }
  throw new Error(`no free port in ${TRIES} tries between ${LOWEST} and ${beyond}`);
}

/** Several different free ports. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
