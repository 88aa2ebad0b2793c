import type { Verdict } from '../../domain/verdict.ts';
import type { Acceptance } from './acceptance.ts';
import { inServersWords, type Report, type ReportFinding, type ReportTarget } from '../view.ts';

const MOST_ROWS = 50;
const MOST_EVIDENCE = 5;

const SENTENCES: Readonly<Record<Verdict, string>> = {
  locked: 'Locked, as far as was checked',
  open: 'Open: callers without the right certificate get in',
  broken: 'Broken: the edge itself cannot pull',
  unknown: 'It could not be found out',
};

/** A report as a comment of a change. Whatever a server said stands in code, where it is no markup and calls nobody. */
export function markdown(report: Report, accepted: Acceptance): string {
  const parts = [`## Doctor: ${SENTENCES[report.verdict]}`];
  if (report.targets.length > 0) parts.push(targetTable(report.targets));
  const counted = report.findings.filter((one) => accepted(one) === null);
  parts.push(...counted.slice(0, MOST_ROWS).map(section));
  if (counted.length > MOST_ROWS) parts.push(`… and ${counted.length - MOST_ROWS} more findings.`);
  parts.push(...acceptedList(report.findings, accepted), ...notChecked(report));
  return `${parts.join('\n\n')}\n`;
}

function targetTable(targets: readonly ReportTarget[]): string {
  const worstFirst = targets.toSorted((a, b) => rank(a.verdict) - rank(b.verdict));
  const rows = worstFirst
    .slice(0, MOST_ROWS)
    .map(({ host, connect, door, verdict }) => `| ${cell(host)} | ${cell(connect)} | ${door} | **${verdict}** |`);
  const more = targets.length > MOST_ROWS ? `\n\n… and ${targets.length - MOST_ROWS} more.` : '';
  return `| Name | At | Door | Verdict |\n| --- | --- | --- | --- |\n${rows.join('\n')}${more}`;
}

function rank(verdict: Verdict): number {
  return Object.keys({ open: 0, broken: 0, unknown: 0, locked: 0 } satisfies Record<Verdict, 0>).indexOf(verdict);
}

function section(finding: ReportFinding): string {
  const { code, severity, title, detail, fix, refs, target, where, evidence } = finding;
  const place = where === undefined ? target : `${where.file}:${where.line}`;
  const facts = [`${codeSpan(code)}`, ...refs, ...(place === null ? [] : [codeSpan(place)])];
  const seen = evidence.slice(0, MOST_EVIDENCE).map(({ probe, saw }) => `${probe}: ${saw}`);
  return [
    `### ${severity}: ${title}`,
    facts.join(' · '),
    ...(detail === '' ? [] : [codeSpan(detail)]),
    ...(seen.length === 0 ? [] : [fence(seen.join('\n'), 'text')]),
    inServersWords(finding) ? `Do this:\n\n${fence(fix, 'diff')}` : fix,
  ].join('\n\n');
}

function acceptedList(findings: readonly ReportFinding[], accepted: Acceptance): readonly string[] {
  const rows = findings.flatMap((finding) => {
    const excuse = accepted(finding);
    if (excuse === null) return [];
    return [`- ${codeSpan(finding.code)}, until ${excuse.until}: ${codeSpan(excuse.reason)}`];
  });
  return rows.length === 0 ? [] : [`### Accepted\n\n${[...new Set(rows)].slice(0, MOST_ROWS).join('\n')}`];
}

function notChecked({ notChecked: rows }: Report): readonly string[] {
  const lines = [...new Set(rows.map(({ what, why }) => `- ${codeSpan(what)}: ${codeSpan(why)}`))];
  if (lines.length === 0) return [];
  return [
    `<details><summary>Not checked (${lines.length})</summary>\n\n${lines.slice(0, MOST_ROWS).join('\n')}\n\n</details>`,
  ];
}

// In a table a bar ends the cell even inside code (GitHub Flavored Markdown §4.10).
function cell(text: string): string {
  return codeSpan(text).replaceAll('|', '\\|');
}

/** CommonMark §6.1: fenced by more backticks than the text has in a row. */
function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = line === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${space}${line}${space}${ticks}`;
}

function fence(text: string, language: string): string {
  const ticks = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${ticks}${language}\n${text}\n${ticks}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
