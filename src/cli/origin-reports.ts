import type { Command } from 'commander';
import { type OriginReport, originReportsPath } from '../wire/origin-report.ts';
import { visible } from '../wire/visible.ts';
import { type ApiAccess, callApi } from './api.ts';
import { type ApiCommandFlags, calling, zoneCommand } from './connection.ts';
import { minute } from './moment.ts';
import { onStdout, show } from './print.ts';
import { fittedTable, mark } from './table.ts';
import { zoneNamed } from './zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone: string;
}

/** A report as the API shows it. */
interface ReportFacts extends OriginReport {
  readonly in_step: boolean;
  readonly reported_on: string;
}

/** `postern origin reports`: what the origins of a zone said last. */
export function reportsCommand(): Command {
  return zoneCommand('reports', 'what the origins of a zone that keep in step said last', [
    'origin reports --zone example.test',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id, name } = await zoneNamed(access, flags.zone);
      const reports = await reportsOf(access, id);
      show(json, reports, () => (reports.length === 0 ? `No origin of ${name} has reported.` : table(reports)));
    }),
  );
}

/** What the origins of a zone said last, by host and lock. */
export async function reportsOf(access: ApiAccess, zone: string): Promise<readonly ReportFacts[]> {
  return (await callApi<readonly ReportFacts[]>(access, 'GET', originReportsPath(zone))).result;
}

/** A sentence for each origin that does not have the bundle of now. */
export function behind(reports: readonly ReportFacts[]): readonly string[] {
  return reports
    .filter(({ in_step }) => !in_step)
    .map(({ host, lock, bundle, fault, reported_on }) => {
      const has = bundle === null ? 'no bundle' : `an older bundle (${versionText(bundle)})`;
      const why = fault === null ? '' : `: ${fault.text}`;
      return visible(`${host} (${lock}) had ${has} at ${minute(reported_on)}${why}.`);
    });
}

/** A sentence for each origin that watches a hostname instead of refusing. */
export function watching(reports: readonly ReportFacts[]): readonly string[] {
  return reports.flatMap(({ host, lock, hostnames, reported_on }) =>
    hostnames
      .filter(({ mode }) => mode === 'watch')
      .map(({ hostname }) => visible(`${host} (${lock}) let everybody in to ${hostname} at ${minute(reported_on)}.`)),
  );
}

function table(reports: readonly ReportFacts[]): string {
  return fittedTable(
    ['HOST', 'LOCK', 'SERVER', 'BUNDLE', 'OPEN', 'SAID', 'FAULT'],
    reports.map(({ host, lock, server, bundle, in_step, hostnames, reported_on, fault }) => [
      visible(host),
      visible(lock),
      visible(server),
      `${mark(in_step)} ${bundle === null ? 'none' : versionText(bundle)}`,
      onStdout(
        'yellow',
        visible(hostnames.flatMap(({ hostname, mode }) => (mode === 'watch' ? [hostname] : [])).join(' ')),
      ),
      minute(reported_on),
      fault === null ? '' : onStdout('red', visible(fault.text)),
    ]),
  );
}

function versionText({ version, sha256 }: { readonly version: number | null; readonly sha256: string }): string {
  return version === null ? sha256.slice(0, 8) : `version ${version}`;
}
