/** Bounds of one pool. Times in milliseconds. */
export interface PoolLimits {
  readonly maxConnections: number;
  /** How many connections all pools of a zone together may have to one address and port. */
  readonly maxPerOrigin: number;
  readonly maxWaiting: number;
  /** How long a request may wait for a connection. */
  readonly waitTimeout: number;
  readonly openTimeout: number;
  readonly answerTimeout: number;
  readonly idleTimeout: number;
  /** How old a connection may be when it takes a request, give or take a tenth: they must not all end at once. */
  readonly maxAge: number;
  /** How many requests one connection may carry. */
  readonly maxRequests: number;
  /** How long a request that is under way when its identity ends may still take. */
  readonly drainTimeout: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = {
  maxConnections: 256,
  maxPerOrigin: 512,
  maxWaiting: 1_024,
  waitTimeout: 10_000,
  openTimeout: 10_000,
  answerTimeout: 120_000,
  idleTimeout: 55_000,
  maxAge: 3_600_000,
  maxRequests: Number.POSITIVE_INFINITY,
  drainTimeout: 30_000,
};
