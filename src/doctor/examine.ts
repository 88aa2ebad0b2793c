import { Turnstile } from '../pull/turnstile.ts';
import { AddressTurns } from './address-turns.ts';
import type { NotChecked } from './configuration.ts';
import { type Given, type Hand, NOTHING_GIVEN, now, readGiven } from './credentials.ts';
import { begin, type Knocked } from './knock.ts';
import { notTried, notTriedQuickly, untried } from './not-tried.ts';
import type { Observation } from './observation.ts';
import type { CredentialKind, Probe } from './probe.ts';
import { firstProbes, foundIn, furtherProbes, type Means, type Thoroughness } from './probing.ts';
import { knockFor, type Said } from './saying.ts';
import { Sessions } from './sessions.ts';
import type { Target } from './target.ts';
import { type Known, Wallet } from './wallet.ts';

/** How an examination goes about it. */
export interface ExamineOptions extends Partial<Said> {
  readonly targets: readonly Target[];
  /** What is asked for. */
  readonly path: string;
  /** Milliseconds that each of connecting, handshake and answer may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** What `readGiven` made of what was given; nothing where left out. */
  readonly hand?: Hand;
  /** Names of other sites on the same servers. */
  readonly otherNames?: readonly string[];
  /** `full` where left out. */
  readonly thoroughness?: Thoroughness;
  /** Milliseconds that the connections to one target may last together; `STAGES` of its time limits where left out. */
  readonly timeForTarget?: number;
  /** Told of each target once all its looks have been read: then nothing more will come of it. */
  readonly done?: (target: Target) => void;
}

/** Connections at a time, overall and to one address. */
export const CONNECTIONS = { atOnce: 64, toOneAddress: 8 } as const;
/** So many time limits may be spent at one target: who keeps each of them just so is not waited for again and again. */
const STAGES = 64;
/** Targets at a time: what is known of each is kept until it is done. */
const TARGETS_AT_ONCE = 32;
/** Of them so many at one address, which is enough to use all its connections. */
const TARGETS_AT_ONE_ADDRESS = 8;
/** Observations that wait for their reader. */
const MAX_WAITING = 1_024;

/**
 * Looks at every target in every way, and reports each look when it is over, in no order of targets. Returns what was not
 * tried, and why. An end of the signal, or of the reading, ends all connections.
 */
export async function* examine(options: ExamineOptions): AsyncGenerator<Observation, readonly NotChecked[], void> {
  const one = new Examination(options);
  try {
    yield* one.run();
    return one.notChecked;
  } finally {
    one.giveUp();
  }
}

/** The same for those who want it all at once. Each look is told as it comes. */
export async function examineAll(
  options: ExamineOptions,
  told: (one: Observation) => void = () => undefined,
): Promise<{ readonly observations: readonly Observation[]; readonly notChecked: readonly NotChecked[] }> {
  const observations: Observation[] = [];
  const looks = examine(options);
  for (;;) {
    const { done, value } = await looks.next();
    if (done === true) return { observations, notChecked: value };
    observations.push(value);
    told(value);
  }
}

