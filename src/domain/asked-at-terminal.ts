import type { Hostname, Instant } from './ids.ts';

/** A command at an origin that watches, and can ask the person at its terminal whether it shall enforce. */
export interface Terminal {
  /** Name of the machine, and of the lock on it. */
  readonly host: string;
  readonly lock: string;
  readonly hostnames: readonly Hostname[];
  readonly state: 'ready' | 'asking' | 'enforced';
  /** Since when this very command is heard of, and when it was last. */
  readonly since: Instant;
  readonly at: Instant;
}

/** What a set-up has to do with it. */
export interface AskedSetup {
  readonly hostname: Hostname;
  /** Other names that are locked with it. */
  readonly others: readonly Hostname[];
  /** Since when its configuration is what it is. */
  readonly configured: Instant;
  /** When it was decided that strangers are refused; `null` while it is not. */
  readonly decided: Instant | null;
}

/** A command that was not heard of for so long has ended, if it did not say so itself. */
export const HEARD_FOR = 15_000;

/** Whoever was not asked so long after the decision is not asked any more: who decided is gone. */
const ASKED_FOR = 15 * 60_000;

/** The command that asks, would ask or has asked whether the lock of a set-up shall enforce; `null` where none does. */
export function terminalOf(setup: AskedSetup, terminals: readonly Terminal[], now: Instant): Terminal | null {
  return terminals.find((one) => isHeard(one, setup, now) && isFor(one, setup, now)) ?? null;
}

/** When it was decided that the lock of a command shall enforce; `null` where the command has nobody to ask. */
export function askedOn(terminal: Terminal, setups: readonly AskedSetup[], now: Instant): Instant | null {
  return setups.find((one) => one.decided !== null && isFor(terminal, one, now))?.decided ?? null;
}

// What has carried out a decision says nothing of another one.
function isHeard({ state, at }: Terminal, { decided }: AskedSetup, now: Instant): boolean {
  return state === 'enforced' ? decided !== null && at >= decided : now - at <= HEARD_FOR;
}

// One that began before the configuration is of another; one that began after the decision was told to watch by somebody
// who knew of it. A lock that has more names is another one: nobody decided of those.
function isFor({ hostnames, since }: Terminal, { hostname, others, configured, decided }: AskedSetup, now: Instant) {
  const names = new Set([hostname, ...others]);
  const isSame =
    names.size === new Set(hostnames).size && hostnames.every((name) => names.has(name)) && since >= configured;
  return isSame && (decided === null || (since <= decided && now - decided <= ASKED_FOR));
}
