import type { Attestation, AttestedOrigin } from './attestation.ts';
import { type CallerCounts, refusable } from './callers.ts';
import type { Instant } from './ids.ts';
import type { PullPlan } from './plan.ts';
import { originKey } from './proof.ts';

/** What a set-up waits for: the step that it is in, why it is, and what to do. */
export const SETUP_WAITS = {
  record: {
    step: 'records',
    text: 'No record of the zone leads to this hostname.',
    fix: 'Add a record with the address of the origin.',
  },
  proxied: {
    step: 'records',
    text: 'The records of this hostname are DNS only: visitors go to the origin themselves, past the edge.',
    fix: 'Have the edge serve it: proxy the record.',
  },
  tls: {
    step: 'records',
    text: 'The edge does not pull over TLS here, so no certificate can be shown.',
    fix: 'Choose an SSL mode that encrypts to the origin (strict), and take the zone off pause.',
  },
  origin_pulls: {
    step: 'records',
    text: 'The edge shows this origin no certificate.',
    fix: 'Switch Authenticated Origin Pulls on for the zone, and for the hostname, where they are switched off for it alone.',
  },
  choice: {
    step: 'server',
    text: 'It is not said which server the origin runs.',
    fix: 'Choose the server.',
  },
  origin: {
    step: 'configure',
    text: 'Nothing was heard of the origin yet.',
    fix: 'Run the install command there, or put the configuration in place and run the command that reports callers.',
  },
  counts: {
    step: 'watch',
    text: 'The origin refuses nobody, and does not tell who comes.',
    fix: 'Run the command that reports callers there (postern origin watch-report), or postern origin sync.',
  },
  edge: {
    step: 'watch',
    text: 'No request with the certificate of the edge was counted yet.',
    fix: 'Open the site through the edge, and look that the origin asks for a certificate and trusts the bundle of now.',
  },
  strangers: {
    step: 'watch',
    text: 'Some still come without the certificate of the edge: they would be refused.',
    fix: 'Look whose addresses these are. Lead them through the edge, or enforce all the same where they are strangers.',
  },
  enforcing: {
    step: 'enforce',
    text: 'Nobody but the edge was seen so far.',
    fix: 'Decide to enforce; what carries it out at the origin comes next.',
  },
  still_watching: {
    step: 'enforce',
    text: 'The origin says that it still refuses nobody.',
    fix: 'Put the enforcing configuration in place there, and have its server load it.',
  },
  carry_out: {
    step: 'enforce',
    text: 'It is decided, and not known to be carried out: the origin may still refuse nobody.',
    fix: 'Put the enforcing configuration in place at the origin, then have the lock looked at.',
  },
  still_open: {
    step: 'enforce',
    text: 'Somebody without the certificate of the edge was still let in, after it was decided.',
    fix: 'Put the enforcing configuration in place, have the server load it, and have the lock looked at again.',
  },
  not_known: {
    step: 'enforce',
    text: 'It was looked at after the decision, and could not be found out whether strangers are refused.',
    fix: 'See what stands in the way; mend that, and have the lock looked at again.',
  },
  look: {
    step: 'prove',
    text: 'The origin says that it enforces. Whether it holds was not looked at since.',
    fix: 'Have it looked at now (postern attestations run).',
  },
  open: {
    step: 'prove',
    text: 'Somebody without the certificate of the edge still gets in.',
    fix: 'See the findings of the attestation: each says what to change.',
  },
  broken: {
    step: 'prove',
    text: 'The edge itself cannot pull: the origin refuses it, or it does not believe the certificate of the origin.',
    fix: 'See the findings of the attestation. Where the origin refuses the edge, back to watching: install again with --watch.',
  },
  unknown: {
    step: 'prove',
    text: 'It could not be found out whether the lock holds.',
    fix: 'See the findings of the attestation: the origin may be out of reach.',
  },
} as const satisfies Readonly<Record<string, { readonly step: string; readonly text: string; readonly fix: string }>>;

/** Steps of a set-up, in their order. */
export const SETUP_STEPS = ['records', 'server', 'configure', 'watch', 'enforce', 'prove', 'proved'] as const;

/**
 * Where a set-up is. It is worked out anew each time, and ends only where the lock was seen to hold. `found`: the code of
 * what stands between it and that end, where a look found it.
 */
export type SetupStep =
  | { readonly kind: 'records'; readonly waitsFor: 'record' | 'proxied' | 'tls' | 'origin_pulls' }
  | { readonly kind: 'server'; readonly waitsFor: 'choice' }
  | { readonly kind: 'configure'; readonly waitsFor: 'origin' }
  | { readonly kind: 'watch'; readonly waitsFor: 'counts' | 'edge' | 'strangers' }
  | {
      readonly kind: 'enforce';
      readonly waitsFor: 'enforcing' | 'still_watching' | 'carry_out' | 'still_open' | 'not_known';
      readonly found?: string;
    }
  | { readonly kind: 'prove'; readonly waitsFor: 'look' | 'open' | 'broken' | 'unknown'; readonly found?: string }
  | { readonly kind: 'proved'; readonly waitsFor: null };

