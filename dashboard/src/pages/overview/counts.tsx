import type { Overview } from '../../api/overview.ts';
import { counted } from '../../parts/counted.ts';
import { type Verdict, VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';

const TILES: readonly { readonly verdict: Verdict | null; readonly means: string }[] = [
  { verdict: 'locked', means: 'Strangers are refused' },
  { verdict: 'open', means: 'Somebody gets in without the certificate' },
  { verdict: 'broken', means: 'The edge itself cannot pull' },
  { verdict: 'unknown', means: 'It could not be found out' },
  { verdict: null, means: 'No origin is looked at' },
];

/** Zones by verdict, each a way to those zones. */
export function Counts({ overview }: { readonly overview: Overview }) {
  const { zones, hostnames } = overview;
  const also = [
    `${counted(zones.total, 'zone')} with ${counted(hostnames.served, 'hostname')} served`,
    ...(zones.rotating > 0 ? [`${counted(zones.rotating, 'rotation')} in progress`] : []),
    ...(zones.looks_paused > 0 ? [`nobody looks at ${counted(zones.looks_paused, 'zone')} for a while`] : []),
    ...(zones.paused > 0 ? [`${zones.paused.toLocaleString()} paused`] : []),
  ];
  return (
    <section class="counts" aria-label="Zones by verdict">
      <ul>
        {TILES.map(({ verdict, means }) => (
          <Tile key={verdict ?? 'none'} verdict={verdict} means={means} count={zones[verdict ?? 'unattested']} />
        ))}
      </ul>
      <p class="hint">{also.join(' · ')}</p>
    </section>
  );
}

interface TileProps {
  readonly verdict: Verdict | null;
  readonly means: string;
  readonly count: number;
}

function Tile({ verdict, means, count }: TileProps) {
  return (
    <li>
      <Link
        to={`/zones?verdict=${verdict ?? 'unattested'}`}
        class={`count ${count === 0 ? 'nought' : (verdict ?? 'none')}`}
      >
        <span class="count-number">{count.toLocaleString()}</span>
        <span class="unseen">{count === 1 ? ' zone: ' : ' zones: '}</span>
        <VerdictBadge verdict={verdict} />
        <span class="hint">{means}</span>
      </Link>
    </li>
  );
}
