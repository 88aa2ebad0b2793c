/** How bad a finding is: anyone gets in; some outsiders do, or the edge is kept out; it will be so; worth knowing. */
export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** What is known of a kind of finding, whatever server shows it. */
export interface FindingKind {
  readonly severity: Severity;
  /** Ids in the catalogue of how such locks fail; see docs/findings.md. */
  readonly refs: readonly string[];
  /** One sentence. */
  readonly title: string;
  /** What to do where the server is not known, or has no words of its own for it. */
  readonly fix: string;
}
