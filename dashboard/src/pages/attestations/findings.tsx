import { Code } from '../../parts/copy.tsx';
import { codeText } from './lock.ts';
import type { Evidence, Finding } from './evidence.ts';

const SEVERITY: Readonly<Record<string, string>> = {
  critical: 'Anybody gets in',
  high: 'Some outsiders get in, or the edge is kept out',
  medium: 'It will be so, if nothing is done',
  low: 'Worth knowing',
};

function meaningOf({ severity, decides = false }: Finding): string {
  const isGrave = severity === 'critical' || severity === 'high';
  return decides && !isGrave ? 'It keeps the lock from being called Locked' : (SEVERITY[severity] ?? '');
}

/** The worst first, and before all what makes the verdict what it is. */
function weight({ decides = false, severity }: Finding): number {
  return ORDER.indexOf(severity) - (decides ? ORDER.length : 0);
}

const ORDER = ['critical', 'high', 'medium', 'low'];

/** In the order in which they are to be mended. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => weight(a) - weight(b));
}

/** What was found, the worst first, with what shows it and what to do. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ol class="findings">
      {worstFirst(findings).map((finding, index) => (
        <li key={`${finding.code} ${finding.target ?? ''} ${index}`} class={`finding ${finding.severity}`}>
          <OneFinding finding={finding} />
        </li>
      ))}
    </ol>
  );
}

// In the syntax of a server where it has words of its own for it, else a sentence for all.
const isSentence = (fix: string): boolean => /^[A-Z][^\n]*\.$/.test(fix);

// Each has a name of its own: several may stand on one page.
function codeLabel({ code, server = null, target = null }: Finding): string {
  const what = server === null ? 'Fix' : `Configuration of ${server}`;
  return `${what}: ${codeText(code)}${target === null ? '' : ` (${target})`}`;
}

interface OneFindingProps {
  readonly finding: Finding;
  /** What it is was said before, so that only the rest is. */
  readonly isTold?: boolean;
}

/** One thing that was found: what it is, what to do, and what shows it. */
export function OneFinding({ finding, isTold = false }: OneFindingProps) {
  const { code, severity, title, detail = '', fix, target = null, decides = false, evidence } = finding;
  return (
    <article>
      <header>
        {decides && !isTold && <p class="decides">This stands between the lock and Locked</p>}
        {!isTold && <h3>{title}</h3>}
        <p class="hint">
          <span class={`severity ${severity}`}>{severity}</span> {meaningOf(finding)}
          {target !== null && <> · {target}</>} · <code>{code}</code>
        </p>
      </header>
      {detail !== '' && <p>{detail}</p>}
      <div class="fix">
        <h4>What to do</h4>
        {isSentence(fix) ? <p>{fix}</p> : <Code label={codeLabel(finding)} text={fix} />}
      </div>
      {evidence.length > 0 && (
        <details open={severity === 'critical'}>
          <summary>What shows it</summary>
          <dl class="seen">
            {evidence.map(({ probe, saw }) => (
              <div key={`${probe} ${saw}`}>
                <dt>{probe}</dt>
                <dd>{saw}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </article>
  );
}

/** What could not be tried, and why: nothing is claimed about it. */
export function NotChecked({ of }: { readonly of: Evidence['notChecked'] }) {
  return (
    <dl class="seen">
      {of.map(({ what, why }) => (
        <div key={`${what} ${why}`}>
          <dt>{what}</dt>
          <dd>{why}</dd>
        </div>
      ))}
    </dl>
  );
}
