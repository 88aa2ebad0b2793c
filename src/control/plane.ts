import type { X509Facts } from '../domain/certificate.ts';
import type { Command } from '../domain/change.ts';
import type { AccountId, CertificateId, Fingerprint, Hostname, Revision, ZoneId } from '../domain/ids.ts';
import type { Problem } from '../domain/problems.ts';
import type { Zone } from '../domain/zone.ts';
import type { Secret } from '../pki/secret.ts';
import type { FeedLink } from '../wire/feed.ts';
import type { AccountKeeping } from './accounts.ts';
import type { Actor } from './actor.ts';
import type { AnalyticsStepKeeping } from './analytics/step-rows.ts';
import type { AttestationKeeping } from './attest/keeping.ts';
import type { AuditEntry, AuditQuery } from './audit-log.ts';
import type { BackupRequest, TakenBackup } from './backup/backups.ts';
import type { SignedManifest } from './bundle-manifests.ts';
import type { CallerKeeping } from './callers.ts';
import type { Committed } from './committed.ts';
import type { EdgeAddressKeeping } from './edge-addresses.ts';
import type { EdgeView } from './edge-view.ts';
import type { EdgeVisitKeeping } from './edge-visits.ts';
import type { Events } from './event-ring.ts';
import type { EdgeState } from './feed.ts';
import type { ImpactKeeping } from './impact-keeping.ts';
import type { Installation } from './installation.ts';
import type { IssueWish, IssuedCertificate } from './managed-issue.ts';
import type { NoticeKeeping } from './notices/keeping.ts';
import type { OcspResponse } from './ocsp-responder.ts';
import type { OriginRequest } from './origin-ca.ts';
import type { OriginCertificateKeeping } from './origin-certificates.ts';
import type { OriginReportKeeping } from './origin-reports.ts';
import type { OverviewKeeping } from './overview/keeping.ts';
import type { SignedList } from './revocation-list-rows.ts';
import type { PublishedLists } from './revocation-lists.ts';
import type { RootKeeping } from './root-keys.ts';
import type { RotationKeeping } from './rotation/keeping.ts';
import type { SessionKeeping } from './sessions.ts';
import type { SetupKeeping } from './setups.ts';
import type { TerminalKeeping } from './terminals.ts';
import type { TokenKeeping, TokenUseKeeping } from './token.ts';
import type { ZoneIndex } from './zones.ts';

/** One change of one zone. A private key that comes with it goes to the vault in the same transaction. */
interface Change {
  readonly zone: ZoneId;
  readonly command: Exclude<Command, { kind: 'create_zone' }>;
  readonly actor: Actor;
  readonly key?: Secret<string>;
  /** Asked in turn, about the zone as it is then: what it refuses does not happen. */
  readonly precondition?: (zone: Zone | null) => Problem | null;
}

/** What the API may do. What writes goes through `commit`, `createZone`, `issueCertificate` and `startRotation`. */
export interface ControlPlane
  extends TokenKeeping,
    TokenUseKeeping,
    SessionKeeping,
    AccountKeeping,
    EdgeView,
    RotationKeeping,
    RootKeeping,
    OriginReportKeeping,
    AnalyticsStepKeeping,
    CallerKeeping,
    SetupKeeping,
    TerminalKeeping,
    EdgeAddressKeeping,
    AttestationKeeping,
    ImpactKeeping,
    OriginCertificateKeeping,
    EdgeVisitKeeping,
    OverviewKeeping,
    NoticeKeeping {
  readonly installation: Installation;
  readonly zones: ZoneIndex;
  /** The root of the CA for origins' own certificates. Never in a pull bundle. */
  readonly originCa: X509Facts;
  /** Signs a certificate for an origin. It counts once `commit` has put it into its zone. */
  readonly signOrigin: (request: OriginRequest) => Promise<X509Facts>;
  readonly createZone: (name: Hostname, account: AccountId, actor: Actor) => Promise<Committed | Problem>;
  readonly commit: (change: Change) => Promise<Committed | Problem>;
  /** Has the authority of a zone make a certificate for hostnames. */
  readonly issueCertificate: (zone: ZoneId, wish: IssueWish, actor: Actor) => Promise<IssuedCertificate | Problem>;
  /** What happens, for whoever listens. */
  readonly events: Events;
  /** The edges that are connected. */
  readonly edges: () => readonly EdgeState[];
  /** The newest entries of the audit log that fit, newest first. */
  readonly audit: (query: AuditQuery) => Promise<readonly AuditEntry[]>;
  /** The newest revision of all. */
  readonly revision: () => Revision;
  /** The newest revision in force at every connected edge. */
  readonly applied: () => Revision;
  /** What is said of the bundle of a zone, signed so that who has its root believes it. */
  readonly bundleManifest: (zone: Zone) => Promise<SignedManifest | Problem>;
  /** PEM text that origins install: a zone's own, or the shared one for `null`. */
  readonly bundle: (zone: Zone | null) => string;
  /** The revocation lists of a zone's CAs, or of the shared authority for `null`; signed where they have to be. */
  readonly revocationLists: (zone: Zone | null) => Promise<PublishedLists | Problem>;
  /** The list of one CA of a zone; `null` where it has no such CA. */
  readonly revocationList: (zone: Zone, issuer: Fingerprint) => Promise<SignedList | Problem | null>;
  /** The response to an OCSP request about certificates of a zone. There always is one. */
  readonly ocspResponse: (zone: ZoneId | null, request: Uint8Array) => Promise<OcspResponse>;
  /** False for a certificate whose key is lost or cannot be opened. */
  readonly holdsKey: (id: CertificateId) => boolean;
  readonly newCertificateId: () => CertificateId;
  /** Everything in the store at one moment, sealed. Only one at a time is taken. */
  readonly takeBackup: (request: BackupRequest) => Promise<TakenBackup | Problem>;
  /** Adds an edge. Answers the function that its carrier calls when the edge is gone. */
  readonly connect: (link: FeedLink) => () => void;
  /** Names an edge that belongs to this installation: while it is absent, no change is in force. */
  readonly expect: (edge: string) => void;
  readonly close: () => Promise<void>;
}
