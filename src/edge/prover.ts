import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { PlanSource } from '../domain/edge-zone.ts';
import type { AccountId, CertificateId, Instant, ZoneId } from '../domain/ids.ts';
import { plan } from '../domain/plan.ts';
import {
  type AddressSights,
  NO_ROUTE,
  originOf,
  type OriginSights,
  type ProofTask,
  type Sight,
} from '../domain/proof.ts';
import type { AddressPolicy } from '../pull/address-policy.ts';
import type { DoorTls } from '../pull/door.ts';
import { Intake } from '../pull/intake.ts';
import { type LookOptions, look, type Saw } from '../pull/look.ts';
import { reachesFamily } from '../pull/own-families.ts';
import { presentingWay, type Way } from '../pull/presenting-way.ts';
import type { Resolved, Resolver } from '../pull/resolve.ts';
import { Turnstile } from '../pull/turnstile.ts';
import type { Log } from '../wire/log.ts';
import { inOrder } from './in-order.ts';
import type { Keyring } from './keyring.ts';

/** What looking at origins needs from the edge. */
export interface ProverWorld {
  readonly config: PlanSource;
  readonly keyring: Pick<Keyring, 'context'>;
  readonly policy: AddressPolicy;
  readonly resolver: Resolver;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly now: () => Instant;
  readonly loopName: string;
  /** Milliseconds that one knock may take. */
  readonly timeout: number;
  readonly log: Log;
}

/** Looks at origins with the certificates that it is told. */
export interface Prover {
  /** Answers once, with one entry for each task, in order. */
  readonly prove: (zone: ZoneId, tasks: readonly ProofTask[], done: (seen: readonly OriginSights[]) => void) => void;
  /** Gives up all that is under way; nobody is told. */
  readonly forget: () => void;
}

/** Knocks at the same time: an account's dead origins leave room for others, and no address is set upon by all. */
const KNOCKS = { places: 16, each: 12, atTarget: 4 };
const MOST_TASKS = 4_096;
const MOST_ADDRESSES = 16;
/** Of the time that one knock may take: soon after that nobody waits for the answer any more, and what is left would pile up behind others. */
const LONGEST_RUN = 20;

/** A prover over the configuration in force. */
export function createProver(world: ProverWorld): Prover {
  const intake = new Intake();
  const turnstile = new Turnstile<AccountId | null>(KNOCKS);
  const runs = new Set<Run>();
  return {
    prove: (zone, tasks, done) => {
      const run = new Run(world, { zone, intake, turnstile });
      runs.add(run);
      const deadline = setTimeout(() => run.stop(), LONGEST_RUN * world.timeout).unref();
      const over = (seen: readonly OriginSights[]): void => {
        clearTimeout(deadline);
        if (runs.delete(run)) done(seen);
      };
      run.look(tasks).then(over, (error: unknown) => {
        logFault(world.log, error);
        over(tasks.map((task) => unseen(task, OWN_FAULT)));
      });
    },
    forget: () => {
      for (const run of runs) run.stop();
      runs.clear();
    },
  };
}

interface RunParts {
  readonly zone: ZoneId;
  readonly intake: Intake;
  readonly turnstile: Turnstile<AccountId | null>;
}

/** Stands below a wildcard. */
const LABEL = 'postern-proof';

const OWN_FAULT = 'the edge made a mistake while it looked; its log says more';

/** One list of tasks under way. */
class Run {
  readonly #world: ProverWorld;
  readonly #parts: RunParts;
  /** What gives up a knock, for each that is under way. */
  readonly #stops = new Set<() => void>();
  #stopped = false;

  constructor(world: ProverWorld, parts: RunParts) {
    this.#world = world;
    this.#parts = parts;
  }

  async look(tasks: readonly ProofTask[]): Promise<readonly OriginSights[]> {
    const seen = await inOrder(tasks.slice(0, MOST_TASKS), KNOCKS.places, (task) => this.#task(task));
    return [...seen, ...tasks.slice(MOST_TASKS).map((task) => unseen(task, `more than ${MOST_TASKS} at once`))];
  }

  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
  }

  async #task(task: ProofTask): Promise<OriginSights> {
    if (this.#stopped) return unseen(task, 'there was no time left for it');
    try {
      const { config, now } = this.#world;
      const { zone } = this.#parts;
      const way = presentingWay(task, { zone, label: LABEL }, (name) => plan(config, name, 'https', now()));
      if (typeof way === 'string') return unseen(task, way);
      const addresses = await this.#addresses(task.address);
      if (addresses.length === 0) return unseen(task, 'the name of the origin does not resolve');
      const { turnstile } = this.#parts;
      const account = config.zones.get(zone)?.account ?? null;
      const sights = addresses.map((ip) => turnstile.pass(account, () => this.#address(ip, way, task), ip));
      return { origin: originOf(task), sights: await Promise.all(sights), fault: null };
    } catch (error) {
      logFault(this.#world.log, error);
      return unseen(task, OWN_FAULT);
    }
  }

  async #addresses(address: string): Promise<readonly string[]> {
    if (isIP(address) !== 0) return [address];
    const { resolver, timeout } = this.#world;
    const resolved = await this.#waitFor<Resolved | null>(null, (done) => {
      const timer = setTimeout(() => done(null), timeout);
      resolver.resolve(address, (found) => {
        clearTimeout(timer);
        done(found);
      });
      return () => clearTimeout(timer);
    });
    return resolved?.kind === 'found' ? [...new Set(resolved.addresses)].slice(0, MOST_ADDRESSES) : [];
  }

