import type { AttestationReport } from './attestation-report.ts';
import { html, type Markup } from './markup.ts';
import { visible } from './visible.ts';

/** A report as one HTML page that can be printed: no script, nothing from elsewhere. `sha256` is that of the signed text. */
export function attestationPage(report: AttestationReport, sha256: string): string {
  const { zone_name, zone, installation, issued_on, since, verdict, locks, changes, complete, unattested, paused } =
    report;
  const title = visible(`Locks of ${zone_name}`);
  const left = locks.reduce((sum, one) => sum + one.not_checked.length, 0);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
<p class="verdict ${verdict ?? 'none'}">${verdict === null ? 'nothing is looked at' : WORDS[verdict]}</p>
${paused === undefined ? '' : notLookedAtNow(paused)}<dl>${facts([
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
${changeList(changes)}
${complete ? '' : html`<p>There were more changes than are listed.</p>`}
${unattested.length === 0 ? '' : notLookedAt(unattested)}
<h2>What this says and what it does not</h2>
<p>Each origin was asked as a stranger would ask, without a certificate and with wrong ones, and as the edge asks. What could not be tried from where the control plane stands is listed for each origin in the signed text (not_checked); ${left} such entries are in it. A lock that was seen to hold may have been open between two looks.</p>
</body></html>
`;
  return page.markup;
}

function changeList(changes: AttestationReport['changes']): Markup {
  if (changes.length === 0) return html`<p>None.</p>`;
  return table(
    ['When', 'Origin', 'Lock', 'Findings'],
    changes.map((one) => [moment(one.at), one.origin, one.verdict, one.findings.join(', ')]),
  );
}

function notLookedAtNow({ since, until, reason }: NonNullable<AttestationReport['paused']>): Markup {
  return html`<p>Nobody looks from ${moment(since)} to ${moment(until)}, because: ${visible(reason)}</p>`;
}

function notLookedAt(unattested: AttestationReport['unattested']): Markup {
  const rows = unattested.map((one) => [one.hostname, one.because]);
  return html`<h2>Not looked at</h2>${table(['Hostname', 'Because'], rows)}`;
}

const WORDS = {
  locked: 'Locked: strangers were refused at every origin',
  open: 'Open: a stranger gets in at an origin',
  broken: 'Broken: the edge cannot pull from an origin',
  unknown: 'Unknown: an origin could not be looked at',
} as const;

const STYLE: Markup = html`:root{color-scheme:light}body{font:14px/1.5 system-ui,sans-serif;color:#16202c;max-width:75rem;margin:2rem auto;padding:0 1.5rem}
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

function facts(rows: readonly (readonly [string, string])[]): Markup {
  return html`${rows.map(([name, value]) => html`<dt>${visible(name)}</dt><dd>${visible(value)}</dd>`)}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const head = header.map((cell) => html`<th>${visible(cell)}</th>`);
  const body = rows.map((row) => html`<tr>${row.map((cell) => html`<td>${visible(cell)}</td>`)}</tr>`);
  return html`<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function moment(text: string): string {
  return `${text.slice(0, 16).replace('T', ' ')} UTC`;
}

function maybe(text: string | null): string {
  return text === null ? '–' : moment(text);
}
