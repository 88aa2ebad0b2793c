import type { Verdict } from '../../domain/verdict.ts';
import type { Claim, ConfigurationReading } from '../configuration.ts';
import { type Target, targetText } from '../target.ts';
import type { Evidence, Finding } from './finding.ts';
import { FINDINGS, type FindingCode } from './findings.ts';
import { HEADER_TRUST } from './header-trust.ts';
import { NOT_ENFORCED } from './not-enforced.ts';
import { TOO_TRUSTING } from './too-trusting.ts';

/** What was judged live at one target. */
export interface LiveVerdict {
  readonly target: Target;
  readonly verdict: Verdict;
  /** The most telling of what was seen there. */
  readonly evidence: readonly Evidence[];
  /** Who got the application. Of strangers those alone count whom no right authority has signed for. */
  readonly entered: { readonly stranger: boolean; readonly right: boolean };
  /** Strangers were turned away, and not by an answer that all get. */
  readonly barred: boolean;
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

// Holes that whoever knocks as a stranger must see, where a text with them runs.
const SHOWN: Readonly<Record<Target['door'], readonly FindingCode[]>> = {
  https: [
    'not_asked',
    'optional',
    'unverified',
    'verification_off',
    'verify_result_alone',
    'errors_ignored',
    'any_certificate',
    'tests_for_none_only',
    'error_page',
  ],
  http: ['plain_http'],
  other: ['not_asked', 'other_port', 'application_port'],
};

/** Where what runs does something else than what is written: the live result is the truth, and the difference a finding. */
export function differences(live: readonly LiveVerdict[], reading: ConfigurationReading): readonly Finding[] {
  return live.flatMap((one) => {
    const claim = claimFor(one.target, reading.claims);
    if (claim === null || !differs(one, claim, reading.findings)) return [];
    const { file, line } = claim.where;
    const written = { probe: `configuration ${file}:${line}`, saw: `says ${claim.verdict}` };
    const found: Finding = {
      code: 'config_differs',
      target: targetText(one.target),
      where: claim.where,
      detail: `It says ${claim.verdict}, and what runs is ${one.verdict}.`,
      server: reading.server,
      evidence: [...one.evidence.slice(0, 2), written],
    };
    return [found];
  });
}

// Only what a text decides is compared: not whose certificate the edge has, what a neighbour was given by the same
// authority, what an application believes, or what is so at other paths.
function differs(
  { target, verdict, entered, barred }: LiveVerdict,
  claim: Claim,
  written: readonly Finding[],
): boolean {
  switch (claim.verdict) {
    case 'locked':
      return verdict === 'open' && entered.stranger;
    case 'broken':
      return entered.right;
    case 'open':
      return (
        barred &&
        (verdict === 'locked' || verdict === 'broken') &&
        written.some((one) => SHOWN[target.door].includes(one.code) && isOf(target.host, one))
      );
    case 'unknown':
      return false;
  }
}

function isOf(host: string, { target }: Finding): boolean {
  return target === null || target === host || target.startsWith(`${host} at `);
}

/**
 * The verdict of one target where both are known. A look answers what it can see; a hole that is written and that it
 * could not see is still one, so that knowing more never says less.
 */
export function together(live: LiveVerdict, reading: ConfigurationReading | null): Verdict {
  const claim = reading === null ? null : claimFor(live.target, reading.claims);
  if (reading === null || claim?.verdict !== 'open') return live.verdict;
  const own = reading.findings.filter((one) => isHole(one) && isOf(live.target.host, one));
  const answered = live.barred && live.verdict !== 'unknown' && own.length > 0;
  return answered && own.every(({ code }) => SHOWN[live.target.door].includes(code)) ? live.verdict : 'open';
}

function isHole({ code }: Finding): boolean {
  return code in NOT_ENFORCED || code in TOO_TRUSTING || code in HEADER_TRUST
    ? ['critical', 'high'].includes(FINDINGS[code].severity)
    : false;
}

/** Findings of both kinds, where the same one of the same host is told once: with its place, and with what was seen. */
export function merged(live: readonly Finding[], written: readonly Finding[]): readonly Finding[] {
  const rest = [...written];
  const joined = live.map((finding) => {
    const index = rest.findIndex((other) => isSameHole(finding, other) && concernsSame(finding, other));
    const [other] = index === -1 ? [] : rest.splice(index, 1);
    return other === undefined ? finding : joinedOf(finding, other);
  });
  return [...joined, ...rest];
}

// How a hole looks of which a configuration tells the kind.
const LOOKS_LIKE: Readonly<Partial<Record<FindingCode, readonly FindingCode[]>>> = {
  tests_for_none_only: ['any_certificate'],
  errors_ignored: ['any_certificate', 'unverified'],
  verification_off: ['not_asked', 'optional'],
  verify_result_alone: ['optional'],
  error_page: ['unverified', 'optional'],
  or_instead_of_and: ['optional', 'unverified', 'not_asked'],
};

function isSameHole(live: Finding, written: Finding): boolean {
  return live.code === written.code || (LOOKS_LIKE[written.code] ?? []).includes(live.code);
}

function joinedOf(live: Finding, written: Finding): Finding {
  return {
    ...live,
    code: written.code,
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
