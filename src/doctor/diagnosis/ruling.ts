import type { Verdict } from '../../domain/verdict.ts';
import type { FindingCode } from './findings.ts';
import type { Scene, Sight } from './scene.ts';

/** What a rule has found at one target. */
export interface Ruling {
  readonly code: FindingCode;
  /** What it makes of the lock; null where the lock is none the worse for it. */
  readonly effect: Exclude<Verdict, 'locked'> | null;
  readonly detail: string;
  /** The most telling first. */
  readonly evidence: readonly Sight[];
}

/** Looks at one target for one family of faults. */
export type Rule = (scene: Scene) => readonly Ruling[];

/** A ruling that lets strangers in. */
export function opens(code: FindingCode, evidence: readonly Sight[], detail = ''): Ruling {
  return { code, effect: 'open', detail, evidence };
}

/** A ruling that is worth knowing and changes nothing. */
export function notes(code: FindingCode, evidence: readonly Sight[], detail = ''): Ruling {
  return { code, effect: null, detail, evidence };
}

/** A ruling where there is something to see, none otherwise. */
export function where(evidence: readonly Sight[], make: (evidence: readonly Sight[]) => Ruling): readonly Ruling[] {
  return evidence.length === 0 ? [] : [make(evidence)];
}
