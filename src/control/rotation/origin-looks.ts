import type { CertificateId, Instant, ZoneId } from '../../domain/ids.ts';
import { type Evidence, originKey, type OriginSights, type ProofTask, type PullCount } from '../../domain/proof.ts';
import type { OriginFact, Rotation } from '../../domain/rotation.ts';
import type { Seen } from '../../domain/rotated-origins.ts';

/** What edges can be asked about origins. */
export interface OriginWatch {
  /** The edges that serve, by name. */
  readonly serving: () => readonly string[];
  /** Has each of them look at these origins. Those that do not answer within so many milliseconds are `silent`. */
  readonly prove: (
    zone: ZoneId,
    tasks: readonly ProofTask[],
    within: number,
  ) => Promise<ReadonlyMap<string, readonly OriginSights[] | 'silent'>>;
  /** Has them count the pulls that show one of these certificates; none ends it. */
  readonly watch: (zone: ZoneId, certificates: readonly CertificateId[]) => void;
  /** What they counted since it was asked last. */
  readonly takeCounts: (zone: ZoneId) => readonly PullCount[];
}

/** Origins that are looked at in one go: three handshakes each, for each edge. Few, so that those that hang hold up few. */
const AT_ONCE = 64;
/** How long edges may take, in milliseconds: one that hangs costs three times five seconds, and edges look at 16 at a time. */
const WITHIN = 180_000;
const SOONEST = 1_000;
const LATEST = 60_000;

/** What is known of the origins of one rotation. Begins anew with each start of the program: they are looked at again. */
export class OriginLooks {
  readonly #watch: OriginWatch;
  readonly #zone: ZoneId;
  readonly #latest = new Map<string, Evidence>();
  readonly #looked = new Map<string, number>();
  readonly #pulls = new Map<string, { since: Instant; answered: number; refused: number }>();
  #watched = '';
  #pause = SOONEST;
  #next = 0;

  constructor(watch: OriginWatch, zone: ZoneId) {
    this.#watch = watch;
    this.#zone = zone;
  }

  /** The newest evidence of each origin. */
  get latest(): ReadonlyMap<string, Evidence> {
    return this.#latest;
  }

  /** Something was decided: what follows from it is looked at without delay. */
  moved(): void {
    this.#pause = SOONEST;
    this.#next = 0;
  }

  /** Whether it is time to look again. `clock` in monotonic milliseconds. */
  due(clock: number): boolean {
    return clock >= this.#next;
  }

  /** Looks at the origins that have waited the longest. The pause until the next look grows, up to `longest`. */
  async look(tasks: readonly ProofTask[], clock: number, now: Instant, longest: number): Promise<Seen['fresh']> {
    this.#next = clock + Math.min(this.#pause, longest);
    this.#pause = Math.min(2 * this.#pause, LATEST);
    const chosen = tasks
      .map((task) => ({ task, since: this.#looked.get(originKey(task)) ?? Number.NEGATIVE_INFINITY }))
      .toSorted((a, b) => a.since - b.since)
      .slice(0, AT_ONCE)
      .map(({ task }) => task);
    if (chosen.length === 0) return new Map();
    const answers = await this.#watch.prove(this.#zone, chosen, WITHIN);
    const fresh = new Map(chosen.map((task, index) => [originKey(task), evidenceAt(index, answers, now)] as const));
    for (const [key, evidence] of fresh) {
      this.#latest.set(key, evidence);
      this.#looked.set(key, clock);
    }
    return fresh;
  }

  /** Pulls of each origin that showed the new certificate, since it was switched. */
  pulls({ standings, successions }: Rotation): ReadonlyMap<string, OriginFact['pulls']> {
    const coming = successions.map(({ to }) => to);
    this.watch(coming);
    const counts = this.#watch.takeCounts(this.#zone);
    for (const [key, standing] of standings) {
      const known = this.#pulls.get(key);
      if (standing.kind === 'switched' && known?.since !== standing.at) {
        this.#pulls.set(key, { since: standing.at, answered: 0, refused: 0 });
      }
    }
    for (const { origin, certificate, answered, refused } of counts) {
      const known = this.#pulls.get(originKey(origin));
      if (known === undefined || !coming.includes(certificate)) continue;
      known.answered += answered;
      known.refused += refused;
    }
    return this.#pulls;
  }

  /** Has edges count pulls with these certificates; asked again for the same ones it does nothing. */
  watch(certificates: readonly CertificateId[]): void {
    const wanted = certificates.join(' ');
    if (wanted === this.#watched) return;
    this.#watched = wanted;
    this.#watch.watch(this.#zone, certificates);
  }
}

function evidenceAt(
  index: number,
  answers: ReadonlyMap<string, readonly OriginSights[] | 'silent'>,
  at: Instant,
): Evidence {
  const edges = [...answers].flatMap(([edge, answer]) => {
    const seen = answer === 'silent' ? undefined : answer[index];
    return seen === undefined ? [] : [{ edge, seen }];
  });
  return { at, edges };
}
