import type { AccessRule } from './access-rule.ts';
import type { ClientCertificate, X509Facts } from './certificate.ts';
import type { CertificateRequest } from './certificate-request.ts';
import type { CustomCertificate } from './custom-certificate.ts';
import type { AccountId, CertificateId, Hostname, Instant, RecordId, Revision, RuleId, ZoneId } from './ids.ts';
import type { LookSettings } from './look-settings.ts';
import type { Opening } from './opening.ts';
import type { OriginCertificate } from './origin-certificate.ts';
import type { RateLimit } from './rate-limit.ts';
import type { DnsRecord } from './record.ts';
import type { Rotation } from './rotation.ts';
import type { Revocation } from './revocation.ts';
import type { ZoneSettings } from './settings.ts';
import type { VisitorAuthorities } from './visitor-authorities.ts';

/** A root with the intermediate that signs for it. Their private keys are in the vault, under this id. */
export interface CaPair {
  readonly id: string;
  readonly root: X509Facts;
  readonly intermediate: X509Facts;
  /** Whether the key of the root is in the vault, or was never there, or lies elsewhere until the next ceremony. */
  readonly rootKey: 'here' | 'away';
}

/** One that issues no more. */
export interface RetiringPair extends CaPair {
  /** Whether the bundle still holds it. */
  readonly trusted: boolean;
}

/** The authority that issues a zone's managed identities. During a rotation origins trust another one beside it. */
export interface ZoneAuthority extends CaPair {
  /** Takes its place once the origins accept what it signs. */
  readonly next: CaPair | null;
  /** Was in its place. Its revocation lists are published until the rotation is over. */
  readonly retiring: RetiringPair | null;
  /** Signed ahead by a root whose key is away: the next rotation of the intermediate takes it. */
  readonly standby: X509Facts | null;
  /** Certified ahead by that root to sign what is said of the zone's bundle, until the next ceremony. */
  readonly signer: X509Facts | null;
}

/** What an owner said about one hostname: present this certificate, or present none whatever the zone says. */
export interface Association {
  readonly hostname: Hostname;
  readonly kind: 'present' | 'veto';
  readonly certificate: CertificateId;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** The revision that put it in force; its status is derived from that. */
  readonly revision: Revision;
}

/** A CA that strict verification of this zone's origins trusts instead of the public ones. */
export interface TrustedCa {
  readonly id: CertificateId;
  readonly certificate: X509Facts;
  readonly sent: string;
  readonly uploadedAt: Instant;
}

/** Everything that its owner decided about a zone. Holds no keys. */
export interface Zone {
  readonly id: ZoneId;
  readonly account: AccountId;
  readonly name: Hostname;
  readonly paused: boolean;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
  readonly settings: ZoneSettings;
  readonly authority: ZoneAuthority;
  readonly records: ReadonlyMap<RecordId, DnsRecord>;
  readonly certificates: ReadonlyMap<CertificateId, ClientCertificate>;
  /** Those that wait for their certificate. */
  readonly certificateRequests: ReadonlyMap<CertificateId, CertificateRequest>;
  readonly associations: ReadonlyMap<Hostname, Association>;
  readonly trustStore: ReadonlyMap<CertificateId, TrustedCa>;
  /** By the hostname or wildcard that asks. */
  readonly visitorAuthorities: ReadonlyMap<Hostname, VisitorAuthorities>;
  readonly customCertificates: ReadonlyMap<CertificateId, CustomCertificate>;
  /** By serial number in decimal. */
  readonly originCertificates: ReadonlyMap<string, OriginCertificate>;
  readonly accessRules: ReadonlyMap<RuleId, AccessRule>;
  readonly rateLimits: ReadonlyMap<RuleId, RateLimit>;
  readonly openings: ReadonlyMap<Hostname, Opening>;
  readonly looks: LookSettings;
  /** The newest one, under way or over. */
  readonly rotation: Rotation | null;
  /** By `revocationKey`. */
  readonly revocations: ReadonlyMap<string, Revocation>;
}
