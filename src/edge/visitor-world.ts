import type { RefusalCode } from '../http1/refusals.ts';
import type { Visitor } from './responder.ts';

/** What a visitor's connection needs from its listener. */
export interface VisitorWorld {
  readonly scheme: 'http' | 'https';
  readonly serverName: string | null;
  readonly address: string;
  /** Version of TLS as Node names it; `null` over plain HTTP. */
  readonly tls: string | null;
  readonly nextId: () => string;
  readonly handle: (visitor: Visitor) => void;
  readonly refused: (code: RefusalCode | 'head_timeout', address: string, id: string) => void;
  readonly fault: (error: unknown, id: string) => void;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly limits: VisitorLimits;
}

/** How long a visitor may take, in milliseconds. */
export interface VisitorLimits {
  readonly headTimeout: number;
  readonly idleTimeout: number;
  readonly bodyTimeout: number;
  /** How long what still arrives is thrown away after the last answer, so that the visitor gets to read that answer. */
  readonly lingerTimeout: number;
}

export const DEFAULT_VISITOR_LIMITS: VisitorLimits = {
  headTimeout: 10_000,
  idleTimeout: 75_000,
  bodyTimeout: 60_000,
  lingerTimeout: 2_000,
};
