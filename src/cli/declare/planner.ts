import { fingerprint, type Hostname } from '../../domain/ids.ts';
import type { SslMode } from '../../domain/settings.ts';
import { type AccountPlan, planAccount } from './account-plan.ts';
import { planRecords } from './record-plan.ts';
import { comesFirst, planAccessRules, planRateLimits } from './rule-plan.ts';
import {
  type AskedState,
  type HostnameState,
  type KnownCertificate,
  NEW_ZONE,
  type Present,
  type PresentZone,
  type Wanted,
  type WantedZone,
  type ZoneChoices,
} from './state.ts';
import type { Step } from './step.ts';

/** What may be removed because the file does not name it. */
export interface Pruning {
  /** Inside the zones that the file names, in the sections that it has. */
  readonly inside: boolean;
  /** Whole zones. */
  readonly zones: boolean;
}

/** The way from what is to what is wanted, or why there is none. */
export type Plan =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'conflicts'; readonly conflicts: readonly string[] };

/**
 * The steps to what is wanted, in an order in which a lock that holds before and after also holds between: what
 * protects comes first, what takes protection away comes last, and a level is switched on when its records are there.
 */
export function planChanges(wanted: Wanted, present: Present, pruning: Pruning): Plan {
  const plans = [...wanted].map(([zone, wish]) => {
    const found = present.zones.get(zone);
    const place = planAccount(zone, wish.account, found, present.accounts);
    return planZone({ zone, wish, found, place }, pruning.inside);
  });
  const conflicts = plans.flatMap((plan) => plan.conflicts);
  if (conflicts.length > 0) return { kind: 'conflicts', conflicts };
  const unnamed = [...present.zones.keys(), ...present.others].filter((zone) => !wanted.has(zone));
  const removed = pruning.zones ? unnamed.map((zone) => ({ kind: 'delete_zone', zone }) as const) : [];
  const cnames = new Set(
    [...wanted.values()]
      .flatMap(({ records }) => records ?? [])
      .filter(isCname)
      .map(nameOf),
  );
  const steps = [...plans.flatMap((plan) => plan.steps), ...removed];
  return { kind: 'steps', steps: steps.toSorted((a, b) => stage(a, cnames) - stage(b, cnames)) };
}

function isCname({ type }: { readonly type: string }): boolean {
  return type === 'CNAME';
}

function nameOf({ name }: { readonly name: Hostname }): Hostname {
  return name;
}

/** When a step is taken: lower stages first. `cnames` are names that are to hold a CNAME. */
function stage(step: Step, cnames: ReadonlySet<Hostname>): number {
  switch (step.kind) {
    case 'create_zone':
      return 0;
    case 'paused':
      return step.to ? 1 : 12;
    case 'ssl':
    case 'alwaysUseHttps':
    case 'minTlsVersion':
    case 'compliance':
      return strengthens(step) ? 2 : 8;
    case 'associate':
      return protects(step) ? 3 : 9;
    case 'ask_visitors':
      // A lock is there before what it is for, and one goes after that.
      return step.to === null ? 12 : 3;
    case 'access_rule':
    case 'rate_limit':
      return comesFirst(step) ? 3 : 12;
    case 'look_path':
      // It takes no protection away and gives none: when the origins are there.
      return 7;
    case 'remove_record':
      // A CNAME stands alone: what is in its way goes first. Anything else is served until the new ones are.
      return cnames.has(step.record.name) ? 4 : 11;
    case 'change_record':
      return 5;
    case 'add_record':
      return 6;
    case 'zoneLevel':
    case 'globalLevel':
      return step.to ? 7 : 10;
    case 'delete_zone':
      return 13;
  }
}

type Strength = Extract<Step, { kind: 'ssl' | 'alwaysUseHttps' | 'minTlsVersion' | 'compliance' }>;

function strengthens(step: Strength): boolean {
  switch (step.kind) {
    case 'ssl':
      return STRENGTH[step.to] > STRENGTH[step.from];
    case 'alwaysUseHttps':
      return step.to;
    case 'minTlsVersion':
      return step.to > step.from;
    case 'compliance':
      return step.to !== 'none';
  }
}

/** How much of a pull is protected. `origin_pull` verifies as `strict` does, and pulls nothing over plain HTTP. */
const STRENGTH: Readonly<Record<SslMode, number>> = { off: 0, flexible: 1, full: 2, strict: 3, origin_pull: 4 };

function protects({ from, to }: Extract<Step, { kind: 'associate' }>): boolean {
  return to === null ? from?.enabled === false : to.enabled;
}

interface ZonePlan {
  readonly steps: readonly Step[];
  readonly conflicts: readonly string[];
}

interface ZoneWish {
  readonly zone: Hostname;
  readonly wish: WantedZone;
  readonly found: PresentZone | undefined;
  readonly place: AccountPlan;
}

