import { mapChange } from '../domain/map-change.ts';
import { originKey } from '../domain/proof.ts';
import type { Zone } from '../domain/zone.ts';

/** What differs between two states of a zone, as it was and as it is. Names, ids and settings: never a key or PEM. */
export interface AuditChange {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** The entry of the audit log for a change; `null` stands for no zone. */
export function auditChange(before: Zone | null, after: Zone | null): AuditChange {
  const parts = PARTS.map((part) => part(before, after)).filter((part) => part !== null);
  return {
    before: Object.assign({}, ...parts.map((part) => part.before)),
    after: Object.assign({}, ...parts.map((part) => part.after)),
  };
}

type Part = (before: Zone | null, after: Zone | null) => AuditChange | null;

const PARTS: readonly Part[] = [
  (before, after) => fields(before && head(before), after && head(after)),
  (before, after) => (before?.authority === after?.authority ? null : fields(authority(before), authority(after))),
  (before, after) => (before?.rotation === after?.rotation ? null : fields(rotation(before), rotation(after))),
  (before, after) => (before?.looks === after?.looks ? null : fields(looks(before), looks(after))),
  maps(
    'look_paths',
    (zone) => zone.looks.paths,
    (path) => path,
  ),
  maps(
    'records',
    (zone) => zone.records,
    ({ name, type, content, ttl, proxied, origin, comment, mayBePrivate }) => {
      return { name, type, content, ttl, proxied, origin, comment, mayBePrivate };
    },
  ),
  maps(
    'certificates',
    (zone) => zone.certificates,
    ({ level, source, leaf, wish }) => {
      return { level, source, fingerprint: leaf.fingerprint, subject: leaf.subject, wish: wish.kind };
    },
  ),
  maps(
    'associations',
    (zone) => zone.associations,
    ({ kind, certificate }) => ({ kind, certificate }),
  ),
  maps(
    'certificate_requests',
    (zone) => zone.certificateRequests,
    ({ level, keyType, commonName, hostnames }) => ({ level, key_type: keyType, common_name: commonName, hostnames }),
  ),
  maps(
    'trust_store',
    (zone) => zone.trustStore,
    ({ certificate }) => {
      return { fingerprint: certificate.fingerprint, subject: certificate.subject };
    },
  ),
  maps(
    'visitor_authorities',
    (zone) => zone.visitorAuthorities,
    ({ name, certificates }) => ({ name, fingerprints: certificates.map(({ fingerprint }) => fingerprint) }),
  ),
  maps(
    'origin_certificates',
    (zone) => zone.originCertificates,
    ({ certificate, hostnames, revokedAt }) => {
      return { fingerprint: certificate.fingerprint, hostnames, revoked: revokedAt !== null };
    },
  ),
  maps(
    'openings',
    (zone) => zone.openings,
    ({ until, by, because }) => ({ until, by, because }),
  ),
  maps(
    'access_rules',
    (zone) => zone.accessRules,
    ({ mode, network, notes }) => ({ mode, network, notes }),
  ),
  maps(
    'rate_limits',
    (zone) => zone.rateLimits,
    ({ description, disabled, match: { methods, schemes, url }, key, threshold, period, action, timeout }) => {
      return { description, disabled, methods, schemes, url, key, threshold, period, action, timeout };
    },
  ),
  maps(
    'revocations',
    (zone) => zone.revocations,
    ({ issuer, serial, certificate, reason }) => ({ issuer, serial, certificate, reason }),
  ),
  maps(
    'custom_certificates',
    (zone) => zone.customCertificates,
    ({ leaf, type, priority }) => {
      return { fingerprint: leaf.fingerprint, subject: leaf.subject, hosts: leaf.dnsNames, type, priority };
    },
  ),
];

function head({ name, account, paused, settings }: Zone): Record<string, unknown> {
  return { name, account, paused, ...settings };
}

function looks(zone: Zone | null): Record<string, unknown> | null {
  if (zone === null) return null;
  const { path, pause } = zone.looks;
  return { look_path: path, look_pause: pause };
}

function authority(zone: Zone | null): Record<string, unknown> | null {
  if (zone === null) return null;
  const { root, intermediate, next, retiring, rootKey, standby, signer } = zone.authority;
  return {
    root: root.fingerprint,
    intermediate: intermediate.fingerprint,
    root_key: rootKey,
    standby: standby?.fingerprint ?? null,
    bundle_signer: signer?.fingerprint ?? null,
    next_root: next?.root.fingerprint ?? null,
    next_intermediate: next?.intermediate.fingerprint ?? null,
    retiring_root: retiring?.root.fingerprint ?? null,
    retiring_intermediate: retiring?.intermediate.fingerprint ?? null,
  };
}

function rotation(zone: Zone | null): Record<string, unknown> | null {
  const present = zone?.rotation ?? null;
  if (present === null) return null;
  const { id, what, cause, rehearsal, phase, paused, standings, history } = present;
  const switched = [...standings.values()]
    .filter(({ kind }) => kind === 'switched')
    .map(({ origin }) => originKey(origin));
  const because = history.at(-1)?.because ?? '';
  return {
    rotation: id,
    rotation_what: what,
    rotation_cause: cause,
    rotation_rehearsal: rehearsal,
    rotation_phase: phase.kind,
    rotation_paused: paused !== null,
    rotation_switched: switched.join(', '),
    rotation_because: because,
  };
}

function fields(before: Record<string, unknown> | null, after: Record<string, unknown> | null): AuditChange {
  const names = Object.keys(after ?? before ?? {}).filter((name) => before?.[name] !== after?.[name]);
  const only = (all: Record<string, unknown> | null) =>
    all === null ? {} : Object.fromEntries(names.map((name) => [name, all[name]]));
  return { before: only(before), after: only(after) };
}

function maps<Key extends string, Value>(
  name: string,
  select: (zone: Zone) => ReadonlyMap<Key, Value>,
  summary: (value: Value) => Readonly<Record<string, unknown>> | string,
): Part {
  return (before, after) => {
    const old = before === null ? new Map<Key, Value>() : select(before);
    const now = after === null ? new Map<Key, Value>() : select(after);
    const { put, dropped } = mapChange(old, now);
    const keys = [...dropped, ...put];
    if (keys.length === 0) return null;
    return { before: { [name]: pick(old, keys, summary) }, after: { [name]: pick(now, keys, summary) } };
  };
}

function pick<Key extends string, Value>(
  map: ReadonlyMap<Key, Value>,
  keys: readonly Key[],
  summary: (value: Value) => unknown,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const key of keys) {
    const value = map.get(key);
    if (value !== undefined) found[key] = summary(value);
  }
  return found;
}
