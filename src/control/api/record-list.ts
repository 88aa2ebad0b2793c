import type { DnsRecord } from '../../domain/record.ts';
import type { RecordQuery } from '../../wire/schemas-records.ts';
import { recordView } from '../../wire/views.ts';
import { ordered, page, passes } from './page.ts';
import type { Answer } from './route.ts';

type Test = (record: DnsRecord) => boolean;

/** The page of these records that a query asks for. */
export function recordPage(records: readonly DnsRecord[], query: RecordQuery): Answer {
  const tests = conditions(query);
  const found = searched(records, query);
  const passing =
    tests.length === 0
      ? found
      : found.filter((record) =>
          passes(
            tests.map((test) => test(record)),
            query.match,
          ),
        );
  return page(inOrder(passing, query), query, recordView);
}

function inOrder(records: readonly DnsRecord[], { order, direction }: RecordQuery): readonly DnsRecord[] {
  if (order === undefined) return direction === 'asc' ? records : records.toReversed();
  return ordered(records, (record) => (order === 'proxied' ? Number(record.proxied) : record[order]), direction);
}

// `search` narrows whatever `match` says about the other filters.
function searched(records: readonly DnsRecord[], { search }: RecordQuery): readonly DnsRecord[] {
  if (search === undefined) return records;
  const wanted = plain(search);
  return records.filter((record) => searchable(record).includes(wanted));
}

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
    // Records have no tags. Whoever asks for those with one must not be given all.
    if (name === 'tag') tests.push(() => operator === 'absent');
    const field = TEXT_FIELDS.find((text) => text === name);
    const compare = OPERATORS[operator];
    if (field === undefined || compare === undefined || typeof given !== 'string') continue;
    const value = plain(given);
    tests.push((record) => compare((record[field] ?? '').toLowerCase(), value));
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

function searchable({ name, content, comment }: DnsRecord): string {
  return `${name}\n${content}\n${comment ?? ''}`.toLowerCase();
}
