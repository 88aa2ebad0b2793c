import type { Severity, ZoneName } from './overview.ts';

/** Something that people are told once, as `GET /postern/v1/notices` has it. */
export interface Notice {
  readonly id: string;
  readonly at: string;
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
  readonly detail: string;
  readonly fix: string;
  readonly zone: ZoneName | null;
  readonly about: { readonly hostnames: readonly string[]; readonly rotation: string | null };
}
