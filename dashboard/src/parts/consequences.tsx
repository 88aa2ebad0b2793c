import type { ImpactView } from '../../../src/wire/impact.ts';
import type { ApiProblem } from '../api/call.ts';
import { ask } from '../session.ts';
import { Note } from './problems.tsx';

/** What a change would do, as `POST /postern/v1/zones/:zone/impact` says it. */
type Consequence = ImpactView['consequences'][number];

/** What would follow; `null` where it could not be found out. */
export type Weighed = readonly Consequence[] | null;

/** Where it is asked what a change of a zone would do. */
export function impactOf(zone: string): string {
  return `/postern/v1/zones/${zone}/impact`;
}

/** What was said of a change before it is made. */
export interface Impact {
  readonly consequences: Weighed;
  readonly problems: readonly ApiProblem[];
  /** Whether something that was typed is at fault, each time at a field. */
  readonly isUnfit: boolean;
}

/** A change that nothing is asked about. */
export const NOTHING: Impact = { consequences: [], problems: [], isUnfit: false };
const BAD_REQUEST = 400;

/** Asks what a change would do. */
export async function weigh(path: string, change: Readonly<Record<string, unknown>>): Promise<Impact> {
  const outcome = await ask<ImpactView<string>>({ method: 'POST', path, body: change, asks: true });
  if (outcome.kind === 'answer') return { ...NOTHING, consequences: outcome.result.consequences };
  const { problems } = outcome;
  const isBad = outcome.kind === 'refused' && outcome.status === BAD_REQUEST;
  return { consequences: null, problems, isUnfit: isBad && problems.every(({ pointer }) => pointer !== null) };
}

/** Nothing of it needs a question. */
export function isHarmless(consequences: Weighed): boolean {
  return consequences?.every(({ severity }) => severity === 'note') === true;
}

/** Something that works now would stop, or it could not be found out. */
export function isRed(consequences: Weighed): boolean {
  return consequences?.some(({ severity }) => severity === 'stop') !== false;
}

const KINDS = { stop: 'problem', warning: 'warning', note: 'info' } as const;

/** What would follow, the worst first. */
export function Consequences({ of }: { readonly of: Weighed }) {
  if (of === null) return <p>What this would break could not be found out.</p>;
  if (of.length === 0) return <p>Nothing that works now would stop working.</p>;
  return (
    <ul class="consequences">
      {of.map(({ code, severity, text, fix, hostnames, count }) => (
        <li key={code}>
          <Note kind={KINDS[severity]}>
            <p>{text}</p>
            {hostnames.length > 0 && (
              <p class="hint">
                {hostnames.join(', ')}
                {count > hostnames.length && ` and ${(count - hostnames.length).toLocaleString()} more`}
              </p>
            )}
            {fix !== '' && <p class="hint">{fix}</p>}
          </Note>
        </li>
      ))}
    </ul>
  );
}
