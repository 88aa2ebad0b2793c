import type { PullFailureCode } from './failure.ts';

/**
 * How one door has fared lately. Each door has its own, by its whole key: what one zone or identity meets at an address
 * says nothing about another's. Times on the pool's clock.
 */
export type Health =
  | { readonly kind: 'good'; readonly failures: number }
  /** Others go first until then. */
  | { readonly kind: 'ejected'; readonly times: number; readonly until: number }
  /** One request tries it; if nothing has come of that until then, another may. */
  | { readonly kind: 'trial'; readonly times: number; readonly until: number };

export const GOOD: Health = { kind: 'good', failures: 0 };

const EJECT_AFTER = 3;
const FIRST_EJECTION = 5_000;
const LONGEST_EJECTION = 300_000;
const TRIAL = 15_000;

// What a connection can meet before the origin has read a request. Visitors must not be able to bring it about: a
// connection that ends after a request was sent is no sign, since the request may have been the cause.
const COUNTED: ReadonlySet<PullFailureCode> = new Set([
  'name_unresolved',
  'connection_refused',
  'connect_timeout',
  'unreachable',
  'handshake_failed',
  'handshake_timeout',
  'identity_refused',
  'origin_not_verified',
]);

/** Whether a failure counts against the door it happened at. */
export function counts(code: PullFailureCode): boolean {
  return COUNTED.has(code);
}

/** After a failure that counts. `spared` tells that no other door of the name is good: the last one is not ejected. */
export function afterFailure(health: Health, now: number, spared: () => boolean): Health {
  switch (health.kind) {
    case 'good': {
      const failures = health.failures + 1;
      return failures < EJECT_AFTER || spared() ? { kind: 'good', failures } : ejected(1, now);
    }
    case 'trial':
      return ejected(health.times + 1, now);
    case 'ejected':
      // Attempts that were under way when it was ejected tell nothing new.
      return health;
  }
}

/** Whether a request may go here before all others. For what was ejected that is a trial, which `afterAsking` begins. */
export function mayLead(health: Health, now: number): boolean {
  return health.kind === 'good' || now >= health.until;
}

/** After a request was sent here first. */
export function afterAsking(health: Health, now: number): Health {
  return health.kind === 'good' ? health : { kind: 'trial', times: health.times, until: now + TRIAL };
}

function ejected(times: number, now: number): Health {
  return { kind: 'ejected', times, until: now + Math.min(FIRST_EJECTION * 2 ** (times - 1), LONGEST_EJECTION) };
}
