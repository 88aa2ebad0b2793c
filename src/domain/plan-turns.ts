import type { Attestation } from './attestation.ts';
import type { ConsequenceCode } from './consequence.ts';
import type { EdgeZone, PlanSource } from './edge-zone.ts';
import type { CertificateId, Hostname, Instant, ZoneId } from './ids.ts';
import { mapChange } from './map-change.ts';
import { type PullPlan, plan } from './plan.ts';
import { originAt, originKey } from './proof.ts';
import type { Verdict } from './verdict.ts';

/** What edges do before a change and after it. */
export interface PlansApart {
  readonly before: PlanSource;
  readonly after: PlanSource;
  readonly now: Instant;
  /** What was seen of the locks of a hostname, the worst of its origins; `undefined` where nobody has looked. */
  readonly verdict: (hostname: Hostname) => Verdict | undefined;
}

/** A world in which one zone is another one, or gone; edges hold the key of the certificate that is `brought`, too. */
export function withZone(
  source: PlanSource,
  {
    id,
    edge,
    brought,
  }: { readonly id: ZoneId; readonly edge: EdgeZone | null; readonly brought: CertificateId | null },
): PlanSource {
  return {
    ...source,
    keys: { has: (certificate) => certificate === brought || source.keys.has(certificate) },
    zones: { get: (zone) => (zone === id ? edge?.rules : source.zones.get(zone)) },
    hosts: {
      get: (name) => {
        const own = edge?.hosts.get(name);
        if (own !== undefined) return { zone: id, host: own };
        const found = source.hosts.get(name);
        return found?.zone === id ? undefined : found;
      },
    },
  };
}

/** The names of a zone whose plans may differ: all where its rules do, else those that were touched. */
export function touchedNames(before: EdgeZone, after: EdgeZone | null): readonly Hostname[] {
  if (after === null) return [...before.hosts.keys()];
  const { put, dropped } = mapChange(before.hosts, after.hosts);
  if (JSON.stringify(before.rules) === JSON.stringify(after.rules)) return [...put, ...dropped];
  return [...before.hosts.keys(), ...put.filter((name) => !before.hosts.has(name))];
}

/** What differs for a hostname; nothing where both plans are the same. */
export function turnsOf(hostname: Hostname, apart: PlansApart): ReadonlySet<ConsequenceCode> {
  const [https, http] = (['https', 'http'] as const).map((scheme) => ({
    from: plan(apart.before, hostname, scheme, apart.now),
    to: plan(apart.after, hostname, scheme, apart.now),
  }));
  const codes = new Set<ConsequenceCode>();
  for (const way of [https, http]) {
    if (way === undefined) continue;
    const isHttp = way === http;
    for (const code of turn(way.from, way.to)) {
      // Where both go so, it is said once.
      if (!isHttp || code !== 'pulled_in_plaintext') codes.add(code);
      else if (!codes.has(code)) codes.add('http_in_plaintext');
    }
    if (!isHttp && apart.verdict(hostname) === 'locked' && locksOut(way.from, way.to))
      codes.add('locked_origin_refuses');
  }
  return codes;
}

/** What the second plan does that the first did not; nothing where they are the same. */
function turn(from: PullPlan, to: PullPlan): readonly ConsequenceCode[] {
  switch (to.kind) {
    case 'not_served':
      return from.kind === 'not_served' ? [] : [to.because === 'dns_only' ? 'origin_exposed' : 'no_longer_served'];
    case 'refuse':
      return from.kind === 'refuse' && from.because === to.because ? [] : ['pulls_refused'];
    case 'redirect':
      if (from.kind === 'redirect' && from.to === to.to) return [];
      return [to.to === 'https' ? 'redirected_to_https' : 'redirected_to_http'];
    case 'plaintext':
    case 'without':
    case 'present':
      return [...shownOtherwise(from, to), ...elsewhere(from, to), ...verified(from, to)];
  }
}

/** What the origin is shown that it was not shown before. */
function shownOtherwise(from: PullPlan, to: Pulled): readonly ConsequenceCode[] {
  if (from.kind !== to.kind) return [SHOWN[to.kind]];
  if (from.kind !== 'present' || to.kind !== 'present') return [];
  return from.identity.certificate === to.identity.certificate ? [] : ['identity_changes'];
}

const SHOWN = {
  plaintext: 'pulled_in_plaintext',
  without: 'pulled_without_certificate',
  present: 'pulled_with_certificate',
} as const satisfies Record<Pulled['kind'], ConsequenceCode>;

type Pulled = Extract<PullPlan, { targets: unknown }>;

function elsewhere(from: PullPlan, to: Pulled): readonly ConsequenceCode[] {
  // Hosts that did not change are the same objects: of nearly all no more is asked.
  if (!('targets' in from) || from.targets === to.targets) return [];
  const [known, places] = [placesOf(from), placesOf(to)];
  if (!places.every((place) => known.includes(place))) return ['origins_change'];
  return places.length < known.length ? ['fewer_origins'] : [];
}

function placesOf({ hostname, targets }: Pulled): readonly string[] {
  return targets.map((target) => originKey(originAt(hostname, target)));
}

/** Whether the origin's own certificate counts from now on, or no more. */
function verified(from: PullPlan, to: Pulled): readonly ConsequenceCode[] {
  if (!('check' in to)) return [];
  const before = 'check' in from ? from.check.kind : 'none';
  if (before === to.check.kind) return [];
  if (to.check.kind === 'strict') return from.kind === 'plaintext' || 'check' in from ? ['origin_verified'] : [];
  return ['origin_unverified'];
}

/** Whether an origin that lets in what it is shown now refuses what it would be shown. */
function locksOut(from: PullPlan, to: PullPlan): boolean {
  if (from.kind !== 'present') return false;
  if (to.kind === 'without' || to.kind === 'plaintext') return true;
  // The shared identity is under a root of its own, which no bundle of a zone holds.
  return to.kind === 'present' && (from.level === 'global') !== (to.level === 'global');
}

/** The worst verdict by hostname. */
export function verdictsByName(attestations: readonly Attestation[]): ReadonlyMap<Hostname, Verdict> {
  const worst = new Map<Hostname, Verdict>();
  for (const { origin, verdict } of attestations) {
    const known = worst.get(origin.hostname);
    if (known === undefined || RANK[verdict] < RANK[known]) worst.set(origin.hostname, verdict);
  }
  return worst;
}

const RANK: Readonly<Record<Verdict, number>> = { open: 0, broken: 1, unknown: 2, locked: 3 };
