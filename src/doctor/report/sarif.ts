import { pathToFileURL } from 'node:url';
import { FINDINGS, type FindingCode } from '../diagnosis/findings.ts';
import type { FindingKind, Severity } from '../diagnosis/severity.ts';
import type { Acceptance } from './acceptance.ts';
import type { Report, ReportFinding } from '../view.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

// The scale on which code hosts sort findings: above 9 critical, above 7 high, above 4 medium.
const SCORES: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.0', low: '2.0' };

/** A report in SARIF 2.1.0 (OASIS), which code hosts show. */
export function sarif(report: Report, version: string, accepted: Acceptance): object {
  const codes = [...new Set(report.findings.map(({ code }) => code))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'postern doctor', version, rules: codes.map(rule) } },
        invocations: [{ executionSuccessful: report.verdict !== 'unknown' }],
        results: report.findings.map((finding) => result(finding, codes, accepted)),
        properties: { verdict: report.verdict, targets: report.targets, notChecked: report.notChecked },
      },
    ],
  };
}

function rule(code: FindingCode): object {
  const { severity, title, fix, refs }: FindingKind = FINDINGS[code];
  return {
    id: code,
    shortDescription: { text: title },
    help: { text: fix, markdown: `${fix}\n\n\`postern doctor --explain ${code}\` says more.` },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { 'security-severity': SCORES[severity], tags: ['security', ...refs] },
  };
}

function result(finding: ReportFinding, codes: readonly FindingCode[], accepted: Acceptance): object {
  const { code, severity, target, where, evidence } = finding;
  const excuse = accepted(finding);
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: message(finding) },
    locations: [where === undefined ? live(target) : physical(where)],
    partialFingerprints: { 'finding/v1': `${code}:${target ?? ''}:${where?.file ?? ''}:${finding.detail}` },
    ...(excuse === null ? {} : { suppressions: [{ kind: 'external', justification: excuse.reason }] }),
    properties: { evidence },
  };
}

function message({ title, detail, fix, target, evidence }: ReportFinding): string {
  const [first] = evidence;
  return [
    title,
    ...(detail === '' ? [] : [unlinked(detail)]),
    ...(target === null ? [] : [`At ${unlinked(target)}.`]),
    ...(first === undefined ? [] : [`Seen: ${unlinked(`${first.probe}: ${first.saw}`)}.`]),
    `Do this: ${fix}`,
  ].join('\n');
}

// SARIF §3.11.6: `[text](place)` is a link in any message, so that a page's title could send the reader somewhere.
function unlinked(text: string): string {
  return text.includes('](') ? text.replace(/[\\[\]]/g, String.raw`\$&`) : text;
}

/**
 * What answers at a socket is in no file. Code hosts take no result without a path below the repository, and none with
 * the scheme of the web (GitHub refuses the whole upload for one), so its place stands there as a path that says so.
 */
function live(target: string | null): object {
  const place = target ?? 'configuration';
  const uri = ['origins', ...place.split(' at ')].map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri, description: { text: `This is no file: it stands for what answers as ${place}.` } },
      region: { startLine: 1 },
    },
    logicalLocations: [{ fullyQualifiedName: place, kind: 'resource' }],
  };
}

function physical({ file, line }: { readonly file: string; readonly line: number }): object {
  return {
    physicalLocation: { artifactLocation: { uri: fileUri(file) }, region: { startLine: Math.max(1, line) } },
  };
}

// SARIF §3.4.3: a URI, relative ones with slashes.
function fileUri(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/');
}
