import type { FindingCode } from '../../doctor/diagnosis/findings.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import type { ConfigSource } from '../server/config-source.ts';
import type { Place } from '../server/place.ts';
import type { ServerVersion } from '../server-version.ts';

/** What is asked of an audit. */
export interface AuditRequest {
  /** The main configuration file, as it was named. */
  readonly main: string;
  /** Gives every text that is read: includes, authorities, revocation lists, server certificates. */
  readonly source: ConfigSource;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Names that should be locked, in lower case; none given, those that the configuration means to lock. */
  readonly hosts: readonly string[];
  /** Of the server that reads the configuration; null where it is not known. */
  readonly version: ServerVersion | null;
}

/** What a finding says beside its code. */
export interface Found {
  readonly where: Place | null;
  readonly detail?: string;
  /** The name that it concerns. */
  readonly target?: string | null;
}

/** A finding of an audit: what shows it is the line itself. */
export function found(server: ServerKind, code: FindingCode, { where, detail = '', target = null }: Found): Finding {
  return { code, target, where, detail, server, evidence: [] };
}
