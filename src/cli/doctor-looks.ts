import type { ConfigurationReading } from '../doctor/configuration.ts';
import { rightIdentity } from '../doctor/credentials.ts';
import { type Diagnosis, diagnose } from '../doctor/diagnosis/diagnose.ts';
import { type HostDiagnosis, joined } from '../doctor/diagnosis/joined.ts';
import { probeText } from '../doctor/diagnosis/told.ts';
import { examine } from '../doctor/examine.ts';
import type { Observation } from '../doctor/observation.ts';
import type { Probe } from '../doctor/probe.ts';
import { type Target, targetText } from '../doctor/target.ts';
import { meter } from './doctor-meter.ts';
import type { DoctorRequest } from './doctor-request.ts';
import { VERSION } from './version.ts';

/** What came of looking at all targets. */
export interface Looked {
  readonly diagnosis: Diagnosis;
  /** The probe that a finding tells of, by its target and its text. */
  readonly probeOf: (target: string, text: string) => Probe | null;
}

/** About so many looks are taken at one target: for progress and permission, not for counting. */
export const LOOKS = 50;
const LOOK_TIME = 5_000;
/** So many are judged together; of more, each host by itself as soon as it is done, so that what was seen can go. */
const MOST_TOGETHER = 32;

/** Looks at the targets and judges them. */
export async function lookAndJudge(
  request: DoctorRequest,
  targets: readonly Target[],
  { configuration, signal }: { readonly configuration: ConfigurationReading | null; readonly signal: AbortSignal },
): Promise<Looked> {
  const { path, otherNames, verifiedHeaders, identities } = request;
  const desk = new Desk(request, targets, configuration);
  if (targets.length === 0) return { diagnosis: desk.end([]), probeOf: desk.probeOf };
  const progress = meter('doctor', { looks: targets.length * LOOKS, targets: targets.length });
  const said = { path, otherNames, verifiedHeaders, agent: `Postern-Doctor/${VERSION}` };
  const done = (target: Target): void => {
    desk.done(target);
    progress.done();
  };
  const how = { hand: identities.hand, timeout: LOOK_TIME, signal, done };
  const looks = examine({ targets, ...said, ...how });
  try {
    for (;;) {
      const { done, value } = await looks.next();
      if (done === true) return { diagnosis: desk.end(value), probeOf: desk.probeOf };
      desk.take(value);
      progress.step();
    }
  } finally {
    progress.end();
  }
}

/** Gathers what was seen, and judges it when there is enough. */
class Desk {
  readonly #configuration: ConfigurationReading | null;
  readonly #identity: ReturnType<typeof rightIdentity> | null;
  readonly #targets: readonly Target[];
  /** Of each host: its targets that are not done, and what was seen. */
  readonly #open = new Map<string, { readonly left: Set<Target>; readonly seen: Observation[] }>();
  readonly #parts = new Map<string, HostDiagnosis>();
  readonly #probes = new Map<string, Probe>();

  constructor({ identities }: DoctorRequest, targets: readonly Target[], configuration: ConfigurationReading | null) {
    const { identity, authority } = identities.hand;
    this.#identity = identity === null ? null : rightIdentity(identity, authority);
    this.#configuration = configuration;
    this.#targets = targets;
    for (const target of targets) {
      const host = this.#open.get(target.host) ?? { left: new Set(), seen: [] };
      host.left.add(target);
      this.#open.set(target.host, host);
    }
  }

  take(one: Observation): void {
    this.#open.get(one.probe.target.host)?.seen.push(one);
  }

  done(target: Target): void {
    const host = this.#open.get(target.host);
    host?.left.delete(target);
    if (host === undefined || host.left.size > 0 || this.#isTogether()) return;
    const own = this.#targets.filter((one) => one.host === target.host);
    this.#parts.set(target.host, { host: target.host, diagnosis: this.#judged(own, host.seen, []) });
    this.#open.delete(target.host);
  }

  end(notChecked: Diagnosis['notChecked']): Diagnosis {
    if (this.#isTogether()) {
      const seen = [...this.#open.values()].flatMap((host) => host.seen);
      return this.#judged(this.#targets, seen, notChecked);
    }
    const hosts = new Set(this.#targets.map(({ host }) => host));
    return joined(
      [...hosts].flatMap((host) => this.#parts.get(host) ?? []),
      notChecked,
    );
  }

  readonly probeOf = (target: string, text: string): Probe | null => this.#probes.get(key(target, text)) ?? null;

  // A configuration speaks of all of them at once.
  #isTogether(): boolean {
    return this.#configuration !== null || this.#targets.length <= MOST_TOGETHER;
  }

  #judged(
    targets: readonly Target[],
    observations: readonly Observation[],
    notChecked: Diagnosis['notChecked'],
  ): Diagnosis {
    const [configuration, identity] = [this.#configuration, this.#identity];
    const diagnosis = diagnose({ targets, observations, configuration, identity, notChecked });
    const told = new Set(
      diagnosis.findings.flatMap(({ target, evidence }) => evidence.map(({ probe }) => key(target ?? '', probe))),
    );
    for (const { probe } of observations) {
      const name = key(targetText(probe.target), probeText(probe));
      if (told.has(name)) this.#probes.set(name, probe);
    }
    return diagnosis;
  }
}

function key(target: string, text: string): string {
  return `${target}\0${text}`;
}
