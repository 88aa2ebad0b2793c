import { NOTHING_ACCEPTED } from '../doctor/report/acceptance.ts';
import { junit } from '../doctor/report/junit.ts';
import { markdown } from '../doctor/report/markdown.ts';
import type { Outcome } from '../doctor/report/policy.ts';
import { sarif } from '../doctor/report/sarif.ts';
import type { Report } from '../doctor/view.ts';
import type { Round } from './doctor-round.ts';
import { reportText } from './doctor-text.ts';
import { note, onStdout, writeJson } from './print.ts';
import { VERSION } from './version.ts';

export const DOCTOR_FORMATS = ['text', 'json', 'sarif', 'junit', 'markdown'] as const;
export type DoctorFormat = (typeof DOCTOR_FORMATS)[number];

/** Tells a round on stdout. `outcome` is what a policy made of it, where there is one. */
export function tell(
  { report, commands }: Round,
  { format, outcome }: { readonly format: DoctorFormat; readonly outcome: Outcome | null },
): void {
  const accepted = outcome?.accepted ?? NOTHING_ACCEPTED;
  note(...(outcome?.notes ?? []));
  switch (format) {
    case 'json':
      return writeJson(outcome === null ? report : { ...report, policy: policyView(report, outcome) });
    case 'sarif':
      return writeJson(sarif(report, VERSION, accepted));
    case 'junit':
      return void process.stdout.write(junit(report, accepted));
    case 'markdown':
      return void process.stdout.write(markdown(report, accepted));
    case 'text':
      process.stdout.write(`${reportText(report, { commands, accepted, columns: columns() })}\n`);
      if (outcome !== null) process.stdout.write(`\n${outcomeText(outcome)}\n`);
  }
}

function policyView({ findings }: Report, { kind, failures, accepted }: Outcome): object {
  return {
    outcome: kind,
    failures,
    accepted: findings.flatMap((finding) => {
      const excuse = accepted(finding);
      if (excuse === null) return [];
      const { reason, until } = excuse;
      return [{ code: finding.code, target: finding.target, reason, until }];
    }),
  };
}

function outcomeText({ kind, failures }: Outcome): string {
  if (kind === 'passed') return `${onStdout(['green', 'bold'], 'PASSED')} by the policy`;
  const word = kind === 'failed' ? onStdout(['red', 'bold'], 'FAILED') : onStdout(['yellow', 'bold'], 'UNDETERMINED');
  return [`${word} by the policy`, ...failures.map((one) => `  ${one}`)].join('\n');
}

const NARROWEST = 60;
const WIDEST = 100;

function columns(): number {
  const own = process.stdout.isTTY ? process.stdout.columns : WIDEST;
  return Math.min(WIDEST, Math.max(NARROWEST, own));
}
