import type { OriginConnection } from './connection.ts';
import type { Http2Connection } from './http2-connection.ts';
import type { Lane } from './lane.ts';
import type { PoolLimits } from './pool-limits.ts';

export type Connection = OriginConnection | Http2Connection;

/** The open connections of a pool that take another request: idle ones, and those of HTTP/2 with or without streams. */
export class Shelf {
  readonly #limits: PoolLimits;
  readonly #idle: OriginConnection[] = [];
  readonly #shared: Http2Connection[] = [];
  /** When an HTTP/2 connection was lost last: those opened before may be lost as well. */
  #lostAt = Number.NEGATIVE_INFINITY;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /** How many have no request under way. */
  get idle(): number {
    return this.#idle.length + this.#unused().length;
  }

  /** The one that has been without a request for the longest. */
  get longestIdle(): Connection | null {
    const [first, ...rest] = [...this.#idle.slice(0, 1), ...this.#unused()];
    if (first === undefined) return null;
    return rest.reduce<Connection>((oldest, one) => (one.idleSince < oldest.idleSince ? one : oldest), first);
  }

  /** Whether an HTTP/2 connection is here of which nobody knows yet how many requests it takes. */
  get unsettled(): boolean {
    return this.#shared.some((connection) => !connection.settled);
  }

  /** A place for a request. `fresh` wants none that may have been lost with another. */
  take(now: number, fresh: boolean): Lane | null {
    if (!fresh) {
      // The most recently used first: the others then reach their idle limit and go.
      for (let found = this.#idle.pop(); found !== undefined; found = this.#idle.pop()) {
        if (!this.isOver(found, now)) return found;
        found.destroy();
      }
    }
    if (this.#shared.length === 0) return null;
    for (const connection of this.#shared.filter((one) => this.isOver(one, now))) this.#dismiss(connection);
    const fit = this.#shared.find(({ room, openedAt }) => room > 0 && (!fresh || openedAt > this.#lostAt));
    return fit?.lane() ?? null;
  }

  put(connection: Connection): void {
    if (connection.protocol === '1.1') this.#idle.push(connection);
    else if (!this.#shared.includes(connection)) this.#shared.push(connection);
  }

  /** Lends no more of a connection. */
  drop(connection: Connection): void {
    if (connection.protocol === '1.1') remove(this.#idle, connection);
    else remove(this.#shared, connection);
  }

  /** The connection has ended. */
  lost(connection: Connection, now: number): void {
    this.drop(connection);
    if (connection.protocol === '2') this.#lostAt = now;
  }

  /** Lets all go: what has requests under way ends with them. */
  clear(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.clearHttp2();
  }

  /** Lets go those of HTTP/2 only. */
  clearHttp2(): void {
    for (const connection of this.#shared.splice(0)) connection.leave();
  }

  /** Closes what has been idle for too long. */
  sweep(now: number): void {
    for (const connection of [...this.#idle, ...this.#shared]) {
      if (this.isOver(connection, now)) this.#dismiss(connection);
    }
  }

  /** Whether a connection takes no request any more. */
  isOver(connection: Connection, now: number): boolean {
    const { idleTimeout, maxRequests } = this.#limits;
    if (now >= connection.retireAt || connection.requests >= maxRequests || !connection.open) return true;
    if (connection.protocol === '1.1') return now - connection.idleSince >= Math.min(idleTimeout, connection.idleLimit);
    return connection.active === 0 && now - connection.idleSince >= idleTimeout;
  }

  #dismiss(connection: Connection): void {
    this.drop(connection);
    if (connection.protocol === '1.1') connection.destroy();
    else connection.leave();
  }

  #unused(): readonly Http2Connection[] {
    return this.#shared.length === 0 ? this.#shared : this.#shared.filter(({ active }) => active === 0);
  }
}

function remove<T>(list: T[], one: T): boolean {
  const at = list.indexOf(one);
  if (at !== -1) list.splice(at, 1);
  return at !== -1;
}
