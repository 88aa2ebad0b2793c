import type { AddressInfo, Server } from 'node:net';

/** An address to listen on; port 0 takes a free one. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

// A burst of visitors waits in the kernel, not in front of a closed door.
const BACKLOG = 1_024;

/** Binds a server; resolves with the real port, rejects with the system's error and the scheme it was for. */
export async function bind(server: Server, wanted: HostPort, scheme: 'https' | 'http'): Promise<HostPort> {
  try {
    await listenAnyFamily(wanted, (at) => listen(server, at));
  } catch (error) {
    throw Object.assign(error instanceof Error ? error : new Error(String(error)), { scheme });
  }
  const { port } = server.address() as AddressInfo;
  return { host: wanted.host, port };
}

/** Listens where it is wanted. "All addresses" are those of IPv4 where the system has no IPv6. */
export async function listenAnyFamily(wanted: HostPort, listenAt: (at: HostPort) => Promise<unknown>): Promise<void> {
  try {
    await listenAt(wanted);
  } catch (error) {
    if (wanted.host !== '::' || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    await listenAt({ ...wanted, host: '0.0.0.0' });
  }
}

function listen(server: Server, { host, port }: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
