import { type Knocked, knock } from './knock.ts';
import type { Observation } from './observation.ts';
import type { Probe } from './probe.ts';
import type { Target } from './target.ts';

/** How an examination goes about it. */
export interface ExamineOptions {
  readonly targets: readonly Target[];
  readonly path: string;
  /** Milliseconds that one probe may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Looks at every target in every way, and reports each look when it is over. */
export async function* examine({ targets, path, timeout }: ExamineOptions): AsyncGenerator<Observation> {
  for (const target of targets) {
    for (const tls of target.door === 'http' ? [null] : (['TLSv1.2', 'TLSv1.3'] as const)) {
      const probe: Probe = {
        target,
        credential: 'none',
        tls,
        protocol: 'http/1.1',
        sni: 'locked',
        host: 'locked',
        otherName: null,
        spelling: 'plain',
        resumes: null,
        forges: null,
        path,
        turn: 0,
      };
      const { saw, handshake } = await looked(probe, timeout);
      yield { probe, saw, handshake, at: Date.now() };
    }
  }
}

function looked({ target, tls, path }: Probe, timeout: number): Promise<Knocked> {
  const { host, address, port } = target;
  return knock({
    address,
    port,
    serverName: host,
    host,
    ...(tls === null ? { plain: true } : { tlsVersion: tls, listens: true }),
    path,
    credential: null,
    headers: ['User-Agent: Postern-Doctor'],
    timeout,
  });
}
