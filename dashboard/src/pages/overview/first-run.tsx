import type { Overview } from '../../api/overview.ts';
import { Gate } from '../../parts/gate.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';

const STEPS: readonly { readonly title: string; readonly text: string }[] = [
  { title: 'Name the zone and its origin', text: 'Which names the edge serves, and where the server behind them is.' },
  {
    title: 'Give the origin its configuration',
    text: 'Made for your server: it asks for the certificate that the edge shows. One command, or files to copy.',
  },
  { title: 'Watch, then enforce', text: 'See who still comes without the certificate before anybody is refused.' },
  { title: 'See the proof', text: 'Postern knocks as a stranger would, and shows that the origin lets nobody in.' },
];

/** What is shown where no zone is there yet: the way to the first lock. */
export function FirstRun({ overview }: { readonly overview: Overview }) {
  const noEdge = overview.edges !== null && overview.edges.connected === 0;
  return (
    <>
      {noEdge && (
        <Note kind="warning">
          <p>No edge is connected, so that nothing could be served yet. See what the log of "postern up" says.</p>
        </Note>
      )}
      <Panel title="Lock the first origin">
        <div class="first-run">
          <Gate />
          <p class="first-run-lead">
            An origin that anybody on the internet can reach is not behind its edge. Postern has the edge show a
            certificate with every pull, and origins let nobody else in.
          </p>
          <ol>
            {STEPS.map(({ title, text }) => (
              <li key={title}>
                <strong>{title}</strong>
                <span class="muted">{text}</span>
              </li>
            ))}
          </ol>
          {may('zone:edit') ? (
            <p class="row">
              <Link to="/setup" class="button primary">
                Begin
              </Link>
              <Link to="/zones?add=1" class="button">
                Only add a zone
              </Link>
            </p>
          ) : (
            <p class="muted">This token may not add zones (zone:edit). Sign in with one that may.</p>
          )}
        </div>
      </Panel>
    </>
  );
}
