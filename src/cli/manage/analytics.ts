import { type Command, Option } from 'commander';
import { ANALYTICS_SPANS, type AnalyticsView, type HostnameTraffic } from '../../wire/analytics.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { note, onStdout, show } from '../print.ts';
import { sparkline } from '../sparkline.ts';
import { facts, fittedTable } from '../table.ts';
import { sayingSpan } from '../time-span.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string;
  readonly last: (typeof ANALYTICS_SPANS)[number];
}

interface ListFlags extends ApiCommandFlags {
  readonly zone?: string;
  readonly search?: string;
}

/** `postern analytics`: what the edges counted over time. */
export function analyticsCommand(): Command {
  return apiCommand('analytics', 'pulls over time: what was shown, how they ended, handshakes, latency', [
    'analytics',
    'analytics --zone example.test --last 24h',
    'analytics --json | jq .totals.pulls',
  ])
    .addCommand(hostnamesCommand())
    .option('--zone <zone>', 'name or id of a zone; all zones where left out')
    .addOption(new Option('--last <span>', 'how far back').choices(ANALYTICS_SPANS).default('1h'))
    .action(
      calling<Flags>(async ({ access, flags: { zone, last }, json }) => {
        const path = `${await pathOf(access, zone)}?last=${last}`;
        const { result, messages } = await callApi<AnalyticsView>(access, 'GET', path);
        note(...messages);
        show(json, result, () => told(result));
      }),
    );
}

function hostnamesCommand(): Command {
  return apiCommand('hostnames', 'pulls of the last hour by hostname, the busiest first', [
    'analytics hostnames',
    'analytics hostnames --zone example.test --search www',
  ])
    .option('--zone <zone>', 'name or id of a zone; all zones where left out')
    .option('--search <text>', 'only hostnames that hold this')
    .action(
      calling<ListFlags>(async ({ access, flags: { zone, search }, json }) => {
        const query = new URLSearchParams({ per_page: '100', ...(search === undefined ? {} : { search }) });
        const path = `${await pathOf(access, zone)}/hostnames?${query.toString()}`;
        const { result, messages, info } = await callApi<readonly HostnameTraffic[]>(access, 'GET', path);
        note(...messages, ...more(result.length, info?.total_count));
        show(json, result, () => (result.length === 0 ? 'No pull in the last hour.' : hostnameTable(result)));
      }),
    );
}

function more(shown: number, all = shown): readonly string[] {
  return all > shown ? [`${shown} of ${all} hostnames are shown: narrow them with --search`] : [];
}

async function pathOf(access: ApiAccess, zone: string | undefined): Promise<string> {
  if (zone === undefined) return '/postern/v1/analytics';
  return `/postern/v1/zones/${(await zoneNamed(access, zone)).id}/analytics`;
}

function told(view: AnalyticsView): string {
  const { totals, last, step, counted_since: since } = view;
  const heading = `the last ${last}, in steps of ${sayingSpan(step)}; counted since ${since}`;
  return [onStdout('dim', heading), lines(view), facts(summary(totals)), hour(view)].join('\n\n');
}

const WIDTH = 60;

/** What always has a line, even where nothing was counted. */
const ALWAYS: ReadonlySet<string> = new Set(['answered', 'refused', 'failed', 'without']);

function lines({ series }: AnalyticsView): string {
  const rows = series
    .filter(({ name }) => name === 'pulls' || name === 'certificates')
    .map(({ name, labels, points }) => {
      const [label = ''] = Object.values(labels);
      const sum = points.reduce<number>((all, point) => all + (point ?? 0), 0);
      return { label: name === 'certificates' ? SHOWN[label] : label.replace('_', ' '), sum, points, key: label };
    })
    .filter(({ sum, key }) => sum > 0 || ALWAYS.has(key));
  return fittedTable(
    ['PULLS', 'COUNT', 'OVER TIME'],
    rows.map(({ label = '', sum, points }) => [label, String(sum), sparkline(points, WIDTH)]),
  );
}

const SHOWN: Readonly<Record<string, string>> = {
  hostname: 'with the certificate of the hostname',
  zone: 'with the certificate of the zone',
  global: 'with the shared certificate',
  without: 'without a certificate',
  plaintext: 'over plain HTTP',
};

function summary(totals: AnalyticsView['totals']): readonly (readonly [string, string])[] {
  const { handshakes, handshake_failures, failures, edge_answers, reuse, first_byte_seconds: time, bytes } = totals;
  return [
    ['refused and failed', reasons(failures)],
    ['answered by the edge', reasons(edge_answers)],
    ['handshakes', `${handshakes.full} full, ${handshakes.resumed} resumed, ${handshakes.failed} failed`],
    ['why they failed', reasons(handshake_failures)],
    ['connections reused', reuse === null ? '-' : `${(reuse * 100).toFixed(2)} %`],
    ['first byte', `p50 ${milliseconds(time.p50)}, p90 ${milliseconds(time.p90)}, p99 ${milliseconds(time.p99)}`],
    ['bytes', `${bytes.in} from visitors, ${bytes.out} to them`],
  ];
}

function hour({ last_hour: { pulls, without_certificate, plaintext, hostnames } }: AnalyticsView): string {
  const bare = without_certificate + plaintext;
  const text = `${bare} of ${pulls} pulls in the last hour had no certificate (${hostnames} hostnames).`;
  return bare === 0 ? text : onStdout('yellow', text);
}

function reasons(list: readonly { readonly reason: string; readonly count: number }[]): string {
  return list.length === 0 ? '-' : list.map(({ reason, count }) => `${count} ${reason}`).join(', ');
}

function milliseconds(seconds: number | null): string {
  return seconds === null ? '-' : `${(seconds * 1_000).toFixed(1)} ms`;
}

function hostnameTable(rows: readonly HostnameTraffic[]): string {
  return fittedTable(
    ['HOSTNAME', 'PULLS', 'WITHOUT', 'PLAINTEXT', 'REFUSED', 'FAILED', 'LAST'],
    rows.map(({ hostname, pulls, without_certificate, plaintext, refused, failed, last_at }) => [
      hostname,
      ...[pulls, without_certificate, plaintext, refused, failed].map(String),
      last_at,
    ]),
  );
}
