import { hash } from 'node:crypto';
import { type Fingerprint, type Instant, instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { X509Facts } from '../domain/certificate.ts';
import { hasServed, type Revocation } from '../domain/revocation.ts';
import type { Zone } from '../domain/zone.ts';
import { crlPem, writeCrl } from '../pki/crl.ts';
import { listedCas, type ListedCa } from './listed-cas.ts';
import type { ControlState } from './control-state.ts';
import { errorFields } from './log.ts';
import { listTimes, readList, type SignedList, writeList } from './revocation-list-rows.ts';
import { openSecret } from './secrets.ts';
import type { InTurn } from './turns.ts';

const HOUR = 3_600_000;
/** Servers refuse everybody once their list is past its end, so one that cannot be fetched anew must last a while. */
const VALID_FOR = 7 * 24 * HOUR;
/** For servers whose clocks run behind: they would refuse everybody over a list that is yet to come. */
const BACKDATED = HOUR;
/** Lists that are kept in memory; others are read from the store when somebody asks. */
const KEPT = 1000;

/** The lists of a zone's CAs, roots first, and all of them as the one file that servers want. */
export interface PublishedLists {
  readonly lists: readonly SignedList[];
  /** Roots whose keys are away and that have no list which counts: whoever checks the whole path refuses what is below. */
  readonly missing: readonly X509Facts[];
  readonly pem: string;
  readonly sha256: string;
}

interface ListParts {
  readonly state: ControlState;
  readonly inTurn: InTurn;
}

/** A list together with the revocations that it was held against, which are never changed but replaced. */
interface Kept {
  readonly list: SignedList;
  readonly covers: ReadonlyMap<string, Revocation>;
}

const NONE: ReadonlyMap<string, Revocation> = new Map();

/**
 * The revocation lists of all CAs: one for each (RFC 5280 §5). A list is signed when somebody asks and the present one
 * lacks something or has less than half of its time left; until then it is given out as it is, without a signature.
 */
export class RevocationLists {
  readonly #state: ControlState;
  readonly #inTurn: InTurn;
  readonly #kept = new Map<Fingerprint, Kept>();
  readonly #joined = new Map<string, PublishedLists>();

  constructor({ state, inTurn }: ListParts) {
    this.#state = state;
    this.#inTurn = inTurn;
  }

  /** The lists of a zone, or of the authority that all zones share for `null`. */
  async of(zone: Zone | null): Promise<PublishedLists | Problem> {
    const lists: SignedList[] = [];
    const missing: X509Facts[] = [];
    for (const ca of listedCas(this.#state.installation, zone)) {
      const list = await this.#list(ca, zone);
      // The lists of the others must not fail with one that nobody here can sign.
      if ('code' in list && list.code === 'root_key_away') missing.push(ca.certificate);
      else if ('code' in list) return list;
      else lists.push(list);
    }
    return this.#join(zone?.id ?? '', lists, missing);
  }

  /** The list of one CA of a zone; `null` where the zone has no such CA. */
  async one(zone: Zone | null, issuer: Fingerprint): Promise<SignedList | Problem | null> {
    const ca = listedCas(this.#state.installation, zone).find(({ certificate }) => certificate.fingerprint === issuer);
    return ca === undefined ? null : this.#list(ca, zone);
  }

  /** Signs the list of a zone's root for the time until its next ceremony, while its key is here. */
  signAhead(zone: Zone, until: Instant): Promise<SignedList | Problem> {
    const { fingerprint } = zone.authority.root;
    const ca = listedCas(this.#state.installation, zone).find(
      ({ certificate }) => certificate.fingerprint === fingerprint,
    );
    if (ca === undefined) throw new TypeError('a root publishes a list');
    return this.#inTurn(() => this.#renewed(ca, zone, until));
  }

  /** When the newest list of a CA ends; `null` where it has none. */
  async until(issuer: Fingerprint): Promise<Instant | null> {
    const kept = this.#kept.get(issuer)?.list;
    if (kept !== undefined) return kept.nextUpdate;
    const { store } = this.#state;
    return this.#inTurn(async () =>
      this.#state.closed ? null : ((await readList(store, issuer))?.nextUpdate ?? null),
    );
  }

  /**
   * Signs lists anew whose time comes, so that nobody has to wait for that; and lets go of revocations that have served.
   * Looks at no list that needs nothing.
   */
  async round(forget: (zone: Zone, keys: readonly string[]) => Promise<unknown>): Promise<void> {
    const { store, zones, clock, log } = this.#state;
    try {
      const times = await this.#inTurn(async () => (this.#state.closed ? [] : listTimes(store)));
      const due = new Set(times.filter((list) => isDue(list, clock())).map(({ zone }) => zone));
      if (due.has(null)) await this.of(null);
      for (const zone of zones.index.all()) {
        const ended = [...zone.revocations].filter(([, { notAfter }]) => notAfter < clock());
        if (ended.length === 0 && !due.has(zone.id)) continue;
        const published = await this.of(zone);
        const keys = 'code' in published ? [] : served(ended, published);
        if (keys.length > 0) await forget(zone, keys);
      }
    } catch (error) {
      log('revocation_round_failed', errorFields(error));
    }
  }

  async #list(ca: ListedCa, zone: Zone | null): Promise<SignedList | Problem> {
    const kept = this.#kept.get(ca.certificate.fingerprint);
    const { clock } = this.#state;
    const current = kept?.covers === (zone?.revocations ?? NONE) && !isDue(kept.list, clock(), ca);
    // In turn: two who ask at once wait for one signature, and numbers grow in one order.
    return current ? kept.list : this.#inTurn(() => this.#renewed(ca, zone));
  }

  async #renewed(ca: ListedCa, asked: Zone | null, until?: Instant): Promise<SignedList | Problem> {
    const state = this.#state;
    if (state.closed) return problem('list_unavailable', 'the control plane is ending');
    // As the zone is now: somebody may have revoked something while this waited.
    const zone = asked === null ? null : state.zones.index.get(asked.id);
    if (zone === undefined) return problem('zone_not_found');
    const { fingerprint } = ca.certificate;
    const covers = zone?.revocations ?? NONE;
    const now = state.clock();
    const revoked = [...covers.values()].filter(({ issuer }) => issuer === fingerprint);
    const entries = digest(revoked);
    const present = this.#kept.get(fingerprint)?.list ?? (await readList(state.store, fingerprint));
    const holdsAll = present?.entries === entries;
    if (until === undefined && present !== null && holdsAll && !isDue(present, now, ca)) {
      return this.#keep(present, covers);
    }
    if (ca.isAway) return this.#unsigned(ca, present, now);
    try {
      const ends = until ?? instant(now + VALID_FOR);
      const signed = await this.#sign(ca, { revoked, entries, now, until: ends, after: present?.number ?? 0 });
      await writeList(state.store, zone?.id ?? null, signed);
      return this.#keep(signed, covers);
    } catch (error) {
      state.log('revocation_list_failed', { zone: zone?.id ?? null, issuer: fingerprint, ...errorFields(error) });
      // One that says everything serves on while it counts: better than none.
      if (present !== null && holdsAll && now < present.nextUpdate) return present;
      return problem('list_unavailable', ca.certificate.subject);
    }
  }

  /** The list that a root signed ahead, also where it lacks what was revoked since: that is better than none. */
  #unsigned({ certificate }: ListedCa, present: SignedList | null, now: Instant): SignedList | Problem {
    if (present !== null && now < present.nextUpdate) return present;
    return problem('root_key_away', `${certificate.subject} has to sign a revocation list`);
  }

  async #sign(ca: ListedCa, { revoked, entries, now, until, after }: Wanted): Promise<SignedList> {
    const { store, vault } = this.#state;
    const key = await openSecret(store, vault, ca.purpose, ca.key);
    const number = nextNumber(after, now);
    const thisUpdate = wholeSeconds(now - BACKDATED);
    const nextUpdate = wholeSeconds(until);
    const der = writeCrl({ certificate: ca.certificate, key, chain: [] }, { number, thisUpdate, nextUpdate, revoked });
    return { issuer: ca.certificate.fingerprint, number, thisUpdate, nextUpdate, entries, der };
  }

  #keep(list: SignedList, covers: Kept['covers']): SignedList {
    this.#kept.delete(list.issuer);
    this.#kept.set(list.issuer, { list, covers });
    dropOldest(this.#kept);
    return list;
  }

  #join(zone: string, lists: readonly SignedList[], missing: readonly X509Facts[]): PublishedLists {
    const known = this.#joined.get(zone);
    if (known?.missing.length === missing.length && known.lists.every((list, index) => list === lists[index])) {
      return known;
    }
    const said = missing.map(({ subject }) => `# No list of ${subject}: the key of this root is not here.\n`);
    const pem = [...said, ...lists.map(({ der }) => crlPem(der))].join('');
    const joined = { lists, missing, pem, sha256: hash('sha256', pem) };
    this.#joined.set(zone, joined);
    dropOldest(this.#joined);
    return joined;
  }
}

