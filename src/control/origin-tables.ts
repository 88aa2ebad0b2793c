/** The rows of what origins tell of themselves, of what is seen of their locks, and of their set-ups. */

export interface AttestationRow {
  readonly zone: string;
  readonly origin: string;
  /** JSON. */
  readonly state: string;
  /** JSON: what the newest full look saw. */
  readonly evidence: string;
}

export interface AttestationChangeRow {
  readonly zone: string;
  readonly origin: string;
  readonly at: number;
  readonly verdict: string;
  /** JSON. */
  readonly findings: string;
}

export interface SlotRow {
  readonly zone: string;
  /** The beginning of its five minutes. */
  readonly slot: number;
  /** JSON. */
  readonly counts: string;
  readonly examples: string;
}

export interface CallerRow extends SlotRow {
  readonly hostname: string;
}

/** Who came to a lock by no name of it. */
export interface OtherCallerRow extends SlotRow {
  readonly host: string;
  readonly lock_name: string;
}

export interface CallerSourceRow {
  readonly zone: string;
  readonly host: string;
  readonly lock_name: string;
  /** Of its newest report. */
  readonly batch: string;
  /** JSON list. */
  readonly hostnames: string;
  readonly reported_at: number;
  /** When it last told of a request; `null` where it never did. */
  readonly counted_at: number | null;
  /** JSON of what certificates it says that its own server shows; `null` where it never said. */
  readonly certificates: string | null;
}

export interface OriginReportRow {
  readonly zone: string;
  readonly host: string;
  readonly lock_name: string;
  readonly reported_at: number;
  /** JSON. */
  readonly report: string;
}

export interface SetupRow {
  readonly zone: string;
  readonly hostname: string;
  /** JSON. */
  readonly choices: string;
  readonly began_at: number;
  readonly modified_at: number;
  /** `null` in rows of before it was kept: since the set-up began. */
  readonly configured_at: number | null;
  readonly decided_at: number | null;
}