class Examination {
  readonly notChecked: NotChecked[] = [];
  readonly #options: ExamineOptions;
  readonly #hand: Hand;
  readonly #said: Said;
  readonly #turnstile = new Turnstile<Target>({
    places: CONNECTIONS.atOnce,
    each: CONNECTIONS.toOneAddress,
    atTarget: CONNECTIONS.toOneAddress,
  });
  readonly #running = new Set<() => void>();
  /** What is to be told: looks, and targets that are done. */
  readonly #waiting: (Observation | Target)[] = [];
  /** Wakes the reader, or whoever waits for room. */
  #stir: (() => void)[] = [];
  #wallet: Promise<Wallet> | null = null;
  #over = false;
  /** Somebody answered, or is at least there. */
  #anybody = false;

  constructor(options: ExamineOptions) {
    this.#options = options;
    this.#hand = options.hand ?? emptyHand();
    this.#said = {
      agent: options.agent ?? 'Postern-Doctor',
      verifiedHeaders: options.verifiedHeaders ?? [],
      timeout: options.timeout,
    };
  }

  async *run(): AsyncGenerator<Observation, void, void> {
    const { signal, targets } = this.#options;
    const stop = (): void => this.giveUp();
    signal.addEventListener('abort', stop);
    try {
      const turns = new AddressTurns(targets, TARGETS_AT_ONE_ADDRESS);
      let working = 0;
      let failure: unknown = null;
      const begin = (): void => {
        while (working < TARGETS_AT_ONCE && !this.#isOver()) {
          const target = turns.take();
          if (target === null) return;
          working += 1;
          this.#lookAt(target)
            .catch((error: unknown) => {
              failure ??= error;
              this.giveUp();
            })
            .finally(() => {
              working -= 1;
              turns.done(target);
              begin();
              this.#awake();
            });
        }
      };
      begin();
      while (working > 0 || this.#waiting.length > 0) {
        const next = this.#waiting.shift();
        if (next === undefined) await this.#sleep();
        else {
          if (this.#waiting.length === MAX_WAITING - 1) this.#awake();
          if ('probe' in next) yield next;
          else this.#options.done?.(next);
        }
      }
      if (failure !== null) throw failure;
      // Where nobody answers anywhere, no certificate would have made a difference.
      if (this.#anybody) this.notChecked.unshift(...this.#notTried(await this.#freshWallet()));
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #notTried(wallet: Wallet): readonly NotChecked[] {
    const { otherNames = [], thoroughness } = this.#options;
    const count = (kind: CredentialKind) => wallet.count(kind);
    return thoroughness === 'quick' ? notTriedQuickly(count, this.#hand) : notTried(count, this.#hand, otherNames);
  }

  giveUp(): void {
    this.#over = true;
    for (const end of this.#running) end();
    this.#running.clear();
    this.#awake();
  }

  #isOver(): boolean {
    return this.#over || this.#options.signal.aborted;
  }

  async #lookAt(target: Target): Promise<void> {
    await this.#look(target);
    if (!this.#isOver()) this.#waiting.push(target);
  }

  async #look(target: Target): Promise<void> {
    const wallet = await this.#freshWallet();
    const { otherNames = [], path, thoroughness = 'full' } = this.#options;
    const means: Means = {
      count: (kind) => wallet.count(kind),
      otherNames: otherNames.filter((name) => name !== target.host),
      forges: this.#said.verifiedHeaders.length > 0,
      path,
      thoroughness,
    };
    const seen = new Visit(wallet, this.#options.timeForTarget ?? STAGES * this.#options.timeout);
    const first = await this.#all(firstProbes(target, means), seen);
    const found = foundIn(first);
    this.#anybody ||= !found.away || found.mute;
    const further = furtherProbes(target, means, found);
    const [fresh, resuming] = [further.filter(isFresh), further.filter((probe) => !isFresh(probe))];
    await this.#all(fresh, seen);
    await this.#all(resuming, seen);
    if (!this.#isOver())
      this.notChecked.push(
        ...untried(target, {
          first,
          found,
          fellSilent: seen.fellSilent,
          outOfTime: seen.outOfTime,
          unmade: seen.unmade,
        }),
      );
  }

  async #all(probes: readonly Probe[], visit: Visit): Promise<readonly Observation[]> {
    const made: (Observation | null)[] = [];
    let told = 0;
    const left = probes.entries();
    const lane = async (): Promise<void> => {
      for (const [index, probe] of left) {
        if (this.#isOver()) return;
        made[index] = await this.#turnstile.pass(probe.target, () => this.#try(probe, visit), probe.target.address);
        // In the order of the plan, so that two examinations of the same thing read the same.
        for (let next = made[told]; next !== undefined; next = made[told]) {
          told += 1;
          if (next !== null) await this.#report(next);
        }
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS.toOneAddress }, lane));
    return made.filter((one) => one !== null && one !== undefined);
  }

  /** One look; null where it cannot be made, or is not wanted any more. */
  async #try(probe: Probe, visit: Visit): Promise<Observation | null> {
    if (visit.fellSilent) return null;
    // Said, so that nobody takes what was seen until then for all that there is.
    if (visit.outOfTime) return { probe, saw: { kind: 'silent', stage: 'unasked' }, handshake: null, at: Date.now() };
    const session = probe.resumes === null ? null : visit.sessions.take(probe);
    if (probe.resumes !== null && session === null)
      return { probe, saw: { kind: 'not_resumed', why: 'no_session' }, handshake: null, at: Date.now() };
    const { tls, credential, turn } = probe;
    const context = tls === null ? null : await visit.wallet.context(credential, turn, tls, visit.known);
    if (tls !== null && context === null) visit.unmade.add(credential);
    if ((tls !== null && context === null) || this.#isOver()) return null;
    const begun = performance.now();
    const knocked = await this.#knock(knockFor(probe, this.#said, { context, session }));
    visit.spent += performance.now() - begun;
    if (knocked === null) return null;
    visit.learn(probe, knocked);
    return { probe, saw: knocked.saw, handshake: knocked.handshake, at: Date.now() };
  }

  #knock(request: Parameters<typeof begin>[0]): Promise<Knocked | null> {
    return new Promise((resolve) => {
      const end = begin(request, (knocked) => {
        this.#running.delete(stop);
        resolve(knocked);
      });
      const stop = (): void => {
        end();
        resolve(null);
      };
      this.#running.add(stop);
    });
  }

  async #report(one: Observation): Promise<void> {
    this.#waiting.push(one);
    this.#awake();
    while (this.#waiting.length >= MAX_WAITING && !this.#isOver()) await this.#sleep();
  }

  /** What was made lasts minutes, and many targets may take longer. */
  async #freshWallet(): Promise<Wallet> {
    const before = this.#wallet;
    const wallet = await before;
    if (wallet?.isFresh(now()) === true) return wallet;
    // Many targets begin at once, and one makes it for all of them: keys cost more than looks.
    const others = this.#wallet === before ? null : this.#wallet;
    const opened = others ?? Wallet.open(this.#hand, now(), this.#options.thoroughness);
    this.#wallet = opened;
    return opened;
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#stir.push(resolve);
    });
  }

  #awake(): void {
    const stirred = this.#stir;
    this.#stir = [];
    for (const stir of stirred) stir();
  }
}

