import type { Identity, Level } from './certificate.ts';
import type { Compliance } from './compliance.ts';
import type { EdgeHost, EdgeZoneRules, LevelState, OriginCa, PlanSource, Target } from './edge-zone.ts';
import { type Fingerprint, type Hostname, type Instant, nearestOf, type ZoneId } from './ids.ts';

export type Scheme = 'http' | 'https';

/** How the edge checks the origin's own certificate. */
export type OriginCheck =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'strict';
      /** Where the path must end; none stands for the public CAs and the Origin CA of the installation. */
      readonly cas: readonly OriginCa[];
      /** Certificates of origins that do not count any more. */
      readonly revoked: readonly Fingerprint[];
    };

/** What every pull needs to know. */
interface Pull {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
  readonly targets: readonly Target[];
}

/** What the edge does for one request: the answer to the product's first question. */
export type PullPlan =
  | { readonly kind: 'not_served'; readonly because: 'unknown_hostname' | 'dns_only' | 'paused' }
  | {
      readonly kind: 'redirect';
      readonly to: Scheme;
      readonly because: 'always_use_https' | 'ssl_off';
      readonly zone: ZoneId;
    }
  | ({ readonly kind: 'plaintext'; readonly because: 'ssl_off' | 'flexible' | 'visitor_http' } & Pull)
  | ({
      readonly kind: 'without';
      readonly because: 'never_enabled' | 'hostname_veto';
      readonly check: OriginCheck;
      readonly compliance: Compliance;
    } & Pull)
  | ({
      readonly kind: 'present';
      readonly level: Level;
      /** Of the level. `shownTo` says what a target is shown. */
      readonly identity: Identity;
      readonly check: OriginCheck;
      readonly compliance: Compliance;
    } & Pull)
  | {
      readonly kind: 'refuse';
      readonly level: Level;
      readonly because: 'no_identity' | 'key_missing' | 'identity_expired' | 'server_name_foreign';
      readonly zone: ZoneId;
      readonly hostname: Hostname;
    };

/** A hostname as `plan` found it, with the rules of its zone. */
export interface Served {
  readonly rules: EdgeZoneRules;
  readonly host: EdgeHost;
}

/** The entry for a hostname: its own, else that of the nearest wildcard above it (RFC 4592 §3.3.1). */
export function serve(config: PlanSource, hostname: Hostname): Served | null {
  const found = nearestOf(config.hosts, hostname);
  const rules = found && config.zones.get(found.zone);
  // A wildcard ends where another zone begins (RFC 4592 §4.1): it would show its identity for that zone's names.
  if (rules !== undefined && config.holder !== undefined && config.holder(hostname)?.id !== rules.id) return null;
  return found === undefined || rules === undefined ? null : { rules, host: found.host };
}

/**
 * What to do for a request to `hostname` over `scheme`. The nearest level that says something decides: hostname, then
 * zone, then global; a level that is on without a usable identity refuses and never falls through to a weaker one.
 */
export function plan(config: PlanSource, hostname: Hostname, scheme: Scheme, now: Instant): PullPlan {
  const served = serve(config, hostname);
  if (served === null) return { kind: 'not_served', because: 'unknown_hostname' };
  const { rules, host } = served;
  if (rules.paused) return { kind: 'not_served', because: 'paused' };
  if (host.targets.length === 0) return { kind: 'not_served', because: 'dns_only' };
  return redirect(rules, scheme) ?? plaintext(served, scheme) ?? authenticated(config, served, now);
}

function redirect(rules: EdgeZoneRules, scheme: Scheme): PullPlan | null {
  const zone = rules.id;
  if (rules.ssl === 'off')
    return scheme === 'https' ? { kind: 'redirect', to: 'http', because: 'ssl_off', zone } : null;
  if (scheme === 'https' || !rules.alwaysUseHttps) return null;
  return { kind: 'redirect', to: 'https', because: 'always_use_https', zone };
}

function plaintext(served: Served, scheme: Scheme): PullPlan | null {
  const { ssl } = served.rules;
  if (ssl === 'off') return { kind: 'plaintext', because: 'ssl_off', ...pull(served) };
  if (ssl === 'flexible') return { kind: 'plaintext', because: 'flexible', ...pull(served) };
  if (scheme === 'http' && ssl !== 'origin_pull')
    return { kind: 'plaintext', because: 'visitor_http', ...pull(served) };
  return null;
}

function authenticated(config: PlanSource, served: Served, now: Instant): PullPlan {
  const { rules, host } = served;
  const { compliance } = rules;
  const check: OriginCheck =
    rules.ssl === 'full' ? { kind: 'none' } : { kind: 'strict', cas: rules.originCas, revoked: rules.revokedOrigins };
  const decided = decidingLevel(rules, host);
  switch (decided.kind) {
    case 'veto':
      return { kind: 'without', because: 'hostname_veto', check, compliance, ...pull(served) };
    case 'none':
      return { kind: 'without', because: 'never_enabled', check, compliance, ...pull(served) };
    case 'level': {
      const { level, identity } = decided;
      const refused = { kind: 'refuse', level, zone: rules.id, hostname: host.hostname } as const;
      if (identity === null) return { ...refused, because: 'no_identity' };
      const faults = host.targets.map((target) => unusable(config, shownTo(target, identity), now));
      const targets = host.targets.filter((_, index) => faults[index] === null);
      // A target whose own identity is of no use is left out: the others of its name may serve.
      if (targets.length === 0) return { ...refused, because: faults.find((fault) => fault !== null) ?? 'no_identity' };
      if (namesForeignHost(config, served, level)) return { ...refused, because: 'server_name_foreign' };
      return { kind: 'present', level, identity, check, compliance, ...pull(served), targets };
    }
  }
}

type Decided =
  | { readonly kind: 'veto' }
  | { readonly kind: 'none' }
  | { readonly kind: 'level'; readonly level: Level; readonly identity: Identity | null };

/** Which level speaks for a hostname, and with which identity. */
export function decidingLevel(rules: EdgeZoneRules, host: EdgeHost): Decided {
  if (host.pull.kind === 'veto') return { kind: 'veto' };
  if (host.pull.kind === 'present') return { kind: 'level', level: 'hostname', identity: host.pull.identity };
  return onAt('zone', rules.zonePull) ?? onAt('global', rules.globalPull) ?? { kind: 'none' };
}

function onAt(level: Level, state: LevelState): Decided | null {
  return state.kind === 'on' ? { kind: 'level', level, identity: state.identity } : null;
}

function unusable(config: PlanSource, identity: Identity, now: Instant): 'key_missing' | 'identity_expired' | null {
  if (now > identity.notAfter) return 'identity_expired';
  return config.keys.has(identity.certificate) ? null : 'key_missing';
}

/**
 * Whether this would knock at another zone's origin under that zone's name, with an identity that it may trust. `change`
 * refuses such records, but the other zone may have come, or switched levels, after the record.
 */
function namesForeignHost(config: PlanSource, { rules, host }: Served, level: Level): boolean {
  return host.targets.some(({ serverName }) => {
    const other = serverName === null ? undefined : serve(config, serverName)?.rules;
    if (other === undefined || other.id === rules.id) return false;
    return other.account !== rules.account || level === 'global';
  });
}

/** What a target is shown under a plan that presents `identity`: that one, or what a rotation has put in its place. */
export function shownTo({ successor }: Target, identity: Identity): Identity {
  return successor?.of === identity.certificate ? successor.identity : identity;
}

function pull({ rules, host }: Served): Pull {
  return { zone: rules.id, hostname: host.hostname, targets: host.targets };
}
