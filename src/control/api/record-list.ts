import type { RecordId } from '../../domain/ids.ts';
import type { DnsRecord } from '../../domain/record.ts';
import type { View } from '../../wire/answer-fields.ts';
import type { RecordQuery } from '../../wire/schemas-records.ts';
import { type RECORD, recordView } from '../../wire/views.ts';
import { ordered, page } from './page.ts';
import type { Page } from './outcome.ts';

type Records = ReadonlyMap<RecordId, DnsRecord>;
type Test = (record: DnsRecord) => boolean;

/** The page of these records that a query asks for. There may be a hundred thousand of them. */
export function recordPage(records: Records, query: RecordQuery): Page<View<typeof RECORD>> {
  const tests = conditions(query);
  const found = searched(inOrder(records, query), query);
  return page(tests.length === 0 ? found : found.filter(passing(tests, query.match)), query, recordView);
}

// A zone's records are never changed, but replaced by others with each change: what was sorted once stays right for as
// long as somebody pages through them.
const sorted = new WeakMap<Records, Map<string, readonly DnsRecord[]>>();

function inOrder(records: Records, { order, direction }: RecordQuery): readonly DnsRecord[] {
  const known = sorted.get(records) ?? new Map<string, readonly DnsRecord[]>();
  sorted.set(records, known);
  const key = `${order ?? ''} ${direction}`;
  const found = known.get(key) ?? sortedAnew([...records.values()], order, direction);
  known.set(key, found);
  return found;
}

function sortedAnew(
  records: readonly DnsRecord[],
  order: RecordQuery['order'],
  direction: RecordQuery['direction'],
): readonly DnsRecord[] {
  if (order === undefined) return direction === 'asc' ? records : records.toReversed();
  return ordered(records, (record) => (order === 'proxied' ? Number(record.proxied) : record[order]), direction);
}

function passing(tests: readonly Test[], match: RecordQuery['match']): Test {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return match === 'all'
    ? (record) => tests.every((test) => test(record))
    : (record) => tests.some((test) => test(record));
}

// `search` narrows whatever `match` says about the other filters.
function searched(records: readonly DnsRecord[], { search }: RecordQuery): readonly DnsRecord[] {
  if (search === undefined) return records;
  const wanted = plain(search);
  return records.filter((record) => {
    return record.name.includes(wanted) || record.content.includes(wanted) || commentOf(record).includes(wanted);
  });
}

// Names and contents are stored in one spelling, in lower case. Functions, not keys: a property that is named in the
// code is read several times faster than one whose name is a variable, and a hundred thousand are read at a time.
const TEXT_FIELDS: ReadonlyMap<string, (record: DnsRecord) => string> = new Map([
  ['name', (record: DnsRecord) => record.name],
  ['content', (record: DnsRecord) => record.content],
  ['comment', commentOf],
]);

function commentOf({ comment }: DnsRecord): string {
  return comment === null ? '' : comment.toLowerCase();
}

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
    // Records have no tags. Whoever asks for those with one must not be given all.
    if (name === 'tag') tests.push(() => operator === 'absent');
    const textOf = TEXT_FIELDS.get(name ?? '');
    const compare = OPERATORS[operator];
    if (textOf === undefined || compare === undefined || typeof given !== 'string') continue;
    const value = plain(given);
    tests.push((record) => compare(textOf(record), value));
  }
  const { type, proxied } = query;
  if (type !== undefined) tests.push((record) => record.type === type.toUpperCase());
  if (proxied !== undefined) tests.push((record) => String(record.proxied) === proxied);
  if (query['comment.absent'] !== undefined) tests.push((record) => record.comment === null);
  if (query['comment.present'] !== undefined) tests.push((record) => record.comment !== null);
  return tests;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/(?<=.)\.$/, '');
}