/** The keys of revocations that are on the present list and have served. */
function served(ended: readonly (readonly [string, Revocation])[], { lists }: PublishedLists): readonly string[] {
  const times = new Map(lists.map(({ issuer, thisUpdate }) => [issuer, thisUpdate]));
  return ended
    .filter(([, one]) => {
      const listed = times.get(one.issuer);
      // Of a CA that is gone nobody checks a list any more.
      return listed === undefined || hasServed(one, listed);
    })
    .map(([key]) => key);
}

interface Wanted {
  readonly revoked: readonly Revocation[];
  readonly entries: string;
  readonly now: Instant;
  readonly until: Instant;
  /** The number of the list before. */
  readonly after: number;
}

/**
 * Whether a list should be followed by another: half of its time is over, or it begins later than now, because the clock
 * was ahead when it was signed.
 */
function isDue(
  { thisUpdate, nextUpdate }: Pick<SignedList, 'thisUpdate' | 'nextUpdate'>,
  now: Instant,
  { isAway }: Pick<ListedCa, 'isAway'> = { isAway: false },
): boolean {
  // What was signed ahead is used up: nobody could sign another.
  if (isAway) return now >= nextUpdate;
  return now >= thisUpdate + (nextUpdate - thisUpdate) / 2 || now < thisUpdate;
}

/**
 * RFC 5280 §5.2.3: it grows with each list. It also is no less than the time in seconds, so that it goes on growing when
 * an older backup is restored that knows nothing of the newest lists.
 */
function nextNumber(after: number, now: Instant): number {
  return Math.max(after + 1, Math.floor(now / 1000));
}

function wholeSeconds(milliseconds: number): Instant {
  return instant(Math.floor(milliseconds / 1000) * 1000);
}

function digest(revoked: readonly Revocation[]): string {
  return hash('sha256', revoked.map(({ serial, at, reason }) => `${serial} ${at} ${reason}`).join('\n'));
}

function dropOldest(map: Map<unknown, unknown>): void {
  const oldest = map.size > KEPT ? map.keys().next() : undefined;
  if (oldest?.done === false) map.delete(oldest.value);
}
