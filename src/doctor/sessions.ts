import type { Earlier, Probe } from './probe.ts';

/** Sessions that a target gave, by how the connection was made. */
export class Sessions {
  readonly #kept = new Map<string, Buffer[]>();

  /** Keeps the first that came, for later. */
  keep(probe: Probe, sessions: readonly Buffer[]): void {
    if (probe.resumes !== null || probe.protocol !== 'http/1.1' || sessions.length === 0) return;
    const key = keyOf(probe.tls, probe);
    if (!this.#kept.has(key)) this.#kept.set(key, [...sessions]);
  }

  /** One for a probe that resumes. In TLS 1.3 each ticket is meant for one use (RFC 8446 §C.4); the last is used again. */
  take({ tls, resumes }: Probe): Buffer | null {
    const kept = resumes === null ? undefined : this.#kept.get(keyOf(tls, resumes));
    if (kept === undefined) return null;
    return (kept.length > 1 ? kept.shift() : kept[0]) ?? null;
  }
}

function keyOf(tls: Probe['tls'], { credential, sni, turn, otherName }: Earlier): string {
  return JSON.stringify([tls, credential, sni, turn, otherName]);
}
