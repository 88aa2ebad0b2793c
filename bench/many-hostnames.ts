import { createHash } from 'node:crypto';
import { newCertificateId } from '../src/control/authority.ts';
import { takeDirectory } from '../src/control/data-directory.ts';
import { loadKek } from '../src/control/kek.ts';
import { putSecrets } from '../src/control/secrets.ts';
import { openControlPlane } from '../src/control/start.ts';
import { openStore, type Store } from '../src/control/store.ts';
import { openVault, type StoredSecret, type Vault } from '../src/control/vault.ts';
import { writeZone } from '../src/control/zone-rows.ts';
import type { ClientCertificate, X509Facts } from '../src/domain/certificate.ts';
import { type Hostname, hostname, instant, recordId, revision } from '../src/domain/ids.ts';
import { DEFAULT_ORIGIN, type DnsRecord } from '../src/domain/record.ts';
import type { Association, Zone } from '../src/domain/zone.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../src/pki/issue.ts';
import { keep } from '../src/pki/kept-certificate.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';

/** How many hostnames to make, and where their origin is. */
export interface Wish {
  readonly zones: number;
  readonly hostnamesPerZone: number;
  /** The zones are `<name>-0.test`, `<name>-1.test` … */
  readonly name: string;
  readonly originPort: number;
  /** The CA that signed the certificate of the origin. */
  readonly originCa: X509Facts;
}

const DAY = 86_400_000;
const now = instant(Date.now());
const FIRST = revision(1);

function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('there is no value');
  return value;
}

/** Name of one of the zones. */
export function zoneName(name: string, zone: number): string {
  return `${name}-${zone}.test`;
}

/** Name of one of the hostnames. */
export function hostnameOf({ name, zones }: Pick<Wish, 'name' | 'zones'>, count: number): string {
  return `host-${count}.${zoneName(name, count % zones)}`;
}

/**
 * A data directory with very many hostnames, each with a client certificate of its own: its owner has a CA for each zone and
 * uploaded a leaf with its key for each hostname, the CA appended. Zones are made in the usual way; what is in them is
 * written as `commit` would, without 300,000 revisions. Answers the owner's CAs, which the origin has to trust.
 */
export async function seedHostnames(dir: string, wish: Wish): Promise<readonly X509Facts[]> {
  const made = await makeZones(dir, wish);
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  const vault = openVault(loadKek(`${dir}.kek`, null));
  const roots: X509Facts[] = [];
  for (const [index, zone] of made.entries()) {
    const owner = await authorityOf(zone.name);
    roots.push(owner.certificate);
    await fill({ store, vault }, zone, { owner, wish, index });
    if (index % 10 === 9) console.error(`  ${(index + 1) * wish.hostnamesPerZone} hostnames made`);
  }
  await store.destroy();
  directory.release();
  return roots;
}

async function makeZones(dir: string, { zones, name }: Wish): Promise<readonly Zone[]> {
  const plane = await openControlPlane({ dir, kek: null, clock: () => now, log: () => undefined });
  const made: Zone[] = [];
  for (let index = 0; index < zones; index += 1) {
    const actor = { token: 'bench', from: 'bench' };
    const outcome = await plane.createZone(sure(hostname(zoneName(name, index))), plane.installation.account, actor);
    if (outcome.kind === 'problem') throw new Error(outcome.code);
    made.push(outcome.zone);
  }
  await plane.close();
  return made;
}

async function authorityOf(zone: string): Promise<Authority> {
  return createAuthority({
    profile: PROFILES.pullRoot,
    subject: { organization: 'Owner', commonName: `client root of ${zone}` },
    key: await generateKey(),
    validity: validFor(now, 3650 * DAY),
  });
}

interface Filling {
  readonly owner: Authority;
  readonly wish: Wish;
  readonly index: number;
}

async function fill(
  { store, vault }: { readonly store: Store; readonly vault: Vault },
  zone: Zone,
  { owner, wish, index }: Filling,
): Promise<void> {
  const counts = Array.from({ length: wish.hostnamesPerZone }, (_, count) => count * wish.zones + index);
  const names = counts.map((count) => sure(hostname(hostnameOf(wish, count))));
  const uploads = await Promise.all(names.map((name) => upload(owner, zone, name)));
  const records = names.map((name) => recordOf(name, wish.originPort));
  const associations = uploads.map(({ association }) => association);
  const certificates = uploads.map(({ certificate }) => certificate);
  const id = newCertificateId();
  const ca = { id, certificate: wish.originCa, sent: wish.originCa.pem, uploadedAt: now };
  const full: Zone = {
    ...zone,
    records: new Map(records.map((record) => [record.id, record])),
    associations: new Map(associations.map((one) => [one.hostname, one])),
    certificates: new Map([...zone.certificates, ...certificates.map((one) => [one.id, one] as const)]),
    trustStore: new Map([[id, ca]]),
  };
  const secrets = uploads.map(({ secret }) => secret);
  await store.transaction().execute(async (transaction) => {
    await writeZone(transaction, zone, full, 1);
    await putSecrets(transaction, vault, secrets);
  });
}

interface Uploaded {
  readonly certificate: ClientCertificate;
  readonly association: Association;
  readonly secret: StoredSecret;
}

async function upload(owner: Authority, zone: Zone, name: Hostname): Promise<Uploaded> {
  const leaf = issueLeaf(owner, {
    profile: PROFILES.pullLeaf,
    subject: { organization: 'Owner', commonName: name },
    key: await generateKey(),
    validity: validFor(now, 365 * DAY),
    names: [{ kind: 'dns', value: name }],
  });
  const id = newCertificateId();
  const chain = [owner.certificate];
  return {
    certificate: {
      id,
      level: 'hostname',
      source: 'uploaded',
      leaf: keep(leaf.certificate),
      chain,
      sent: null,
      uploadedAt: now,
      wish: { kind: 'deploy', at: now, revision: FIRST },
    },
    association: { hostname: name, kind: 'present', certificate: id, createdAt: now, updatedAt: now, revision: FIRST },
    secret: { purpose: 'client', id, zone: zone.id, key: leaf.key },
  };
}

function recordOf(name: Hostname, httpsPort: number): DnsRecord {
  const id = sure(recordId(createHash('sha256').update(name).digest('hex').slice(0, 32)));
  const origin = { ...DEFAULT_ORIGIN, httpsPort };
  const rest = { ttl: 1, proxied: true, origin, originSent: null, comment: null, mayBePrivate: true };
  return { id, name, type: 'A', content: '127.0.0.1', ...rest, createdAt: now, modifiedAt: now };
}
