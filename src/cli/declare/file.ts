import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { z } from 'zod';
import { COMPLIANCES, type ComplianceMode, complianceOf } from '../../domain/compliance.ts';
import { type Hostname, isWithin } from '../../domain/ids.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { TLS_VERSIONS, type TlsVersion } from '../../domain/settings.ts';
import { isProblem, recordDraft } from '../../wire/commands.ts';
import { typedHostname, typedPattern } from '../../wire/names.ts';
import { Failure } from '../failure.ts';
import { didYouMean } from '../nearest.ts';
import { isNamed } from './account-plan.ts';
import { type Place, type Placed, readPlaced } from './placed.ts';
import { fileAccessRules, fileRateLimits, wantedAccessRules, wantedRateLimits } from './rule-file.ts';
import { WANTED_FILE, type WantedFile, type WantedFileZone } from './schema.ts';
import {
  type AccountRef,
  type AskedState,
  type HostnameState,
  NEW_ZONE,
  type Present,
  type PresentZone,
  type Wanted,
  type WantedZone,
  type ZoneChoices,
} from './state.ts';
import { askedState } from './visitors.ts';

/** Reads a file of wanted zones; `-` is stdin. */
export function readWanted(path: string): Wanted {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Failure(`${path} cannot be read (${code}).`, 'Check the path and its permissions.');
  }
  return parseWanted(path, text);
}

/** What a text of YAML or JSON wants; `path` names it in errors. */
export function parseWanted(path: string, text: string): Wanted {
  const placed = readPlaced(path, text);
  const { value, at } = placed;
  const parsed = WANTED_FILE.safeParse(value);
  if (!parsed.success) throw fault(placed, parsed.error.issues);
  const zones = new Map<Hostname, WantedZone>();
  for (const [text, zone] of Object.entries(parsed.data.zones)) {
    const name = typedHostname(text);
    const place: Place = (...inside) => at('zones', text, ...inside);
    if (name === null) throw new Failure(`${place()} is not a name.`, 'Write it like example.test.');
    if (zones.has(name)) throw new Failure(`${place()} names the zone ${name} twice.`, 'Name it once.');
    zones.set(name, wantedZone(place, name, zone ?? {}));
  }
  return zones;
}

function fault({ at, holding }: Placed, issues: readonly z.core.$ZodIssue[]): Failure {
  const [issue] = issues;
  const where = issue?.path ?? [];
  if (issue?.code !== 'unrecognized_keys') {
    return new Failure(`${at(...where)} ${issue?.message ?? ''}.`, 'Mend what is named.');
  }
  const known = keysAt(where);
  const [first = ''] = issue.keys;
  const fix = `${didYouMean(first, known)}Known here: ${known.join(', ')}.`;
  return new Failure(`${holding(first, where)} has no key ${issue.keys.join(', ')}.`, fix);
}

/** The keys of the published schema at a place in a file, for "did you mean". */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let node: unknown = z.toJSONSchema(WANTED_FILE, { io: 'input' });
  for (const part of path) node = child(node, String(part));
  const found = inner(node)?.['properties'];
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}

function child(node: unknown, part: string): unknown {
  const at = inner(node);
  const properties = at?.['properties'];
  if (typeof properties === 'object' && properties !== null && part in properties) return Reflect.get(properties, part);
  return at?.['additionalProperties'] ?? at?.['items'];
}

function inner(node: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const record: Readonly<Record<string, unknown>> = { ...node };
  const choices = record['anyOf'];
  return Array.isArray(choices) ? inner(choices.find((one) => inner(one)?.['type'] === 'object')) : record;
}

function wantedZone(
  at: Place,
  zone: Hostname,
  { records, origin_pulls: pulls, visitor_authorities: visitors, ...rest }: WantedFileZone,
): WantedZone {
  return {
    account: rest.account ?? null,
    choices: choices({ ...rest, origin_pulls: pulls }),
    records: records === undefined ? null : wantedRecords(at, zone, records),
    hostnames: pulls?.hostnames === undefined ? null : wantedHostnames(at, zone, pulls.hostnames),
    visitors: visitors === undefined ? null : wantedVisitors(at, zone, visitors),
    accessRules: wantedAccessRules(at, rest.access_rules),
    rateLimits: wantedRateLimits(at, rest.rate_limits),
    looks: wantedLooks(at, zone, rest.attestation ?? {}),
  };
}

