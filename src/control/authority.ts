import { randomBytes, randomUUID } from 'node:crypto';
import { type ClientCertificate, chainPem } from '../domain/certificate.ts';
import type { CertificateDraft } from '../domain/certificate-changes.ts';
import {
  type AccountId,
  accountId,
  type CertificateId,
  certificateId,
  type Hostname,
  hostnamePattern,
  type Instant,
  type ZoneId,
  zoneId,
} from '../domain/ids.ts';
import type { ZoneAuthority } from '../domain/zone.ts';
import { type Authority, BACKDATED, type Issued } from '../pki/issue.ts';
import { keep } from '../pki/kept-certificate.ts';
import { KEY_TYPES, type KeyType, type PrivateKey } from '../pki/keys.ts';
import {
  createSharedAuthority,
  createZoneAuthority,
  type IdentityRequest,
  issueIdentity,
  sharedUri,
  zoneUri,
} from '../pki/zone-authority.ts';
import { revocationUrls } from '../wire/public-paths.ts';
import { INSTALLATION, type InstallationFacts } from './installation.ts';
import type { StoredSecret } from './vault.ts';
import { createVisitorCa } from './visitor-certificates.ts';

/** Something new together with the keys that go to the vault. */
export interface WithSecrets<T> {
  readonly made: T;
  readonly secrets: readonly StoredSecret[];
}

/** A zone's own authority and its first identity. */
export interface ZoneBeginnings {
  readonly authority: ZoneAuthority;
  readonly managed: CertificateDraft;
}

/** A managed identity with its key: what `commit` takes. */
export interface ManagedIdentity {
  readonly draft: CertificateDraft;
  readonly key: PrivateKey;
}

interface IssueRequest {
  readonly now: Instant;
  /** Where everybody reaches this installation's lists: named in certificates. `null` where nobody said. */
  readonly publicUrl: string | null;
}

const SHARED_LIFETIME = 365 * 86_400_000;

/** A new installation: its name, the authority that all zones share, and the CA for visitors. */
export async function createInstallation(now: Instant): Promise<WithSecrets<InstallationFacts>> {
  const host = `${randomBytes(8).toString('hex')}.postern.internal`;
  const { root, intermediate } = await createSharedAuthority({ installation: host, now });
  const leaf = await issueShared(host, intermediate, now);
  const visitorCa = await createVisitorCa(host, now);
  const certificate = newCertificateId();
  const own = { id: INSTALLATION, zone: null };
  return {
    made: {
      host,
      account: newAccountId(),
      shared: {
        root: root.certificate,
        intermediate: intermediate.certificate,
        leaf: leaf.certificate,
        certificate,
      },
      visitorCa: visitorCa.certificate,
    },
    secrets: [
      { ...own, purpose: 'shared_root', key: root.key },
      { ...own, purpose: 'shared_intermediate', key: intermediate.key },
      { ...own, purpose: 'visitor_ca', key: visitorCa.key },
      { purpose: 'client', id: certificate, zone: null, key: leaf.key },
    ],
  };
}

/** What a new zone needs: root, intermediate, and a managed identity. */
export async function createZoneBeginnings(
  host: string,
  { id, name, now, publicUrl }: { readonly id: ZoneId; readonly name: Hostname } & IssueRequest,
): Promise<WithSecrets<ZoneBeginnings>> {
  const { root, intermediate } = await createZoneAuthority({ installation: host, zone: id, zoneName: name, now });
  const { draft, key } = await issueManaged(host, { zone: id, intermediate, now, publicUrl });
  return {
    made: {
      authority: {
        id,
        root: root.certificate,
        intermediate: intermediate.certificate,
        rootKey: 'here',
        next: null,
        retiring: null,
        standby: null,
        signer: null,
      },
      managed: draft,
    },
    secrets: [
      { purpose: 'zone_root', id, zone: id, key: root.key },
      { purpose: 'zone_intermediate', id, zone: id, key: intermediate.key },
      { purpose: 'client', id: draft.id, zone: id, key },
    ],
  };
}

/** What somebody wishes of certificates that are to be made. */
export interface MadeLike {
  readonly keyType?: KeyType;
  /** Of leafs, in milliseconds. */
  readonly lifetime?: number;
}

/** Whom a managed identity is for, and what it is to be like. */
export interface ManagedRequest extends IssueRequest, MadeLike {
  readonly zone: ZoneId;
  readonly intermediate: Authority;
  /** The one that it follows: the same level and names, and what is not wished otherwise. */
  readonly like?: ClientCertificate;
  /** The hostnames that it is for, where it is not for the zone and follows none. */
  readonly hostnames?: readonly Hostname[];
}

/** A managed identity of a zone, good for 30 days where nothing else is said. */
export async function issueManaged(host: string, request: ManagedRequest): Promise<ManagedIdentity> {
  const { zone, intermediate, now, like, publicUrl, hostnames, keyType, lifetime } = request;
  const likeness = {
    ...(like === undefined ? {} : likenessOf(like)),
    ...(hostnames === undefined ? {} : { dnsNames: hostnames }),
    ...(keyType === undefined ? {} : { keyType }),
    ...(lifetime === undefined ? {} : { lifetime }),
  };
  const urls = publicUrl === null ? {} : revocationUrls(publicUrl, zone, intermediate.certificate.fingerprint);
  const wanted = { uri: zoneUri(host, zone), now, ...likeness, ...urls };
  const { certificate, chain, key } = await issueIdentity(intermediate, wanted);
  const sent = chainPem(certificate, chain);
  const leaf = keep(certificate);
  const level = like?.level ?? (hostnames === undefined ? 'zone' : 'hostname');
  return { draft: { id: newCertificateId(), level, source: 'managed', leaf, chain, sent }, key };
}

function likenessOf({ leaf, chain }: ClientCertificate): Partial<IdentityRequest> {
  const keyType = keyTypeLike(leaf.keyType);
  const dnsNames = leaf.dnsNames.map((name) => hostnamePattern(name)).filter((name) => name !== null);
  // One that ends with its issuer was cut short: how long it was wished to be is not known any more.
  const isCut = leaf.notAfter === chain[0]?.notAfter;
  return {
    // The certificate says when it began to count, an hour before it was made.
    ...(isCut ? {} : { lifetime: leaf.notAfter - leaf.notBefore - BACKDATED }),
    ...(keyType === undefined ? {} : { keyType }),
    ...(dnsNames.length === 0 ? {} : { dnsNames }),
  };
}

/** The kind of key that a certificate has, where Postern makes such keys. */
export function keyTypeLike(text: string): KeyType | undefined {
  return KEY_TYPES.find((type) => type === text);
}

/**
 * The identity that all zones may share, good for a year: origins pin this very certificate, so each renewal costs each
 * of their owners a visit.
 */
export function issueShared(host: string, intermediate: Authority, now: Instant): Promise<Issued> {
  return issueIdentity(intermediate, { uri: sharedUri(host), now, lifetime: SHARED_LIFETIME });
}

/** A new id for a certificate. */
export function newCertificateId(): CertificateId {
  return sure(certificateId(randomUUID()));
}

/** A new id for an account. */
export function newAccountId(): AccountId {
  return sure(accountId(hex32()));
}

/** A new id for a zone. */
export function newZoneId(): ZoneId {
  return sure(zoneId(hex32()));
}

function hex32(): string {
  return randomBytes(16).toString('hex');
}

function sure<T>(id: T | null): T {
  if (id === null) throw new Error('A new id does not have the form of an id');
  return id;
}
