import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type ZoneId, zoneId } from '../domain/ids.ts';
import { shownHere } from '../origin/watch/shown-here.ts';
import type { CallerReport } from '../wire/callers.ts';
import { LOOK_AT, type LookAt, MOST_LOOKED_AT, type ToldInReport } from '../wire/told-certificates.ts';

/** Milliseconds between looks: a handshake with the own server for each name and address. */
const EVERY = 60_000;
/** The same where the places changed. */
const AT_LEAST = 10_000;

const LOOK_ATS = z.array(LOOK_AT).max(MOST_LOOKED_AT);

/** What this machine tells of its own certificates beside who comes: only where it is asked, and now and then. */
export class OwnCertificates {
  readonly #zone: ZoneId | null;
  #places: readonly LookAt[] = [];
  #next = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(zone: string) {
    this.#zone = zoneId(zone);
  }

  /**
   * Hears where the edge asks for a certificate of these names, as the API answered; one of before says nothing of it.
   * Another place than before is looked at soon, but not as often as somebody changes it.
   */
  asked(answered: unknown, names: readonly string[]): void {
    const read = LOOK_ATS.safeParse(answered);
    const places = read.success ? read.data.filter(({ hostname }) => names.includes(hostname)) : [];
    if (JSON.stringify(places) !== JSON.stringify(this.#places)) this.#next = this.#last + AT_LEAST;
    this.#places = places;
  }

  /** What is to be told now; `null` where nothing is. */
  async due(): Promise<readonly ToldInReport[] | null> {
    const now = performance.now();
    if (this.#zone === null || this.#places.length === 0 || now < this.#next) return null;
    this.#last = now;
    this.#next = now + EVERY;
    try {
      return await shownHere(this.#places, this.#zone);
    } catch {
      // Who comes is reported all the same.
      return null;
    }
  }
}

/** A report of that alone, beside one that was taken. */
export function certificatesReport(
  { host, lock, hostnames }: CallerReport,
  certificates: readonly ToldInReport[],
): CallerReport {
  return { host, lock, batch: randomBytes(16).toString('hex'), hostnames, counts: [], certificates };
}
