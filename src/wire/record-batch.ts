import { type RecordId, recordId } from '../domain/ids.ts';
import { type Problem, problem, problemAt } from '../domain/problems.ts';
import type { DnsRecord } from '../domain/record.ts';
import type { PlacedStep, RecordDraft, RecordStep } from '../domain/record-changes.ts';
import type { Zone } from '../domain/zone.ts';
import { isProblem, recordDraft, recordEdit } from './commands.ts';
import { shown } from './faults.ts';
import type { RecordBatch, RecordBody } from './schemas-records.ts';

/** What a batch depends on besides itself. */
interface BatchWorld {
  readonly zone: Zone;
  /** Why the caller may not have a record like this; `null` where it may. */
  readonly refuses: (draft: RecordDraft) => Problem | null;
  /** Whether the caller may name private origins. */
  readonly privateOrigins: boolean;
  readonly newId: () => RecordId;
}

/** The steps that a batch stands for, in the order in which they are taken, or the first fault in it. */
export function batchSteps(batch: RecordBatch, world: BatchWorld): readonly PlacedStep[] | Problem {
  const find = finder(world.zone);
  const { privateOrigins } = world;
  return allOf([
    ...placed('/deletes', batch.deletes, ({ id }) => {
      const was = find(id);
      return isProblem(was) ? was : { kind: 'delete_record', id: was.id };
    }),
    ...placed('/patches', batch.patches, ({ id, ...body }) => {
      const was = find(id);
      if (isProblem(was)) return was;
      const draft = drafted(body, was, world);
      return isProblem(draft)
        ? draft
        : { kind: 'update_record', id: was.id, draft: recordEdit(body, draft), privateOrigins };
    }),
    ...placed('/puts', batch.puts, ({ id, ...body }) => {
      const was = find(id);
      if (isProblem(was)) return was;
      const draft = drafted(body, null, world);
      return isProblem(draft) ? draft : { kind: 'update_record', id: was.id, draft, privateOrigins };
    }),
    ...placed('/posts', batch.posts, (body) => {
      const draft = drafted(body, null, world);
      return isProblem(draft) ? draft : { kind: 'create_record', id: world.newId(), draft, privateOrigins };
    }),
  ]);
}

function drafted(body: RecordBody, was: DnsRecord | null, { zone, refuses }: BatchWorld): RecordDraft | Problem {
  const draft = recordDraft(body, zone.name, was);
  return isProblem(draft) ? draft : (refuses(draft) ?? draft);
}

type Attempt = PlacedStep | Problem;

function placed<Item>(list: string, items: readonly Item[], read: (item: Item) => RecordStep | Problem): Attempt[] {
  return items.map((item, index) => {
    const at = `${list}/${index}`;
    const step = read(item);
    return isProblem(step) ? problemAt(step, at) : { at, step };
  });
}

function allOf(attempts: readonly Attempt[]): readonly PlacedStep[] | Problem {
  const steps: PlacedStep[] = [];
  for (const attempt of attempts) {
    if ('code' in attempt) return attempt;
    steps.push(attempt);
  }
  return steps;
}

// A record that is named twice would have to be two things at once.
function finder({ records }: Zone): (text: string) => DnsRecord | Problem {
  const named = new Set<RecordId>();
  return (text) => {
    const id = recordId(text.toLowerCase());
    const record = id === null ? undefined : records.get(id);
    if (record === undefined) return problem('record_not_found', shown(text), '/id');
    if (named.has(record.id)) return problem('bad_record', `id ${record.id} is named twice, must be named once`, '/id');
    named.add(record.id);
    return record;
  };
}
