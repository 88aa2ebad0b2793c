import type { ListInfo } from '../api/call.ts';
import { MARK } from '../paths.ts';
import { inQuery, setQuery } from '../route.tsx';
import { Button } from './button.tsx';
import { markedId } from './marked.ts';

/** Which page of a list the address says, from 1; `name` tells the lists of one page of the dashboard apart. */
export function pageNumber(name = 'page'): number {
  const page = Number(inQuery(name) ?? '1');
  return Number.isInteger(page) && page > 0 ? page : 1;
}

/** What of a list is asked for: the page that the address says or, where it says none, that with what a link led to. */
export function pageAsked(name = 'page'): string {
  const marked = inQuery(name) === null ? markedId() : null;
  return marked === null ? `page=${pageNumber(name)}` : `holding=${encodeURIComponent(marked)}`;
}

interface PagerProps {
  readonly info: ListInfo | null;
  readonly what: string;
  /** Under which name the page stands in the address. */
  readonly name?: string;
}

/** Leads through a list whose pages the server makes. */
export function Pager({ info, what, name = 'page' }: PagerProps) {
  const {
    page = 1,
    total_pages: pages = 1,
    total_count: total = 0,
    per_page: size,
    count,
  } = info ?? { per_page: 0, count: 0 };
  if (pages <= 1) return null;
  const first = (page - 1) * size + 1;
  const to = (target: number) => setQuery({ [name]: target === 1 ? null : String(target), [MARK]: null });
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      <span role="status">
        {count === 0 ? 'None' : `${first.toLocaleString()} to ${(first + count - 1).toLocaleString()}`} of{' '}
        {total.toLocaleString()} {what}
      </span>
      <Button small disabled={page <= 1} onPress={() => to(page - 1)}>
        Previous
      </Button>
      <Button small disabled={page >= pages} onPress={() => to(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
