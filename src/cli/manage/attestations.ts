import { Command } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { ATTESTATION, ATTESTATION_DETAIL, LOCKS } from '../../wire/attestations.ts';
import { visible } from '../../wire/visible.ts';
import { callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling, zoneCommand } from '../connection.ts';
import { EXIT } from '../failure.ts';
import { minute } from '../moment.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { zoneNamed, zoneOf } from '../zone-lookup.ts';
import { pathCommand, pauseCommand, pauseText, resumeCommand } from './attestation-looks.ts';
import { reportCommand, verifyCommand } from './attestation-report.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string;
  readonly hostname?: string;
  readonly verdict?: string;
}

type LockFacts = View<typeof ATTESTATION>;

type DetailFacts = View<typeof ATTESTATION_DETAIL>;

type ZoneFacts = View<typeof LOCKS>;

const COLOURS = { locked: 'green', open: 'red', broken: 'red', unknown: 'yellow' } as const;

/** `postern attestations …`: what was seen of locks. */
export function attestationsCommand(): Command {
  return new Command('attestations')
    .description('whether the locks of origins hold, since when, and what shows it')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(nowCommand())
    .addCommand(pathCommand())
    .addCommand(pauseCommand())
    .addCommand(resumeCommand())
    .addCommand(reportCommand())
    .addCommand(verifyCommand());
}

function listCommand(): Command {
  return zoneCommand('list', 'how the lock of each origin of a zone was seen last', [
    'attestations list --zone example.test',
    'attestations list --zone example.test --verdict open --json',
  ])
    .option('--hostname <text>', 'only names with this in them')
    .option('--verdict <verdict>', 'only locked, open, broken or unknown')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { id, name } = await zoneNamed(access, flags.zone ?? '');
        const rows = await listed(access, id, flags);
        const zone = await lockOf(access, id);
        show(json, rows, () => (rows.length === 0 ? `No lock of ${name} has been looked at.` : table(rows)));
        if (!json && zone.paused !== null) note(pauseText(name, zone.paused));
        if (!json) note(...zone.unattested.map(({ hostname, because }) => `${hostname} is not looked at: ${because}.`));
        process.exitCode = exitFor(rows);
      }),
    );
}

async function lockOf(access: Parameters<typeof callApi>[0], zone: string): Promise<ZoneFacts> {
  return (await callApi<ZoneFacts>(access, 'GET', `/postern/v1/zones/${zone}/lock`)).result;
}

const PER_PAGE = 500;

async function listed(access: Parameters<typeof callApi>[0], zone: string, { hostname, verdict }: Flags) {
  const rows: LockFacts[] = [];
  for (let page = 1; ; page++) {
    const query = new URLSearchParams({ page: String(page), per_page: String(PER_PAGE) });
    if (hostname !== undefined) query.set('hostname', hostname);
    if (verdict !== undefined) query.set('verdict', verdict);
    const { result } = await callApi<readonly LockFacts[]>(
      access,
      'GET',
      `/postern/v1/zones/${zone}/attestations?${query.toString()}`,
    );
    rows.push(...result);
    if (result.length < PER_PAGE) return rows;
  }
}

function showCommand(): Command {
  return apiCommand('show', 'what was seen of the locks of a hostname, with what shows it', [
    'attestations show www.example.test',
  ])
    .argument('<hostname>')
    .option('--zone <zone>', 'name or id of the zone; found by the hostname where it is left out')
    .action(
      calling<Flags>(async ({ access, flags, json }, hostname = '') => {
        const { id, name } = await zoneOf(access, flags.zone, hostname);
        const path = `/postern/v1/zones/${id}/attestations/${encodeURIComponent(hostname)}`;
        const { result } = await callApi<readonly DetailFacts[]>(access, 'GET', path);
        const none = `No lock of ${visible(hostname)} has been looked at.`;
        show(json, result, () => (result.length === 0 ? none : result.map(detailText).join('\n\n')));
        const { paused } = json ? { paused: null } : await lockOf(access, id);
        if (paused !== null) note(pauseText(name, paused));
        process.exitCode = exitFor(result);
      }),
    );
}

function nowCommand(): Command {
  return apiCommand('now', 'look at the locks of a hostname, or of a zone, at once', [
    'attestations now www.example.test',
    'attestations now --zone example.test',
  ])
    .argument('[hostname]')
    .option('--zone <zone>', 'name or id of the zone; found by the hostname where it is left out')
    .action(
      calling<Flags>(async ({ access, flags, json }, hostname) => {
        const { id } =
          hostname === undefined
            ? await zoneNamed(access, flags.zone ?? '')
            : await zoneOf(access, flags.zone, hostname);
        const path = `/postern/v1/zones/${id}/attestations`;
        const body = hostname === undefined ? {} : { hostname };
        const { result, messages } = await callApi<{
          readonly waiting: number;
          readonly attestations: readonly LockFacts[];
        }>(access, 'POST', path, body);
        show(json, result, () => table(result.attestations));
        note(...messages);
        if (result.waiting > 0) note(`${result.waiting} could not be looked at in time; they are looked at still.`);
        process.exitCode = result.waiting > 0 ? EXIT.undetermined : exitFor(result.attestations);
      }),
    );
}

function exitFor(rows: readonly Pick<LockFacts, 'verdict'>[]): number {
  if (rows.some(({ verdict }) => verdict === 'open' || verdict === 'broken')) return EXIT.notGood;
  return rows.length === 0 || rows.some(({ verdict }) => verdict === 'unknown') ? EXIT.undetermined : EXIT.good;
}

function table(rows: readonly LockFacts[]): string {
  return fittedTable(
    ['HOSTNAME', 'ORIGIN', 'LOCK', 'SINCE', 'LAST OPEN', 'SEEN', 'FINDINGS'],
    rows.map(({ origin, verdict, since, last_open, seen_on, findings }) => [
      visible(origin.hostname),
      visible(`${origin.address}:${origin.port}`),
      coloured(verdict),
      minute(since),
      last_open === null ? '' : minute(last_open),
      minute(seen_on),
      visible(findings.join(' ')),
    ]),
  );
}

function detailText({ origin, verdict, since, locked_since, last_open, evidence, changes }: DetailFacts): string {
  const head = `${visible(origin.hostname)} at ${visible(origin.address)}:${origin.port}: ${coloured(verdict)} since ${minute(since)}`;
  const past = [
    locked_since === null ? '' : `locked since ${minute(locked_since)}`,
    last_open === null ? 'never seen open' : `last seen open ${minute(last_open)}`,
  ].filter((part) => part !== '');
  const found = (evidence?.findings ?? []).flatMap(({ code, severity, title, fix, refs, evidence: shown }) => [
    '',
    `${severity} ${onStdout('bold', visible(title))} (${[code, ...refs].join(', ')})`,
    ...shown.slice(0, 3).map(({ probe, saw }) => `  ${visible(probe)}: ${visible(saw)}`),
    ...visibleLines(fix).map((line) => `  → ${line}`),
  ]);
  const before = changes.map(({ at, verdict: was, findings }) => `  ${minute(at)}  ${was}  ${findings.join(' ')}`);
  const rest =
    evidence === null ? [] : [`${evidence.checked.length} probes; not checked: ${evidence.notChecked.length}`];
  return [head, past.join(', '), ...found, '', ...rest, 'Changes:', ...before].join('\n');
}

function visibleLines(text: string): readonly string[] {
  return text.split('\n').map(visible);
}

function coloured(verdict: string): string {
  const colour = Object.entries(COLOURS).find(([name]) => name === verdict)?.[1];
  return colour === undefined ? verdict : onStdout(colour, verdict);
}
