import { z } from 'zod';
import type { Command } from '../../domain/change.ts';
import { type RecordId, recordId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { DnsRecord } from '../../domain/record.ts';
import type { PlacedStep, RecordDraft } from '../../domain/record-changes.ts';
import type { Zone } from '../../domain/zone.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem, recordDraft, recordEdit } from '../../wire/commands.ts';
import { type Message, remark } from '../../wire/messages.ts';
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
import { RECORD, recordView } from '../../wire/views.ts';
import { changed, commit, recordMessages } from './committed.ts';
import { newHexId } from './hex-id.ts';
import { mayNamePrivate, originAllowed } from './origin-address.ts';
import { recordPage } from './record-list.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/client/v4/zones/:zone/dns_records';

const RECORDS = z.array(RECORD);

const BATCH_OUTCOME = z
  .strictObject({ deletes: RECORDS, patches: RECORDS, puts: RECORDS, posts: RECORDS })
  .meta({ id: 'RecordBatchOutcome', description: 'The records as the batch left them; those deleted as they were.' });

export const RECORD_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'dns:read',
    takes: { params: ZONE_PARAMS, query: RECORD_LIST },
    answers: 'One page of the records, oldest first unless ordered otherwise.',
    returns: pageOf(RECORD),
    handle: ({ query }, { zone }) => recordPage(zone.records, query),
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
    method: 'POST',
    path: `${PATH}/batch`,
    permission: 'dns:edit',
    takes: { params: ZONE_PARAMS, body: RECORD_BATCH },
    badBody: 'bad_record',
    answers: `Deletes, patches, puts and posts records, in this order, all or none: at most ${MAX_BATCH} in all.`,
    returns: one(BATCH_OUTCOME),
    handle: ({ body }, call) => batch(body, call),
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
  const { permissions } = call.token;
  const refused = originAllowed(draft, permissions);
  if (refused !== null) return refused;
  const committed = await commit(call, { ...command, privateOrigins: mayNamePrivate(permissions) });
  if (isProblem(committed)) return committed;
  const record = committed.zone.records.get(command.id);
  if (record === undefined) return problem('record_not_found');
  const lost = lostRight(command.id, call.zone, committed.zone) ? [remark('private_origin_lost')] : [];
  return changed(committed, recordView(record), [...lost, ...recordMessages(committed.zone, [record])]);
}

/** Whether a record that is still there may lead to private addresses no more. */
function lostRight(id: RecordId, before: Zone, after: Zone): boolean {
  return before.records.get(id)?.mayBePrivate === true && after.records.get(id)?.mayBePrivate === false;
}

async function batch(body: RecordBatch, call: ZoneCall): Promise<Answer<View<typeof BATCH_OUTCOME>> | Problem> {
  const { zone, token } = call;
  const steps = batchSteps(body, {
    zone,
    refuses: (draft) => originAllowed(draft, token.permissions),
    privateOrigins: mayNamePrivate(token.permissions),
    newId: () => newHexId(recordId),
  });
  if (isProblem(steps)) return steps;
  const committed = await commit(call, { kind: 'batch_records', steps });
  if (isProblem(committed)) return committed;
  const of = (list: keyof RecordBatch) =>
    steps.filter(({ at }) => at.startsWith(`/${list}/`)).flatMap((placed) => stepViews(placed, zone, committed.zone));
  const result = { deletes: of('deletes'), patches: of('patches'), puts: of('puts'), posts: of('posts') };
  return changed(committed, result, batchRemarks(steps, zone, committed.zone));
}

/** One remark for all records of a batch that lost their right, with where in the batch they are, and what else there is to say. */
function batchRemarks(steps: readonly PlacedStep[], before: Zone, after: Zone): readonly Message[] {
  const lost = steps.filter(({ step }) => lostRight(step.id, before, after));
  const written = steps.flatMap(({ step }) => after.records.get(step.id) ?? []);
  return [
    ...(lost.length === 0 ? [] : [remark('private_origin_lost', lost.map(({ at }) => at).join(', '))]),
    ...recordMessages(after, written),
  ];
}

/** A record as a step left it; what was deleted, as it was. */
function stepViews({ step }: PlacedStep, before: Zone, after: Zone): readonly View<typeof RECORD>[] {
  const record = (step.kind === 'delete_record' ? before : after).records.get(step.id);
  // The commit took all steps, so each record is there.
  return record === undefined ? [] : [recordView(record)];
}
