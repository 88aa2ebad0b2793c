import { render } from 'preact';
import { beginAhead } from './api/ahead.ts';
import { zoneNamed } from './api/zone.ts';
import { App } from './app.tsx';
import { Boundary } from './parts/boundary.tsx';
import { say } from './parts/toast.tsx';
import { hasOwn } from './own-session.ts';
import { zoneIn } from './pages.ts';
import { followHistory, place } from './route.tsx';
import { resumeSession } from './session.ts';
import { takeCode } from './sign-in-address.ts';
import { followTheme } from './theme.tsx';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/shell.css';
import './style/preferences.css';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the dashboard');
const code = takeCode();
followTheme();
followHistory();
const zone = zoneIn(place.peek().path);
if (zone !== null && hasOwn()) beginAhead(zoneNamed(zone));
void resumeSession(code).then((isUnused) => isUnused && say('You are signed in already: the address was not used.'));
render(
  <Boundary of={null}>
    <App />
  </Boundary>,
  root,
);
