import { visible } from '../wire/visible.ts';
import type { Claim, NotChecked } from './configuration.ts';
import type { Diagnosis } from './diagnosis/diagnose.ts';
import type { Evidence, Finding } from './diagnosis/finding.ts';
import { FINDINGS, type FindingCode } from './diagnosis/findings.ts';
import { fixText, type ServerKind } from './diagnosis/fixes.ts';
import { refsOf } from './diagnosis/refs.ts';
import type { Severity } from './diagnosis/severity.ts';
import { type Verdict, worst } from '../domain/verdict.ts';
import { connectText, type Target } from './target.ts';

/** A door that could not be knocked at, because the name that leads there does not resolve. */
export interface Unresolved {
  readonly host: string;
  /** The name that was asked for, and the port. */
  readonly place: string;
  readonly door: Target['door'];
  readonly why: string;
}

export interface ReportTarget {
  readonly host: string;
  /** `ADDRESS:PORT`. */
  readonly connect: string;
  readonly door: Target['door'];
  readonly verdict: Verdict;
}

/** A target as findings name it. */
export function targetName({ host, connect }: Pick<ReportTarget, 'host' | 'connect'>): string {
  return `${host} at ${connect}`;
}

export interface ReportFinding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  /** In the words of `server` where it is not null. */
  readonly fix: string;
  readonly server: ServerKind | null;
  readonly refs: readonly string[];
  readonly target: string | null;
  readonly where?: { readonly file: string; readonly line: number };
  /** Only where it makes the verdict of its target what it is. */
  readonly decides?: true;
  readonly evidence: readonly Evidence[];
}

/** What the doctor tells, as machines read it: a contract. No text in it holds a character that a terminal obeys. */
export interface Report {
  readonly verdict: Verdict;
  readonly targets: readonly ReportTarget[];
  readonly findings: readonly ReportFinding[];
  readonly checked: readonly { readonly probe: string; readonly target: string; readonly saw: string }[];
  readonly notChecked: readonly NotChecked[];
}

/** What else is told than the diagnosis. */
interface Beside {
  /** The names that led nowhere. */
  readonly unresolved: readonly Unresolved[];
  /** What a configuration says by itself, where nobody knocked. */
  readonly claims: readonly Claim[];
  /** What was looked at before the probes. */
  readonly checked: Report['checked'];
  /** What was found beside the origin, such as at its edge. */
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

/** Where there is only a diagnosis. */
export const NOTHING_BESIDE: Beside = { unresolved: [], claims: [], checked: [], findings: [], notChecked: [] };

/** A diagnosis as the report that is told of it. */
export function diagnosisView(diagnosis: Diagnosis, beside = NOTHING_BESIDE): Report {
  const { unresolved, claims, checked, findings, notChecked } = beside;
  const lost = unresolved.map(({ host, place, door }) => ({ host, connect: place, door, verdict: 'unknown' as const }));
  const told = [...diagnosis.findings, ...findings, ...unresolved.map(unresolvedFinding)];
  return {
    verdict: lost.length === 0 ? diagnosis.verdict : worst([diagnosis.verdict, 'unknown']),
    targets: [
      ...diagnosis.targets.map(({ target, verdict }) => ({
        host: target.host,
        connect: connectText(target),
        door: target.door,
        verdict,
      })),
      ...claims.map(claimed),
      ...lost,
    ],
    findings: told.map(reportFinding),
    checked: [
      ...checked.map(({ probe, target, saw }) => ({ probe: visible(probe), target, saw: visible(saw) })),
      ...diagnosis.checked.map(({ probe, target, saw }) => ({ probe: visible(probe), target, saw: visible(saw) })),
    ],
    notChecked: [...diagnosis.notChecked, ...notChecked].map(({ what, why }) => ({
      what: visible(what),
      why: visible(why),
    })),
  };
}

function claimed({ host, address, port, verdict }: Claim): ReportTarget {
  const door = port === HTTP ? 'http' : port === HTTPS ? 'https' : 'other';
  return { host: visible(host), connect: connectText({ address, port }), door, verdict };
}

const HTTP = 80;
const HTTPS = 443;

/** A finding with what its row in the table says. What came from a server or a file is made visible. */
export function reportFinding(finding: Finding): ReportFinding {
  const { code, target, where, detail, server, evidence } = finding;
  const { severity, title } = FINDINGS[code];
  return {
    code,
    severity,
    title,
    detail: visible(detail),
    fix: fixText(code, server, target),
    server,
    refs: refsOf(finding),
    target: target === null ? null : visible(target),
    ...(where === null ? {} : { where: { file: visible(where.file), line: where.line } }),
    ...(finding.decides === true ? { decides: true } : {}),
    evidence: evidence.map(({ probe, saw }) => ({ probe: visible(probe), saw: visible(saw) })),
  };
}

function unresolvedFinding({ host, place, why }: Unresolved): Finding {
  return {
    code: 'name_unresolved',
    target: `${host} at ${place}`,
    where: null,
    detail: '',
    server: null,
    evidence: [{ probe: `look up ${place}`, saw: why }],
  };
}

/** Whether the fix is told in the syntax of a server, instead of in a sentence for all. */
export function inServersWords({ code, fix, server }: Pick<ReportFinding, 'code' | 'fix' | 'server'>): boolean {
  return server !== null && fix !== FINDINGS[code].fix;
}
