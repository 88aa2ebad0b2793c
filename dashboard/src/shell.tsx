import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from './api/call.ts';
import { connection } from './api/events.ts';
import { isUpdated } from './api/updated.ts';
import { PAGES, ZONE_PAGES, zoneIn } from './pages.ts';
import { Button } from './parts/button.tsx';
import { Gate } from './parts/gate.tsx';
import { LoadAgain } from './parts/load-again.tsx';
import { Moment } from './parts/moment.tsx';
import { Problems } from './parts/problems.tsx';
import { Toasts } from './parts/toast.tsx';
import { Link, path } from './route.tsx';
import { may, sessionState, signOut } from './session.ts';
import { ThemeChoice } from './theme.tsx';
import { zonePath } from './zone.tsx';

/** What stands around every page: where one is, where one can go, whether it is live, who has signed in. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="shell">
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <header class="top">
        <Link to="/" class="brand">
          <Gate />
          Postern
        </Link>
        <Toasts />
        <Liveness />
        <Account />
      </header>
      <Navigation />
      <main id="page" class="page" tabIndex={-1}>
        {isUpdated.value && <LoadAgain why={UPDATED} />}
        {children}
      </main>
    </div>
  );
}

const UPDATED = 'Postern was updated since this page was loaded: parts of it may not work any more.';

const LIVE = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Not connected: what is shown may be old',
} as const;

function Liveness() {
  return (
    <span class={`liveness ${connection.value}`} role="status">
      {LIVE[connection.value]}
    </span>
  );
}

function Account() {
  const menu = useRef<HTMLDetailsElement>(null);
  const [problems, setProblems] = useState<readonly ApiProblem[]>([]);
  const state = sessionState.value;
  useEffect(() => {
    const close = (event: Event) => {
      const element = menu.current;
      if (element === null || !element.open) return;
      if (event instanceof KeyboardEvent ? event.key !== 'Escape' : element.contains(event.target as Node)) return;
      element.open = false;
      if (event instanceof KeyboardEvent) element.querySelector('summary')?.focus();
    };
    document.addEventListener('click', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('click', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  const leave = async () => setProblems(await signOut());
  if (state.kind !== 'in') return null;
  const { token, expires_at } = state.session;
  return (
    <details class="account" ref={menu}>
      <summary>{token.name}</summary>
      <div class="account-menu">
        <p>
          Signed in with the token <strong>{token.name}</strong>; the session ends <Moment at={expires_at} />.
        </p>
        <ThemeChoice />
        <Problems problems={problems} />
        <Button onPress={() => void leave()}>Sign out</Button>
      </div>
    </details>
  );
}

interface Entry {
  readonly to: string;
  readonly title: string;
  readonly group: string;
}

function Navigation() {
  const shown = path.value;
  const name = zoneIn(shown);
  const fold = useFold(shown);
  return (
    <nav class="nav" aria-label="Main">
      <details class="nav-fold" ref={fold}>
        <summary>Menu</summary>
        {name !== null && (
          <>
            <section aria-label={`Zone ${name}`}>
              <p class="nav-zone">{name}</p>
              <Entries entries={entriesOf(ZONE_PAGES, (to) => zonePath(name, to))} path={shown} />
            </section>
            <hr />
            <p class="nav-heading">All zones</p>
          </>
        )}
        {/* Within a zone its own entries say where one is. */}
        <Entries entries={entriesOf(PAGES, (to) => to)} path={name === null ? shown : ''} />
      </details>
    </nav>
  );
}

/** Open where there is room beside the page; a menu that goes away with the choice where there is not (see shell.css). */
function useFold(path: string): RefObject<HTMLDetailsElement | null> {
  const fold = useRef<HTMLDetailsElement>(null);
  useLayoutEffect(() => {
    const room = window.matchMedia('(min-width: 60rem)');
    const follow = () => {
      if (fold.current !== null) fold.current.open = room.matches;
    };
    follow();
    room.addEventListener('change', follow);
    return () => room.removeEventListener('change', follow);
  }, [path]);
  return fold;
}

interface Listed {
  readonly path: string;
  readonly title: string;
  readonly permission: string | null;
  readonly group: string | null;
}

function entriesOf(pages: readonly Listed[], address: (path: string) => string): readonly Entry[] {
  return pages.flatMap(({ path, title, permission, group }) =>
    group === null || (permission !== null && !may(permission)) ? [] : [{ to: address(path), title, group }],
  );
}

function Entries({ entries, path }: { readonly entries: readonly Entry[]; readonly path: string }) {
  const groups = [...new Set(entries.map(({ group }) => group))];
  return groups.map((group) => (
    <div key={group} class="nav-group">
      {group !== '' && <p class="nav-heading">{group}</p>}
      <ul>
        {entries
          .filter((entry) => entry.group === group)
          .map(({ to, title }) => (
            <li key={to}>
              <Link to={to} current={isCurrent(to, path, entries)}>
                {title}
              </Link>
            </li>
          ))}
      </ul>
    </div>
  ));
}

// The longest entry that the path begins with: a page below one in the list belongs to it.
function isCurrent(to: string, path: string, entries: readonly Entry[]): boolean {
  const fits = (one: string) => path === one || (one !== '/' && path.startsWith(`${one}/`));
  return fits(to) && !entries.some((other) => other.to.length > to.length && fits(other.to));
}
