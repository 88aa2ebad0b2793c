import '../../style/evidence.css';
import '../../style/pages/attestations.css';
import { useResource } from '../../api/resource.ts';
import { Awaited, Empty } from '../../parts/awaited.tsx';
import { LooksPausedOf } from '../../parts/looks-paused.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { LeftTokens } from '../setup/setup-tokens.tsx';
import { Findings, NotChecked } from './findings.tsx';
import { kinSentence, originKey, placeText, tellsOfLocks, verdictSentence } from './lock.ts';
import type { AttestationDetail, Evidence } from './evidence.ts';
import { useLookNow } from './look-now.tsx';
import { matricesOf } from './matrix.ts';
import { MatrixTable } from './matrix-table.tsx';

const AGAIN = 30_000;

/** The lock of a hostname: what its origins did with each credential, by each door. */
export function Page({ zone, params }: ZonePageProps) {
  const hostname = params['hostname'] ?? '';
  const path = `/postern/v1/zones/${zone.id}/attestations/${encodeURIComponent(hostname)}`;
  const [details, refresh] = useResource<readonly AttestationDetail[]>(path, {
    on: tellsOfLocks(zone.id),
    every: AGAIN,
  });
  const look = useLookNow({ zone: zone.id, hostname, onDone: refresh });
  return (
    <>
      <nav aria-label="Where this page is" class="crumbs">
        <Link to={zonePath(zone.name, '/attestations')}>Attestations</Link>
      </nav>
      <PageHead
        title={hostname}
        about="What its origins did when they were asked, with each credential and by each door."
      >
        {look.button}
      </PageHead>
      {look.problems}
      <LooksPausedOf zone={zone} />
      <LeftTokens zone={zone.id} hostname={hostname} />
      <Awaited of={details} retry={refresh} lines={12}>
        {(origins) =>
          origins.length === 0 ? (
            <NeverSeen hostname={hostname} zone={zone.name} />
          ) : (
            origins.map((origin) => <Origin key={originKey(origin.origin)} of={origin} />)
          )
        }
      </Awaited>
      {look.call}
    </>
  );
}

function NeverSeen({ hostname, zone }: { readonly hostname: string; readonly zone: string }) {
  return (
    <Empty>
      <p>Nobody has looked at an origin of {hostname} yet.</p>
      <p>
        It is looked at when a proxied record leads to it and its pulls present a certificate over TLS. See{' '}
        <Link to={zonePath(zone, '/dns')}>DNS</Link> and{' '}
        <Link to={zonePath(zone, '/ssl/origin-server')}>Authenticated Origin Pulls</Link>.
      </p>
    </Empty>
  );
}

function Origin({ of }: { readonly of: AttestationDetail }) {
  const { verdict, origin, evidence, changes } = of;
  return (
    <>
      <Panel title={`Origin at ${placeText(origin)}`}>
        <div class={`standing ${verdict}`}>
          <VerdictBadge verdict={verdict} large />
          <div class="standing-words">
            <p class="standing-head">
              {HEADS[verdict]} <Moment at={of.locked_since ?? of.since} full />
            </p>
            <p class="muted">{verdictSentence(of)}</p>
          </div>
        </div>
        <Times of={of} />
      </Panel>
      {evidence === null ? (
        <Note>
          <p>It has not been looked at in every way yet. Look now, or wait: that happens by itself.</p>
        </Note>
      ) : (
        <Seen evidence={evidence} isOpen={verdict === 'open'} kin={kinSentence(of)} />
      )}
      <Panel title="History" about="Each time that the lock was seen otherwise than before, the newest first.">
        <ol class="history">
          {changes.map(({ at, verdict: then, found }) => (
            <li key={`${at} ${then}`} class={then}>
              <VerdictBadge verdict={then} /> <Moment at={at} />
              {found.length > 0 && <p class="hint">{found.join(' ')}</p>}
            </li>
          ))}
        </ol>
      </Panel>
    </>
  );
}

const HEADS = {
  locked: 'Locked since',
  open: 'Open since',
  broken: 'Broken since',
  unknown: 'Not known since',
} as const;

function Times({ of }: { readonly of: AttestationDetail }) {
  const rows = [
    ['Looked at', of.seen_on],
    ['In every way', of.examined_on],
    ['Last seen open', of.last_open],
    ['Last seen broken', of.last_broken],
  ] as const;
  return (
    <dl class="facts">
      {rows.map(([name, at]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{at === null ? 'Never' : <Moment at={at} />}</dd>
        </div>
      ))}
    </dl>
  );
}

interface SeenProps {
  readonly evidence: Evidence;
  readonly isOpen: boolean;
  readonly kin: string | null;
}

const FOUND = 'What the newest look in every way found, the worst first.';

function Seen({ evidence, isOpen, kin }: SeenProps) {
  const { matrices, others } = matricesOf(evidence, isOpen);
  const isGrave = evidence.findings.some(({ severity }) => severity === 'critical' || severity === 'high');
  const findings = evidence.findings.length > 0 && (
    <Panel title="Findings" about={`${FOUND}${kin === null ? '' : ` ${kin}`}`}>
      <Findings findings={evidence.findings} />
    </Panel>
  );
  return (
    <>
      {isGrave && findings}
      {matrices.map((matrix) => (
        <Panel key={matrix.target} title={`Who gets in: ${matrix.target}`}>
          <MatrixTable matrix={matrix} />
        </Panel>
      ))}
      {!isGrave && findings}
      {others.length > 0 && (
        <Panel title="What else was looked at">
          <dl class="seen">
            {others.map(({ probe, target, saw }) => (
              <div key={`${probe} ${target} ${saw}`}>
                <dt>
                  {probe} <span class="muted">{target}</span>
                </dt>
                <dd>{saw}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      )}
      {evidence.notChecked.length > 0 && (
        <Panel title="Not checked" about="Nothing is claimed about these.">
          <NotChecked of={evidence.notChecked} />
        </Panel>
      )}
    </>
  );
}
