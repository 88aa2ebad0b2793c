import { useState } from 'preact/hooks';
import type { View } from '../../../../src/wire/answer-fields.ts';
import type { EDGE_VISIT } from '../../../../src/wire/edge-visits.ts';
import { useAction } from '../../parts/action.ts';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/copy.tsx';
import { Problems } from '../../parts/problems.tsx';
import { may } from '../../session.ts';
import { edgeAddress } from './addresses.tsx';
import type { Setup } from './setup.ts';

/** Where `postern up` listens where nobody says. */
const USUAL = { host: '127.0.0.1', port: '8443' };

/** Names that are visited at once, and for which a command is shown. */
const MOST_SHOWN = 5;

type Visit = View<typeof EDGE_VISIT>;

/** Those that the edge serves, and of which it is not known that the origin answers it there. */
function unvisited({ names, step }: Setup): readonly string[] {
  const served = names.filter(({ records }) => records === 'proxied').map(({ hostname }) => hostname);
  return step.waits_for === 'each' ? served.filter((name) => step.hostnames.includes(name)) : served;
}

interface ThroughEdgeProps {
  readonly setup: Setup;
  /** It is what is to be done now. */
  readonly isNow?: boolean;
}

/** Visits that show whether the edge gets in, for each name that has not been seen yet: by a press, or from a terminal. */
export function ThroughEdge({ setup, isNow = true }: ThroughEdgeProps) {
  const names = unvisited(setup).slice(0, MOST_SHOWN);
  if (names.length === 0) return null;
  if (!may('ssl:edit'))
    return (
      <div class="setup-command">
        <FromTerminal names={names} />
      </div>
    );
  return (
    <div class="setup-command">
      <VisitNow zone={setup.zone.id} names={names} isNow={isNow} />
      <details>
        <summary>From a browser or a terminal instead</summary>
        <div class="setup-command">
          <FromTerminal names={names} />
        </div>
      </details>
    </div>
  );
}

interface VisitNowProps {
  readonly zone: string;
  readonly names: readonly string[];
  readonly isNow: boolean;
}

/** Has this Postern ask its own edge, as any visitor would. What counts is what the origin then tells of it. */
function VisitNow({ zone, names, isNow }: VisitNowProps) {
  const action = useAction();
  const [visits, setVisits] = useState<readonly Visit[]>([]);
  const visit = async () => {
    const made: Visit[] = [];
    for (const hostname of names) {
      const call = { method: 'POST', path: `/postern/v1/zones/${zone}/edge_visits`, body: { hostname } } as const;
      const one = await action.run<Visit>(call);
      if (one === null) break;
      made.push(one);
    }
    setVisits(made);
  };
  return (
    <>
      <p>Postern asks the edge for the first page of {listed(names)}, as a visitor would.</p>
      <div class="row">
        <Button kind={isNow ? 'primary' : 'plain'} busy={action.busy} onPress={() => void visit()}>
          Visit through the edge
        </Button>
      </div>
      <Problems problems={action.problems} />
      <div role="status">
        {!action.busy &&
          visits.map((one) => (
            <p key={one.hostname}>
              <strong>{one.hostname}</strong>: {cameOf(one)}
            </p>
          ))}
      </div>
    </>
  );
}

/** From this status on, answers are the edge's own pages of what went wrong at the origin. */
const EDGE_ERRORS = 520;

function cameOf({ status, why }: Visit): string {
  if (status === null) return why ?? 'The edge gave no answer.';
  if (status >= EDGE_ERRORS) return `The edge got no answer of the origin that it could pass on (${status}).`;
  return `The edge answered ${status}. The origin tells within some seconds that the edge came.`;
}

function listed(names: readonly string[]): string {
  const [first = '', ...others] = names;
  return others.length === 0 ? first : `${first} and ${others.length} more ${others.length === 1 ? 'name' : 'names'}`;
}

function FromTerminal({ names }: Pick<VisitNowProps, 'names'>) {
  const known = edgeAddress();
  const { host, port } = known ?? USUAL;
  const visits = names.map((name) => {
    const at = `${name}:${port}`;
    return `curl -k --resolve '${at}:${host}' https://${at}/`;
  });
  return (
    <>
      <p>
        Open {names.length === 1 ? `https://${names[0] ?? ''}/` : 'each name'} in a browser; or, where no name leads to
        the edge yet, run this in another terminal, on any machine that reaches the edge:
      </p>
      <Code label="Visit through the edge" text={visits.join('\n')} />
      {known === null && (
        <p class="hint">
          <span class="mono">postern up</span> says at its start where the edge listens.
        </p>
      )}
    </>
  );
}
