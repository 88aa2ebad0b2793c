import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newCertificateId } from '../src/control/authority.ts';
import { takeDirectory } from '../src/control/data-directory.ts';
import { loadKek } from '../src/control/kek.ts';
import type { ControlPlane } from '../src/control/plane.ts';
import { putSecrets } from '../src/control/secrets.ts';
import { openControlPlane } from '../src/control/start.ts';
import { openStore, type Store } from '../src/control/store.ts';
import { openVault, type StoredSecret, type Vault } from '../src/control/vault.ts';
import { writeZone } from '../src/control/zone-rows.ts';
import type { Attestation } from '../src/domain/attestation.ts';
import { type Hostname, hostname, instant, type RecordId, recordId, revision } from '../src/domain/ids.ts';
import { originAt, originKey } from '../src/domain/proof.ts';
import { DEFAULT_ORIGIN, type DnsRecord } from '../src/domain/record.ts';
import type { Verdict } from '../src/domain/verdict.ts';
import type { Zone } from '../src/domain/zone.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../src/pki/issue.ts';
import { keep } from '../src/pki/kept-certificate.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';

/** How much an installation holds. */
export interface Fullness {
  readonly zones: number;
  readonly hostnames: number;
  /** How many of the hostnames are in the one large zone. */
  readonly inLarge: number;
  /** Certificates that the large zone's owner uploaded, one for each of so many of its hostnames. */
  readonly uploads: number;
  readonly auditEntries: number;
}

const [SECOND, DAY] = [1_000, 86_400_000];
const now = instant(Date.now());
/** What a zone is called; the first one is the large one. */
export const LARGE = 'zone-00000.test';
const ADDRESS = '203.0.113.7';

/** Name of the zone with a number. */
export function zoneNamed(count: number): string {
  return `zone-${String(count).padStart(5, '0')}.test`;
}

function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('there is no value');
  return value;
}

/**
 * A data directory with very many zones and hostnames, verdicts of their locks, an audit log and a week of traffic. Zones
 * are made in the usual way; what is in them is written as `commit` would, without a revision for each of it.
 */
export async function seedFull(dir: string, fullness: Fullness): Promise<void> {
  const zones = await makeZones(dir, fullness.zones);
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  const vault = openVault(loadKek(`${dir}.kek`, null));
  const full: Zone[] = [];
  const owner = await ownerOf();
  const each = Math.floor((fullness.hostnames - fullness.inLarge) / Math.max(1, fullness.zones - 1));
  for (const [index, zone] of zones.entries()) {
    const filled = { ...zone, ...(await contents(zone, { index, each, owner, fullness })) };
    full.push(filled.zone);
    await write({ store, vault }, zone, filled);
    if (index % 1_000 === 999) console.error(`  ${index + 1} zones filled`);
  }
  await store.destroy();
  directory.release();
  const rows = new DatabaseSync(join(dir, 'postern.db'));
  rows.exec('BEGIN');
  writeVerdicts(rows, full);
  writeAudit(rows, full, fullness.auditEntries);
  writeTraffic(rows, full);
  rows.exec('COMMIT');
  rows.close();
}

async function makeZones(dir: string, count: number): Promise<readonly Zone[]> {
  const plane: ControlPlane = await openControlPlane({ dir, kek: null, clock: () => now, log: () => undefined });
  const made: Zone[] = [];
  for (let index = 0; index < count; index += 1) {
    const actor = { token: 'bench', from: 'bench' };
    const outcome = await plane.createZone(sure(hostname(zoneNamed(index))), plane.installation.account, actor);
    if (outcome.kind === 'problem') throw new Error(outcome.code);
    made.push(outcome.zone);
    if (index % 1_000 === 999) console.error(`  ${index + 1} zones made`);
  }
  await plane.close();
  return made;
}

async function ownerOf(): Promise<Authority> {
  const subject = { organization: 'Owner', commonName: 'client root' };
  const validity = validFor(now, 3650 * DAY);
  return createAuthority({ profile: PROFILES.pullRoot, subject, key: await generateKey(), validity });
}

interface Filling {
  readonly index: number;
  readonly each: number;
  readonly owner: Authority;
  readonly fullness: Fullness;
}

interface Contents {
  readonly zone: Zone;
  readonly secrets: readonly StoredSecret[];
}

async function contents(zone: Zone, { index, each, owner, fullness }: Filling): Promise<Contents> {
  const isLarge = index === 0;
  const count = isLarge ? fullness.inLarge : each;
  const names = Array.from({ length: count }, (_, host) => sure(hostname(`host-${host}.${zone.name}`)));
  const records = names.map((name, host) => recordOf(name, host));
  const uploads = isLarge
    ? await Promise.all(names.slice(0, fullness.uploads).map((name) => upload(owner, zone, name)))
    : [];
  return {
    zone: {
      ...zone,
      // Some have never been told to show a certificate.
      settings: { ...zone.settings, zonePull: index % 25 !== 7 },
      records: new Map(records.map((record) => [record.id, record])),
      associations: new Map(uploads.map(({ association }) => [association.hostname, association])),
      certificates: new Map([...zone.certificates, ...uploads.map(({ certificate: one }) => [one.id, one] as const)]),
    },
    secrets: uploads.map(({ secret }) => secret),
  };
}

async function write(
  { store, vault }: { readonly store: Store; readonly vault: Vault },
  before: Zone,
  { zone, secrets }: Contents,
): Promise<void> {
  await store.transaction().execute(async (transaction) => {
    await writeZone(transaction, before, zone, 1);
    await putSecrets(transaction, vault, secrets);
  });
}

