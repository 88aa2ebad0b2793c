import { FINDINGS } from '../doctor/diagnosis/findings.ts';
import type { Severity } from '../doctor/diagnosis/severity.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Acceptance } from '../doctor/report/acceptance.ts';
import { inServersWords, type Report, type ReportFinding, targetName } from '../doctor/view.ts';
import type { Exposure } from './doctor-exposure.ts';
import { onStdout } from './print.ts';
import { foldedCommand, wrapped } from './wrap.ts';

/** What the text has beside the report. */
export interface Telling {
  /** Commands with which a person sees the same. */
  readonly commands: (finding: ReportFinding) => readonly string[];
  readonly accepted: Acceptance;
  /** Columns of the screen. */
  readonly columns: number;
}

const MOST_TARGETS = 40;
const MOST_PLACES = 4;
const MOST_NOT_CHECKED = 12;
const MARGIN = 9;

const STYLES: Readonly<Record<Verdict, 'green' | 'red' | 'yellow' | 'magenta'>> = {
  locked: 'green',
  open: 'red',
  broken: 'magenta',
  unknown: 'yellow',
};

const SAYS: Readonly<Record<Verdict, string>> = {
  locked: 'strangers are refused, as far as was checked',
  open: 'others than the edge get in',
  broken: 'the edge itself cannot pull',
  unknown: 'it could not be found out',
};

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** A report for a person: what is locked, what is open and how one gets in, what to do, and last what nobody looked at. */
export function reportText(report: Report & { readonly exposure?: Exposure }, telling: Telling): string {
  const groups = grouped(report.findings.filter((one) => telling.accepted(one) === null));
  return [
    ...(report.exposure === undefined ? [] : [exposureText(report.exposure)]),
    ...(report.targets.length === 0 ? [] : [targetsText(report)]),
    ...groups.map((group) => findingText(group, telling)),
    ...hint(groups),
    ...acceptedText(report.findings, telling),
    ...notCheckedText(report, telling.columns),
  ].join('\n\n');
}

function exposureText({ zone, resolver, exposed }: Exposure): string {
  const [style, word, says] =
    exposed === null
      ? (['yellow', 'UNKNOWN', 'the resolver did not answer all that matters'] as const)
      : exposed
        ? (['red', 'EXPOSED', 'the address of the origin can be learnt, or guessed'] as const)
        : (['green', 'QUIET', 'nothing that was looked at leads to the origin'] as const);
  return `${onStdout([style, 'bold'], word.padEnd(MARGIN - 1))} ${zone}${onStdout('dim', `: ${says} (asked ${resolver})`)}`;
}

