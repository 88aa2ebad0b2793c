import type { Account, AccountDraft } from '../domain/account.ts';
import type { Identity, X509Facts } from '../domain/certificate.ts';
import type { Command } from '../domain/change.ts';
import type { Holder } from '../domain/circumstances.ts';
import type { AccountId, CertificateId, Fingerprint, Hostname, Revision, RotationId, ZoneId } from '../domain/ids.ts';
import type { Problem } from '../domain/problems.ts';
import type { Rotation } from '../domain/rotation.ts';
import type { Zone } from '../domain/zone.ts';
import type { Secret } from '../pki/secret.ts';
import type { FeedLink } from '../wire/feed.ts';
import type { AttestationKeeping } from './attest/keeping.ts';
import type { AuditEntry, AuditQuery } from './audit-log.ts';
import type { BackupRequest, TakenBackup } from './backup/backups.ts';
import type { SignedManifest } from './bundle-manifests.ts';
import type { CallerKeeping } from './callers.ts';
import type { EdgeAddressKeeping } from './edge-addresses.ts';
import type { EdgeVisitKeeping } from './edge-visits.ts';
import type { EdgeView } from './edge-view.ts';
import type { Events } from './event-ring.ts';
import type { ImpactKeeping } from './impact-keeping.ts';
import type { EdgeState } from './feed.ts';
import type { IssuedCertificate, IssueWish } from './managed-issue.ts';
import type { OverviewKeeping } from './overview/keeping.ts';
import type { OcspResponse } from './ocsp-responder.ts';
import type { NoticeKeeping } from './notices/keeping.ts';
import type { OriginCertificateKeeping } from './origin-certificates.ts';
import type { OriginRequest } from './origin-ca.ts';
import type { AnalyticsStepKeeping } from './analytics/step-rows.ts';
import type { OriginReportKeeping } from './origin-reports.ts';
import type { RootKeeping } from './root-keys.ts';
import type { RotationRequest } from './rotation/prepare.ts';
import type { RotationSight } from './rotation/rotator.ts';
import type { SetupKeeping } from './setups.ts';
import type { TerminalKeeping } from './terminals.ts';
import type { SignedList } from './revocation-list-rows.ts';
import type { SessionKeeping } from './sessions.ts';
import type { PublishedLists } from './revocation-lists.ts';

/** What is one per data directory: its name, the account of zones that name none, and the identity that all zones may share. */
export interface Installation {
  /** Host part of the URIs in certificates: `postern://<host>/zone/<id>`. */
  readonly host: string;
  readonly account: AccountId;
  readonly shared: {
    readonly root: X509Facts;
    readonly intermediate: X509Facts;
    readonly leaf: X509Facts;
    readonly identity: Identity;
  };
  /** The CA of the certificates that the edge shows to visitors until real ones are uploaded. */
  readonly visitorCa: X509Facts;
}

/** Who asks for a change: for the audit log. */
export interface Actor {
  readonly token: string;
  readonly from: string;
}

/** One change of one zone. A private key that comes with it goes to the vault in the same transaction. */
interface Change {
  readonly zone: ZoneId;
  readonly command: Exclude<Command, { kind: 'create_zone' }>;
  readonly actor: Actor;
  readonly key?: Secret<string>;
  /** Asked in turn, about the zone as it is then: what it refuses does not happen. */
  readonly precondition?: (zone: Zone | null) => Problem | null;
}

/** A stored change. `inForce` is false when a local edge had not acknowledged it by the deadline. */
export interface Committed {
  readonly kind: 'committed';
  readonly revision: Revision;
  readonly zone: Zone;
  readonly inForce: boolean;
}

/** All zones, in memory; the store is what makes them durable. */
export interface ZoneIndex {
  readonly get: (id: ZoneId) => Zone | undefined;
  readonly named: (name: Hostname) => Zone | undefined;
  /** The zone a name lies in: its own or the nearest above. */
  readonly holder: (name: Hostname) => Holder | null;
  readonly all: () => Iterable<Zone>;
  readonly size: () => number;
}

/** The accounts, in memory as zones are. */
export interface AccountIndex {
  readonly get: (id: AccountId) => Account | undefined;
  readonly all: () => Iterable<Account>;
}

/** An account that was made or changed; of one that was deleted, what it was. */
export interface AccountChanged {
  readonly kind: 'account_changed';
  readonly account: Account;
}

