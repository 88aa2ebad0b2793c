import type { ResultInfo } from '../../wire/envelope.ts';
import type { Stretch } from '../stretch.ts';
import type { Page } from './outcome.ts';

export interface PageQuery {
  readonly page: number;
  readonly per_page: number;
  /** What to show the page of, whatever `page` says. */
  readonly holding?: string | undefined;
}

/** Whether an item is the one with this id, or holds it. */
type Holds<Item> = (item: Item, id: string) => boolean;

/** One page of a list. A page past the end is empty: the SDK asks until it meets one. */
export function page<Item, Shown>(items: readonly Item[], query: PageQuery, view: (item: Item) => Shown): Page<Shown> {
  const { skip, most } = stretchOf(query);
  return pageOfMany(items.slice(skip, skip + most), { total: items.length, query }, view);
}

/** The query for the page that holds what `holding` names; where that is not there, as it stands. */
export function heldPage<Item>(items: readonly Item[], query: PageQuery, holds: Holds<Item>): PageQuery {
  const { holding: id, per_page } = query;
  const at = id === undefined ? -1 : items.findIndex((item) => holds(item, id));
  return at === -1 ? query : { per_page, page: Math.floor(at / per_page) + 1 };
}

/** Which part of a list a page is. */
export function stretchOf({ page: number, per_page: most }: PageQuery): Stretch {
  return { skip: (number - 1) * most, most };
}

/** One page of a list of which no more was read. */
export function pageOfMany<Item, Shown>(
  items: readonly Item[],
  { total, query }: { readonly total: number; readonly query: PageQuery },
  view: (item: Item) => Shown,
): Page<Shown> {
  const { page: number, per_page } = query;
  const pages = Math.ceil(total / per_page);
  const info: ResultInfo = { page: number, per_page, count: items.length, total_count: total, total_pages: pages };
  return { kind: 'answer', result: items.map(view), info };
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
