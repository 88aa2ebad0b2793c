import { COMPLIANCE_MODES, complianceOf } from '../../domain/compliance.ts';
import type { Hostname } from '../../domain/ids.ts';
import { RECORD_TYPES } from '../../domain/record.ts';
import { SSL_MODES, TLS_VERSIONS } from '../../domain/settings.ts';
import { isProblem, recordDraft } from '../../wire/commands.ts';
import { typedHostname, typedPattern } from '../../wire/names.ts';
import { type ApiAccess, callApi, isRefusal, listAll, Refusal } from '../api.ts';
import { EXIT, Failure } from '../failure.ts';
import { type LookFacts, lookSettingsPath } from '../manage/attestation-looks.ts';
import { certificatesPath, leafFingerprint } from '../manage/certificates.ts';
import type { CertificateFacts } from '../manage/certificate-facts.ts';
import { type AssociationFacts, allAssociations } from '../manage/effective-plan.ts';
import type { RecordFacts } from '../manage/records.ts';
import { allVisitorAuthorities } from '../manage/visitors.ts';
import { allZones, type ZoneFacts } from '../zone-lookup.ts';
import {
  type AccountRef,
  type HostnameState,
  NEW_ZONE,
  type Present,
  type PresentRecord,
  type PresentZone,
  type ZoneChoices,
} from './state.ts';
import { readRules } from './read-rules.ts';
import { askedState } from './visitors.ts';

/** Whose API is read. Cloudflare's lists no associations: each name of the zone is asked about. */
type Dialect = 'postern' | 'cloudflare';

/** What the API has, with the ids and remarks that go with it. */
export interface Reading {
  readonly present: Present;
  readonly ids: ReadonlyMap<Hostname, string>;
  /** What was left out, and why. */
  readonly remarks: readonly string[];
}

const MOST_RECORDS = 1000;
const MOST_ACCOUNTS = 50;
const NEVER_SET = 1553;
const NO_RULES = { accessRules: NEW_ZONE.accessRules, rateLimits: NEW_ZONE.rateLimits };

/** What to read. */
interface Extent {
  readonly dialect: Dialect;
  /** `null` for all zones. */
  readonly wanted: ReadonlySet<Hostname> | null;
  /** Whether to learn the names of all other zones too. */
  readonly others: boolean;
  /** Id of the account whose zones "all" means; `null` for those of every account. */
  readonly account: string | null;
  /** Zones of which to learn the access rules and rate limits too; `null` for all, as far as the token may. */
  readonly rules: ReadonlySet<Hostname> | null;
  /** Whether to learn which accounts there are. */
  readonly accounts: boolean;
}

/** Reads zones with all that a file can say about them. */
export async function readPresent(access: ApiAccess, extent: Extent): Promise<Reading> {
  const { dialect, wanted, rules } = extent;
  const zones = new Map<Hostname, PresentZone>();
  const ids = new Map<Hostname, string>();
  const unread: Hostname[] = [];
  const remarks: string[] = [];
  for (const facts of await zonesToRead(access, extent)) {
    const name = known(facts.name);
    ids.set(name, facts.id);
    if (wanted === null || wanted.has(name))
      zones.set(name, await readZone(access, dialect, { facts, name, remarks, rules }));
    else unread.push(name);
  }
  const accounts = extent.accounts ? await allAccounts(access) : [];
  return { present: { zones, others: unread, accounts }, ids, remarks };
}

/** A few zones are asked for by name: there may be many thousands of others, and one may be in another account. */
async function zonesToRead(access: ApiAccess, { wanted, others, account }: Extent): Promise<readonly ZoneFacts[]> {
  const all = wanted === null || others;
  const found = all ? [...(await allZones(access, account === null ? '' : `?account.id=${account}`))] : [];
  const listed = new Set(found.map(({ name }) => name));
  for (const name of wanted ?? []) {
    if (!listed.has(name)) found.push(...(await allZones(access, `?name=${name}`)));
  }
  return found;
}

/** The accounts that the token may see. */
export async function allAccounts(access: ApiAccess): Promise<readonly AccountRef[]> {
  return (await listAll<AccountRef>(access, '/client/v4/accounts', MOST_ACCOUNTS)).result;
}

interface Reader {
  readonly facts: ZoneFacts;
  readonly name: Hostname;
  readonly remarks: string[];
  readonly rules: Extent['rules'];
}

async function readZone(access: ApiAccess, dialect: Dialect, reader: Reader): Promise<PresentZone> {
  const { id, paused } = reader.facts;
  const [choices, records, certificates] = await Promise.all([
    readChoices(access, dialect, id),
    readRecords(access, reader),
    callApi<readonly CertificateFacts[]>(access, 'GET', certificatesPath(id, true)),
  ]);
  const names = new Set(records.map(({ name }) => name));
  const associations = dialect === 'postern' ? await allAssociations(access, id) : await asked(access, id, names);
  const { account } = reader.facts;
  return {
    account: dialect === 'postern' ? { id: account.id, name: account.name } : null,
    choices: { ...choices, paused },
    records,
    hostnames: new Map(associations.map(hostnameState)),
    visitors: dialect === 'postern' ? await readVisitors(access, id) : new Map(),
    ...(dialect === 'postern' ? await readRules(access, reader) : NO_RULES),
    looks: dialect === 'postern' ? await readLooks(access, id) : NEW_ZONE.looks,
    certificates: certificates.result.map((one) => ({ id: one.id, fingerprint: leafFingerprint(one.certificate) })),
  };
}

