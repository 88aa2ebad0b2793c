import { Code } from '../../parts/copy.tsx';
import { edgeAddress } from './addresses.tsx';
import type { Setup } from './setup.ts';

/** Where `postern up` listens where nobody says. */
const USUAL = { host: '127.0.0.1', port: '8443' };

/** Names for which a command is shown. */
const MOST_SHOWN = 5;

/** Those that the edge serves, and of which it is not known that the origin answers it there. */
function unvisited({ names, step }: Setup): readonly string[] {
  const served = names.filter(({ records }) => records === 'proxied').map(({ hostname }) => hostname);
  return step.waits_for === 'each' ? served.filter((name) => step.hostnames.includes(name)) : served;
}

/** Visits that show whether the edge gets in, for each name that has not been seen yet: one text to copy. */
export function ThroughEdge({ setup }: { readonly setup: Setup }) {
  const names = unvisited(setup);
  const known = edgeAddress();
  const { host, port } = known ?? USUAL;
  const [first] = names;
  if (first === undefined) return null;
  const visits = names.slice(0, MOST_SHOWN).map((name) => {
    const at = `${name}:${port}`;
    return `curl -k --resolve '${at}:${host}' https://${at}/`;
  });
  return (
    <div class="setup-command">
      <p>
        Open {names.length === 1 ? `https://${first}/` : 'each name'} in a browser; or, where no name leads to the edge
        yet, run this:
      </p>
      <Code label="Visit through the edge" text={visits.join('\n')} />
      {known === null && (
        <p class="hint">
          <span class="mono">postern up</span> says at its start where the edge listens.
        </p>
      )}
    </div>
  );
}
