import type { Report, ReportFinding } from '../view.ts';

/** What a server may say to do harm to whoever reads it. */
export const HOSTILE = '</failure>]]>&"\' | `x` <img src=x> @everyone \u001b[31m\u009b2J\u202e \ufffe';

/** A finding of a made-up report. */
export function finding(change: Partial<ReportFinding> = {}): ReportFinding {
  return {
    code: 'optional',
    severity: 'critical',
    title: 'The server asks for a certificate and lets callers without one in.',
    detail: '',
    fix: 'Make the certificate a requirement instead of an option.',
    server: null,
    refs: ['NE-02'],
    target: 'a.test at 127.0.0.1:8443',
    evidence: [{ probe: 'no certificate, TLS 1.2', saw: 'answered 200' }],
    ...change,
  };
}

/** A report with one open target and these findings. */
export function reportWith(findings: readonly ReportFinding[], change: Partial<Report> = {}): Report {
  return {
    verdict: 'open',
    targets: [{ host: 'a.test', connect: '127.0.0.1:8443', door: 'https', verdict: 'open' }],
    findings,
    checked: [],
    notChecked: [],
    ...change,
  };
}