function isFresh({ resumes }: Probe): boolean {
  return resumes === null;
}

/** So many looks in a row without a word, and the rest are spared: each would take its whole time. */
const MAX_SILENT = 16;

/** What is learned of one target while it is looked at. */
class Visit {
  readonly wallet: Wallet;
  readonly sessions = new Sessions();
  /** Kinds of credentials that could not be made for it. */
  readonly unmade = new Set<CredentialKind>();
  known: Known = { authorities: [], shown: [] };
  /** Milliseconds that connections have lasted. */
  spent = 0;
  readonly #time: number;
  #silent = 0;

  constructor(wallet: Wallet, time: number) {
    this.wallet = wallet;
    this.#time = time;
  }

  /** It answers just in time, again and again. */
  get outOfTime(): boolean {
    return this.spent > this.#time;
  }

  /** It said something once, and does not any more, as behind a firewall that counts. */
  get fellSilent(): boolean {
    return this.#silent >= MAX_SILENT;
  }

  learn(probe: Probe, { saw, authorities, shown, sessions }: Knocked): void {
    this.#silent = saw.kind === 'silent' ? this.#silent + 1 : 0;
    this.sessions.keep(probe, sessions);
    if (probe.sni !== 'locked') return;
    this.known = {
      authorities: this.known.authorities.length === 0 ? authorities : this.known.authorities,
      shown: this.known.shown.length === 0 ? shown : this.known.shown,
    };
  }
}

function emptyHand(): Hand {
  const hand = readGiven(NOTHING_GIVEN satisfies Given, now());
  if (hand.kind === 'problem') throw new Error('nothing cannot be wrong');
  return hand;
}
