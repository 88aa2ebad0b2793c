import type { Verdict } from '../../parts/verdict.tsx';
import { inQuery, setQuery } from '../../route.tsx';

const ALL: readonly Verdict[] = ['open', 'broken', 'unknown', 'locked'];
const WORDS: Readonly<Record<Verdict, string>> = {
  open: 'Open',
  broken: 'Broken',
  unknown: 'Unknown',
  locked: 'Locked',
};

/** Which verdict the address asks for; `null` for all of them. */
export function chosenVerdict(): Verdict | null {
  const text = inQuery('verdict');
  return ALL.find((verdict) => verdict === text) ?? null;
}

/** Chooses among verdicts, the worst first, with how many there are of each. */
export function VerdictFilter({ counts }: { readonly counts: Readonly<Record<Verdict, number>> | null }) {
  const chosen = chosenVerdict();
  const total = counts === null ? null : ALL.reduce((sum, verdict) => sum + counts[verdict], 0);
  const choice = (verdict: Verdict | null, text: string, count: number | null) => (
    <button
      key={text}
      type="button"
      class={`chip ${verdict ?? 'all'}`}
      aria-pressed={chosen === verdict}
      onClick={() => setQuery({ verdict, page: null })}
    >
      {text} <span class="chip-count">{count === null ? '' : count.toLocaleString()}</span>
    </button>
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent with a form.
    <div class="chips" role="group" aria-label="Filter by verdict">
      {choice(null, 'All', total)}
      {ALL.map((verdict) => choice(verdict, WORDS[verdict], counts?.[verdict] ?? null))}
    </div>
  );
}
