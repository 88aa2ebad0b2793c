import type { Command } from '../../domain/change.ts';
import { recordId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { DnsRecord } from '../../domain/record.ts';
import type { PlacedStep, RecordDraft } from '../../domain/record-changes.ts';
import type { Zone } from '../../domain/zone.ts';
import { isProblem, recordDraft, recordEdit } from '../../wire/commands.ts';
import { batchSteps } from '../../wire/record-batch.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import {
  MAX_BATCH,
  RECORD_BATCH,
  RECORD_DRAFT,
  RECORD_EDIT,
  RECORD_LIST,
  type RecordBatch,
  type RecordBody,
} from '../../wire/schemas-records.ts';
import { recordView } from '../../wire/views.ts';
import { changed, commit } from './committed.ts';
import { newHexId } from './hex-id.ts';
import { originAllowed } from './origin-address.ts';
import { recordPage } from './record-list.ts';
import { type Answer, type Route, type ZoneCall, zoneRoute } from './route.ts';

const PATH = '/client/v4/zones/:zone/dns_records';

export const RECORD_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'dns:read',
    takes: { params: ZONE_PARAMS, query: RECORD_LIST },
    answers: 'One page of the records, oldest first unless ordered otherwise.',
    handle: ({ query }, { zone }) => recordPage(zone.records, query),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'dns:edit',
    takes: { params: ZONE_PARAMS, body: RECORD_DRAFT },
    badBody: 'bad_record',
    answers: 'Adds a record: where the edge finds the origin of a name.',
    handle: ({ body }, call) => create(body, call),
  }),
  zoneRoute({
    method: 'POST',
    path: `${PATH}/batch`,
    permission: 'dns:edit',
    takes: { params: ZONE_PARAMS, body: RECORD_BATCH },
    badBody: 'bad_record',
    answers: `Deletes, patches, puts and posts records, in this order, all or none: at most ${MAX_BATCH} in all.`,
    handle: ({ body }, call) => batch(body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'dns:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One record.',
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

async function create(body: RecordBody, call: ZoneCall): Promise<Answer | Problem> {
  const draft = recordDraft(body, call.zone.name, null);
  if (isProblem(draft)) return draft;
  return stored({ kind: 'create_record', id: newHexId(recordId), draft }, draft, call);
}

async function replace(was: DnsRecord, body: RecordBody, call: ZoneCall): Promise<Answer | Problem> {
  const draft = recordDraft(body, call.zone.name, null);
  if (isProblem(draft)) return draft;
  return stored({ kind: 'update_record', id: was.id, draft }, draft, call);
}

async function edit(was: DnsRecord, body: RecordBody, call: ZoneCall): Promise<Answer | Problem> {
  const draft = recordDraft(body, call.zone.name, was);
  if (isProblem(draft)) return draft;
  return stored({ kind: 'update_record', id: was.id, draft: recordEdit(body, draft) }, draft, call);
}

type RecordCommand = Extract<Command, { kind: 'create_record' | 'update_record' }>;

async function stored(command: RecordCommand, draft: RecordDraft, call: ZoneCall): Promise<Answer | Problem> {
  const refused = originAllowed(draft, call.token.permissions);
  if (refused !== null) return refused;
  const committed = await commit(call, command);
  if (isProblem(committed)) return committed;
  const record = committed.zone.records.get(command.id);
  return record === undefined ? problem('record_not_found') : changed(committed, recordView(record));
}

async function batch(body: RecordBatch, call: ZoneCall): Promise<Answer | Problem> {
  const { zone, token } = call;
  const steps = batchSteps(body, {
    zone,
    refuses: (draft) => originAllowed(draft, token.permissions),
    newId: () => newHexId(recordId),
  });
  if (isProblem(steps)) return steps;
  const committed = await commit(call, { kind: 'batch_records', steps });
  if (isProblem(committed)) return committed;
  const views = steps.map((placed) => ({ placed, view: stepView(placed, zone, committed.zone) }));
  const of = (list: keyof RecordBatch) =>
    views.filter(({ placed }) => placed.at.startsWith(`/${list}/`)).map(({ view }) => view);
  return changed(committed, {
    deletes: of('deletes'),
    patches: of('patches'),
    puts: of('puts'),
    posts: of('posts'),
  });
}

/** A record as a step left it; what was deleted, as it was. */
function stepView({ step }: PlacedStep, before: Zone, after: Zone) {
  const record = (step.kind === 'delete_record' ? before : after).records.get(step.id);
  // The commit took all steps, so each record is there.
  return record === undefined ? null : recordView(record);
}
