import { type Verdict, worst } from '../../domain/verdict.ts';
import type { ConfigurationReading, NotChecked } from '../configuration.ts';
import type { Observation } from '../observation.ts';
import type { CredentialKind } from '../probe.ts';
import type { RightIdentity } from '../right-identity.ts';
import { type Target, targetText } from '../target.ts';
import { claimFor, differences, type LiveVerdict, merged, together } from './against-configuration.ts';
import type { Evidence, Finding } from './finding.ts';
import { FINDINGS } from './findings.ts';
import { notCheckedIn } from './not-checked.ts';
import type { Rule, Ruling } from './ruling.ts';
import { asked } from './rules/asked.ts';
import { baseMatrix } from './rules/base-matrix.ts';
import { disbelief } from './rules/disbelief.ts';
import { doors } from './rules/doors.ts';
import { headers } from './rules/headers.ts';
import { lockState, refusesOutright } from './rules/lock-state.ts';
import { lockedOut } from './rules/locked-out.ts';
import { names } from './rules/names.ts';
import { sessions } from './rules/sessions.ts';
import { inside, isStranger, type Scene, scenesOf, type Unbelieved } from './scene.ts';
import type { Severity } from './severity.ts';
import { probeText, seenText } from './told.ts';

/** Everything that was seen, on the wire and in files. */
export interface Examined {
  readonly targets: readonly Target[];
  readonly observations: readonly Observation[];
  readonly configuration: ConfigurationReading | null;
  /** What the edge presents; null where it is not at hand. */
  readonly identity: RightIdentity | null;
  /** Where somebody looked as the edge does, in its SSL mode and with its trust, and it would not believe the origin. */
  readonly unbelieved?: Unbelieved;
  /** What was not tried, and why. */
  readonly notChecked: readonly NotChecked[];
}

/** What it means. Never that something is secure: what was checked, what failed, and what cannot be seen from here. */
export interface Diagnosis {
  readonly verdict: Verdict;
  readonly targets: readonly { readonly target: Target; readonly verdict: Verdict }[];
  readonly findings: readonly Finding[];
  readonly checked: readonly { readonly probe: string; readonly target: string; readonly saw: string }[];
  readonly notChecked: readonly NotChecked[];
}

// Evidence is an excerpt; all that was seen is in what was checked.
const MAX_EVIDENCE = 6;

const RULES: readonly Rule[] = [baseMatrix, names, doors, sessions, headers, asked, lockedOut, disbelief, lockState];

/** Judges what was seen. Pure: the same observations in any order give the same verdicts and findings. */
export function diagnose(examined: Examined): Diagnosis {
  const { targets, observations, configuration, identity, unbelieved = new Map(), notChecked } = examined;
  const scenes = scenesOf(targets, observations, { identity, unbelieved });
  const judged = scenes.map(judge);
  const live = judged.flatMap(({ findings }) => findings);
  const verdicts = judged.map(withEvidence);
  const differing = configuration === null ? [] : differences(verdicts, configuration);
  const told = verdicts.map((one) => ({ target: one.target, verdict: together(one, configuration) }));
  const all = [...differing, ...merged(live, configuration?.findings ?? [])];
  const unseen = (configuration?.claims ?? []).filter((claim) =>
    judged.every(({ target }) => claimFor(target, [claim]) === null),
  );
  // Without a look at the running server, what is written is all there is; with one, it only speaks of other sockets.
  const claimed = unseen.filter(({ verdict }) => targets.length === 0 || verdict === 'open' || verdict === 'broken');
  return {
    verdict: worst([...told, ...claimed].map(({ verdict }) => verdict)),
    targets: told,
    findings: all.toSorted(byWeight),
    checked: observations.map((one) => ({
      probe: probeText(one.probe),
      target: targetText(one.probe.target),
      saw: seenText(one),
    })),
    notChecked: [...notChecked, ...notCheckedIn(scenes), ...(configuration?.notChecked ?? [])],
  };
}

interface Judged {
  readonly target: Target;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly scene: Scene;
}

function judge(scene: Scene): Judged {
  const found = RULES.flatMap((rule) => rule(scene));
  const rulings = [...found, ...unexplained(scene, found)];
  const effects = rulings.flatMap(({ effect }) => (effect === null ? [] : [effect]));
  const telling =
    effects.includes('open') || effects.includes('broken') ? rulings.filter((one) => !isDoubt(one)) : rulings;
  const verdict = effects.length === 0 ? 'locked' : worst(effects);
  return {
    target: scene.target,
    verdict,
    findings: telling.map((ruling) => ({
      ...findingOf(scene, ruling),
      ...(ruling.effect === verdict ? { decides: true as const } : {}),
    })),
    scene,
  };
}

// Whatever the rules made of it: a stranger who got the application got in.
function unexplained({ seen }: Scene, found: readonly Ruling[]): readonly Ruling[] {
  if (found.some(({ effect }) => effect === 'open')) return [];
  const evidence = inside(seen).filter(({ probe }) => isStranger(probe));
  return evidence.length === 0 ? [] : [{ code: 'stranger_admitted', effect: 'open', detail: '', evidence }];
}

// What is a fault whatever else there is stays told.
function isDoubt({ code, effect }: Ruling): boolean {
  return effect === 'unknown' && code !== 'public_authorities';
}

function findingOf({ target, server }: Scene, { code, detail, evidence }: Ruling): Finding {
  const shown = evidence.slice(0, MAX_EVIDENCE).map(evidenceOf);
  return { code, target: targetText(target), where: null, detail, server: server.kind, evidence: shown };
}

function evidenceOf(one: Observation): Evidence {
  return { probe: probeText(one.probe), saw: seenText(one) };
}

function withEvidence({ target, verdict, findings, scene }: Judged): LiveVerdict {
  const first = findings.find(({ evidence }) => evidence.length > 0)?.evidence;
  const within = inside(scene.seen).map(({ probe }) => probe);
  const entered = {
    stranger: within.some(
      ({ credential, resumes, forges, path }) =>
        forges === null &&
        path === '/' &&
        SELF_MADE.includes(credential) &&
        (resumes === null || SELF_MADE.includes(resumes.credential)),
    ),
    right: within.some(({ credential }) => credential === 'right'),
  };
  const barred = target.door !== 'https' || refusesOutright(scene);
  return { target, verdict, entered, barred, evidence: first ?? scene.seen.slice(0, 1).map(evidenceOf) };
}

const SELF_MADE: readonly CredentialKind[] = ['none', 'self_signed', 'foreign', 'same_name'];

const WEIGHT: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

function byWeight(one: Finding, other: Finding): number {
  return WEIGHT.indexOf(FINDINGS[one.code].severity) - WEIGHT.indexOf(FINDINGS[other.code].severity);
}
