import type { Command } from '../../domain/change.ts';
import { recordId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { DnsRecord } from '../../domain/record.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem, recordDraft, recordEdit } from '../../wire/commands.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import {
  RECORD_DRAFT,
  RECORD_EDIT,
  RECORD_LIST,
  type RecordBody,
  type RecordQuery,
} from '../../wire/schemas-records.ts';
import { RECORD, recordView } from '../../wire/views.ts';
import { changed, commit } from './committed.ts';
import { newHexId } from './hex-id.ts';
import { originAllowed } from './origin-address.ts';
import { ordered, page, passes } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Answer, type Page, type Route, type ZoneCall, zoneRoute } from './route.ts';

const PATH = '/client/v4/zones/:zone/dns_records';

export const RECORD_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'dns:read',
    takes: { params: ZONE_PARAMS, query: RECORD_LIST },
    answers: 'One page of the records, oldest first unless ordered otherwise.',
    returns: pageOf(RECORD),
    handle: ({ query }, { zone }) => list([...zone.records.values()], query),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'dns:edit',
    takes: { params: ZONE_PARAMS, body: RECORD_DRAFT },
    badBody: 'bad_record',
    answers: 'Adds a record: where the edge finds the origin of a name.',
    returns: one(RECORD),
    handle: ({ body }, call) => create(body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'dns:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One record.',
    returns: one(RECORD),
    handle: ({ params }, call) => {
      const record = find(params.id, call);
      return isProblem(record) ? record : { kind: 'answer', result: recordView(record) };
    },
  }),
  zoneRoute({
    method: 'PUT',
    path: `${PATH}/:id`,
    permission: 'dns:edit',
    takes: { params: IN_ZONE_PARAMS, body: RECORD_DRAFT },
    badBody: 'bad_record',
    answers: 'Replaces a record: fields left out get their defaults.',
    returns: one(RECORD),
    handle: ({ params, body }, call) => {
      const record = find(params.id, call);
      return isProblem(record) ? record : replace(record, body, call);
    },
  }),
  zoneRoute({
    method: 'PATCH',
    path: `${PATH}/:id`,
    permission: 'dns:edit',
    takes: { params: IN_ZONE_PARAMS, body: RECORD_EDIT },
    badBody: 'bad_record',
    answers: 'Changes a record: fields left out stay as they are.',
    returns: one(RECORD),
    handle: ({ params, body }, call) => {
      const record = find(params.id, call);
      return isProblem(record) ? record : edit(record, body, call);
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'dns:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Deletes a record.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const record = find(params.id, call);
      if (isProblem(record)) return record;
      const committed = await commit(call, { kind: 'delete_record', id: record.id });
      return isProblem(committed) ? committed : changed(committed, { id: record.id });
    },
  }),
];

function find(text: string, { zone }: ZoneCall): DnsRecord | Problem {
  const id = recordId(text.toLowerCase());
  return (id === null ? undefined : zone.records.get(id)) ?? problem('record_not_found');
}

async function create(body: RecordBody, call: ZoneCall): Promise<Answer<View<typeof RECORD>> | Problem> {
  const draft = recordDraft(body, call.zone.name, null);
  if (isProblem(draft)) return draft;
  return stored({ kind: 'create_record', id: newHexId(recordId), draft }, draft, call);
}

async function replace(
  was: DnsRecord,
  body: RecordBody,
  call: ZoneCall,
): Promise<Answer<View<typeof RECORD>> | Problem> {
  const draft = recordDraft(body, call.zone.name, null);
  if (isProblem(draft)) return draft;
  return stored({ kind: 'update_record', id: was.id, draft }, draft, call);
}

async function edit(was: DnsRecord, body: RecordBody, call: ZoneCall): Promise<Answer<View<typeof RECORD>> | Problem> {
  const draft = recordDraft(body, call.zone.name, was);
  if (isProblem(draft)) return draft;
  return stored({ kind: 'update_record', id: was.id, draft: recordEdit(body, draft) }, draft, call);
}

type RecordCommand = Extract<Command, { kind: 'create_record' | 'update_record' }>;

async function stored(
  command: RecordCommand,
  draft: RecordDraft,
  call: ZoneCall,
): Promise<Answer<View<typeof RECORD>> | Problem> {
  const refused = originAllowed(draft, call.token.permissions);
  if (refused !== null) return refused;
  const committed = await commit(call, command);
  if (isProblem(committed)) return committed;
  const record = committed.zone.records.get(command.id);
  return record === undefined ? problem('record_not_found') : changed(committed, recordView(record));
}

function list(records: readonly DnsRecord[], query: RecordQuery): Page<View<typeof RECORD>> {
  const tests = conditions(query);
  const matches = (record: DnsRecord) =>
    passes(
      tests.map((test) => test(record)),
      query.match,
    );
  const found = tests.length === 0 ? records : records.filter(matches);
  return page(inOrder(found, query), query, recordView);
}

function inOrder(records: readonly DnsRecord[], { order, direction }: RecordQuery): readonly DnsRecord[] {
  if (order === undefined) return direction === 'asc' ? records : records.toReversed();
  return ordered(records, (record) => (order === 'proxied' ? Number(record.proxied) : record[order]), direction);
}

type Test = (record: DnsRecord) => boolean;

const TEXT_FIELDS = ['name', 'content', 'comment'] as const;
const OPERATORS: Readonly<Record<string, (text: string, value: string) => boolean>> = {
  exact: (text, value) => text === value,
  contains: (text, value) => text.includes(value),
  startswith: (text, value) => text.startsWith(value),
  endswith: (text, value) => text.endsWith(value),
};

/** The query's filters as tests. Texts compare without case, and names without a trailing dot. */
function conditions(query: RecordQuery): readonly Test[] {
  const tests: Test[] = [];
  for (const [key, given] of Object.entries(query)) {
    const [name, operator = 'exact'] = key.split('.');
    const field = TEXT_FIELDS.find((text) => text === name);
    const compare = OPERATORS[operator];
    if (field === undefined || compare === undefined || typeof given !== 'string') continue;
    const value = plain(given);
    tests.push((record) => compare((record[field] ?? '').toLowerCase(), value));
  }
  const { search, type, proxied } = query;
  if (search !== undefined) tests.push((record) => searchable(record).includes(plain(search)));
  if (type !== undefined) tests.push((record) => record.type === type.toUpperCase());
  if (proxied !== undefined) tests.push((record) => String(record.proxied) === proxied);
  return tests;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/(?<=.)\.$/, '');
}

function searchable({ name, content, comment }: DnsRecord): string {
  return `${name}\n${content}\n${comment ?? ''}`.toLowerCase();
}
