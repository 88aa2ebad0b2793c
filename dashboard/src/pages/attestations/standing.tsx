import { LooksPaused } from '../../parts/looks-paused.tsx';
import { Moment } from '../../parts/moment.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { type Locks, VERDICT_SENTENCES } from './lock.ts';

/** How the locks of a zone are, in one glance. */
export function Standing({ locks }: { readonly locks: Locks }) {
  const { verdict, locked_since, counts, paused } = locks;
  const isAway = paused !== null && verdict === 'unknown';
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <div class={`standing ${verdict ?? 'none'}`}>
      <VerdictBadge verdict={verdict} large />
      <div class="standing-words">
        <p class="standing-head">
          {verdict === 'locked' && locked_since !== null ? (
            <>
              Locked since <Moment at={locked_since} full />
            </>
          ) : (
            headOf(locks, { total, isAway })
          )}
        </p>
        <p class="muted">{verdict === null ? NONE : isAway ? AWAY : VERDICT_SENTENCES[verdict]}</p>
      </div>
      <LooksPaused paused={paused} />
    </div>
  );
}

const AWAY = 'What was locked before may hold still: nobody asks, so nothing is claimed about it.';

const NONE =
  'An origin is looked at when its hostname is proxied and its pulls present a certificate over TLS. None of this zone does.';

const ONE = {
  open: 'The origin lets strangers in',
  broken: 'The origin refuses the edge',
  unknown: 'The origin could not be judged',
} as const;

function headOf(
  { verdict, counts }: Locks,
  { total, isAway }: { readonly total: number; readonly isAway: boolean },
): string {
  if (isAway) return 'Looks are paused';
  if (total === 1 && verdict !== null && verdict !== 'locked') return ONE[verdict];
  const of = `of ${total.toLocaleString()} origins`;
  switch (verdict) {
    case 'open':
      return `${counts.open.toLocaleString()} ${of} ${counts.open === 1 ? 'lets' : 'let'} strangers in`;
    case 'broken':
      return `${counts.broken.toLocaleString()} ${of} cannot be pulled from`;
    case 'unknown':
      return `${counts.unknown.toLocaleString()} ${of} could not be judged`;
    case 'locked':
    case null:
      return 'No lock to look at yet';
  }
}
