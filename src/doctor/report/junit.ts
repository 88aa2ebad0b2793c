import type { Acceptance } from './acceptance.ts';
import { type Report, type ReportFinding, type ReportTarget, targetName } from '../view.ts';
import { xml } from './xml.ts';

interface Case {
  readonly name: string;
  /** Element inside, or null where all is well. */
  readonly kind: 'failure' | 'error' | 'skipped' | null;
  readonly message: string;
  readonly text: string;
}

const CONFIGURATION = 'configuration';

/** A report as JUnit XML, as CI systems read it: a suite for each target, a case for its verdict and for each finding. */
export function junit(report: Report, accepted: Acceptance): string {
  const suites = suitesOf(report, accepted);
  const all = suites.flatMap(({ cases }) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="postern doctor" ${counts(all)}>
${suites.map(suite).join('\n')}
</testsuites>
`;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

function suitesOf(report: Report, accepted: Acceptance): readonly Suite[] {
  const names = new Set(report.targets.map(targetName));
  const others = [...new Set(report.findings.map(({ target }) => target ?? CONFIGURATION))];
  const findingsAt = (name: string) =>
    report.findings.filter(({ target }) => (target ?? CONFIGURATION) === name).map((one) => findingCase(one, accepted));
  return [
    ...report.targets.map((target) => ({
      name: targetName(target),
      cases: [targetCase(target), ...findingsAt(targetName(target))],
    })),
    ...others.filter((name) => !names.has(name)).map((name) => ({ name, cases: findingsAt(name) })),
  ];
}

function targetCase({ verdict }: ReportTarget): Case {
  const message = `The verdict is ${verdict}.`;
  const base = { name: 'is locked', message, text: '' };
  if (verdict === 'locked') return { ...base, kind: null };
  return { ...base, kind: verdict === 'unknown' ? 'error' : 'failure' };
}

function findingCase(finding: ReportFinding, accepted: Acceptance): Case {
  const { code, title, where, detail, fix, evidence, refs, severity } = finding;
  const excuse = accepted(finding);
  const name = where === undefined ? code : `${code} (${where.file}:${where.line})`;
  if (excuse !== null)
    return { name, kind: 'skipped', message: `Accepted until ${excuse.until}: ${excuse.reason}`, text: '' };
  const lines = [
    `${severity}${refs.length === 0 ? '' : `, ${refs.join(', ')}`}`,
    ...(detail === '' ? [] : [detail]),
    ...evidence.map(({ probe, saw }) => `seen: ${probe}: ${saw}`),
    'fix:',
    fix,
  ];
  return { name, kind: 'failure', message: title, text: lines.join('\n') };
}

function suite({ name, cases }: Suite): string {
  const body = cases.map((one) => testCase(name, one)).join('\n');
  return `  <testsuite name="${xml(name)}" ${counts(cases)}>\n${body}\n  </testsuite>`;
}

function testCase(suiteName: string, { name, kind, message, text }: Case): string {
  const head = `    <testcase classname="${xml(suiteName)}" name="${xml(name)}"`;
  if (kind === null) return `${head}/>`;
  return `${head}>\n      <${kind} message="${xml(message)}">${xml(text)}</${kind}>\n    </testcase>`;
}

function counts(cases: readonly Case[]): string {
  const number = (kind: Case['kind']) => cases.filter((one) => one.kind === kind).length;
  return `tests="${cases.length}" failures="${number('failure')}" errors="${number('error')}" skipped="${number('skipped')}"`;
}
