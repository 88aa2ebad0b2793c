/** Three zones of two accounts, one of them below another, with real certificates for all that they may present. */

import type { Identity, X509Facts } from '../../src/domain/certificate.ts';
import type { CertificateDraft } from '../../src/domain/certificate-changes.ts';
import {
  type AccountId,
  accountId,
  certificateId,
  type Hostname,
  hostname,
  type Instant,
  instant,
  type ZoneId,
  zoneId,
} from '../../src/domain/ids.ts';
import type { ZoneAuthority } from '../../src/domain/zone.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import {
  createSharedAuthority,
  createZoneAuthority,
  issueIdentity,
  type PullAuthority,
  sharedUri,
  zoneUri,
} from '../../src/pki/zone-authority.ts';

export const NOW: Instant = instant(Date.UTC(2030, 0, 1));
const DAY = 86_400_000;
const HOST = 'properties.test';

/** What a zone is made of before anybody has decided anything about it. */
export interface ZoneMaterial {
  readonly id: ZoneId;
  readonly account: AccountId;
  readonly name: Hostname;
  readonly uri: string;
  readonly authority: ZoneAuthority;
  readonly managed: CertificateDraft;
  /** What its authority may issue for hostnames. */
  readonly issued: readonly CertificateDraft[];
  /** What its owner may upload, under CAs that no other zone uses. */
  readonly uploads: readonly CertificateDraft[];
}

export interface Installation {
  readonly zones: readonly ZoneMaterial[];
  readonly shared: { readonly identity: Identity; readonly leaf: X509Facts; readonly bundle: readonly X509Facts[] };
}

/** Makes everything, with keys that are thrown away: nothing here opens a connection. */
export async function createInstallation(): Promise<Installation> {
  const { root, intermediate } = await createSharedAuthority({ installation: HOST, now: NOW });
  const shared = await issueIdentity(intermediate, { uri: sharedUri(HOST), now: NOW, lifetime: 40 * DAY });
  const { fingerprint, notAfter } = shared.certificate;
  return {
    zones: await Promise.all([
      zone('a', '1', 'alpha.test'),
      zone('b', '1', 'sub.alpha.test'),
      zone('c', '2', 'beta.test'),
    ]),
    shared: {
      identity: { certificate: sure(certificateId(uuid('f', 0))), fingerprint, notAfter },
      leaf: shared.certificate,
      bundle: [root.certificate, intermediate.certificate],
    },
  };
}

async function zone(digit: string, account: string, text: string): Promise<ZoneMaterial> {
  const id = sure(zoneId(digit.repeat(32)));
  const name = sure(hostname(text));
  const authority = await createZoneAuthority({ installation: HOST, now: NOW, zone: id, zoneName: name });
  const uri = zoneUri(HOST, id);
  const managed = await issueIdentity(authority.intermediate, { uri, now: NOW });
  return {
    id,
    account: sure(accountId(account.repeat(32))),
    name,
    uri,
    authority: {
      id,
      root: authority.root.certificate,
      intermediate: authority.intermediate.certificate,
      rootKey: 'here',
      standby: null,
      signer: null,
      next: null,
      retiring: null,
    },
    managed: draft(uuid(digit, 0), 'zone', [managed.certificate, ...managed.chain], 'managed'),
    issued: await Promise.all(
      [20, 21].map((count) => issued(uuid(digit, count), authority, { uri, name, days: count })),
    ),
    uploads: await uploads(digit, text),
  };
}

async function issued(
  id: string,
  authority: PullAuthority,
  { uri, name, days }: { readonly uri: string; readonly name: Hostname; readonly days: number },
): Promise<CertificateDraft> {
  const request = { uri, dnsNames: [name], now: NOW, lifetime: days * DAY };
  const { certificate, chain } = await issueIdentity(authority.intermediate, request);
  return draft(id, 'hostname', [certificate, ...chain], 'managed');
}

async function uploads(digit: string, text: string): Promise<readonly CertificateDraft[]> {
  const root = await authority(`${text} root`);
  const issuing = await authority(`${text} issuing CA`, root);
  const unnamed = await authority(`${text} root that nobody names`);
  const half = await authority(`${text} CA under it`, unnamed);
  const made: CertificateDraft[] = [];
  for (const level of ['zone', 'hostname'] as const) {
    const chains = [
      { issuer: issuing, sent: [issuing, root] },
      { issuer: root, sent: [root] },
      { issuer: half, sent: [half] },
      { issuer: unnamed, sent: [] },
    ];
    for (const { issuer, sent } of chains) {
      const days = 10 + made.length;
      const leaf = await leafUnder(issuer, `${text} ${level} ${days}`, days);
      const chain = sent.map(({ certificate }) => certificate);
      made.push(draft(uuid(digit, made.length + 1), level, [leaf, ...chain]));
    }
  }
  return made;
}

async function authority(commonName: string, issuer?: Authority): Promise<Authority> {
  const request = {
    profile: issuer === undefined ? PROFILES.pullRoot : PROFILES.pullIntermediate,
    subject: { commonName },
    key: await generateKey(),
    validity: validFor(NOW, 400 * DAY),
  };
  return createAuthority(issuer === undefined ? request : { ...request, issuer });
}

async function leafUnder(issuer: Authority, commonName: string, days: number): Promise<X509Facts> {
  const validity = validFor(NOW, days * DAY);
  const key = await generateKey();
  return issueLeaf(issuer, { profile: PROFILES.pullLeaf, subject: { commonName }, key, validity }).certificate;
}

function draft(
  id: string,
  level: CertificateDraft['level'],
  certificates: readonly X509Facts[],
  source: CertificateDraft['source'] = 'uploaded',
): CertificateDraft {
  const [leaf, ...chain] = certificates;
  if (leaf === undefined) throw new Error('a certificate has at least a leaf');
  return { id: sure(certificateId(id)), level, source, leaf, chain, sent: certificates.map(({ pem }) => pem).join('') };
}

function uuid(digit: string, count: number): string {
  return `${digit.repeat(8)}-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
}

function sure<T>(value: T | null): T {
  if (value === null) throw new Error('an id or name does not have its form');
  return value;
}
