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

/** Visits that show whether the edge gets in, for each name that has not been seen yet. */
export function ThroughEdge({ setup }: { readonly setup: Setup }) {
  const names = unvisited(setup);
  const { host, port } = edgeAddress() ?? USUAL;
  if (names.length === 0) return null;
  return (
    <div class="setup-command">
      <p>
        Open {names.length === 1 ? `https://${names[0]}/` : 'each of them'} where its name leads to the edge already.
        Where it does not yet, ask the edge by its address; <span class="mono">postern up</span> says at its start where
        it listens.
      </p>
      {names.slice(0, MOST_SHOWN).map((name) => {
        const at = `${name}:${port}`;
        const label = name === setup.hostname ? 'Visit through the edge' : `Visit ${name} through the edge`;
        return <Code key={name} label={label} text={`curl -k --resolve '${at}:${host}' https://${at}/`} />;
      })}
    </div>
  );
}
