import type { Identity, X509Facts } from '../domain/certificate.ts';
import type { Command } from '../domain/change.ts';
import type { Holder } from '../domain/circumstances.ts';
import type { AccountId, CertificateId, Hostname, Revision, ZoneId } from '../domain/ids.ts';
import type { Problem } from '../domain/problems.ts';
import type { Zone } from '../domain/zone.ts';
import type { Secret } from '../pki/secret.ts';
import type { FeedLink } from '../wire/feed.ts';

/** What is one per data directory: its name, its default account and the identity that all zones may share. */
export interface Installation {
  /** Host part of the URIs in certificates: `postern://<host>/zone/<id>`. */
  readonly host: string;
  readonly account: { readonly id: AccountId; readonly name: string };
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
export interface Change {
  readonly zone: ZoneId;
  readonly command: Exclude<Command, { kind: 'create_zone' }>;
  readonly actor: Actor;
  readonly key?: Secret<string>;
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

/** A token as it is stored: never the token itself, only its SHA-256. */
export interface StoredToken {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly permissions: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** What the API may do. Everything that writes goes through `commit` and `createZone`. */
export interface ControlPlane {
  readonly installation: Installation;
  readonly zones: ZoneIndex;
  readonly createZone: (name: Hostname, account: AccountId, actor: Actor) => Promise<Committed | Problem>;
  readonly commit: (change: Change) => Promise<Committed | Problem>;
  /** The newest revision in force at every connected edge. */
  readonly applied: () => Revision;
  readonly tokenByHash: (hash: string) => StoredToken | null;
  /** PEM text that origins install: a zone's own, or the shared one for `null`. */
  readonly bundle: (zone: Zone | null) => string;
  readonly newCertificateId: () => CertificateId;
  /** Adds an edge. Answers the function that its carrier calls when the edge is gone. */
  readonly connect: (link: FeedLink) => () => void;
  readonly close: () => Promise<void>;
}
