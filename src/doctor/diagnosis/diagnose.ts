import type { ConfigurationReading, NotChecked } from '../configuration.ts';
import type { Observation } from '../observation.ts';
import type { RightIdentity } from '../right-identity.ts';
import { type Target, targetText } from '../target.ts';
import type { Finding } from './finding.ts';
import { gotIn, probeText, sawText } from './told.ts';
import { type Verdict, worst } from './verdict.ts';

/** Everything that was seen, on the wire and in files. */
export interface Examined {
  readonly targets: readonly Target[];
  readonly observations: readonly Observation[];
  readonly configuration: ConfigurationReading | null;
  /** What the edge presents; null where it is not at hand. */
  readonly identity: RightIdentity | null;
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

/** Judges what was seen. Pure. */
export function diagnose({ targets, observations, configuration, notChecked }: Examined): Diagnosis {
  const judged = targets.map((target) => judge(target, of(target, observations)));
  const claims = targets.length === 0 ? (configuration?.claims ?? []) : [];
  return {
    verdict: worst([...judged, ...claims].map(({ verdict }) => verdict)),
    targets: judged.map(({ target, verdict }) => ({ target, verdict })),
    findings: [...judged.flatMap(({ findings }) => findings), ...(configuration?.findings ?? [])],
    checked: observations.map(({ probe, saw }) => ({
      probe: probeText(probe),
      target: targetText(probe.target),
      saw: sawText(saw),
    })),
    notChecked: [...notChecked, ...(configuration?.notChecked ?? [])],
  };
}

function of(target: Target, observations: readonly Observation[]): readonly Observation[] {
  return observations.filter(({ probe }) => probe.target === target);
}

function judge(target: Target, seen: readonly Observation[]) {
  const inside = seen.filter(({ probe, saw }) => probe.credential === 'none' && gotIn(saw));
  if (inside.length === 0) return { target, verdict: 'unknown' as const, findings: [] };
  const finding: Finding = {
    code: 'not_asked',
    target: targetText(target),
    where: null,
    detail: '',
    server: null,
    evidence: inside.map(({ probe, saw }) => ({ probe: probeText(probe), saw: sawText(saw) })),
  };
  return { target, verdict: 'open' as const, findings: [finding] };
}