function targetsText({ verdict: whole, targets }: Report): string {
  const order: readonly Verdict[] = ['open', 'broken', 'unknown', 'locked'];
  const sorted = targets.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const lines = sorted.slice(0, MOST_TARGETS).map((target, index) => {
    const { verdict } = target;
    const first = sorted.findIndex((one) => one.verdict === verdict) === index;
    return `${verdictWord(verdict)} ${targetName(target)}${first ? onStdout('dim', `: ${SAYS[verdict]}`) : ''}`;
  });
  // A configuration may open a door that nobody knocked at.
  if (targets.every(({ verdict }) => verdict !== whole))
    lines.unshift(`${verdictWord(whole)} as a whole, by the configuration, at other doors than those looked at`);
  if (sorted.length <= MOST_TARGETS) return lines.join('\n');
  const counts = order
    .map((verdict) => [verdict, targets.filter((one) => one.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`);
  return [...lines, `… ${targets.length} targets in all: ${counts.join(', ')}`].join('\n');
}

function verdictWord(verdict: Verdict): string {
  return onStdout([STYLES[verdict], 'bold'], verdict.toUpperCase().padEnd(MARGIN - 1));
}

interface Group {
  readonly finding: ReportFinding;
  /** Where it was found, without doubles: lines of a configuration, then targets. */
  readonly places: readonly string[];
}

// The same thing at a hundred addresses is one thing to mend.
function grouped(findings: readonly ReportFinding[]): readonly Group[] {
  const groups = Map.groupBy(findings, ({ code, detail, server }) => [code, detail, server ?? ''].join('\0'));
  return [...groups.values()]
    .flatMap((same) => {
      const [finding] = same;
      if (finding === undefined) return [];
      const lines = same.flatMap(({ where }) => (where === undefined ? [] : [`${where.file}:${where.line}`]));
      return [{ finding, places: [...new Set([...lines, ...same.flatMap(({ target }) => target ?? [])])] }];
    })
    .toSorted((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
}

function findingText({ finding, places }: Group, { commands, columns }: Telling): string {
  const { code, severity, title, detail, refs, evidence } = finding;
  const room = columns - MARGIN;
  const style = severity === 'critical' || severity === 'high' ? 'red' : 'yellow';
  const [head = '', ...more] = wrapped(title, room);
  const shown = places.slice(0, MOST_PLACES);
  const rest = places.length - shown.length;
  const [seen] = evidence;
  const looks = evidence.length > 1 ? [`and ${evidence.length - 1} more that saw the like`] : [];
  return [
    `${onStdout([style, 'bold'], severity.toUpperCase().padEnd(MARGIN))}${onStdout('bold', head)}`,
    ...more.map((line) => `${' '.repeat(MARGIN)}${onStdout('bold', line)}`),
    ...part('code', wrapped([code, ...refs].join(' · '), room)),
    ...part('at', rest > 0 ? [...shown, `and ${rest} more`] : shown),
    ...part('namely', wrapped(detail, room)),
    ...part('seen', seen === undefined ? [] : [...wrapped(`${seen.probe}: ${seen.saw}`, room), ...looks]),
    ...block(
      'try',
      commands(finding).flatMap((command) => foldedCommand(command, columns - INDENT)),
    ),
    ...part('do', wrapped(FINDINGS[code].fix, room)),
    ...(inServersWords(finding) ? block(`${finding.server ?? ''}:`, differenceLines(finding)) : []),
  ].join('\n');
}

function part(name: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${onStdout('dim', (index === 0 ? name : '').padEnd(MARGIN))}${line}`);
}

const INDENT = 2;

/** Lines that are copied whole stand under their name, not beside it. */
function block(name: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return [onStdout('dim', name), ...lines.map((line) => `${' '.repeat(INDENT)}${line}`)];
}

/** Lines of a server's configuration that should be there, or not; remarks stay as they are. */
function differenceLines({ fix }: ReportFinding): readonly string[] {
  return fix.split('\n').map((line) => {
    if (/^[-+]/.test(line)) return onStdout(line.startsWith('+') ? 'green' : 'red', line);
    return /^\s*(?:#|$)/.test(line) ? onStdout('dim', `  ${line}`) : onStdout('green', `+ ${line}`);
  });
}

function acceptedText(findings: readonly ReportFinding[], { accepted, columns }: Telling): readonly string[] {
  const lines = findings.flatMap((finding) => {
    const excuse = accepted(finding);
    if (excuse === null) return [];
    const where = finding.target === null ? '' : ` at ${finding.target}`;
    return wrapped(`${finding.code}${where}, until ${excuse.until}: ${excuse.reason}`, columns - 2);
  });
  return lines.length === 0 ? [] : [[onStdout('bold', 'Accepted'), ...lines.map((line) => `  ${line}`)].join('\n')];
}

function notCheckedText({ notChecked }: Report, columns: number): readonly string[] {
  // One certificate that is missing leaves many things open.
  const reasons = Map.groupBy(notChecked, ({ why }) => why);
  const rows = [...reasons].map(([why, same]) => `${[...new Set(same.map(({ what }) => what))].join('; ')}: ${why}`);
  if (rows.length === 0) return [];
  const lines = rows
    .slice(0, MOST_NOT_CHECKED)
    .flatMap((row) => wrapped(row, columns - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`));
  const rest = rows.length - MOST_NOT_CHECKED;
  const more = rest > 0 ? [`  and ${rest} more; --format json has them all`] : [];
  return [[onStdout('bold', 'Not checked'), ...lines, ...more].join('\n')];
}

function hint(groups: readonly Group[]): readonly string[] {
  const [first] = groups;
  return first === undefined ? [] : [onStdout('dim', `postern doctor --explain ${first.finding.code}  says more`)];
}