/** The accounts of an installation. */
export interface AccountKeeping {
  readonly accounts: AccountIndex;
  readonly createAccount: (draft: AccountDraft, actor: Actor) => Promise<AccountChanged | Problem>;
  readonly updateAccount: (
    id: AccountId,
    edit: Partial<AccountDraft>,
    actor: Actor,
  ) => Promise<AccountChanged | Problem>;
  /** Only one without zones. */
  readonly deleteAccount: (id: AccountId, actor: Actor) => Promise<AccountChanged | Problem>;
}

/** What a token may do: with which permissions, on which zones of which accounts, from where, and until when. */
export interface Rights {
  readonly permissions: readonly string[];
  readonly zones: 'all' | readonly ZoneId[];
  /** It sees a zone that is among its zones and in one of its accounts. */
  readonly accounts: 'all' | readonly AccountId[];
  /** CIDR notation; none stand for everywhere. */
  readonly addresses: readonly string[];
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

/** A token as somebody wishes it to be. */
export interface TokenDraft extends Rights {
  readonly name: string;
  /** Makes it a legacy key, which counts only together with this e-mail address. */
  readonly email: string | null;
}

/** A token as it is stored: never the token itself, only its SHA-256. */
export interface StoredToken extends TokenDraft {
  readonly id: string;
  readonly hash: string;
  /** The first token of an installation, which lies in a file and should be exchanged for others. */
  readonly bootstrap: boolean;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly revokedAt: number | null;
}

/** Who manages tokens: never beyond its own rights. */
export interface Grantor {
  readonly token: StoredToken;
  readonly from: string;
}

/** A token that was made or made anew: `text` is shown this once. */
export interface Granted {
  readonly kind: 'granted';
  readonly token: StoredToken;
  readonly text: string;
}

/** A token that was changed or revoked. */
export interface TokenChanged {
  readonly kind: 'token_changed';
  readonly token: StoredToken;
}

/** When tokens are used. */
export interface TokenUseKeeping {
  /** A token has made a call. */
  readonly tokenUsed: (id: string) => void;
  /** When it made its last one; `null` where it made none. */
  readonly tokenUsedAt: (id: string) => number | null;
}

/** The tokens of an installation. Those beyond the rights of who asks are not found. */
export interface TokenKeeping {
  readonly tokenByHash: (hash: string) => StoredToken | null;
  /** What a token is called, also one that was revoked: for the audit log. */
  readonly tokenName: (id: string) => string | null;
  /** Those that are not revoked, in the order of their creation. */
  readonly listTokens: (by: Grantor) => readonly StoredToken[];
  readonly createToken: (draft: TokenDraft, by: Grantor) => Promise<Granted | Problem>;
  /** `edit` is asked in turn, so what it sees cannot change before what it answers is stored. */
  readonly updateToken: (
    id: string,
    edit: (token: StoredToken) => TokenDraft | Problem,
    by: Grantor,
  ) => Promise<TokenChanged | Problem>;
  /** Gives a token another text; the old one ends at once. */
  readonly rollToken: (id: string, by: Grantor) => Promise<Granted | Problem>;
  /** `refuses` is asked in turn, as `edit` is. */
  readonly revokeToken: (
    id: string,
    by: Grantor,
    refuses: (token: StoredToken) => Problem | null,
  ) => Promise<TokenChanged | Problem>;
}

/** A part of a list. */
export interface Stretch {
  readonly skip: number;
  readonly most: number;
}

export interface RotationPage {
  /** How many are kept. */
  readonly total: number;
  readonly rotations: readonly Rotation[];
}

/** The rotations of zones. What is decided of one that is under way goes through `commit`. */
export interface RotationKeeping {
  /** Makes new certificates and CAs, and begins to bring them to the origins of a zone. */
  readonly startRotation: (zone: ZoneId, request: RotationRequest, actor: Actor) => Promise<Committed | Problem>;
  /** Of a zone, the newest first. */
  readonly rotations: (zone: ZoneId, stretch: Stretch) => Promise<RotationPage>;
  readonly rotation: (zone: ZoneId, id: RotationId) => Promise<Rotation | null>;
  /** What is seen of the one that is under way; `null` where none is. */
  readonly rotationSight: (zone: ZoneId) => RotationSight | null;
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
