import type { CertificateId, Hostname, ZoneId } from '../domain/ids.ts';
import type { PullPlan } from '../domain/plan.ts';
import { type OriginName, originKey, type PullCount } from '../domain/proof.ts';
import type { Door } from '../pull/door.ts';
import type { Tally } from '../pull/forward.ts';

/**
 * What a way says of its origin, and of what that is shown. The hostname is the plan's: below a wildcard visitors invent
 * names. The server name is the record's: a door names the visitor's hostname too.
 */
interface CountedWay {
  readonly pool: { readonly door: Pick<Door, 'address' | 'port' | 'tls'> };
  readonly called: Pick<OriginName, 'serverName' | 'hostHeader'>;
}

/** Counts the pulls of zones that are watched. */
export interface PullWatch {
  /** Who counts pulls of this plan; `null` where nobody does, as nearly always. */
  readonly tally: (plan: PullPlan) => Tally<CountedWay> | null;
  /** From now on tells how pulls of a zone go that show one of these certificates; none ends it. */
  readonly watch: (zone: ZoneId, certificates: readonly CertificateId[], told: Told) => void;
  /** Watches nothing any more. */
  readonly forget: () => void;
}

type Told = (counts: readonly PullCount[]) => void;

const TELL_AFTER = 1_000;
/** Origins and certificates in one report; what is pulled beyond them in the same second is not counted. */
const MOST_COUNTS = 1_000;

/** A watch over no zone. */
export function createPullWatch(): PullWatch {
  const zones = new Map<ZoneId, ZoneWatch>();
  return {
    tally: (plan) => {
      if (zones.size === 0 || plan.kind !== 'present') return null;
      return zones.get(plan.zone)?.tally(plan.hostname) ?? null;
    },
    watch: (zone, certificates, told) => {
      zones.get(zone)?.end();
      if (certificates.length === 0) zones.delete(zone);
      else zones.set(zone, new ZoneWatch(certificates, told));
    },
    forget: () => {
      for (const watched of zones.values()) watched.drop();
      zones.clear();
    },
  };
}

interface Counted {
  readonly origin: OriginName;
  readonly certificate: CertificateId;
  answered: number;
  refused: number;
}

/** A zone that is watched. Counts are kept until they are told, a second after the first of them. */
class ZoneWatch {
  readonly #certificates: ReadonlySet<CertificateId>;
  readonly #told: Told;
  readonly #counts = new Map<string, Counted>();
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(certificates: readonly CertificateId[], told: Told) {
    this.#certificates = new Set(certificates);
    this.#told = told;
  }

  tally(hostname: Hostname): Tally<CountedWay> {
    const count = ({ pool, called }: CountedWay, what: 'answered' | 'refused'): void => {
      const { address, port, tls } = pool.door;
      const { serverName, hostHeader } = called;
      const shown = tls?.identity?.certificate;
      if (shown === undefined || !this.#certificates.has(shown)) return;
      const found = this.#at({ hostname, address, port, serverName, hostHeader }, shown);
      if (found !== null) found[what]++;
    };
    return { answered: (way) => count(way, 'answered'), refused: (way) => count(way, 'refused') };
  }

  /** Tells what is left; what ends later is not counted. */
  end(): void {
    this.#tell();
    this.drop();
  }

  drop(): void {
    this.#ended = true;
    this.#counts.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #at(origin: OriginName, certificate: CertificateId): Counted | null {
    if (this.#ended) return null;
    const key = `${originKey(origin)} ${certificate}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    if (this.#counts.size >= MOST_COUNTS) return null;
    const counted = { origin, certificate, answered: 0, refused: 0 };
    this.#counts.set(key, counted);
    this.#timer ??= setTimeout(() => this.#tell(), TELL_AFTER).unref();
    return counted;
  }

  #tell(): void {
    this.#timer = null;
    if (this.#counts.size === 0) return;
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    this.#told(counts);
  }
}
