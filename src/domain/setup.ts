import type { Attestation, AttestedOrigin } from './attestation.ts';
import { addedCallers, type CallerCounts, certified, NO_CALLERS, refusable } from './callers.ts';
import type { Hostname, Instant } from './ids.ts';
import type { PullPlan } from './plan.ts';
import { originKey } from './proof.ts';
import { type Verdict, worst } from './verdict.ts';

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
    text: 'No configuration was made for the origin yet.',
    fix: 'Say which server it runs, and make the configuration.',
  },
  origin: {
    step: 'configure',
    text: 'Nothing was heard of the origin yet.',
    fix: 'Work down what follows: on the origin first what puts the configuration in place, then what reports callers.',
  },
  first: {
    step: 'configure',
    text: 'Somebody reports, and no request was logged since the configuration is what it is: whether the server loaded it is not known.',
    fix: 'Have the server load it, then open the site through the edge.',
  },
  visit: {
    step: 'configure',
    text: 'The server loaded the configuration: looks of Postern stand in its log. Nobody else came yet.',
    fix: 'Open the site through the edge.',
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
  each: {
    step: 'watch',
    text: 'Not for every name a request with the certificate of the edge was counted yet.',
    fix: 'Open each of those names through the edge, and make records for those that have none. Who needs none of them may enforce all the same.',
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
    text: 'Decided, and not known to be carried out: the origin may still refuse nobody.',
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
 * What a set-up waits for. It is worked out anew each time, and ends only where the lock was seen to hold. `found`: the code
 * of what stands between it and that end, where a look found it.
 */
type SetupPlace =
  | { readonly kind: 'records'; readonly waitsFor: 'record' | 'proxied' | 'tls' | 'origin_pulls' }
  | { readonly kind: 'server'; readonly waitsFor: 'choice' }
  | { readonly kind: 'configure'; readonly waitsFor: 'origin' | 'first' | 'visit' }
  | { readonly kind: 'watch'; readonly waitsFor: 'counts' | 'edge' | 'each' | 'strangers' }
  | {
      readonly kind: 'enforce';
      readonly waitsFor: 'enforcing' | 'still_watching' | 'carry_out' | 'still_open' | 'not_known';
      readonly found?: string;
    }
  | { readonly kind: 'prove'; readonly waitsFor: 'look' | 'open' | 'broken' | 'unknown'; readonly found?: string }
  | { readonly kind: 'proved'; readonly waitsFor: null };

/** Where a set-up is, and which of its names keep it there; none where it is about all of them alike. */
export type SetupStep = SetupPlace & { readonly names: readonly Hostname[] };

/** What is known of one of the names of a set-up. */
export interface SetupName {
  readonly hostname: Hostname;
  readonly records: 'none' | 'dns_only' | 'proxied';
  /** What the edge does with a visit over HTTPS. */
  readonly pull: PullPlan['kind'];
  /** What locks at the origin say of it. */
  readonly reports: readonly { readonly mode: 'watch' | 'enforce'; readonly at: Instant }[];
  /** Whether somebody counts who comes, since the configuration is what it is. */
  readonly counted: boolean;
  /** Whether they counted somebody, by whatever name: looks of Postern's own come by themselves, and show no visitor. */
  readonly came: boolean;
  /** Those of the last hour, or since the configuration is what it is. */
  readonly callers: CallerCounts;
  /** The origins as they are now, with what the edge presents to each. */
  readonly origins: readonly AttestedOrigin[];
  readonly attestations: readonly Attestation[];
}

/** What is known of a set-up. */
export interface SetupFacts {
  readonly began: Instant;
  /** Since when the configuration is what it is: what the origin said before was said of another. */
  readonly configured: Instant;
  /** When it was decided to refuse strangers; `null` while it is not. */
  readonly decided: Instant | null;
  readonly chosen: { readonly server: string | null; readonly mode: 'watch' | 'enforce' };
  /** The one that it is called by, and the other names that are locked with it. */
  readonly names: readonly [SetupName, ...SetupName[]];
  /** Who came to its locks by none of their names, since the same moment as those of the names. */
  readonly byOtherNames: CallerCounts;
}

/** The step of a set-up. */
export function setupStep(facts: SetupFacts): SetupStep {
  const { names, chosen } = facts;
  const missing = missingOf(names[0]);
  if (missing !== null) return { kind: 'records', waitsFor: missing, names: [names[0].hostname] };
  if (served(facts).every((name) => isProved(name, facts))) return { kind: 'proved', waitsFor: null, names: [] };
  if (chosen.server === null) return { kind: 'server', waitsFor: 'choice', names: [] };
  const said = saidMode(facts);
  if (said === 'enforce') return proving(facts);
  if (chosen.mode === 'enforce') return enforcing(facts);
  return said === null && !names.some(({ came }) => came) ? configuring(facts) : watching(facts);
}

// Looks of Postern's own come by themselves: they show that the server writes the log, and lead no further.
function configuring({ names, byOtherNames }: SetupFacts): SetupStep {
  const looks = names.reduce((sum, { callers }) => sum + callers.looks, byOtherNames.looks);
  if (!names.some(({ counted }) => counted)) return { kind: 'configure', waitsFor: 'origin', names: [] };
  return { kind: 'configure', waitsFor: looks > 0 ? 'visit' : 'first', names: [] };
}

/** What the edge lacks to show its certificate for a name. */
function missingOf({ records, pull }: SetupName): Extract<SetupPlace, { kind: 'records' }>['waitsFor'] | null {
  if (records === 'none') return 'record';
  if (records === 'dns_only') return 'proxied';
  if (pull === 'plaintext' || pull === 'not_served' || pull === 'redirect') return 'tls';
  return pull === 'present' ? null : 'origin_pulls';
}

/** Those that visitors reach by the edge: at others there is nothing that could be proved. */
function served({ names }: SetupFacts): readonly SetupName[] {
  return names.filter(({ records }) => records === 'proxied');
}

function watching(facts: SetupFacts): SetupStep {
  const { names, byOtherNames } = facts;
  if (!names.some(({ counted }) => counted)) return { kind: 'watch', waitsFor: 'counts', names: [] };
  const sum = names.reduce((all, { callers }) => addedCallers(all, callers), NO_CALLERS);
  if (certified(sum) === 0) return { kind: 'watch', waitsFor: 'edge', names: [] };
  const unpulled = names.filter(({ counted, callers }) => counted && certified(callers) === 0);
  if (unpulled.length > 0) return { kind: 'watch', waitsFor: 'each', names: named(unpulled) };
  const troubled = names.filter(({ callers }) => refusable(callers) > 0);
  return troubled.length > 0 || refusable(byOtherNames) > 0
    ? { kind: 'watch', waitsFor: 'strangers', names: named(troubled) }
    : { kind: 'enforce', waitsFor: 'enforcing', names: [] };
}

function named(names: readonly SetupName[]): readonly Hostname[] {
  return names.map(({ hostname }) => hostname);
}

// A decision changes nothing at the origin: only what is heard or seen of it afterwards tells that it was carried out.
function enforcing(facts: SetupFacts): SetupStep {
  const seen = worstSeen(facts);
  if (seen?.verdict === 'open') return { kind: 'enforce', waitsFor: 'still_open', ...about(seen) };
  if (seen?.verdict === 'broken') return { kind: 'prove', waitsFor: 'broken', ...about(seen) };
  const watching = facts.names.filter(({ reports }) =>
    reports.some(({ mode, at }) => mode === 'watch' && at >= since(facts)),
  );
  if (watching.length > 0) return { kind: 'enforce', waitsFor: 'still_watching', names: named(watching) };
  return seen === null
    ? { kind: 'enforce', waitsFor: 'carry_out', names: unproved(facts) }
    : { kind: 'enforce', waitsFor: 'not_known', ...about(seen) };
}

function proving(facts: SetupFacts): SetupStep {
  const seen = worstSeen(facts);
  return seen === null
    ? { kind: 'prove', waitsFor: 'look', names: unproved(facts) }
    : { kind: 'prove', waitsFor: seen.verdict, ...about(seen) };
}

/** Those that a look has still to show, where others are proved already. */
function unproved(facts: SetupFacts): readonly Hostname[] {
  const all = served(facts);
  const rest = all.filter((name) => !isProved(name, facts));
  return rest.length === all.length ? [] : named(rest);
}

interface SeenBad {
  readonly verdict: 'open' | 'broken' | 'unknown';
  readonly names: readonly Hostname[];
  /** What makes it so; `null` where nothing was found, as where nobody could be asked. */
  readonly finding: string | null;
}

/** The worst of what was seen of the origins since strangers were to be refused, and where; `null` where nothing bad was. */
function worstSeen(facts: SetupFacts): SeenBad | null {
  const seen = served(facts).flatMap((name) => looksAt(name, since(facts)).map((look) => ({ name, look })));
  for (const verdict of ['open', 'broken', 'unknown'] as const) {
    const such = seen.filter(({ look }) => look.verdict === verdict);
    const names = [...new Set(such.map(({ name }) => name.hostname))];
    if (such.length > 0)
      return { verdict, names, finding: such.flatMap(({ look }) => look.findings[0] ?? [])[0] ?? null };
  }
  return null;
}

function about({ names, finding }: SeenBad): { readonly names: readonly Hostname[]; readonly found?: string } {
  return finding === null ? { names } : { names, found: finding };
}

function since({ began, decided }: SetupFacts): Instant {
  return decided ?? began;
}

/** Whether every origin of a name was seen locked, with what it is presented now, since the set-up began. */
export function isProved(name: SetupName, { began }: Pick<SetupFacts, 'began'>): boolean {
  const { origins } = name;
  return origins.length > 0 && origins.every((origin) => lookAt(origin, name, began)?.verdict === 'locked');
}

/** The worst that was seen of the origins of a name since a moment; `null` where nobody has looked at any. */
export function seenOf(name: SetupName, from: Instant): Verdict | null {
  const seen = looksAt(name, from);
  return seen.length === 0 ? null : worst(seen.map(({ verdict }) => verdict));
}

/** What was seen of each of its origins since a moment, where somebody has looked. */
function looksAt(name: SetupName, from: Instant): readonly Attestation[] {
  return name.origins.flatMap((origin) => lookAt(origin, name, from) ?? []);
}

/** What was seen of an origin in every way since a moment, with the certificate that it is presented now. */
function lookAt(
  { origin, certificate }: AttestedOrigin,
  { attestations }: SetupName,
  from: Instant,
): Attestation | null {
  const key = originKey(origin);
  const found = attestations.find((one) => originKey(one.origin) === key);
  const counts = found !== undefined && found.presented === certificate && (found.fullAt ?? 0) >= from;
  return counts ? found : null;
}

/** What the locks at the origin said of the configuration of now: enforcing where all of them do. */
function saidMode({ names, configured }: SetupFacts): 'watch' | 'enforce' | null {
  const heard = names.flatMap(({ reports }) => reports).filter(({ at }) => at >= configured);
  if (heard.length === 0) return null;
  return heard.every(({ mode }) => mode === 'enforce') ? 'enforce' : 'watch';
}
