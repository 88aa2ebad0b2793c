import type { AccessRuleDraft } from '../../domain/access-rule.ts';
import type { Compliance } from '../../domain/compliance.ts';
import type { Hostname } from '../../domain/ids.ts';
import { NEW_LOOK_SETTINGS } from '../../domain/look-settings.ts';
import type { RateLimitDraft } from '../../domain/rate-limit.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { NEW_ZONE_SETTINGS, type SslMode, type TlsVersion } from '../../domain/settings.ts';

/** A record with the id under which it can be changed. */
export interface PresentRecord extends RecordDraft {
  readonly id: string;
}

/** An access rule with the id under which it can be changed. */
export interface PresentAccessRule extends AccessRuleDraft {
  readonly id: string;
}

/** A rate limit with the id under which it can be changed. */
export interface PresentRateLimit extends RateLimitDraft {
  readonly id: string;
}

/** What a hostname presents of its own: a certificate by its id, or none although it names one. */
export interface HostnameState {
  readonly certificate: string;
  readonly enabled: boolean;
}

/** Whose certificates a hostname asks of its visitors. */
export interface AskedState {
  readonly name: string | null;
  readonly certificates: readonly AskedCa[];
}

interface AskedCa {
  /** SHA-256 of its DER, lower-case hex. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly pem: string;
}

/** A hostname certificate that associations can name. */
export interface KnownCertificate {
  readonly id: string;
  /** SHA-256 of the leaf's DER, lower-case hex. */
  readonly fingerprint: string;
}

/** What a whole zone decides. */
export interface ZoneChoices {
  readonly ssl: SslMode;
  readonly alwaysUseHttps: boolean;
  readonly minTlsVersion: TlsVersion;
  readonly compliance: Compliance;
  /** Level `zone` of origin pulls. */
  readonly zoneLevel: boolean;
  /** Level `global` of origin pulls. */
  readonly globalLevel: boolean;
  readonly paused: boolean;
}

/** Whose a zone is. */
export interface AccountRef {
  readonly id: string;
  readonly name: string;
}

/** Which paths are asked for when locks are looked at. */
interface LookPaths {
  readonly path: string;
  readonly hostnames: ReadonlyMap<Hostname, string>;
}

/** A zone as it is. */
export interface PresentZone {
  /** `null` for a zone of another API, whose accounts mean nothing here. */
  readonly account: AccountRef | null;
  readonly choices: ZoneChoices;
  readonly records: readonly PresentRecord[];
  readonly hostnames: ReadonlyMap<Hostname, HostnameState>;
  readonly visitors: ReadonlyMap<Hostname, AskedState>;
  readonly looks: LookPaths;
  /** Empty where nobody asked for them: a token may read a zone and not these. */
  readonly accessRules: readonly PresentAccessRule[];
  readonly rateLimits: readonly PresentRateLimit[];
  readonly certificates: readonly KnownCertificate[];
}

/** What the API has. Zones that nobody asked about are known by name only. */
export interface Present {
  readonly zones: ReadonlyMap<Hostname, PresentZone>;
  readonly others: readonly Hostname[];
  /** Read only where somebody names an account. */
  readonly accounts: readonly AccountRef[];
}

/** A zone as a file wants it; what is left out is left as it is. */
export interface WantedZone {
  /** Name or id of the account that it is to be in; `null` where the file leaves that open. */
  readonly account: string | null;
  readonly choices: Partial<ZoneChoices>;
  readonly records: readonly RecordDraft[] | null;
  /** A certificate by id or fingerprint; `inherit` gives the hostname back to the zone. */
  readonly hostnames: ReadonlyMap<Hostname, HostnameState | 'inherit'> | null;
  /** `none` lets everybody in, unless a wildcard above asks. */
  readonly visitors: ReadonlyMap<Hostname, AskedState | 'none'> | null;
  readonly accessRules: readonly AccessRuleDraft[] | null;
  readonly rateLimits: readonly RateLimitDraft[] | null;
  /** What is asked for when locks are looked at; null gives a hostname back to the zone. */
  readonly looks: {
    readonly path: string | null;
    readonly hostnames: ReadonlyMap<Hostname, string | null> | null;
  };
}

export type Wanted = ReadonlyMap<Hostname, WantedZone>;

/** A zone that was just created. */
export const NEW_ZONE: PresentZone = {
  account: null,
  choices: {
    ssl: NEW_ZONE_SETTINGS.ssl,
    alwaysUseHttps: NEW_ZONE_SETTINGS.alwaysUseHttps,
    minTlsVersion: NEW_ZONE_SETTINGS.minTlsVersion,
    compliance: NEW_ZONE_SETTINGS.compliance,
    zoneLevel: NEW_ZONE_SETTINGS.zonePull,
    globalLevel: NEW_ZONE_SETTINGS.globalPull,
    paused: false,
  },
  records: [],
  hostnames: new Map(),
  visitors: new Map(),
  looks: { path: NEW_LOOK_SETTINGS.path, hostnames: NEW_LOOK_SETTINGS.paths },
  accessRules: [],
  rateLimits: [],
  certificates: [],
};