function choices({ paused, settings, origin_pulls: pulls }: WantedFileZone): Partial<ZoneChoices> {
  return {
    ...(paused === undefined ? {} : { paused }),
    ...(settings?.ssl === undefined ? {} : { ssl: settings.ssl }),
    ...(settings?.always_use_https === undefined ? {} : { alwaysUseHttps: isOn(settings.always_use_https) }),
    ...(settings?.min_tls_version === undefined ? {} : { minTlsVersion: tlsVersion(settings.min_tls_version) }),
    ...compliance(settings?.origin_tls_compliance_modes),
    ...(pulls?.zone === undefined ? {} : { zoneLevel: isOn(pulls.zone) }),
    ...(pulls?.global === undefined ? {} : { globalLevel: isOn(pulls.global) }),
  };
}

// The schema let only these through: 1 stands for 1.0, as YAML reads it.
function tlsVersion(value: TlsVersion | number): TlsVersion {
  return TLS_VERSIONS.find((version) => Number(version) === Number(value)) ?? '1.2';
}

function compliance(modes: readonly ComplianceMode[] | undefined): Partial<Pick<ZoneChoices, 'compliance'>> {
  const found = modes === undefined ? null : complianceOf(modes);
  return found === null ? {} : { compliance: found };
}

function isOn(value: boolean | 'on' | 'off'): boolean {
  return value === true || value === 'on';
}

function wantedRecords(
  place: Place,
  zone: Hostname,
  records: NonNullable<WantedFileZone['records']>,
): readonly RecordDraft[] {
  const wanted: RecordDraft[] = [];
  for (const [index, body] of records.entries()) {
    const at = place('records', index);
    const draft = recordDraft(body, zone, null);
    if (isProblem(draft)) throw new Failure(`${at}: ${draft.detail}.`, 'Mend what is named.');
    if (!isWithin(draft.name, zone))
      throw new Failure(`${at}: ${draft.name} lies outside ${zone}.`, 'Use a name below the zone.');
    const rival = wanted.find((other) => other.name === draft.name && exclude(other, draft));
    if (rival !== undefined) {
      const text = `${draft.name} is wanted as ${rival.type} ${rival.content} and as ${draft.type} ${draft.content}`;
      throw new Failure(`${at}: ${text}.`, 'Leave one out: a CNAME stands alone, and each address is named once.');
    }
    wanted.push(draft);
  }
  return wanted;
}

function exclude(a: RecordDraft, b: RecordDraft): boolean {
  return a.type === 'CNAME' || b.type === 'CNAME' || (a.type === b.type && a.content === b.content);
}

function wantedHostnames(
  at: Place,
  zone: Hostname,
  hostnames: NonNullable<NonNullable<WantedFileZone['origin_pulls']>['hostnames']>,
): ReadonlyMap<Hostname, HostnameState | 'inherit'> {
  const wanted = new Map<Hostname, HostnameState | 'inherit'>();
  for (const [text, own] of Object.entries(hostnames)) {
    const name = nameIn(zone, text, at('origin_pulls', 'hostnames', text));
    wanted.set(name, own === 'inherit' ? own : { certificate: own.certificate, enabled: own.enabled ?? true });
  }
  return wanted;
}

function wantedVisitors(
  at: Place,
  zone: Hostname,
  visitors: NonNullable<WantedFileZone['visitor_authorities']>,
): ReadonlyMap<Hostname, AskedState | 'none'> {
  return new Map(
    Object.entries(visitors).map(([text, own]) => {
      const place = at('visitor_authorities', text);
      const name = nameIn(zone, text, place);
      return [name, own === 'none' ? own : askedState(own, place)] as const;
    }),
  );
}

function wantedLooks(
  at: Place,
  zone: Hostname,
  { path: asked, hostnames }: NonNullable<WantedFileZone['attestation']>,
): WantedZone['looks'] {
  const named = Object.entries(hostnames ?? {}).map(([text, own]) => {
    return [nameIn(zone, text, at('attestation', 'hostnames', text)), own === 'inherit' ? null : own] as const;
  });
  return { path: asked ?? null, hostnames: hostnames === undefined ? null : new Map(named) };
}

