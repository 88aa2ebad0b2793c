import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { instant } from '../../domain/ids.ts';
import { readBundle } from '../../pki/bundle.ts';
import { zoneSignature } from '../../pki/zone-signature.ts';
import { attestationPage } from '../../wire/attestation-page.ts';
import { type AttestationReport, readReport } from '../../wire/attestation-report.ts';
import { callApi } from '../api.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { spokenMoment } from '../moment.ts';
import { readPemFile } from '../pem-file.ts';
import { onStdout, show } from '../print.ts';
import { writeWhole } from '../whole-file.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface ReportFlags extends ApiCommandFlags {
  readonly zone: string;
  readonly since: string;
  readonly out: string;
  readonly html?: string;
}

interface VerifyFlags {
  readonly signature?: string;
  readonly trust: string;
  readonly html?: string;
  readonly json?: boolean;
}

interface SignedReport {
  readonly report: string;
  readonly signature: string;
  readonly sha256: string;
}

/** `postern attestations report`: for auditors. */
export function reportCommand(): Command {
  return zoneCommand('report', 'a signed report of how the locks of a zone are and were', [
    'attestations report --zone example.test --out locks.json',
    'attestations report --zone a.test --since 52w --out locks.json',
  ])
    .option('--since <when>', 'from when on changes are listed', '90d')
    .requiredOption('--out <file>', 'the report; its signature goes beside it, with .p7s')
    .option('--html <file>', 'the same as a page to print')
    .action(
      calling<ReportFlags>(async ({ access, flags, json }) => {
        const { id } = await zoneNamed(access, flags.zone);
        const since = encodeURIComponent(spokenMoment('--since', flags.since, Date.now(), -1));
        const path = `/postern/v1/zones/${id}/attestation-report?since=${since}`;
        const { result } = await callApi<SignedReport>(access, 'GET', path);
        const report = understood(result.report, 'What the control plane sent');
        writeWhole(flags.out, result.report);
        writeWhole(`${flags.out}.p7s`, result.signature);
        if (flags.html !== undefined) writeWhole(flags.html, attestationPage(report, result.sha256));
        show(json, report, () => `${flags.out}, signed in ${flags.out}.p7s: ${summary(report)}`);
      }),
    );
}

/** `postern attestations verify`: without asking anybody. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('whether a report is signed by whom a bundle of the zone vouches for; asks nobody')
    .argument('<report>', 'the file of the report')
    .option('--signature <file>', 'its signature (default: the same name with .p7s)')
    .requiredOption('--trust <file>', 'a trust bundle of the zone (postern ca bundle)')
    .option('--html <file>', 'write the report as a page to print')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  postern attestations verify locks.json --trust bundle.pem\n\nExit codes: 0 it is signed for the zone, 1 it is not.',
    )
    .action(verify);
}

function verify(file: string, flags: VerifyFlags): void {
  const text = read(file);
  const report = understood(text, file);
  const signature = readPemFile('--signature', flags.signature ?? `${file}.p7s`);
  const trusted = readBundle(readPemFile('--trust', flags.trust));
  // Signers are made for each signature and end soon: what counts is that they were good when it was made.
  const signed = zoneSignature({ text, signature, trusted }, instant(Date.parse(report.issued_on)));
  const good = signed.kind === 'believed' && signed.zone === report.zone;
  const because = signed.kind === 'fault' ? `${signed.code} ${signed.detail}`.trim() : good ? '' : 'another zone';
  const sha256 = createHash('sha256').update(text).digest('hex');
  if (good && flags.html !== undefined) writeWhole(flags.html, attestationPage(report, sha256));
  show(
    flags.json === true,
    { signed: good, because, zone: report.zone_name, issued_on: report.issued_on, verdict: report.verdict },
    () =>
      good
        ? `${onStdout('green', 'signed')} for ${report.zone_name} at ${report.issued_on}: ${summary(report)}`
        : `${onStdout('red', 'not signed')} by whom this bundle vouches for: ${because}`,
  );
  process.exitCode = good ? EXIT.good : EXIT.notGood;
}

function summary({ verdict, locks, changes, since }: AttestationReport): string {
  const what = verdict === null ? 'nothing is looked at' : verdict;
  return `${what}, ${locks.length} origins, ${changes.length} changes since ${since.slice(0, 10)}`;
}

function understood(text: string, what: string): AttestationReport {
  const report = readReport(text);
  if (report !== null) return report;
  throw new Failure(`${what} is no report of this program.`, 'Fetch it again: postern attestations report.');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Failure(`${file} cannot be read (${code}).`, 'Check the path and its permissions.');
  }
}