async function readVisitors(access: ApiAccess, zone: string): Promise<PresentZone['visitors']> {
  const lists = await allVisitorAuthorities(access, zone);
  return new Map(lists.map((list) => [known(list.hostname), askedState(list, `the list of ${list.hostname}`)]));
}

async function readLooks(access: ApiAccess, zone: string): Promise<PresentZone['looks']> {
  const { result } = await callApi<LookFacts>(access, 'GET', lookSettingsPath(zone));
  const hostnames = Object.entries(result.hostnames).map(([name, path]) => [known(name), path] as const);
  return { path: result.path, hostnames: new Map(hostnames) };
}

async function readChoices(access: ApiAccess, dialect: Dialect, zone: string): Promise<Omit<ZoneChoices, 'paused'>> {
  const base = `/client/v4/zones/${zone}`;
  const value = async (id: string) =>
    (await callApi<{ readonly value: unknown }>(access, 'GET', `${base}/settings/${id}`)).result.value;
  const level = callApi<{ readonly enabled: boolean }>(access, 'GET', `${base}/origin_tls_client_auth/settings`);
  const modes = value('origin_tls_compliance_modes').catch((error: unknown) => notOffered(error, dialect));
  const [ssl, https, tls, limits, global, zoneLevel] = await Promise.all([
    value('ssl'),
    value('always_use_https'),
    value('min_tls_version'),
    modes,
    value('tls_client_auth'),
    level,
  ]);
  return {
    ssl: SSL_MODES.find((one) => one === ssl) ?? strange('ssl', ssl, SSL_MODES),
    alwaysUseHttps: https === 'on',
    minTlsVersion: TLS_VERSIONS.find((one) => one === tls) ?? strange('min_tls_version', tls, TLS_VERSIONS),
    compliance:
      (Array.isArray(limits) ? complianceOf(limits) : null) ??
      strange('origin_tls_compliance_modes', limits, COMPLIANCE_MODES),
    globalLevel: global === 'on',
    zoneLevel: zoneLevel.result.enabled,
  };
}

// Not every plan of Cloudflare's has this setting; where it is not, nothing is limited.
function notOffered(error: unknown, dialect: Dialect): readonly string[] {
  if (dialect === 'cloudflare' && error instanceof Refusal && [400, 403, 404].includes(error.status)) return [];
  throw error;
}

function strange(setting: string, value: unknown, known: readonly string[]): never {
  throw new Failure(
    `The API says that ${setting} is ${JSON.stringify(value)}.`,
    `Known are ${known.join(', ')}.`,
    EXIT.undetermined,
  );
}

async function readRecords(access: ApiAccess, { facts, name, remarks }: Reader): Promise<readonly PresentRecord[]> {
  const path = `/client/v4/zones/${facts.id}/dns_records`;
  const { result } = await listAll<RecordFacts>(access, path, MOST_RECORDS);
  const records: PresentRecord[] = [];
  for (const record of result) {
    const draft = readRecord(record, name);
    if (typeof draft === 'string') remarks.push(draft);
    else records.push(draft);
  }
  return records;
}

/** A record of ours, or why it is none: Cloudflare's zones hold many more types. */
function readRecord({ id, name, type, content, ...rest }: RecordFacts, zone: Hostname): PresentRecord | string {
  const what = `${name} ${type} ${content}`;
  const known = RECORD_TYPES.find((one) => one === type);
  if (known === undefined) return `${what} is left out: the edge pulls by ${RECORD_TYPES.join(', ')} only.`;
  const { proxied, ttl, comment, origin } = rest;
  const body = { name, type: known, content, proxied, ttl, comment, ...(origin === undefined ? {} : { origin }) };
  const draft = recordDraft(body, zone, null);
  return isProblem(draft) ? `${what} is left out: ${draft.detail}.` : { ...draft, id };
}

async function asked(
  access: ApiAccess,
  zone: string,
  names: ReadonlySet<Hostname>,
): Promise<readonly AssociationFacts[]> {
  const found: AssociationFacts[] = [];
  for (const name of names) {
    const path = `/client/v4/zones/${zone}/origin_tls_client_auth/hostnames/${encodeURIComponent(name)}`;
    const association = await callApi<AssociationFacts>(access, 'GET', path).catch(neverSet);
    // Cloudflare also answers for a name that was given back, with `enabled: null`.
    if (association !== null && typeof association.result.enabled === 'boolean') found.push(association.result);
  }
  return found;
}

function neverSet(error: unknown): null {
  if (isRefusal(error, NEVER_SET) || (error instanceof Refusal && error.status === 404)) return null;
  throw error;
}

function hostnameState({ hostname, cert_id, enabled }: AssociationFacts): readonly [Hostname, HostnameState] {
  return [known(hostname), { certificate: cert_id, enabled }];
}

function known(text: string): Hostname {
  const name = text.startsWith('*.') ? typedPattern(text) : typedHostname(text);
  if (name !== null) return name;
  throw new Failure(`The API names ${JSON.stringify(text)}, which is no hostname.`, 'Check --api.', EXIT.undetermined);
}
