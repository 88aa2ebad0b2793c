import type { Verdict } from '../../domain/verdict.ts';
import type { Claim, ConfigurationReading } from '../configuration.ts';
import { type Target, targetText } from '../target.ts';
import type { Evidence, Finding } from './finding.ts';

/** What was judged live at one target. */
export interface LiveVerdict {
  readonly target: Target;
  readonly verdict: Verdict;
  /** The most telling of what was seen there. */
  readonly evidence: readonly Evidence[];
}

/** The claim about a target's socket and name; null where the configuration says nothing of it. */
export function claimFor({ host, address, port }: Target, claims: readonly Claim[]): Claim | null {
  const fitting = claims.filter((claim) => claim.host === host && claim.port === port);
  return (
    fitting.find((claim) => claim.address === address) ??
    fitting.find((claim) => isWildcard(claim.address, address)) ??
    null
  );
}

function isWildcard(claimed: string, address: string): boolean {
  return claimed === '*' || claimed === (address.includes(':') ? '::' : '0.0.0.0');
}

/** Where what runs does something else than what is written: the live result is the truth, and the difference a finding. */
export function differences(
  live: readonly LiveVerdict[],
  { claims, server }: ConfigurationReading,
): readonly Finding[] {
  return live.flatMap(({ target, verdict, evidence }) => {
    const claim = claimFor(target, claims);
    if (claim === null || claim.verdict === verdict || claim.verdict === 'unknown' || verdict === 'unknown') return [];
    const { file, line } = claim.where;
    const written = { probe: `configuration ${file}:${line}`, saw: `says ${claim.verdict}` };
    const detail = `It says ${claim.verdict}, and what runs is ${verdict}.`;
    const found: Finding = {
      code: 'config_differs',
      target: targetText(target),
      where: claim.where,
      detail,
      server,
      evidence: [...evidence.slice(0, 2), written],
    };
    return [found];
  });
}

/** Findings of both kinds, where the same one of the same host is told once: with its place, and with what was seen. */
export function merged(live: readonly Finding[], written: readonly Finding[]): readonly Finding[] {
  const rest = [...written];
  const joined = live.map((finding) => {
    const index = rest.findIndex((other) => other.code === finding.code && concernsSame(finding, other));
    const [other] = index === -1 ? [] : rest.splice(index, 1);
    return other === undefined ? finding : joinedOf(finding, other);
  });
  return [...joined, ...rest];
}

function joinedOf(live: Finding, written: Finding): Finding {
  return {
    ...live,
    where: written.where,
    detail: written.detail === '' ? live.detail : written.detail,
    server: written.server ?? live.server,
    evidence: [...live.evidence, ...written.evidence],
  };
}

function concernsSame({ target }: Finding, other: Finding): boolean {
  return (
    other.target === null || target === null || target === other.target || target.startsWith(`${other.target} at `)
  );
}
