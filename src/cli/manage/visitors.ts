import { Command } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { ASKED, VISITOR_AUTHORITIES } from '../../wire/visitor-authorities.ts';
import { type ApiAccess, callApi, listAll } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling, zoneCommand } from '../connection.ts';
import { readPemFile } from '../pem-file.ts';
import { note, show } from '../print.ts';
import { facts, fittedTable } from '../table.ts';
import { zoneNamed, zoneOf } from '../zone-lookup.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';

interface Flags extends ApiCommandFlags, PreviewFlags {
  readonly zone?: string;
  readonly ca: string;
  readonly name?: string;
  readonly yes?: boolean;
}

/** Whose certificates a hostname asks of its visitors, as the API shows it. */
export type AskedVisitors = View<typeof ASKED>;

/** The same with the certificates in PEM. */
export type VisitorAuthoritiesFacts = View<typeof VISITOR_AUTHORITIES>;

const MOST_LISTS = 100;

/** `postern visitors …` */
export function visitorsCommand(): Command {
  return new Command('visitors')
    .description('certificates that hostnames ask of their visitors')
    .addCommand(listCommand())
    .addCommand(requireCommand())
    .addCommand(showCommand())
    .addCommand(dropCommand());
}

/** Where the list of a hostname is. */
export function visitorAuthoritiesPath(zone: string, hostname: string): string {
  return `/postern/v1/zones/${zone}/hostnames/${encodeURIComponent(hostname)}/visitor_authorities`;
}

/** All lists of a zone. */
export async function allVisitorAuthorities(
  access: ApiAccess,
  zone: string,
): Promise<readonly VisitorAuthoritiesFacts[]> {
  const path = `/postern/v1/zones/${zone}/visitor_authorities`;
  return (await listAll<VisitorAuthoritiesFacts>(access, path, MOST_LISTS)).result;
}

function listCommand(): Command {
  return zoneCommand('list', 'the hostnames of a zone that ask, and the CAs they believe', [
    'visitors list --zone example.test',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id, name } = await zoneNamed(access, flags.zone ?? '');
      const lists = await allVisitorAuthorities(access, id);
      show(json, lists, () => (lists.length === 0 ? `No hostname of ${name} asks its visitors.` : listTable(lists)));
    }),
  );
}

function listTable(lists: readonly AskedVisitors[]): string {
  const rows = lists.flatMap(({ hostname, name, authorities }) =>
    authorities.map(({ subject, expires_on }, index) => {
      const first = index === 0 ? [hostname, name ?? '-'] : ['', ''];
      return [...first, expires_on.slice(0, 10), subject];
    }),
  );
  return fittedTable(['HOSTNAME', 'NAME', 'EXPIRES', 'CA'], rows);
}

function hostnameCommand(name: string, description: string, examples: readonly string[]): Command {
  return apiCommand(name, description, examples)
    .argument('<hostname>', 'the hostname, or *.NAME for all names below that have no list of their own')
    .option('--zone <zone>', 'name or id of the zone');
}

function requireCommand(): Command {
  return hostnameCommand('require', 'let in only who shows a certificate of these CAs', [
    'visitors require www.example.test --ca staff-ca.pem --name staff',
    'visitors require "*.example.test" --ca - < cas.pem',
  ])
    .requiredOption('--ca <file>', 'the CAs in PEM, roots and intermediates; - for stdin')
    .option('--name <text>', 'what the list is called')
    .addOption(previewOption())
    .action(
      calling<Flags>(async ({ access, flags, json }, hostname = '') => {
        const body = { certificates: readPemFile('--ca', flags.ca), name: flags.name ?? null };
        const zone = await zoneOf(access, flags.zone, hostname);
        if (flags.preview === true) {
          const { certificates } = body;
          return preview(access, zone, { kind: 'visitor_authorities_put', hostname, certificates }, json);
        }
        const path = visitorAuthoritiesPath(zone.id, hostname);
        const { result, messages } = await callApi<VisitorAuthoritiesFacts>(access, 'PUT', path, body);
        show(json, result, () => `${result.hostname} asks its visitors for a certificate of ${subjects(result)}.`);
        note(...messages);
      }),
    );
}

function showCommand(): Command {
  return hostnameCommand('show', 'the CAs that one hostname believes', ['visitors show www.example.test']).action(
    calling<Flags>(async ({ access, flags, json }, hostname = '') => {
      const { id } = await zoneOf(access, flags.zone, hostname);
      const path = visitorAuthoritiesPath(id, hostname);
      const { result, messages } = await callApi<VisitorAuthoritiesFacts>(access, 'GET', path);
      show(json, result, () => inFull(result));
      note(...messages);
    }),
  );
}

function inFull({ hostname, name, authorities }: AskedVisitors): string {
  const cells = authorities.map((one) => [one.fingerprint.slice(0, 8), one.expires_on.slice(0, 10), one.subject]);
  const head = facts([
    ['hostname', hostname],
    ['name', name ?? '-'],
  ]);
  return `${head}\n\n${fittedTable(['FINGERPRINT', 'EXPIRES', 'CA'], cells)}`;
}

function dropCommand(): Command {
  return hostnameCommand('drop', 'let visitors come without a certificate', ['visitors drop www.example.test'])
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, hostname = '') => {
        const zone = await zoneOf(access, flags.zone, hostname);
        if (flags.preview === true)
          return preview(access, zone, { kind: 'visitor_authorities_delete', hostname }, json);
        await confirm(`Everybody will be let in to ${hostname}, unless a wildcard above it asks.`, flags);
        const { result, messages } = await callApi<Pick<AskedVisitors, 'hostname'>>(
          access,
          'DELETE',
          visitorAuthoritiesPath(zone.id, hostname),
        );
        show(json, result, () => `${result.hostname} asks its visitors for nothing of its own any more.`);
        note(...messages);
      }),
    );
}

/** The CAs of a list by their names. */
export function subjects({ authorities }: Pick<AskedVisitors, 'authorities'>): string {
  return authorities.map(({ subject }) => subject).join('; ');
}
