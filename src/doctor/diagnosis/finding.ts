import type { FindingCode } from './findings.ts';
import type { ServerKind } from './fixes.ts';

/** Which probe saw what, in words that say both whole. */
export interface Evidence {
  readonly probe: string;
  readonly saw: string;
}

/** Something that is wrong, with what shows it. Title, severity, refs and fix follow from the code and the server. */
export interface Finding {
  readonly code: FindingCode;
  /** Text of the target (`targetText`); null where it concerns a configuration alone. */
  readonly target: string | null;
  /** Where in a configuration; `line` counts from 1. */
  readonly where: { readonly file: string; readonly line: number } | null;
  /** What is meant exactly, such as a name, a file or a date; empty where the title says it. */
  readonly detail: string;
  /** In whose words the fix is told; null where the server is not known. */
  readonly server: ServerKind | null;
  readonly evidence: readonly Evidence[];
  /** Only where it makes the verdict of its target what it is: it stands between that and a lock that holds. */
  readonly decides?: true;
}
