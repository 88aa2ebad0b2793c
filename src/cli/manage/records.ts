import { Command } from 'commander';
import { hostname } from '../../domain/ids.ts';
import { RECORD_TYPES } from '../../domain/record.ts';
import { recordName } from '../../wire/names.ts';
import { type ApiAccess, callApi, listAll } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { type ZoneFacts, zoneNamed } from '../zone-lookup.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';
import { certificateCommand } from './record-certificate.ts';
import { type RecordFlags, recordBody, withRecordFlags } from './record-flags.ts';

interface Flags extends ApiCommandFlags, RecordFlags, PreviewFlags {
  readonly zone: string;
  readonly type?: string;
  readonly name?: string;
  readonly yes?: boolean;
}

/** A record as the API shows it. */
export interface RecordFacts {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly proxied: boolean;
  readonly ttl: number;
  readonly comment: string | null;
  readonly origin?: Readonly<Record<string, unknown>>;
}

const MOST_RECORDS = 1000;
const SHORT_ID = 8;

/** `postern records …` */
export function recordsCommand(): Command {
  return new Command('records')
    .description('where the edge finds the origins of a zone')
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(setCommand())
    .addCommand(removeCommand())
    .addCommand(certificateCommand());
}

/** All records of a zone, oldest first. */
export async function allRecords(access: ApiAccess, zone: string): Promise<readonly RecordFacts[]> {
  return (await listAll<RecordFacts>(access, path(zone), MOST_RECORDS)).result;
}

function path(zone: string, id?: string): string {
  return `/client/v4/zones/${zone}/dns_records${id === undefined ? '' : `/${id}`}`;
}

function listCommand(): Command {
  return zoneCommand('list', 'the records of a zone', [
    'records list --zone example.test',
    'records list --zone example.test --type A --json',
  ])
    .option('--name <name>', 'only those of this name')
    .option('--type <type>', 'only those of this type: A, AAAA or CNAME')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const zone = await zoneNamed(access, flags.zone);
        const records = (await allRecords(access, zone.id)).filter((record) => wanted(record, flags, zone));
        show(json, records, () => (records.length === 0 ? `${zone.name} has no such record.` : recordTable(records)));
      }),
    );
}

function wanted(record: RecordFacts, { name, type }: Flags, zone: ZoneFacts): boolean {
  if (type !== undefined && record.type !== type.toUpperCase()) return false;
  return name === undefined || record.name === fullName(name, zone);
}

function recordTable(records: readonly RecordFacts[]): string {
  return fittedTable(
    ['NAME', 'TYPE', 'CONTENT', 'THROUGH', 'TTL', 'ID'],
    records.map((record) => [
      record.name,
      record.type,
      `${record.content}${port(record)}`,
      record.proxied ? onStdout('green', 'edge') : onStdout('dim', 'dns only'),
      record.ttl === 1 ? 'auto' : String(record.ttl),
      onStdout('dim', record.id.slice(0, SHORT_ID)),
    ]),
  );
}

function port({ origin }: RecordFacts): string {
  const found = origin?.['https_port'];
  return typeof found === 'number' ? ` :${found}` : '';
}

function addCommand(): Command {
  const command = zoneCommand('add', 'add a record', [
    'records add www A 192.0.2.1 --zone example.test --proxied',
    'records add @ A 192.0.2.1 --zone example.test --origin-https-port 8443',
  ])
    .argument('<name>', 'name within the zone; @ for the zone itself')
    .argument('<type>', 'A, AAAA or CNAME')
    .argument('<content>', 'address of the origin, or its name for CNAME')
    .addOption(previewOption());
  return withRecordFlags(command).action(
    calling<Flags>(async ({ access, flags, json }, name = '', type = '', content = '') => {
      const zone = await zoneNamed(access, flags.zone);
      const body = { name, type: type.toUpperCase(), content, ...recordBody(flags) };
      if (flags.preview === true) {
        const change = { ...body, type: RECORD_TYPES.find((one) => one === body.type) ?? unknownType(type) };
        return preview(access, zone, { kind: 'record_create', record: change }, json);
      }
      const { result, messages } = await callApi<RecordFacts>(access, 'POST', path(zone.id), body);
      show(json, result, () => `Added ${described(result)}.`);
      note(...messages);
    }),
  );
}

