import { type Hostname, hostname, type Instant, instant, type ZoneId, zoneId } from '../../src/domain/ids.ts';
import { writeBundle } from '../../src/pki/bundle.ts';
import {
  type Authority,
  createAuthority,
  type Issued,
  issueLeaf,
  type Validity,
  validFor,
} from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES, type Profile } from '../../src/pki/profiles.ts';
import { createZoneAuthority, issueIdentity, type PullAuthority, zoneUri } from '../../src/pki/zone-authority.ts';
import type { Credential } from './knock.ts';

/** Everybody who may knock at the origin of one zone: the right identity and all the wrong ones. */
export interface PullCredentials {
  readonly right: Credential;
  /** Named for what is wrong with them. */
  readonly wrong: Readonly<Record<WrongCredential, Credential | null>>;
  /** What the zone's origin trusts, and the neighbour's. PEM. */
  readonly bundle: string;
  readonly neighbourBundle: string;
  /** A server certificate for the origin. */
  readonly server: Credential;
  /** The CA of that certificate. PEM. */
  readonly serverIssuer: string;
  readonly authority: PullAuthority;
  /** A further valid identity of the zone. */
  readonly next: Credential;
  /** A CA of the origin's owner, and two of its callers. */
  readonly own: OwnCallers;
}

/** Callers that the owner of an origin certifies. */
interface OwnCallers {
  readonly authority: Authority;
  readonly right: Credential;
  readonly next: Credential;
}

export type WrongCredential =
  | 'no certificate'
  | 'self-signed certificate'
  | "another authority's certificate"
  | 'certificate of an authority with the same name and another key'
  | "neighbour zone's valid certificate"
  | 'expired certificate'
  | 'certificate that is not yet valid'
  | 'certificate for servers only'
  | 'certificate without its key usage for clients under the server authority';

const MINUTE = 60_000;
const DAY = 86_400_000;
const INSTALLATION = 'origins.test';

/** Makes them all, for a zone of this name. Keys exist in memory only. */
export async function pullCredentials(zoneName: string, now: number): Promise<PullCredentials> {
  const at = instant(now);
  const zone = { zone: id('a'), zoneName: named(zoneName) };
  const common = { installation: INSTALLATION, now: at };
  const [authority, imposter, neighbour] = await Promise.all([
    createZoneAuthority({ ...common, ...zone }),
    createZoneAuthority({ ...common, ...zone }),
    createZoneAuthority({ ...common, zone: id('b'), zoneName: named('neighbour.test') }),
  ]);
  const identity = (from: PullAuthority, whose: ZoneId) =>
    issueIdentity(from.intermediate, { uri: zoneUri(INSTALLATION, whose), now: at }).then(credentialOf);
  const bent = (bend: Bend) => leaf(authority.intermediate, at, bend);
  const servers = await serverAuthority(at);
  const own = await authorityOf('Our monitors', at);
  return {
    own: { authority: own, right: await leaf(own, at, {}), next: await leaf(own, at, {}) },
    right: await identity(authority, id('a')),
    next: await identity(authority, id('a')),
    wrong: {
      'no certificate': null,
      'self-signed certificate': await selfSigned(at),
      "another authority's certificate": await otherAuthority(at),
      'certificate of an authority with the same name and another key': await identity(imposter, id('a')),
      "neighbour zone's valid certificate": await identity(neighbour, id('b')),
      'expired certificate': await bent({ validity: span(now - 50 * MINUTE, now - 10 * MINUTE) }),
      'certificate that is not yet valid': await bent({ validity: span(now + DAY, now + 2 * DAY) }),
      'certificate for servers only': await bent({ profile: PROFILES.serverLeaf }),
      'certificate without its key usage for clients under the server authority': await leaf(servers, at, {}),
    },
    bundle: bundleOf(authority),
    neighbourBundle: bundleOf(neighbour),
    server: await serverCredential(servers, zoneName, at),
    serverIssuer: servers.certificate.pem,
    authority,
  };
}

/** PEM of what is sent in TLS, and the key. */
/** What a caller shows: leaf and chain, and the key. */
function credentialOf({ certificate, chain, key }: Issued): Credential {
  return { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: key.reveal() };
}

interface Bend {
  readonly profile?: Profile;
  readonly validity?: Validity;
}

async function leaf(issuer: Authority, now: Instant, { profile, validity }: Bend): Promise<Credential> {
  const issued = issueLeaf(issuer, {
    profile: profile ?? PROFILES.pullLeaf,
    subject: { commonName: 'pull' },
    key: await generateKey(),
    validity: validity ?? validFor(now, DAY),
    names: [{ kind: 'uri', value: zoneUri(INSTALLATION, id('a')) }],
  });
  return credentialOf(issued);
}

async function selfSigned(now: Instant): Promise<Credential> {
  const request = { profile: PROFILES.pullLeaf, subject: { commonName: 'pull' }, validity: validFor(now, DAY) };
  return credentialOf(createAuthority({ ...request, key: await generateKey() }));
}

async function otherAuthority(now: Instant): Promise<Credential> {
  return leaf(await authorityOf('Somebody else', now), now, {});
}

async function authorityOf(commonName: string, now: Instant): Promise<Authority> {
  const request = { profile: PROFILES.pullRoot, subject: { commonName }, validity: validFor(now, DAY) };
  return createAuthority({ ...request, key: await generateKey() });
}

async function serverAuthority(now: Instant): Promise<Authority> {
  const request = { profile: PROFILES.serverRoot, subject: { commonName: 'Servers' }, validity: validFor(now, DAY) };
  return createAuthority({ ...request, key: await generateKey() });
}

async function serverCredential(issuer: Authority, name: string, now: Instant): Promise<Credential> {
  const issued = issueLeaf(issuer, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: name },
    key: await generateKey(),
    validity: validFor(now, DAY),
    names: [name, `*.${name}`].map((value) => ({ kind: 'dns' as const, value })),
  });
  return credentialOf(issued);
}

function bundleOf({ root, intermediate }: PullAuthority): string {
  return writeBundle([root.certificate, intermediate.certificate]);
}

function span(notBefore: number, notAfter: number): Validity {
  return { notBefore: instant(notBefore), notAfter: instant(notAfter) };
}

function id(digit: string): ZoneId {
  const parsed = zoneId(digit.repeat(32));
  if (parsed === null) throw new Error(`not a digit of an id: ${digit}`);
  return parsed;
}

function named(text: string): Hostname {
  const parsed = hostname(text);
  if (parsed === null) throw new Error(`not a hostname: ${text}`);
  return parsed;
}
