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
                    <SightCell of={at.old_certificate} wanted={null} />
                    <SightCell of={at.new_certificate} wanted="answered" />
                    <SightCell of={at.no_certificate} wanted="refused" />
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

interface SightCellProps {
  readonly of: Sight;
  /** What a proof needs to see; `null` where it may be either, as the old certificate may have ended. */
  readonly wanted: Sight['saw'] | null;
}

function SightCell({ of, wanted }: SightCellProps) {
  const judged = wanted === null ? 'plain' : of.saw === wanted ? 'good' : 'bad';
  return (
    <td>
      <SeenMark mark={of.saw === 'failed' ? 'silent' : of.saw} judged={judged}>
        {sightText(of)}
      </SeenMark>
    </td>
  );
}