function planZone({ zone, wish, found, place }: ZoneWish, prune: boolean): ZonePlan {
  if (place.kind === 'conflict') return { steps: [], conflicts: [place.conflict] };
  const is = found ?? NEW_ZONE;
  const records =
    wish.records === null ? { steps: [], conflicts: [] } : planRecords(zone, wish.records, is.records, prune);
  const hostnames = wish.hostnames === null ? { steps: [], conflicts: [] } : planHostnames(zone, wish, is, prune);
  const accessRules = planAccessRules(zone, wish.accessRules, is.accessRules, prune);
  const rateLimits = planRateLimits(zone, wish.rateLimits, is.rateLimits, prune);
  const visitors = wish.visitors === null ? [] : planVisitors(zone, wish.visitors, is, prune);
  const created: readonly Step[] = found === undefined ? [{ kind: 'create_zone', zone, account: place.account }] : [];
  return {
    steps: [
      ...created,
      ...planChoices(zone, wish.choices, is.choices),
      ...records.steps,
      ...hostnames.steps,
      ...visitors,
      ...accessRules.steps,
      ...rateLimits.steps,
      ...planLooks(zone, wish.looks, is.looks, prune),
    ],
    conflicts: [records, hostnames, accessRules, rateLimits].flatMap(({ conflicts }) => conflicts),
  };
}

function planChoices(zone: Hostname, wish: Partial<ZoneChoices>, is: ZoneChoices): readonly Step[] {
  const steps: Step[] = [];
  const { ssl, minTlsVersion: tls, compliance } = wish;
  if (ssl !== undefined && ssl !== is.ssl) steps.push({ kind: 'ssl', zone, from: is.ssl, to: ssl });
  if (tls !== undefined && tls !== is.minTlsVersion) {
    steps.push({ kind: 'minTlsVersion', zone, from: is.minTlsVersion, to: tls });
  }
  if (compliance !== undefined && compliance !== is.compliance) {
    steps.push({ kind: 'compliance', zone, from: is.compliance, to: compliance });
  }
  for (const kind of ['paused', 'alwaysUseHttps', 'zoneLevel', 'globalLevel'] as const) {
    const to = wish[kind];
    if (to !== undefined && to !== is[kind]) steps.push({ kind, zone, from: is[kind], to });
  }
  return steps;
}

function planHostnames(zone: Hostname, { hostnames }: WantedZone, is: PresentZone, prune: boolean): ZonePlan {
  const steps: Step[] = [];
  const conflicts: string[] = [];
  for (const [hostname, wish] of hostnames ?? []) {
    const from = is.hostnames.get(hostname) ?? null;
    const to = wish === 'inherit' ? null : resolved(wish, is.certificates);
    if (to === undefined) conflicts.push(unknownCertificate(zone, hostname, wish));
    else if (!same(from, to)) steps.push({ kind: 'associate', zone, hostname, from, to });
  }
  for (const [hostname, from] of prune ? is.hostnames : []) {
    if (hostnames?.has(hostname) !== true) steps.push({ kind: 'associate', zone, hostname, from, to: null });
  }
  return { steps, conflicts };
}

function planVisitors(
  zone: Hostname,
  wanted: NonNullable<WantedZone['visitors']>,
  is: PresentZone,
  prune: boolean,
): readonly Step[] {
  const kind = 'ask_visitors';
  const steps: Step[] = [];
  for (const [hostname, wish] of wanted) {
    const from = is.visitors.get(hostname) ?? null;
    const to = wish === 'none' ? null : wish;
    if (!asksSame(from, to)) steps.push({ kind, zone, hostname, from, to });
  }
  for (const [hostname, from] of prune ? is.visitors : []) {
    if (!wanted.has(hostname)) steps.push({ kind, zone, hostname, from, to: null });
  }
  return steps;
}

function planLooks(
  zone: Hostname,
  { path, hostnames }: WantedZone['looks'],
  is: PresentZone['looks'],
  prune: boolean,
): readonly Step[] {
  const kind = 'look_path';
  const steps: Step[] = [];
  if (path !== null && path !== is.path) steps.push({ kind, zone, hostname: null, from: is.path, to: path });
  for (const [hostname, to] of hostnames ?? []) {
    const from = is.hostnames.get(hostname) ?? null;
    if (from !== to) steps.push({ kind, zone, hostname, from, to });
  }
  for (const [hostname, from] of prune && hostnames !== null ? is.hostnames : []) {
    if (hostnames?.has(hostname) !== true) steps.push({ kind, zone, hostname, from, to: null });
  }
  return steps;
}

function asksSame(a: AskedState | null, b: AskedState | null): boolean {
  const said = (state: AskedState | null) => state && [state.name, ...state.certificates.map((ca) => ca.fingerprint)];
  return JSON.stringify(said(a)) === JSON.stringify(said(b));
}

/** A certificate by its id or by its fingerprint, which stays the same from one installation to the next. */
function resolved(wish: HostnameState, known: readonly KnownCertificate[]): HostnameState | undefined {
  const text = wish.certificate.toLowerCase();
  const hash = fingerprint(text.replace(/^sha256:/, ''));
  const found = known.find((one) => one.id === text || one.fingerprint === hash);
  return found === undefined ? undefined : { certificate: found.id, enabled: wish.enabled };
}

function same(a: HostnameState | null, b: HostnameState | null): boolean {
  return a?.certificate === b?.certificate && a?.enabled === b?.enabled;
}

function unknownCertificate(zone: Hostname, hostname: Hostname, wish: HostnameState | 'inherit'): string {
  const name = wish === 'inherit' ? '' : wish.certificate;
  return `zone ${zone}: ${hostname} wants the certificate ${name}, which is not there. Upload it first: postern certs upload --zone ${zone} --hostname-level --cert FILE --key FILE`;
}
