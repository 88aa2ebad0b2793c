import type { Hostname } from '../../domain/ids.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import type { PresentRecord } from './state.ts';
import { type Step, sameOrigin } from './step.ts';

/** What to do with the records of one zone. */
export interface RecordPlan {
  readonly steps: readonly Step[];
  /** Records that stand in the way of a wanted one and may not be removed without being asked for. */
  readonly conflicts: readonly string[];
}

interface Pair {
  readonly was: PresentRecord;
  readonly to: RecordDraft;
}

/**
 * Brings the records of a zone to those wanted. Records are matched by name: first the same type and content, then the
 * same type, so that a changed address is a change and not a second address. A CNAME stands alone at its name
 * (RFC 1034 §3.6.2), so there types are exchanged in place.
 */
export function planRecords(
  zone: Hostname,
  wanted: readonly RecordDraft[],
  present: readonly PresentRecord[],
  prune: boolean,
): RecordPlan {
  const steps: Step[] = [];
  const conflicts: string[] = [];
  const before = Map.groupBy(present, ({ name }) => name);
  const after = Map.groupBy(wanted, ({ name }) => name);
  for (const name of new Set([...after.keys(), ...before.keys()])) {
    const asked = after.get(name) ?? [];
    const { pairs, added, left } = match(asked, before.get(name) ?? []);
    const alone = asked.some(({ type }) => type === 'CNAME');
    if (alone && !prune) conflicts.push(...left.map((record) => conflict(zone, record)));
    steps.push(
      ...pairs.filter(differs).map(({ was, to }) => ({ kind: 'change_record', zone, record: was, to }) as const),
    );
    steps.push(...added.map((record) => ({ kind: 'add_record', zone, record }) as const));
    if (prune) steps.push(...left.map((record) => ({ kind: 'remove_record', zone, record }) as const));
  }
  return { steps, conflicts };
}

function match(wanted: readonly RecordDraft[], present: readonly PresentRecord[]) {
  const exclusive = [...wanted, ...present].some(({ type }) => type === 'CNAME');
  const rules: readonly ((was: RecordDraft, to: RecordDraft) => boolean)[] = [
    (was, to) => was.type === to.type && was.content === to.content,
    (was, to) => was.type === to.type,
    () => exclusive,
  ];
  const left = [...present];
  let added: readonly RecordDraft[] = wanted;
  const pairs: Pair[] = [];
  for (const fits of rules) {
    added = added.filter((to) => {
      const found = left.findIndex((was) => fits(was, to));
      const [was] = found === -1 ? [] : left.splice(found, 1);
      if (was !== undefined) pairs.push({ was, to });
      return was === undefined;
    });
  }
  return { pairs, added, left };
}

function differs({ was, to }: Pair): boolean {
  const same =
    was.type === to.type &&
    was.content === to.content &&
    was.ttl === to.ttl &&
    was.proxied === to.proxied &&
    was.comment === to.comment &&
    sameOrigin(was, to);
  return !same;
}

function conflict(zone: Hostname, { name, type, content }: RecordDraft): string {
  return `zone ${zone}: ${name} is wanted as a CNAME, which stands alone, but has the record ${type} ${content}. Add --prune to remove it`;
}
