import { visible } from './visible.ts';
import type { AttestationReport } from './attestation-report.ts';

/** A report as one HTML page that can be printed: no script, nothing from elsewhere. `sha256` is that of the signed text. */
export function attestationPage(report: AttestationReport, sha256: string): string {
  const { zone_name, zone, installation, issued_on, since, verdict, locks, changes, complete, unattested } = report;
  const title = `Locks of ${zone_name}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1>
<p class="verdict ${verdict ?? 'none'}">${verdict === null ? 'nothing is looked at' : WORDS[verdict]}</p>
<dl>${facts([
    ['Issued', moment(issued_on)],
    ['Changes listed since', moment(since)],
    ['Zone', zone],
    ['Installation', installation],
    ['SHA-256 of the signed text', sha256],
  ])}</dl>
<h2>Origins</h2>
${table(
  ['Hostname', 'Origin', 'Lock', 'Locked since', 'Last seen open', 'Looked at', 'Findings'],
  locks.map((one) => [
    one.origin.hostname,
    place(one.origin),
    one.verdict,
    maybe(one.locked_since),
    maybe(one.last_open),
    moment(one.seen_on),
    one.findings.map((found) => `${found.title} (${[found.code, ...found.refs].join(', ')})`).join(' '),
  ]),
)}
<h2>Changes</h2>
${
  changes.length === 0
    ? '<p>None.</p>'
    : table(
        ['When', 'Origin', 'Lock', 'Findings'],
        changes.map((one) => [moment(one.at), one.origin, one.verdict, one.findings.join(', ')]),
      )
}
${complete ? '' : '<p>There were more changes than are listed.</p>'}
${
  unattested.length === 0
    ? ''
    : `<h2>Not looked at</h2>${table(
        ['Hostname', 'Because'],
        unattested.map((one) => [one.hostname, one.because]),
      )}`
}
<h2>What this says and what it does not</h2>
<p>Each origin was asked as a stranger would ask, without a certificate and with wrong ones, and as the edge asks. What could not be tried from where the control plane stands is listed for each origin in the signed text (not_checked); ${locks.reduce((sum, one) => sum + one.not_checked.length, 0)} such entries are in it. A lock that was seen to hold may have been open between two looks.</p>
</body></html>
`;
}

const WORDS = {
  locked: 'Locked: strangers were refused at every origin',
  open: 'Open: a stranger gets in at an origin',
  broken: 'Broken: an origin refuses the edge',
  unknown: 'Unknown: an origin could not be looked at',
} as const;

const STYLE = `:root{color-scheme:light}body{font:14px/1.5 system-ui,sans-serif;color:#16202c;max-width:75rem;margin:2rem auto;padding:0 1.5rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}.verdict{font-weight:600;font-size:1.1rem;margin:.3rem 0 1rem}
.locked{color:#11653a}.open,.broken{color:#b3261e}.unknown,.none{color:#8a5300}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#5c6b7c}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid #d5dce4;overflow-wrap:anywhere}th{color:#5c6b7c;font-weight:500}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}`;

function place({ address, port, server_name, host_header }: AttestationReport['locks'][number]['origin']): string {
  const host = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return [host, server_name === null ? '' : `as ${server_name}`, host_header === null ? '' : `with Host ${host_header}`]
    .filter((part) => part !== '')
    .join(' ');
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: 'th' | 'td') =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${cells(header, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table>`;
}

function moment(text: string): string {
  return `${text.slice(0, 16).replace('T', ' ')} UTC`;
}

function maybe(text: string | null): string {
  return text === null ? '–' : moment(text);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
}