/** The id of the record of a hostname. */
export function recordIdOf(name: string): RecordId {
  return sure(recordId(createHash('sha256').update(name).digest('hex').slice(0, 32)));
}

function recordOf(name: Hostname, host: number): DnsRecord {
  const id = recordIdOf(name);
  // One in twenty is grey, and served by nobody here.
  const rest = { ttl: 1, proxied: host % 20 !== 19, origin: DEFAULT_ORIGIN, originSent: null };
  const kept = { comment: null, mayBePrivate: false, createdAt: now, modifiedAt: now };
  return { id, name, type: 'A', content: ADDRESS, ...rest, ...kept };
}

async function upload(owner: Authority, zone: Zone, name: Hostname) {
  const leaf = issueLeaf(owner, {
    profile: PROFILES.pullLeaf,
    subject: { organization: 'Owner', commonName: name },
    key: await generateKey(),
    validity: validFor(now, 365 * DAY),
    names: [{ kind: 'dns', value: name }],
  });
  const id = newCertificateId();
  const wish = { kind: 'deploy', at: now, revision: revision(1) } as const;
  const rest = { level: 'hostname', source: 'uploaded', sent: null, uploadedAt: now, wish } as const;
  const times = { createdAt: now, updatedAt: now, revision: revision(1) };
  return {
    certificate: { id, leaf: keep(leaf.certificate), chain: [owner.certificate], ...rest },
    association: { hostname: name, kind: 'present', certificate: id, ...times },
    secret: { purpose: 'client', id, zone: zone.id, key: leaf.key },
  } as const;
}

/** Most locks hold. A zone in fifty has one that is open, one in a hundred a broken one, some nobody can reach. */
function verdictAt(zone: number, host: number): Verdict {
  if (host > 0) return 'locked';
  if (zone % 50 === 3) return 'open';
  if (zone % 100 === 5) return 'broken';
  return zone % 40 === 9 ? 'unknown' : 'locked';
}

function writeVerdicts(rows: DatabaseSync, zones: readonly Zone[]): void {
  const insert = rows.prepare("INSERT INTO attestations (zone, origin, state, evidence) VALUES (?, ?, ?, 'null')");
  for (const [index, zone] of zones.entries()) {
    let host = 0;
    for (const record of zone.records.values()) {
      const verdict = verdictAt(index, host);
      host += 1;
      if (!record.proxied) continue;
      const at = { address: ADDRESS, httpsPort: 443, serverName: null, hostHeader: null };
      const origin = originAt(sure(hostname(record.name)), at);
      const since = instant(now - (index % 300) * DAY - host * SECOND);
      const last = {
        lastHeld: null,
        lastOpen: verdict === 'open' ? now : null,
        lastBroken: verdict === 'broken' ? now : null,
      };
      const lockedSince = verdict === 'locked' ? since : null;
      const seen = { at: now, fullAt: now, presented: null, findings: FINDINGS[verdict] };
      const attestation: Attestation = { origin, verdict, since, lockedSince, ...last, ...seen };
      insert.run(zone.id, originKey(origin), JSON.stringify(attestation));
    }
  }
}

const FINDINGS: Readonly<Record<Verdict, readonly string[]>> = {
  locked: [],
  open: ['stranger_admitted'],
  broken: ['edge_refused'],
  unknown: [],
};

function writeAudit(rows: DatabaseSync, zones: readonly Zone[], count: number): void {
  const columns = 'revision, sequence, zone, account, at, actor_token, actor_from, command, before, after';
  const insert = rows.prepare(`INSERT INTO audit_events (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  for (let index = 0; index < count; index += 1) {
    const zone = sure(zones[index % zones.length]);
    const at = now - (count - index) * 6 * SECOND;
    const after = JSON.stringify({ records: { [index]: { name: `host-${index % 10}.${zone.name}`, proxied: true } } });
    insert.run(1, index + 1, zone.id, zone.account, at, 'bench', '192.0.2.9', 'update_record', '{}', after);
  }
}

const QUARTER = 900 * SECOND;
const QUARTERS_KEPT = 670;
/** So many zones have a history of their own. */
const BUSY = 400;

function writeTraffic(rows: DatabaseSync, zones: readonly Zone[]): void {
  const insert = rows.prepare('INSERT INTO analytics_steps (began, counts) VALUES (?, ?)');
  const newest = Math.floor(now / QUARTER) * QUARTER - QUARTER;
  for (let back = QUARTERS_KEPT; back >= 0; back -= 1) {
    const began = newest - back * QUARTER;
    const busy = zones.slice(0, BUSY).map(({ id }, index) => [id, countsOf(40 + ((index * 7 + back) % 60))] as const);
    const counts = { since: newest - QUARTERS_KEPT * QUARTER, all: countsOf(40_000 + (back % 96) * 300) };
    insert.run(began, JSON.stringify({ ...counts, zones: Object.fromEntries(busy) }));
  }
}

function countsOf(pulls: number): Readonly<Record<string, number>> {
  const few = Math.floor(pulls / 50);
  return {
    'pulls_total|present|zone|answered': pulls,
    'pulls_total|present|zone|identity_refused': few,
    'pulls_total|present|zone|connection_refused': few,
    'pulls_total|without|none|answered': 2 * few,
    'pull_connections_total|new': few,
    'pull_connections_total|reused': pulls,
    'pull_first_byte_seconds|4': pulls,
    'pull_first_byte_seconds|9': few,
    'origin_connects_total|full': few,
    'origin_connects_total|resumed': 3 * few,
    'body_bytes_total|in': 100 * pulls,
    'body_bytes_total|out': 9_000 * pulls,
    'visitor_handshakes_total|full': few,
  };
}
