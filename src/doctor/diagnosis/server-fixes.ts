import type { FindingCode } from './findings.ts';

/** Where a fix is for: what was asked there, and by which name. */
export interface Place {
  readonly host: string;
  /** An IP address without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Lines of a server's configuration, each on a line of its own; a function where they differ by the socket. */
type ServerFix = string | ((place: Place | null) => string);

/** The fixes of one server, where it has words of its own. */
export type ServerFixes = Readonly<Partial<Record<FindingCode, ServerFix>>>;