/** What is known of a hostname that is being set up. */
export interface SetupFacts {
  readonly began: Instant;
  /** Since when the configuration is what it is: what the origin said before was said of another. */
  readonly configured: Instant;
  /** When it was decided to refuse strangers; `null` while it is not. */
  readonly decided: Instant | null;
  readonly records: 'none' | 'dns_only' | 'proxied';
  /** What the edge does with a visit over HTTPS. */
  readonly pull: PullPlan['kind'];
  readonly chosen: { readonly server: string | null; readonly mode: 'watch' | 'enforce' };
  /** What locks at the origin say of the hostname. */
  readonly reports: readonly { readonly mode: 'watch' | 'enforce'; readonly at: Instant }[];
  /** Whether somebody counts who comes, since the configuration is what it is. */
  readonly counted: boolean;
  /** Those of the last hour, or since the configuration is what it is, together. */
  readonly callers: CallerCounts;
  /** The origins as they are now, with what the edge presents to each. */
  readonly origins: readonly AttestedOrigin[];
  readonly attestations: readonly Attestation[];
}

/** The step of a set-up. */
export function setupStep(facts: SetupFacts): SetupStep {
  const { records, pull, chosen } = facts;
  if (records === 'none') return { kind: 'records', waitsFor: 'record' };
  if (records === 'dns_only') return { kind: 'records', waitsFor: 'proxied' };
  if (pull === 'plaintext' || pull === 'not_served' || pull === 'redirect') return { kind: 'records', waitsFor: 'tls' };
  if (pull !== 'present') return { kind: 'records', waitsFor: 'origin_pulls' };
  if (proven(facts)) return { kind: 'proved', waitsFor: null };
  if (chosen.server === null) return { kind: 'server', waitsFor: 'choice' };
  const said = saidMode(facts);
  if (said === 'enforce') return proving(facts);
  if (chosen.mode === 'enforce') return enforcing(facts);
  if (said === null && !facts.counted) return { kind: 'configure', waitsFor: 'origin' };
  return watching(facts);
}

function watching({ counted, callers }: SetupFacts): SetupStep {
  if (!counted) return { kind: 'watch', waitsFor: 'counts' };
  if (callers.accepted + callers.unverified === 0) return { kind: 'watch', waitsFor: 'edge' };
  return refusable(callers) > 0 ? { kind: 'watch', waitsFor: 'strangers' } : { kind: 'enforce', waitsFor: 'enforcing' };
}

// A decision changes nothing at the origin: only what is heard or seen of it afterwards tells that it was carried out.
function enforcing(facts: SetupFacts): SetupStep {
  const seen = worstSeen(facts);
  if (seen?.verdict === 'open') return { kind: 'enforce', waitsFor: 'still_open', ...foundIn(seen) };
  if (seen?.verdict === 'broken') return { kind: 'prove', waitsFor: 'broken', ...foundIn(seen) };
  if (facts.reports.some(({ mode, at }) => mode === 'watch' && at >= since(facts)))
    return { kind: 'enforce', waitsFor: 'still_watching' };
  return seen === null
    ? { kind: 'enforce', waitsFor: 'carry_out' }
    : { kind: 'enforce', waitsFor: 'not_known', ...foundIn(seen) };
}

function proving(facts: SetupFacts): SetupStep {
  const seen = worstSeen(facts);
  return seen === null
    ? { kind: 'prove', waitsFor: 'look' }
    : { kind: 'prove', waitsFor: seen.verdict, ...foundIn(seen) };
}

interface SeenBad {
  readonly verdict: 'open' | 'broken' | 'unknown';
  /** What makes it so; `null` where nothing was found, as where nobody could be asked. */
  readonly finding: string | null;
}

/** The worst of what was seen of its origins since strangers were to be refused; `null` where nothing bad was. */
function worstSeen(facts: SetupFacts): SeenBad | null {
  const seen = facts.origins.map((origin) => lookAt(origin, facts, since(facts)));
  for (const verdict of ['open', 'broken', 'unknown'] as const) {
    const found = seen.filter((one) => one?.verdict === verdict);
    if (found.length > 0) return { verdict, finding: found.flatMap((one) => one?.findings[0] ?? [])[0] ?? null };
  }
  return null;
}

function foundIn({ finding }: SeenBad): { readonly found?: string } {
  return finding === null ? {} : { found: finding };
}

function since({ began, decided }: SetupFacts): Instant {
  return decided ?? began;
}

// Every origin, with what it is presented now. What was seen before the set-up began proves nothing of it.
function proven(facts: SetupFacts): boolean {
  const { origins } = facts;
  return origins.length > 0 && origins.every((origin) => lookAt(origin, facts, facts.began)?.verdict === 'locked');
}

/** What was seen of an origin in every way since a moment, with the certificate that it is presented now. */
function lookAt(
  { origin, certificate }: AttestedOrigin,
  { attestations }: SetupFacts,
  from: Instant,
): Attestation | null {
  const key = originKey(origin);
  const found = attestations.find((one) => originKey(one.origin) === key);
  const counts = found !== undefined && found.presented === certificate && (found.fullAt ?? 0) >= from;
  return counts ? found : null;
}

/** What the locks at the origin said of the configuration of now: enforcing where all of them do. */
function saidMode({ reports, configured }: SetupFacts): 'watch' | 'enforce' | null {
  const heard = reports.filter(({ at }) => at >= configured);
  if (heard.length === 0) return null;
  return heard.every(({ mode }) => mode === 'enforce') ? 'enforce' : 'watch';
}
