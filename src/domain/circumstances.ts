import type { AccountId, Hostname, Instant, Revision, ZoneId } from './ids.ts';

/** What a rule may ask about the world outside the zone. */
export interface Circumstances {
  readonly now: Instant;
  /** The revision that this change will have. */
  readonly revision: Revision;
  /** The newest revision that every edge has in force. */
  readonly applied: Revision;
  /** The zone that a name lies in, if any: its own or the nearest above. */
  readonly holder: (name: Hostname) => Holder | null;
  /** Zones below a name, of any account. */
  readonly below: (name: Hostname) => readonly Holder[];
}

/** What a rule may know of another zone. */
export interface Holder {
  readonly zone: ZoneId;
  readonly name: Hostname;
  readonly account: AccountId;
  readonly globalPull: boolean;
}
