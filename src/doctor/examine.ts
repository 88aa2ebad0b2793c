import { createHash } from 'node:crypto';
import { knock, type Saw as Knocked } from './knock.ts';
import type { Observation, Saw } from './observation.ts';
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
        spelling: 'plain',
        resumes: null,
        forges: null,
        path,
        turn: 0,
        otherName: null,
      };
      yield { probe, saw: await looked(probe, timeout), handshake: null, at: Date.now() };
    }
  }
}

async function looked({ target, tls, path }: Probe, timeout: number): Promise<Saw> {
  const { host, address, port } = target;
  return seen(
    await knock({
      address,
      port,
      serverName: host,
      host,
      ...(tls === null ? { plain: true } : { tlsVersion: tls }),
      path,
      credential: null,
      headers: ['User-Agent: Postern-Doctor'],
      timeout,
    }),
  );
}

function seen(saw: Knocked): Saw {
  switch (saw.kind) {
    case 'answered': {
      const { status, body } = saw;
      const digest = createHash('sha256').update(body, 'latin1').digest('hex');
      const bare = {
        server: null,
        location: null,
        type: null,
        title: null,
        page: null,
        date: null,
        complete: true,
        http3: false,
      };
      return { kind: 'answered', answer: { ...bare, status, bytes: body.length, digest } };
    }
    case 'silent':
      return { kind: 'silent', stage: 'answer' };
    case 'unreachable':
      return { kind: 'unreachable', code: saw.detail };
    default:
      return saw;
  }
}
