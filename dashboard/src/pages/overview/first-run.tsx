import type { Overview } from '../../api/overview.ts';
import { Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { BeginForm } from '../setup/begin-form.tsx';

/** What is shown where no zone is there yet: the first lock begins here. */
export function FirstRun({ overview }: { readonly overview: Overview }) {
  const noEdge = overview.edges !== null && overview.edges.connected === 0;
  return (
    <>
      {noEdge && (
        <Note kind="warning">
          <p>No edge is connected, so that nothing could be served yet. See what the log of "postern up" says.</p>
        </Note>
      )}
      <Panel
        title="Lock the first origin"
        about="Step by step from a name to an origin that lets only the edge in. Nobody is refused before you say so."
        aside={may('zone:edit') && <Link to="/zones?add=1">Only add a zone</Link>}
      >
        {may('zone:edit') ? (
          <BeginForm />
        ) : (
          <p class="muted">This token may not add zones (zone:edit). Sign in with one that may.</p>
        )}
      </Panel>
    </>
  );
}
