import { useEffect, useLayoutEffect } from 'preact/hooks';
import { follow, listen } from './api/events.ts';
import { forgetMadeTokens } from './api/made-token.ts';
import { forgetZones } from './api/zone.ts';
import { lookForUpdate } from './api/updated.ts';
import { Lazy } from './lazy.tsx';
import { match, PAGES, ZONE_PAGES } from './pages.ts';
import { Skeleton } from './parts/awaited.tsx';
import { Boundary } from './parts/boundary.tsx';
import { Note } from './parts/problems.tsx';
import { PageHead } from './parts/panel.tsx';
import { Remarked } from './parts/remarked.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Link, path } from './route.tsx';
import { lookAtSession, may, sessionState } from './session.ts';
import { Shell } from './shell.tsx';
import { ZoneFrame } from './zone.tsx';

export function App() {
  const state = sessionState.value;
  switch (state.kind) {
    case 'asking':
      return (
        <main class="sign-in">
          <Skeleton lines={4} />
        </main>
      );
    case 'out':
      return <SignIn why={state.why} />;
    case 'in':
      return <SignedIn key={state.session.token.id} token={state.session.token.id} />;
  }
}

// What one token was shown is nothing for the next one.
function forgetAll(): void {
  forgetZones();
  forgetMadeTokens();
}

function SignedIn({ token }: { readonly token: string }) {
  // Before the pages ask for anything: what happens after an answer must not fall between it and the stream.
  useLayoutEffect(() => follow({ token, refused: () => void lookAtSession() }), [token]);
  useLayoutEffect(() => forgetAll, [token]);
  useEffect(() => listen(({ kind }) => kind === 'reset' && void lookForUpdate()), []);
  return (
    <Shell>
      <Remarked />
      <Boundary of={path.value}>
        <Routed />
      </Boundary>
    </Shell>
  );
}

/** The page that the address names. */
function Routed() {
  const shown = path.value;
  useEffect(announce, [shown]);
  for (const page of PAGES) {
    const params = match(page.path, shown);
    if (params !== null)
      return allowed(page) ? <Lazy key={shown} load={page.load} props={{ params }} /> : <NotAllowed />;
  }
  for (const page of ZONE_PAGES) {
    const params = match(`/zones/:zone${page.path}`, shown);
    if (params === null) continue;
    if (!allowed(page)) return <NotAllowed />;
    return <ZoneFrame key={params['zone']} name={params['zone'] ?? ''} load={page.load} params={params} />;
  }
  return <NoSuchPage />;
}

function allowed({ permission }: { readonly permission: string | null }): boolean {
  return permission === null || may(permission);
}

// Who does not see the page must hear that it is another one (WCAG 2.4.3): focus goes to its heading.
function announce(): () => void {
  const look = new MutationObserver(() => {
    const heading = document.querySelector<HTMLElement>('main h1');
    if (heading === null) return;
    look.disconnect();
    document.title = `${heading.textContent} · Postern`;
    if (document.activeElement === document.body || document.activeElement?.closest('nav')) heading.focus();
  });
  look.observe(document.body, { childList: true, subtree: true });
  return () => look.disconnect();
}

function NoSuchPage() {
  return (
    <>
      <PageHead title="No such page" />
      <p>
        Nothing is at this address. <Link to="/">Overview</Link>
      </p>
    </>
  );
}

function NotAllowed() {
  return (
    <>
      <PageHead title="Not for this token" />
      <Note kind="warning">
        <p>
          The token that you signed in with may not see this page. Sign in with another one, or have somebody give it
          the permission.
        </p>
      </Note>
    </>
  );
}
