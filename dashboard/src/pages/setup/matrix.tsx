import type { Resource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Note } from '../../parts/problems.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Findings, NotChecked } from '../attestations/findings.tsx';
import { kinSentence, originKey, placeText, verdictSentence } from '../attestations/lock.ts';
import type { AttestationDetail } from '../attestations/evidence.ts';
import { matricesOf } from '../attestations/matrix.ts';
import { MatrixTable } from '../attestations/matrix-table.tsx';
import { mendedAbove } from './mended.ts';
import type { Setup } from './setup.ts';
import '../../style/evidence.css';
import '../../style/pages/attestations.css';

interface SetupMatrixProps {
  readonly setup: Setup;
  readonly seen: Resource<readonly AttestationDetail[]>;
  readonly retry: () => void;
  /** What makes the verdict what it is stands before it, with what to do. */
  readonly isToldAbove: boolean;
}

/** Each credential against each origin: who gets in where, and what to mend. */
export function SetupMatrix({ setup, seen, retry, isToldAbove }: SetupMatrixProps) {
  return (
    <div class="setup-seen">
      {setup.step.kind === 'proved' && <Duty />}
      <Awaited of={seen} retry={retry} lines={8} empty={<p>Nobody has looked yet.</p>}>
        {(rows) => (
          <>
            {rows.map((one) =>
              isTelling(one, setup) ? (
                <OfOrigin key={originKey(one.origin)} detail={one} setup={setup} isToldAbove={isToldAbove} />
              ) : (
                <TooOld key={originKey(one.origin)} detail={one} setup={setup} />
              ),
            )}
            {rows.some((one) => isTelling(one, setup)) && <Traces />}
          </>
        )}
      </Awaited>
    </div>
  );
}

/** What is left to do stands below all that was seen: who stops at the verdict reads it here. */
function Duty() {
  return (
    <Note>
      <p>
        <strong>Keep it so:</strong> the bundle at the origin has to follow rotations, or the edge is refused one day.
        What sees to it stands under <a href="#setup-now">What now</a>.
      </p>
    </Note>
  );
}

/** Whoever reads the logs of the origin meets what was tried there. */
function Traces() {
  return (
    <details>
      <summary>What a look leaves in the logs of the origin</summary>
      <p class="hint">
        A look in every way is some 50 requests: when you press, after a change, and once a day. The short one, every
        five minutes, is six. In the access log they have the User-Agent Postern-Attestation. A certificate whose key is
        forged makes nginx write <span class="mono">[crit] … bad signature</span> into its error log: leave these out of
        an alarm, by the address of this Postern.
      </p>
    </details>
  );
}

/** Whether a look was made after strangers were to be refused: before, it can only show that they were not yet. */
export function isTelling(
  { examined_on, verdict }: AttestationDetail,
  { decided_on, reports, began_on, step }: Setup,
): boolean {
  if (examined_on === null) return false;
  if (verdict === 'locked' && step.kind === 'proved') return true;
  const from = decided_on ?? (reports.some(({ mode }) => mode === 'enforce') ? began_on : null);
  return from !== null && Date.parse(examined_on) >= Date.parse(from);
}

function TooOld({
  detail: { origin, examined_on },
  setup,
}: {
  readonly detail: AttestationDetail;
  readonly setup: Setup;
}) {
  return (
    <section class="setup-origin" aria-label={placeText(origin)}>
      <p class="muted">
        {setup.decided_on === null
          ? 'The origin refuses nobody so far: nothing is to be proved yet.'
          : examined_on === null
            ? 'Not looked at in every way yet.'
            : 'Not looked at since you decided to enforce.'}{' '}
        <span class="mono">{placeText(origin)}</span>
      </p>
    </section>
  );
}

/** What stood between the lock and Locked at looks after the decision, and is not found any more. */
function mendedSince({ changes, found }: AttestationDetail, { decided_on }: Setup): readonly string[] {
  if (decided_on === null) return [];
  const since = changes.filter(({ at, verdict }) => verdict !== 'locked' && Date.parse(at) >= Date.parse(decided_on));
  return [...new Set(since.flatMap((change) => change.found[0] ?? []))].filter((title) => !found.includes(title));
}

interface OfOriginProps extends Pick<SetupMatrixProps, 'setup' | 'isToldAbove'> {
  readonly detail: AttestationDetail;
}

function OfOrigin({ detail, setup, isToldAbove }: OfOriginProps) {
  const { origin, verdict, seen_on, evidence } = detail;
  const isLocked = verdict === 'locked';
  const shown = evidence?.findings.filter(({ decides }) => !isToldAbove || decides !== true) ?? [];
  const kin = kinSentence(detail);
  const findings = shown.length > 0 && (
    <details open={!isLocked && !isToldAbove}>
      <summary>
        {isLocked ? 'Worth knowing, though the lock holds' : isToldAbove ? 'Found beside it' : 'What to mend'} (
        {shown.length})
      </summary>
      {kin !== null && <p class="setup-kin">{kin}</p>}
      <Findings findings={shown.map(mendedAbove)} />
    </details>
  );
  const mended = isLocked ? mendedSince(detail, setup) : [];
  return (
    <section class="setup-origin" aria-label={placeText(origin)}>
      <header class="row">
        <VerdictBadge verdict={verdict} large />
        <span class="mono">{placeText(origin)}</span>
        <span class="hint">
          seen <Moment at={seen_on} full />
        </span>
      </header>
      <p>{verdictSentence(detail)}</p>
      {mended.length > 0 && (
        <Note kind="good">
          <p>
            <strong>Mended. This was so before, and is not any more:</strong>
          </p>
          {mended.map((title) => (
            <p key={title}>
              <s>{title}</s>
            </p>
          ))}
        </Note>
      )}
      {!isLocked && findings}
      {evidence !== null &&
        matricesOf(evidence, verdict === 'open').matrices.map((matrix) => (
          <MatrixTable key={matrix.target} matrix={matrix} />
        ))}
      {isLocked && findings}
      {evidence !== null && evidence.notChecked.length > 0 && (
        <details open={isLocked}>
          <summary>Not checked: nothing is claimed about these ({evidence.notChecked.length})</summary>
          <NotChecked of={evidence.notChecked} />
        </details>
      )}
    </section>
  );
}
