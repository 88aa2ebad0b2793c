import type { Finding } from './diagnosis/finding.ts';
import type { ServerKind } from './diagnosis/fixes.ts';
import type { Verdict } from '../domain/verdict.ts';

/** What a configuration says about one name at one socket, before anybody has knocked there. */
export interface Claim {
  readonly host: string;
  /** An IP address without brackets, or `*`. */
  readonly address: string;
  readonly port: number;
  readonly verdict: Verdict;
  readonly where: { readonly file: string; readonly line: number };
}

/** What could not be found out, and why. */
export interface NotChecked {
  readonly what: string;
  readonly why: string;
}

/** A configuration as it was understood: what it would do, what is wrong in it, and what was not read. */
export interface ConfigurationReading {
  readonly server: ServerKind;
  /** Its main file, as it was named. */
  readonly main: string;
  readonly claims: readonly Claim[];
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}
