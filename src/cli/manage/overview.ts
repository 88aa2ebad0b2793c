import { type Command, Option } from 'commander';
import { VERDICTS } from '../../domain/verdict.ts';
import { ZONE_ORDERS } from '../../domain/zone-overview.ts';
import type { View } from '../../wire/answer-fields.ts';
import type { EXPIRY, OVERVIEW, ZONE_OVERVIEW } from '../../wire/overview.ts';
import { visible } from '../../wire/visible.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { EXIT } from '../failure.ts';
import { minute } from '../moment.ts';
import { onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';

interface Flags extends ApiCommandFlags {
  readonly search?: string;
  readonly verdict?: string;
  readonly sort: string;
  readonly within: string;
  readonly zone?: string;
}

type Overview = View<typeof OVERVIEW>;
type Row = View<typeof ZONE_OVERVIEW>;
type Expiry = View<typeof EXPIRY>;

const MOST_ROWS = '500';
const MOST_EXPIRIES = '1000';
const COLOURS = { locked: 'green', open: 'red', broken: 'red', unknown: 'yellow' } as const;
const SEVERITIES = { critical: 'red', warning: 'yellow', info: 'dim' } as const;

/** `postern overview`: all zones at a glance. */
export function overviewCommand(): Command {
  return apiCommand('overview', 'all zones at a glance: what wants attention now, and how each zone is', [
    'overview',
    'overview --verdict open',
    'overview --search shop --sort ending --json',
  ])
    .option('--search <text>', 'only zones with this in their name')
    .addOption(new Option('--verdict <verdict>', 'only zones that are so').choices([...VERDICTS, 'unattested']))
    .addOption(new Option('--sort <order>', 'in which order').choices(ZONE_ORDERS).default('worst'))
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { result: overview } = await callApi<Overview>(access, 'GET', '/postern/v1/overview');
        const zones = await rows(access, flags);
        show(json, { overview, zones }, () => overviewText(overview, zones));
        const { open, broken } = overview.zones;
        process.exitCode = open + broken > 0 ? EXIT.notGood : EXIT.good;
      }),
    );
}

async function rows(access: ApiAccess, { search, verdict, sort }: Flags): Promise<readonly Row[]> {
  const query = new URLSearchParams({ sort, per_page: MOST_ROWS });
  if (search !== undefined) query.set('search', search);
  if (verdict !== undefined) query.set('verdict', verdict);
  return (await callApi<readonly Row[]>(access, 'GET', `/postern/v1/overview/zones?${query.toString()}`)).result;
}

function overviewText({ attention, zones: { total } }: Overview, zones: readonly Row[]): string {
  const urgent = attention.first.map(({ severity, text, fix, zone }) =>
    [
      `${onStdout(SEVERITIES[severity], severity)} ${zone === null ? '' : `${visible(zone.name)}: `}${visible(text)}`,
      ...(fix === '' ? [] : [`  → ${visible(fix)}`]),
    ].join('\n'),
  );
  const others = attention.count - attention.first.length;
  return [
    ...urgent,
    ...(others > 0 ? [`and ${others} others: postern notices list`] : []),
    ...(attention.count > 0 ? [''] : []),
    zones.length === 0 ? 'No zone.' : zoneTable(zones),
    ...(zones.length < total ? [`${zones.length} of ${total} zones.`] : []),
  ].join('\n');
}

function zoneTable(zones: readonly Row[]): string {
  return fittedTable(
    ['ZONE', 'LOCK', 'SINCE', 'HOSTNAMES', 'LOCKED', 'ENDS FIRST', 'CONCERNS'],
    zones.map(({ zone, verdict, since, hostnames, next_end_by_hand: end, concerns, rotation, ...row }) => [
      visible(zone.name),
      `${verdict === null ? 'not looked at' : onStdout(COLOURS[verdict], verdict)}${pauses(row)}`,
      since === null ? '' : minute(since),
      String(hostnames.served),
      String(hostnames.locked),
      end === null ? 'renews itself' : `${end.ends_on.slice(0, 10)} ${end.what}`,
      [concerns.critical + concerns.warning, ...(rotation === null ? [] : [`rotation: ${rotation.phase}`])].join(', '),
    ]),
  );
}

function pauses({ paused, looks_paused_until: until }: Pick<Row, 'paused' | 'looks_paused_until'>): string {
  return [...(paused ? [' (paused)'] : []), ...(until === null ? [] : [` (looks paused until ${minute(until)})`])].join(
    '',
  );
}

/** `postern expiries`: what ends when. */
export function expiriesCommand(): Command {
  return apiCommand('expiries', 'what comes to its end, the soonest first, and whether it renews itself', [
    'expiries',
    'expiries --within 365d --zone example.test',
  ])
    .option('--within <days>', 'within so many days', '90d')
    .option('--zone <zone>', 'only of this zone; name or id')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const query = new URLSearchParams({ within: flags.within, per_page: MOST_EXPIRIES });
        if (flags.zone !== undefined) query.set('zone', flags.zone);
        const path = `/postern/v1/expiries?${query.toString()}`;
        const { result } = await callApi<readonly Expiry[]>(access, 'GET', path);
        show(json, result, () => (result.length === 0 ? 'Nothing ends until then.' : expiryTable(result)));
      }),
    );
}

function expiryTable(expiries: readonly Expiry[]): string {
  return fittedTable(
    ['ENDS', 'WHAT', 'ZONE', 'NAME', 'RENEWED BY'],
    expiries.map(({ ends_on, what, zone, name, renews_itself }) => [
      minute(ends_on),
      what,
      visible(zone?.name ?? ''),
      visible(name),
      renews_itself ? onStdout('dim', 'Postern') : onStdout('yellow', 'you'),
    ]),
  );
}
