/** How long the far end of a server's connection may take, in milliseconds, and how slow it may be. */
export interface ServerLimits {
  readonly headTimeout: number;
  readonly idleTimeout: number;
  readonly bodyTimeout: number;
  /** How long it may leave what it is sent unread. */
  readonly unreadTimeout: number;
  /** How long a body may take before the rate below counts, in milliseconds. */
  readonly bodyGrace: number;
  /** Bytes per second that a body must come with, all in all. */
  readonly minBodyRate: number;
  /** How long nothing may move on a connection that has changed to another protocol. */
  readonly tunnelTimeout: number;
  /** How long what still arrives is thrown away after the last answer, so that the far end gets to read that answer. */
  readonly lingerTimeout: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  headTimeout: 10_000,
  idleTimeout: 75_000,
  bodyTimeout: 60_000,
  unreadTimeout: 60_000,
  bodyGrace: 60_000,
  minBodyRate: 256,
  tunnelTimeout: 300_000,
  lingerTimeout: 2_000,
};