function unknownType(type: string): never {
  throw new Failure(`There is no type ${JSON.stringify(type)}.`, `The types are ${RECORD_TYPES.join(', ')}.`);
}

const WHICH = 'name of the record, or its id (the first digits are enough)';

function setCommand(): Command {
  const command = zoneCommand('set', 'change a record', [
    'records set www --zone example.test --proxied',
    'records set www --zone example.test --type A --content 192.0.2.7',
    'records set www --zone example.test --dns-only --preview',
  ])
    .argument('<record>', WHICH)
    .option('--type <type>', 'which of several records of that name: A, AAAA or CNAME')
    .option('--content <content>', 'new address of the origin, or its name for CNAME')
    .addOption(previewOption());
  return withRecordFlags(command).action(
    calling<Flags>(async ({ access, flags, json }, text = '') => {
      const zone = await zoneNamed(access, flags.zone);
      const record = await theRecord(access, zone, { text, type: flags.type });
      const body = recordBody(flags, record.origin);
      if (Object.keys(body).length === 0) {
        throw new Failure('Nothing to change was named.', 'Add --content, --proxied, --dns-only, --ttl or another.');
      }
      if (flags.preview === true) {
        return preview(access, zone, { kind: 'record_change', record: record.id, change: body }, json);
      }
      const { result, messages } = await callApi<RecordFacts>(access, 'PATCH', path(zone.id, record.id), body);
      show(json, result, () => `Changed ${described(result)}.`);
      note(...messages);
    }),
  );
}

function removeCommand(): Command {
  return zoneCommand('rm', 'delete a record', [
    'records rm www --zone example.test',
    'records rm 3f2a91c0 --zone example.test --yes',
  ])
    .argument('<record>', WHICH)
    .option('--type <type>', 'which of several records of that name: A, AAAA or CNAME')
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const zone = await zoneNamed(access, flags.zone);
        const record = await theRecord(access, zone, { text, type: flags.type });
        if (flags.preview === true) return preview(access, zone, { kind: 'record_delete', record: record.id }, json);
        await confirm(`This deletes ${described(record)}.`, flags);
        const { result, messages } = await callApi<unknown>(access, 'DELETE', path(zone.id, record.id));
        show(json, result, () => `Deleted ${described(record)}.`);
        note(...messages);
      }),
    );
}

function described({ name, type, content, proxied }: RecordFacts): string {
  return `${name} ${type} ${content} (${proxied ? 'proxied' : 'dns only'})`;
}

interface Which {
  readonly text: string;
  readonly type: string | undefined;
}

/** The one record that is meant; several that fit are named instead. */
async function theRecord(access: ApiAccess, zone: ZoneFacts, { text, type }: Which): Promise<RecordFacts> {
  const records = await allRecords(access, zone.id);
  const name = fullName(text, zone);
  const byName = records.filter(
    (record) => record.name === name && (type === undefined || record.type === type.toUpperCase()),
  );
  const byId = /^[0-9a-f]{6,32}$/i.test(text) ? records.filter(({ id }) => id.startsWith(text.toLowerCase())) : [];
  const [found, ...others] = byName.length > 0 ? byName : byId;
  if (found === undefined) {
    throw new Failure(
      `${zone.name} has no record ${JSON.stringify(text)}${type === undefined ? '' : ` of type ${type.toUpperCase()}`}.`,
      `"postern records list --zone ${zone.name}" shows those that exist.`,
    );
  }
  if (others.length === 0) return found;
  const ids = [found, ...others].map((record) => `${record.id.slice(0, SHORT_ID)} (${record.type} ${record.content})`);
  throw new Failure(`${text} stands for ${ids.length} records.`, `Name one by its id: ${ids.join(', ')}.`);
}

function fullName(text: string, zone: ZoneFacts): string {
  const name = hostname(zone.name);
  return (name === null ? null : recordName(text, name)) ?? text;
}
