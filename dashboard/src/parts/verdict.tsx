import type { Verdict as DomainVerdict } from '../../../src/domain/verdict.ts';

export type Verdict = DomainVerdict;

const WORDS: Readonly<Record<Verdict, string>> = {
  locked: 'Locked',
  open: 'Open',
  broken: 'Broken',
  unknown: 'Unknown',
};

const MEANING: Readonly<Record<Verdict, string>> = {
  locked: 'Strangers are refused.',
  open: 'Somebody gets in without the certificate of the edge.',
  broken: 'The edge itself cannot pull.',
  unknown: 'It could not be found out.',
};

// Told apart by shape as well as by colour (WCAG 1.4.1).
const SHAPES: Readonly<Record<Verdict, string>> = {
  locked:
    'M4.5 7V5.2a3.5 3.5 0 0 1 7 0V7h.7c.4 0 .8.4.8.8v5.4c0 .4-.4.8-.8.8H3.8a.8.8 0 0 1-.8-.8V7.8c0-.4.4-.8.8-.8zm1.6 0h3.8V5.2a1.9 1.9 0 0 0-3.8 0z',
  open: 'M8 1.2 15 14H1zM7.2 6v4h1.6V6zm0 5.2v1.6h1.6v-1.6z',
  broken:
    'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM5.1 4 4 5.1 6.9 8 4 10.9 5.1 12 8 9.1l2.9 2.9 1.1-1.1L9.1 8 12 5.1 10.9 4 8 6.9z',
  unknown: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM3.5 7.2v1.6h9V7.2z',
};

/** The verdict on a lock; `null` where there is none to look at. */
export function VerdictBadge({
  verdict,
  large = false,
}: {
  readonly verdict: Verdict | null;
  readonly large?: boolean;
}) {
  const kind = verdict ?? 'none';
  return (
    <span class={`verdict ${kind}${large ? ' large' : ''}`} title={verdict === null ? undefined : MEANING[verdict]}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {verdict === null ? <circle cx="8" cy="8" r="5" /> : <path fill-rule="evenodd" d={SHAPES[verdict]} />}
      </svg>
      {verdict === null ? 'No lock' : WORDS[verdict]}
    </span>
  );
}
