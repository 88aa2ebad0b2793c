import type { FindingCode } from '../diagnosis/findings.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { type Report, targetName } from '../view.ts';

/** How long something has been as it is. Times are in RFC 3339. */
interface Standing {
  readonly verdict: Verdict;
  readonly since: string;
  readonly codes: readonly FindingCode[];
}

/** The standing of each target, by how findings name it. */
export type History = ReadonlyMap<string, Standing>;

/** A target that is not as it was the last time. */
export interface Change {
  readonly target: string;
  /** null the first time. */
  readonly before: Standing | null;
  readonly now: Standing;
  readonly appeared: readonly FindingCode[];
  readonly gone: readonly FindingCode[];
}

/** What a round changes in what is known. */
export function changes(
  history: History,
  report: Report,
  at: string,
): { readonly history: History; readonly changes: readonly Change[] } {
  const found = Map.groupBy(report.findings, ({ target }) => target ?? '');
  const next = new Map<string, Standing>();
  const changed: Change[] = [];
  for (const target of report.targets) {
    const name = targetName(target);
    const before = history.get(name) ?? null;
    const codes = [...new Set((found.get(name) ?? []).map(({ code }) => code))];
    const same = before?.verdict === target.verdict;
    const now = { verdict: target.verdict, since: same ? before.since : at, codes };
    next.set(name, now);
    const appeared = codes.filter((code) => !(before?.codes ?? []).includes(code));
    const gone = (before?.codes ?? []).filter((code) => !codes.includes(code));
    if (!same || appeared.length > 0 || gone.length > 0) changed.push({ target: name, before, now, appeared, gone });
  }
  return { history: next, changes: changed };
}
