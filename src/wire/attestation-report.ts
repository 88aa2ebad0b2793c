import { z } from 'zod';
import { VERDICTS } from '../domain/verdict.ts';

/** What an auditor gets: how the locks of a zone are and were. What is signed is its very text. */

const WHEN = z.iso.datetime();
const MAYBE = WHEN.nullable();
const VERDICT = z.enum(VERDICTS);
const ORIGIN = z.strictObject({
  hostname: z.string(),
  address: z.string(),
  port: z.int(),
  server_name: z.string().nullable(),
  host_header: z.string().nullable(),
});

const ATTESTATION_REPORT = z
  .strictObject({
    format: z.literal('postern-attestation-report'),
    installation: z.string(),
    /** Id of the zone. */
    zone: z.string(),
    zone_name: z.string(),
    issued_on: WHEN,
    /** From when on changes are listed. */
    since: WHEN,
    verdict: VERDICT.nullable(),
    /** While nobody looks, because somebody wished so. */
    paused: z.strictObject({ since: WHEN, until: WHEN, reason: z.string() }).optional(),
    locks: z.array(
      z.strictObject({
        origin: ORIGIN,
        verdict: VERDICT,
        since: WHEN,
        seen_on: WHEN,
        examined_on: MAYBE,
        locked_since: MAYBE,
        last_open: MAYBE,
        last_broken: MAYBE,
        findings: z.array(
          z.strictObject({ code: z.string(), severity: z.string(), title: z.string(), refs: z.array(z.string()) }),
        ),
        checked: z.int(),
        not_checked: z.array(z.strictObject({ what: z.string(), why: z.string() })),
      }),
    ),
    changes: z.array(z.strictObject({ at: WHEN, origin: z.string(), verdict: VERDICT, findings: z.array(z.string()) })),
    /** Whether all changes since then are listed. */
    complete: z.boolean(),
    unattested: z.array(z.strictObject({ hostname: z.string(), because: z.string() })),
  })
  .meta({ id: 'AttestationReport', description: 'How the locks of a zone are and were, for auditors.' });

export type AttestationReport = z.output<typeof ATTESTATION_REPORT>;

export const SIGNED_REPORT = z
  .strictObject({
    report: z.string().meta({ description: 'JSON (AttestationReport). These very bytes are signed.' }),
    signature: z
      .string()
      .meta({ description: 'Detached (CMS, RFC 5652), in PEM, by a key below the root of the zone.' }),
    sha256: z.string(),
  })
  .meta({ id: 'SignedAttestationReport', description: 'A report with its signature.' });

/** The text of a report. */
export function reportText(report: AttestationReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** A report as it lies in a file; null for anything else. */
export function readReport(text: string): AttestationReport | null {
  try {
    const read = ATTESTATION_REPORT.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
