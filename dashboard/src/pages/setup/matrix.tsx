import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { LooksPausedOf } from '../../parts/looks-paused.tsx';
import { Moment } from '../../parts/moment.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Findings, NotChecked } from '../attestations/findings.tsx';
import { type AttestationDetail, originKey, placeText, tellsOfLocks, VERDICT_SENTENCES } from '../attestations/lock.ts';
import { matricesOf } from '../attestations/matrix.ts';
import { MatrixTable } from '../attestations/matrix-table.tsx';
import type { StepProps } from './guide.tsx';
import '../../style/evidence.css';
import '../../style/pages/attestations.css';

/** Each credential against each origin: who gets in where, and what to mend. */
export function SetupMatrix({ zone, setup }: Pick<StepProps, 'zone' | 'setup'>) {
  const path = `/postern/v1/zones/${zone.id}/attestations/${encodeURIComponent(setup.hostname)}`;
  const [details, retry] = useResource<readonly AttestationDetail[]>(path, { on: tellsOfLocks(zone.id) });
  return (
    <>
      <LooksPausedOf zone={zone} />
      <Awaited of={details} retry={retry} lines={8} empty={<p>Nobody has looked yet.</p>}>
        {(rows) => rows.map((one) => <OfOrigin key={originKey(one.origin)} detail={one} />)}
      </Awaited>
    </>
  );
}

function OfOrigin({ detail: { origin, verdict, seen_on, evidence } }: { readonly detail: AttestationDetail }) {
  const isLocked = verdict === 'locked';
  const findings = evidence !== null && evidence.findings.length > 0 && (
    <details open={!isLocked}>
      <summary>
        {isLocked ? 'Worth knowing, though the lock holds' : 'What to mend'} ({evidence.findings.length})
      </summary>
      <Findings findings={evidence.findings} />
    </details>
  );
  return (
    <section class="setup-origin" aria-label={placeText(origin)}>
      <header class="row">
        <VerdictBadge verdict={verdict} large />
        <span class="mono">{placeText(origin)}</span>
        <span class="hint">
          seen <Moment at={seen_on} />
        </span>
      </header>
      <p>{VERDICT_SENTENCES[verdict]}</p>
      {!isLocked && findings}
      {evidence !== null &&
        matricesOf(evidence, verdict === 'open').matrices.map((matrix) => (
          <MatrixTable key={matrix.target} matrix={matrix} />
        ))}
      {isLocked && findings}
      {evidence !== null && evidence.notChecked.length > 0 && (
        <details>
          <summary>Not checked: nothing is claimed about these ({evidence.notChecked.length})</summary>
          <NotChecked of={evidence.notChecked} />
        </details>
      )}
    </section>
  );
}
