import type { FindingCode } from '../diagnosis/findings.ts';
import type { Severity } from '../diagnosis/severity.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { type Acceptance, type Excuse, NOTHING_ACCEPTED } from './acceptance.ts';
import { type Report, type ReportFinding, type ReportTarget, targetName } from '../view.ts';

/** A finding that somebody answers for, with a reason and an end. */
interface Accepted extends Excuse {
  readonly code: FindingCode;
  /** A name, `ADDRESS:PORT`, or both as findings say it; null for all. */
  readonly target: string | null;
}

/** What counts as a failure. */
export interface Policy {
  readonly verdicts: readonly Verdict[];
  readonly severities: readonly Severity[];
  readonly codes: readonly FindingCode[];
  readonly accepted: readonly Accepted[];
}

/** Where nobody says otherwise: what is not locked fails, and findings at a locked origin are told. */
export const PLAIN_POLICY: Policy = {
  verdicts: ['open', 'broken', 'unknown'],
  severities: [],
  codes: [],
  accepted: [],
};

/** What a policy makes of a report. */
export interface Outcome {
  readonly kind: 'passed' | 'failed' | 'undetermined';
  /** A sentence for each thing that counts. */
  readonly failures: readonly string[];
  readonly accepted: Acceptance;
  /** What should be mended in the policy itself. */
  readonly notes: readonly string[];
}

/** Judges a report. `today` is a day in UTC: `2026-11-30`. */
export function outcome(report: Report, policy: Policy, today: string): Outcome {
  const current = policy.accepted.filter(({ until }) => until >= today);
  const accepted: Acceptance =
    current.length === 0 ? NOTHING_ACCEPTED : (finding) => current.find((one) => covers(one, finding)) ?? null;
  const targets = report.targets.filter(
    (target) => policy.verdicts.includes(target.verdict) && !isExcused(target, report.findings, accepted),
  );
  const findings = report.findings.filter(
    (finding) =>
      accepted(finding) === null &&
      (policy.severities.includes(finding.severity) || policy.codes.includes(finding.code)),
  );
  // What no single target shows, such as that there is none.
  const whole =
    policy.verdicts.includes(report.verdict) && report.targets.every((one) => one.verdict !== report.verdict);
  const verdicts = [...targets.map(({ verdict }) => verdict), ...(whole ? [report.verdict] : [])];
  const onlyUnknown = findings.length === 0 && verdicts.every((verdict) => verdict === 'unknown');
  return {
    kind: findings.length === 0 && verdicts.length === 0 ? 'passed' : onlyUnknown ? 'undetermined' : 'failed',
    failures: [
      ...targets.map((target) => `${targetName(target)} is ${target.verdict}`),
      ...(whole ? [`the whole is ${report.verdict}`] : []),
      ...findings.map(({ code, target, where }) => `${code} at ${placeOf(target, where)}`),
    ],
    accepted,
    notes: [
      ...policy.accepted.filter(({ until }) => until < today).map((one) => `${named(one)} ended on ${one.until}.`),
      ...current
        .filter((one) => !report.findings.some((finding) => covers(one, finding)))
        .map((one) => `${named(one)} is not needed any more: nothing of the kind was found.`),
    ],
  };
}

function placeOf(target: string | null, where: ReportFinding['where']): string {
  return where === undefined ? (target ?? 'the configuration') : `${where.file}:${where.line}`;
}

function named({ code, target }: Accepted): string {
  return `The acceptance of ${code}${target === null ? '' : ` at ${target}`}`;
}

function covers(one: Accepted, { code, target }: ReportFinding): boolean {
  if (one.code !== code) return false;
  if (one.target === null) return true;
  return target !== null && [target, ...target.split(' at ')].includes(one.target);
}

/**
 * A door that is open or broken for accepted reasons alone does not count: whoever accepts the plain HTTP of a health
 * check accepts that it answers. Something grave that was not accepted beside it counts.
 */
function isExcused(excused: ReportTarget, findings: readonly ReportFinding[], accepted: Acceptance) {
  if (excused.verdict === 'unknown' || excused.verdict === 'locked') return false;
  const grave = findings.filter(
    ({ target, severity }) => target === targetName(excused) && (severity === 'critical' || severity === 'high'),
  );
  return grave.length > 0 && grave.every((finding) => accepted(finding) !== null);
}
