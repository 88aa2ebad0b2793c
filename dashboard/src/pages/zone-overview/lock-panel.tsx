import type { ZoneRow } from '../../api/overview.ts';
import { LooksPaused } from '../../parts/looks-paused.tsx';
import { Moment, now } from '../../parts/moment.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Verdict, VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';
import type { Glance } from './glance.ts';
import { held } from './held.ts';

const MEANING: Readonly<Record<Verdict, string>> = {
  locked: 'Since then every look found that strangers are refused at each origin, and that the edge gets in.',
  open: 'At least one origin lets somebody in who does not show the certificate of the edge.',
  broken: 'The edge itself cannot pull from at least one origin: visitors get an error page.',
  unknown: 'At least one origin could not be looked at, so nothing is known of its lock.',
};

const SINCE: Readonly<Record<Verdict, string>> = {
  locked: 'Locked for',
  open: 'Open for',
  broken: 'Broken for',
  unknown: 'Unknown for',
};

interface LockPanelProps {
  readonly zone: Zone;
  readonly row: ZoneRow;
  readonly locks: Glance['locks'];
}

/** Whether the lock holds, and since when: the number that this product is about. */
export function LockPanel({ zone, row, locks }: LockPanelProps) {
  const { paused = null, unattested = [] } = locks ?? {};
  return (
    <Panel title="Lock" aside={<Link to={zonePath(zone.name, '/attestations')}>What was seen</Link>}>
      <div class="lock">
        <div>
          <Main row={row} />
        </div>
        <Hostnames zone={zone} row={row} />
      </div>
      <LooksPaused paused={paused} zone={zone} />
      {unattested.length > 0 && <Unattested unattested={unattested} />}
    </Panel>
  );
}

/** Why there is no verdict, from what is most at the root of it. */
function withoutVerdict({ hostnames, paused }: ZoneRow): { readonly title: string; readonly why: string } {
  if (paused) return { title: 'Paused', why: 'The edge serves none of its names, and nobody looks at their origins.' };
  if (hostnames.served === 0) {
    return {
      title: 'No hostname yet',
      why: 'The edge serves no name of this zone: there is no origin that could be locked.',
    };
  }
  if (hostnames.unattested < hostnames.served) {
    return { title: 'Not looked at yet', why: 'Nobody has looked at its origins so far.' };
  }
  return { title: 'Not locked', why: 'Its origins have nothing by which they could tell the edge from strangers.' };
}

function Main({ row }: { readonly row: ZoneRow }) {
  const { verdict, since } = row;
  if (verdict === null) {
    const { title, why } = withoutVerdict(row);
    return (
      <>
        <VerdictBadge verdict={null} large />
        <p class="lock-since">{title}</p>
        <p class="muted">{why}</p>
      </>
    );
  }
  return (
    <>
      <VerdictBadge verdict={verdict} large />
      {since !== null && (
        <p class="lock-since">
          {SINCE[verdict]} {held(now.value - Date.parse(since))}
        </p>
      )}
      <p class="muted">
        {since !== null && (
          <>
            Since <Moment at={since} day />.{' '}
          </>
        )}
        {MEANING[verdict]}
      </p>
    </>
  );
}

const ORDER: readonly (Verdict | 'unattested')[] = ['open', 'broken', 'unknown', 'locked', 'unattested'];

function Hostnames({ zone, row }: { readonly zone: Zone; readonly row: ZoneRow }) {
  const { hostnames } = row;
  const present = ORDER.filter((one) => hostnames[one] > 0);
  if (hostnames.served === 0) {
    return (
      <p class="lock-next">
        <Link to={zonePath(zone.name, '/dns')} class="button">
          Add a record
        </Link>
      </p>
    );
  }
  return (
    <div class="lock-names">
      <h3>
        {hostnames.served.toLocaleString()} {hostnames.served === 1 ? 'hostname' : 'hostnames'} served
      </h3>
      <ul>
        {present.map((one) => (
          <li key={one}>
            <strong>{hostnames[one].toLocaleString()}</strong>
            <Link
              to={zonePath(zone.name, one === 'unattested' ? '/ssl/origin-server' : `/attestations?verdict=${one}`)}
            >
              <VerdictBadge verdict={one === 'unattested' ? null : one} />
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

const NAMED = 5;

function Unattested({ unattested }: { readonly unattested: NonNullable<Glance['locks']>['unattested'] }) {
  return (
    <div class="lock-without">
      <h3>Without a lock that could hold</h3>
      <ul>
        {unattested.slice(0, NAMED).map(({ hostname, because }) => (
          <li key={hostname} class="break">
            {hostname}: <span class="muted">{because}</span>
          </li>
        ))}
      </ul>
      {unattested.length > NAMED && <p class="hint">And {unattested.length - NAMED} more.</p>}
    </div>
  );
}
