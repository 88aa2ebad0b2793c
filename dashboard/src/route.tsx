import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

/** Where every page lives; see src/control/listener/dashboard.ts. */
const BASE = '/dashboard';

interface Place {
  /** Below the base, without it: `/zones/example.test/dns`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Where this page is: everything that it shows follows from that, so that a link leads to the same. */
export const place = signal<Place>(present());

/** Which page: who shows nothing of the query is not drawn anew with each word of a search. */
export const path = computed(() => place.value.path);

const queried = new Map<string, ReadonlySignal<string | null>>();

/** What the address says under a name, `null` where nothing: who shows it is drawn anew when that changes, and no other. */
export function inQuery(name: string): string | null {
  const known = queried.get(name) ?? computed(() => place.value.query.get(name));
  queried.set(name, known);
  return known.value;
}

function present(): Place {
  const { pathname, search } = window.location;
  const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : '/';
  return { path: path === '' ? '/' : path, query: new URLSearchParams(search) };
}

/** The address of a page, for a link. */
function href(to: string): string {
  return `${BASE}${to}`;
}

/** Goes to a page of the dashboard; `replace` where going back should not lead here. */
export function go(to: string, replace = false): void {
  window.history[replace ? 'replaceState' : 'pushState'](null, '', href(to));
  place.value = present();
  if (!replace) window.scrollTo(0, 0);
}

/** Says something of what is shown in the address, such as a filter; `null` takes it out. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const query = new URLSearchParams(place.peek().query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(`${place.peek().path}${text === '' ? '' : `?${text}`}`, true);
}

/** Follows the buttons of the browser. */
export function followHistory(): void {
  window.addEventListener('popstate', () => {
    place.value = present();
  });
}

interface LinkProps {
  readonly to: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  /** The page that is shown, or one below it. */
  readonly current?: boolean;
  readonly label?: string;
}

/** A link within the dashboard. With a modifier it is the browser's own, so that a new tab opens. */
export function Link({ to, children, current = false, label, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a {...rest} href={href(to)} onClick={follow} aria-current={current ? 'page' : undefined} aria-label={label}>
      {children}
    </a>
  );
}
