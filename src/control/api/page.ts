import type { ResultInfo } from '../../wire/envelope.ts';
import type { Page } from './route.ts';

export interface PageQuery {
  readonly page: number;
  readonly per_page: number;
}

/** One page of a list. A page past the end is empty: the SDK asks until it meets one. */
export function page<Item, Shown>(items: readonly Item[], query: PageQuery, view: (item: Item) => Shown): Page<Shown> {
  const start = (query.page - 1) * query.per_page;
  const shown = items.slice(start, start + query.per_page);
  const info: ResultInfo = {
    page: query.page,
    per_page: query.per_page,
    count: shown.length,
    total_count: items.length,
    total_pages: Math.ceil(items.length / query.per_page),
  };
  return { kind: 'answer', result: shown.map(view), info };
}

/** The items by a key; equal keys keep their order. */
export function ordered<Item>(
  items: readonly Item[],
  key: (item: Item) => string | number,
  direction: 'asc' | 'desc',
): readonly Item[] {
  const sign = direction === 'asc' ? 1 : -1;
  return items.toSorted((a, b) => sign * compare(key(a), key(b)));
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Whether an item passes the conditions given: all of them, or any where `match` says so. No conditions let all pass. */
export function passes(conditions: readonly boolean[], match: 'all' | 'any'): boolean {
  if (conditions.length === 0) return true;
  return match === 'all' ? conditions.every(Boolean) : conditions.some(Boolean);
}
