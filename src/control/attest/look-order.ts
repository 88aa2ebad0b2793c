import type { AttestedOrigin } from '../../domain/attestation.ts';
import type { AccountId, Instant, ZoneId } from '../../domain/ids.ts';
import { originKey } from '../../domain/proof.ts';

/** An origin that is looked at again and again. */
export interface Attestee extends AttestedOrigin {
  readonly zone: ZoneId;
  readonly account: AccountId;
}

/** The zone and the origin of an attestee as one word. */
export function attesteeKey({ zone, origin }: Pick<Attestee, 'zone' | 'origin'>): string {
  return `${zone} ${originKey(origin)}`;
}

/** What of one account stands in line. */
class AccountLine {
  /** Who is hurried, in the order in which that was said. */
  readonly hurried = new Set<string>();
  /** The longest not seen first: a map keeps its entries in the order of the looks. */
  readonly inOrder = new Map<string, { readonly attestee: Attestee; readonly seen: Instant | null }>();
  /** How many are being looked at. */
  underWay = 0;
}

/** How looks of one extent are shared out. */
interface LookShares {
  /** Time between two looks, in milliseconds. */
  readonly every: number;
  /** Looks of one account that may be under way: what it has hanging leaves room for others. */
  readonly ofOneAccount: number;
}

/**
 * Whose turn it is for looks of one extent: the accounts in turn, and of each who is hurried, then whoever was not seen for
 * longest. An answer costs the same, however many origins an account has.
 */
export class LookOrder {
  readonly #shares: LookShares;
  /** In the order in which it is their turn. */
  readonly #lines = new Map<AccountId, AccountLine>();
  readonly #accounts = new Map<string, AccountId>();
  /** Who is being looked at, by looks of any extent. */
  readonly #busy: Set<string>;

  /** Orders that share `busy` never look at one at the same time. */
  constructor(shares: LookShares, busy = new Set<string>()) {
    this.#shares = shares;
    this.#busy = busy;
  }

  get size(): number {
    return this.#accounts.size;
  }

  has(key: string): boolean {
    return this.#accounts.has(key);
  }

  /** Puts several in, or in place of what they were: in the order of the looks that are known, whatever zones they lie in. */
  join(several: readonly { readonly attestee: Attestee; readonly seen: Instant | null }[]): void {
    const inOrder = several.toSorted((a, b) => (a.seen ?? 0) - (b.seen ?? 0));
    for (const { attestee, seen } of inOrder) this.#put(attestee, seen);
  }

  #put(attestee: Attestee, seen: Instant | null): void {
    const key = attesteeKey(attestee);
    const line = this.#lines.get(attestee.account) ?? new AccountLine();
    this.#lines.set(attestee.account, line);
    this.#accounts.set(key, attestee.account);
    line.inOrder.set(key, { attestee, seen: line.inOrder.get(key)?.seen ?? seen });
    if (seen === null) line.hurried.add(key);
  }

  /** It comes before all of its account that are not hurried, once. */
  hurry(key: string): void {
    this.#lineOf(key)?.hurried.add(key);
  }

  drop(key: string): void {
    const line = this.#lineOf(key);
    line?.inOrder.delete(key);
    line?.hurried.delete(key);
    const account = this.#accounts.get(key);
    this.#accounts.delete(key);
    if (account !== undefined) this.#tidy(account);
  }

  #tidy(account: AccountId): void {
    const line = this.#lines.get(account);
    if (line?.underWay === 0 && line.inOrder.size === 0) this.#lines.delete(account);
  }

  /** The next one whose time has come, or null. It is not answered again before `done`. */
  take(now: Instant): Attestee | null {
    for (const [account, line] of this.#lines) {
      if (line.underWay >= this.#shares.ofOneAccount) continue;
      const key = this.#next(line, now);
      const found = key === null ? undefined : line.inOrder.get(key);
      if (key === null || found === undefined) continue;
      line.hurried.delete(key);
      line.underWay += 1;
      this.#busy.add(key);
      // Whose turn it was comes last again.
      this.#lines.delete(account);
      this.#lines.set(account, line);
      return found.attestee;
    }
    return null;
  }

  /** The look is over; it comes to the end of the line. `seen` is null where nothing came of it. */
  done(attestee: Attestee, seen: Instant | null): void {
    const key = attesteeKey(attestee);
    this.#busy.delete(key);
    this.seen(key, seen);
    const line = this.#lines.get(attestee.account);
    if (line === undefined) return;
    line.underWay -= 1;
    this.#tidy(attestee.account);
  }

  /** It was seen in a look of another extent that tells as much. */
  seen(key: string, at: Instant | null): void {
    const line = this.#lineOf(key);
    const found = line?.inOrder.get(key);
    if (line === undefined || found === undefined) return;
    line.inOrder.delete(key);
    line.inOrder.set(key, { ...found, seen: at ?? found.seen });
  }

  #lineOf(key: string): AccountLine | undefined {
    const account = this.#accounts.get(key);
    return account === undefined ? undefined : this.#lines.get(account);
  }

  #next({ hurried, inOrder }: AccountLine, now: Instant): string | null {
    for (const key of hurried) if (!this.#busy.has(key)) return key;
    for (const [key, { seen }] of inOrder) {
      if (this.#busy.has(key)) continue;
      return isDue(seen, now, this.#shares.every) ? key : null;
    }
    return null;
  }
}

// Later than now: the clock was ahead when it was looked at.
function isDue(seen: Instant | null, now: Instant, every: number): boolean {
  return seen === null || seen > now || now - seen >= every;
}