function nameIn(zone: Hostname, text: string, at: string): Hostname {
  const name = typedPattern(text);
  if (name !== null && isWithin(name, zone)) return name;
  throw new Failure(`${at}: ${JSON.stringify(text)} is not a name in ${zone}.`, `Write it in full, like www.${zone}.`);
}

/**
 * What is, as a file that wants exactly that. Certificates are named by fingerprint, which holds elsewhere too; accounts
 * by name, but for the account `home`, where zones are made that name none.
 */
export function wantedFile({ zones, accounts }: Present, home: string | null): WantedFile {
  const placed = [...zones].map(([name, zone]) => [name, { ...fileAccount(zone, accounts, home), ...fileZone(zone) }]);
  return { version: 1, zones: Object.fromEntries(placed) };
}

function fileAccount({ account }: PresentZone, accounts: readonly AccountRef[], home: string | null) {
  if (account === null || account.id === home) return {};
  const alone = accounts.filter((one) => isNamed(one, account.name)).length === 1;
  return { account: alone ? account.name : account.id };
}

/** The file as YAML, under a comment. */
export function writeWanted(file: WantedFile, comment: string): string {
  return `# ${comment.replaceAll('\n', '\n# ')}\n${stringify(file, { lineWidth: 0 })}`;
}

function fileZone({ choices: is, hostnames, certificates, visitors, ...rest }: PresentZone): WantedFileZone {
  const named = [...hostnames].map(([name, { certificate, enabled }]) => {
    const known = certificates.find(({ id }) => id === certificate);
    return [name, { certificate: known === undefined ? certificate : `sha256:${known.fingerprint}`, enabled }] as const;
  });
  return {
    paused: is.paused,
    settings: {
      ssl: is.ssl,
      always_use_https: word(is.alwaysUseHttps),
      min_tls_version: is.minTlsVersion,
      origin_tls_compliance_modes: [...COMPLIANCES[is.compliance].modes],
    },
    origin_pulls: {
      zone: word(is.zoneLevel),
      global: word(is.globalLevel),
      ...(named.length === 0 ? {} : { hostnames: Object.fromEntries(named) }),
    },
    ...(visitors.size === 0 ? {} : { visitor_authorities: fileVisitors(visitors) }),
    ...(rest.accessRules.length === 0 ? {} : { access_rules: fileAccessRules(rest.accessRules) }),
    ...(rest.rateLimits.length === 0 ? {} : { rate_limits: fileRateLimits(rest.rateLimits) }),
    ...fileLooks(rest.looks),
    records: rest.records.map(fileRecord),
  };
}

function fileLooks({ path, hostnames }: PresentZone['looks']): Pick<WantedFileZone, 'attestation'> {
  if (path === NEW_ZONE.looks.path && hostnames.size === 0) return {};
  return {
    attestation: { path, ...(hostnames.size === 0 ? {} : { hostnames: Object.fromEntries(hostnames) }) },
  };
}

function fileVisitors(visitors: PresentZone['visitors']): NonNullable<WantedFileZone['visitor_authorities']> {
  return Object.fromEntries(
    [...visitors].map(([hostname, { name, certificates }]) => [
      hostname,
      { certificates: certificates.map(({ pem }) => pem).join(''), ...(name === null ? {} : { name }) },
    ]),
  );
}

function fileRecord({ name, type, content, ttl, proxied, comment, originSent }: RecordDraft) {
  return {
    name,
    type,
    content,
    proxied,
    ...(ttl === 1 ? {} : { ttl }),
    ...(comment === null ? {} : { comment }),
    ...(originSent === null ? {} : { origin: WANTED_ORIGIN.parse(JSON.parse(originSent)) }),
  };
}

const WANTED_ORIGIN = z.object({
  https_port: z.number().optional(),
  http_port: z.number().optional(),
  server_name: z.string().nullish(),
  host_header: z.string().nullish(),
  http2: z.boolean().optional(),
});

function word(on: boolean): 'on' | 'off' {
  return on ? 'on' : 'off';
}