  // One knock after the other, so that a server which counts connections is not set off. Without a certificate first: should
  // it begin to turn connections away, the later knocks suffer, and none of that looks like a proof.
  async #address(ip: string, way: Way, { from, to }: ProofTask): Promise<AddressSights> {
    const none = await this.#knock(ip, way, null);
    if (none.kind === 'failed' && NOBODY_THERE.has(none.because)) return nobodyThere(ip, none);
    const withOld = await this.#knock(ip, way, from);
    const withNew = await this.#knock(ip, way, to);
    return { ip, ...settled({ from: withOld, to: withNew, none }) };
  }

  // That a connection was closed is the weakest word of a refusal: it is believed the second time.
  async #knock(ip: string, way: Way, certificate: CertificateId | null): Promise<Saw> {
    const saw = await this.#once(ip, way, certificate);
    const closed = saw.kind === 'refused' ? saw.how === 'closed' : saw.kind === 'unsettled' && saw.alert === null;
    return closed ? this.#once(ip, way, certificate) : saw;
  }

  async #once(ip: string, { door: way, authority }: Way, certificate: CertificateId | null): Promise<Saw> {
    const { policy, resolver, clock, timeout, loopName: loop } = this.#world;
    const { intake } = this.#parts;
    const context = contextOf(this.#world.keyring, certificate, way.tls);
    if (context === null) return { kind: 'failed', because: 'key_unusable' };
    const options: LookOptions = { policy, resolver, intake, context, timeout, clock, authority, loop };
    return this.#waitFor<Saw>({ kind: 'failed', because: 'edge_fault' }, (done) =>
      look({ ...way, address: ip }, options, done),
    );
  }

  /** Waits for what `begun` calls back with, or for the end of the run. `begun` answers what gives it up. */
  #waitFor<Value>(otherwise: Value, begun: (done: (value: Value) => void) => () => void): Promise<Value> {
    if (this.#stopped) return Promise.resolve(otherwise);
    return new Promise((resolve) => {
      let giveUp = (): void => undefined;
      const stop = (): void => {
        giveUp();
        settle(otherwise);
      };
      const settle = (value: Value): void => {
        this.#stops.delete(stop);
        resolve(value);
      };
      this.#stops.add(stop);
      giveUp = begun(settle);
    });
  }
}

// Nothing of this depends on the certificate: two more knocks would wait for the same.
const NOBODY_THERE: ReadonlySet<string> = new Set([
  'connection_refused',
  'connect_timeout',
  'unreachable',
  'address_forbidden',
]);

function nobodyThere(ip: string, saw: Extract<Sight, { kind: 'failed' }>): AddressSights {
  const isLost = saw.because === 'unreachable' && !reachesFamily(ip, networkInterfaces());
  const sight = isLost ? { ...saw, because: NO_ROUTE } : saw;
  return { ip, from: sight, to: sight, none: sight };
}

// OpenSSL judges a chain only when it loads it.
function contextOf(keyring: ProverWorld['keyring'], certificate: CertificateId | null, terms: DoorTls) {
  try {
    return keyring.context(certificate, terms);
  } catch {
    return null;
  }
}

type Knocks<What> = Readonly<Record<'from' | 'to' | 'none', What>>;

/**
 * Says what handshakes were that broke off without naming a cause. Where another knock at the same address came further,
 * nothing but the certificate was different: it is a refusal, as TLS 1.2 tells of a missing certificate by alert 40.
 */
function settled(saws: Knocks<Saw>): Knocks<Sight> {
  const further = Object.values(saws).some(({ kind }) => kind === 'answered' || kind === 'refused');
  const settle = (saw: Saw): Sight => {
    if (saw.kind !== 'unsettled') return saw;
    if (!further) return { kind: 'failed', because: 'handshake_failed' };
    return { kind: 'refused', how: saw.alert === null ? 'closed' : 'alert', alert: saw.alert };
  };
  return { from: settle(saws.from), to: settle(saws.to), none: settle(saws.none) };
}

function unseen(task: ProofTask, fault: string): OriginSights {
  return { origin: originOf(task), sights: [], fault };
}

function logFault(log: Log, error: unknown): void {
  log('proof_failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
