import { randomBytes } from 'node:crypto';
import type { ZoneId } from '../domain/ids.ts';
import { shownHere } from '../origin/watch/shown-here.ts';
import type { CallerReport } from '../wire/callers.ts';
import type { LookAt, ToldInReport } from '../wire/told-certificates.ts';

/** Milliseconds between looks: a handshake with the own server for each name and address. */
const EVERY = 60_000;

/** What this machine tells of its own certificates beside who comes: only where it is asked, and now and then. */
export class OwnCertificates {
  readonly #zone: ZoneId;
  #places: readonly LookAt[] = [];
  #next = 0;

  constructor(zone: ZoneId) {
    this.#zone = zone;
  }

  /** Hears where the edge asks. Another place than before is looked at as soon as possible. */
  asked(places: readonly LookAt[]): void {
    if (JSON.stringify(places) !== JSON.stringify(this.#places)) this.#next = 0;
    this.#places = places;
  }

  /** What is to be told now; `null` where nothing is. */
  async due(): Promise<readonly ToldInReport[] | null> {
    const now = performance.now();
    if (this.#places.length === 0 || now < this.#next) return null;
    this.#next = now + EVERY;
    return shownHere(this.#places, this.#zone);
  }
}

/** A report of that alone, beside one that was taken. */
export function certificatesReport(
  { host, lock, hostnames }: CallerReport,
  certificates: readonly ToldInReport[],
): CallerReport {
  return { host, lock, batch: randomBytes(16).toString('hex'), hostnames, counts: [], certificates };
}
