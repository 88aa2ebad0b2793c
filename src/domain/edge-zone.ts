import type { AccessRule } from './access-rule.ts';
import type { Identity } from './certificate.ts';
import type { Compliance } from './compliance.ts';
import type { AccountId, CertificateId, Fingerprint, Hostname, Revision, ZoneId } from './ids.ts';
import type { RateLimit } from './rate-limit.ts';
import type { SslMode, TlsVersion } from './settings.ts';

/** One place where a hostname's origin listens. */
export interface Target {
  /** An IP address, or a name to resolve at each connect. */
  readonly address: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly serverName: Hostname | null;
  readonly hostHeader: string | null;
  /** Whether HTTP/2 is offered over TLS. */
  readonly http2: boolean;
  /** Whether who named it may name private addresses. */
  readonly mayBePrivate: boolean;
  /** Where a rotation has switched it already: what it is shown in place of the certificate of this id. */
  readonly successor?: { readonly of: CertificateId; readonly identity: Identity };
}

/** What its owner said about origin pulls at one level. `identity` is `null` where there is none to present. */
export type LevelState = { readonly kind: 'off' } | { readonly kind: 'on'; readonly identity: Identity | null };

/** One hostname as the edge sees it. A name with DNS-only records has no targets and is not served. */
export interface EdgeHost {
  readonly hostname: Hostname;
  readonly targets: readonly Target[];
  readonly pull:
    | { readonly kind: 'inherit' }
    | { readonly kind: 'veto' }
    | { readonly kind: 'present'; readonly identity: Identity | null };
}

/** A CA that signs origins' own certificates. */
export interface OriginCa {
  readonly fingerprint: Fingerprint;
  readonly pem: string;
}

/** The CAs whose certificates a hostname, or each name below a wildcard, asks of its visitors. */
export interface EdgeAuthorities {
  readonly hostname: Hostname;
  readonly certificates: readonly { readonly fingerprint: Fingerprint; readonly pem: string }[];
}

/** Who may visit, by address. */
export type EdgeAccessRule = Pick<AccessRule, 'id' | 'mode' | 'network'>;

/** How often one visitor may ask for something. */
export type EdgeRateLimit = Pick<RateLimit, 'id' | 'match' | 'key' | 'threshold' | 'period' | 'action' | 'timeout'>;

/** The versions that the edge can insist on: it speaks nothing older. */
type VisitorTls = Extract<TlsVersion, '1.2' | '1.3'>;

/** What holds for all hostnames of a zone. */
export interface EdgeZoneRules {
  readonly id: ZoneId;
  readonly account: AccountId;
  readonly name: Hostname;
  readonly paused: boolean;
  readonly ssl: SslMode;
  readonly alwaysUseHttps: boolean;
  /** The oldest TLS that visitors of this zone may speak. */
  readonly visitorTls: VisitorTls;
  /** What limits the key exchange with origins. */
  readonly compliance: Compliance;
  readonly zonePull: LevelState;
  readonly globalPull: LevelState;
  /** The CAs that strict verification trusts; empty means the public ones and the Origin CA of the installation. */
  readonly originCas: readonly OriginCa[];
  /** The uploaded certificates that visitors may be shown, the preferred first; the local CA's comes after them. */
  readonly customCertificates: readonly CertificateId[];
  /** Certificates of origins that strict verification refuses, whoever signed them. */
  readonly revokedOrigins: readonly Fingerprint[];
  readonly accessRules: readonly EdgeAccessRule[];
  /** Those in use, in the order of their creation. */
  readonly rateLimits: readonly EdgeRateLimit[];
}

/** A zone compiled for the edge: safe to log, keys travel apart. */
export interface EdgeZone {
  readonly rules: EdgeZoneRules;
  readonly hosts: ReadonlyMap<Hostname, EdgeHost>;
  /** Apart from the hosts: few names ask, and one wildcard may ask for very many. */
  readonly authorities: ReadonlyMap<Hostname, EdgeAuthorities>;
}

/** What changed in one zone: rules where they did, and only the hostnames that did. */
export interface EdgeZoneDelta {
  readonly zone: ZoneId;
  readonly rules: EdgeZoneRules | null;
  readonly put: readonly EdgeHost[];
  readonly dropped: readonly Hostname[];
  /** Left out where none of them changed. */
  readonly authorities?: { readonly put: readonly EdgeAuthorities[]; readonly dropped: readonly Hostname[] };
}

/** A hostname with the zone that it is served by. */
interface PlacedHost {
  readonly zone: ZoneId;
  readonly host: EdgeHost;
}

/** All that `plan` asks: an edge's configuration, or whatever answers like one. */
export interface PlanSource {
  readonly zones: Pick<ReadonlyMap<ZoneId, EdgeZoneRules>, 'get'>;
  readonly hosts: Pick<ReadonlyMap<Hostname, PlacedHost>, 'get'>;
  /** The zone that a name lies in, its own or the nearest above; where it is left out, there is one zone only. */
  readonly holder?: (name: Hostname) => Pick<EdgeZoneRules, 'id'> | undefined;
  /** The certificates whose keys are held. */
  readonly keys: Pick<ReadonlySet<CertificateId>, 'has'>;
}

/** What an edge has in force. */
export interface EdgeConfig extends PlanSource {
  readonly revision: Revision;
  readonly zones: ReadonlyMap<ZoneId, EdgeZoneRules>;
  readonly hosts: ReadonlyMap<Hostname, PlacedHost>;
  /** The certificates whose keys this edge holds. */
  readonly keys: ReadonlySet<CertificateId>;
  /** What a name asks of its visitors; `null` for nothing, as nearly all do. */
  readonly asked: (name: Hostname) => EdgeAuthorities | null;
}
