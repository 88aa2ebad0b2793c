import { Moment } from '../../parts/moment.tsx';
import { SeenMark } from '../../parts/seen-mark.tsx';
import { type ProofEvidence, type Sight, sightText } from './rotation.ts';

interface Row {
  readonly edge: string;
  readonly fault: string | null;
  readonly at: ProofEvidence['edges'][number]['addresses'][number] | null;
}

/** What each edge saw of an origin: with the old certificate, the new one, and none. */
export function Proof({ evidence, origin }: { readonly evidence: ProofEvidence; readonly origin: string }) {
  const rows = evidence.edges.flatMap(({ edge, fault, addresses }): readonly Row[] =>
    addresses.length === 0
      ? [{ edge, fault: fault ?? 'nothing seen', at: null }]
      : addresses.map((at) => ({ edge, fault, at })),
  );
  return (
    <>
      <p class="hint">
        Looked <Moment at={evidence.at} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <section class="table-frame" tabIndex={0} aria-label={`Table: evidence for ${origin}`}>
        <table class="proof">
          <caption class="unseen">Evidence for {origin}</caption>
          <thead>
            <tr>
              <th scope="col">Edge</th>
              <th scope="col">Address</th>
              <th scope="col">Old certificate</th>
              <th scope="col">New certificate</th>
              <th scope="col">No certificate</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ edge, fault, at }) => (
              <tr key={`${edge} ${at?.ip ?? ''}`}>
                <th scope="row">{edge}</th>
                {at === null ? (
                  <td colSpan={4}>{fault}</td>
                ) : (
                  <>
                    <td class="mono">{at.ip}</td>
                    <SightCell of={at.old_certificate} judged="plain" />
                    <SightCell
                      of={at.new_certificate}
                      judged={at.new_certificate.saw === 'answered' ? 'good' : 'bad'}
                    />
                    <SightCell of={at.no_certificate} judged={isTurnedAway(at) ? 'good' : 'bad'} />
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

// An application that turns callers without a certificate away itself answers them otherwise: a proof takes that too.
function isTurnedAway({ no_certificate: none, new_certificate: shown }: NonNullable<Row['at']>): boolean {
  return none.saw === 'refused' || (none.saw === 'answered' && none.status !== shown.status);
}

function SightCell({ of, judged }: { readonly of: Sight; readonly judged: 'good' | 'bad' | 'plain' }) {
  return (
    <td>
      <SeenMark mark={of.saw === 'failed' ? 'silent' : of.saw} judged={judged}>
        {sightText(of)}
      </SeenMark>
    </td>
  );
}
