import { hostname, hostnamePattern, isWithin } from '../../../../src/domain/ids.ts';
import type { ApiProblem, Outcome } from '../../api/call.ts';
import { ask } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { type OriginDraft, originProblems } from './origin-draft.ts';
import { switchedPullsOn } from './pulls-on.ts';
import { recordCall } from './record-fields.tsx';
import { setupApi } from './setup.ts';

/** What a set-up begins with, while somebody types it. */
export interface BeginDraft extends OriginDraft {
  readonly zone: string;
  /** Whether somebody said the zone: otherwise it is the one that the hostname belongs to. */
  readonly isZoneSaid: boolean;
  readonly hostname: string;
}

type Begun =
  | {
      readonly kind: 'begun';
      readonly zone: string;
      readonly hostname: string;
      /** What was done, in words; nothing where all was there. */
      readonly did: string;
    }
  | { readonly kind: 'refused'; readonly problems: readonly ApiProblem[] };

/**
 * Adds what is not there yet, in its order: the zone, the record, the set-up; then has the edge show its certificate there. Whatever can be seen to be wrong is said
 * before anything is made; what was made before something was refused is said too, and found again by the next attempt.
 */
export async function begin(draft: BeginDraft, isRecordThere: boolean): Promise<Begun> {
  const wrong = beginProblems(draft, isRecordThere);
  if (wrong.length > 0) return { kind: 'refused', problems: wrong };
  const zone = await zoneOf(draft.zone.trim().toLowerCase());
  if ('kind' in zone) return zone;
  const made = zone.isNew ? [`the zone ${zone.name}`] : [];
  const name = ascii(fullName(draft.hostname, zone.name));
  const records = await recordsOf(zone.id, name, (path) => ask({ method: 'GET', path }));
  if (records.length === 0 && draft.content.trim() !== '') {
    const record = await ask(recordCall(zone.id, name, draft));
    if (record.kind !== 'answer') return refused(record.problems, null, made);
    made.push(`the record of ${name}`);
  }
  const setup = await ask({ method: 'PUT', path: setupApi(zone.id, name), body: { choices: {} } });
  if (setup.kind !== 'answer') return refused(setup.problems, '/hostname', made);
  const isOn = await switchedPullsOn(zone.id, name);
  return { kind: 'begun', zone: zone.name, hostname: name, did: didText(made, isOn) };
}

function didText(made: readonly string[], isOn: boolean): string {
  return [
    ...(made.length === 0 ? [] : [`Added ${made.join(' and ')}.`]),
    ...(isOn ? ['The edge shows its certificate (Authenticated Origin Pulls).'] : []),
  ].join(' ');
}

function beginProblems(draft: BeginDraft, isRecordThere: boolean): readonly ApiProblem[] {
  return [...nameProblems(draft), ...(isRecordThere ? [] : originProblems(draft))];
}

function nameProblems(draft: Pick<BeginDraft, 'zone' | 'hostname'>): readonly ApiProblem[] {
  const zone = hostname(ascii(draft.zone));
  if (zone?.includes('.') !== true)
    return [{ code: 0, message: 'This is not a name that a zone can have: example.com.', pointer: '/zone' }];
  const name = hostnamePattern(ascii(fullName(draft.hostname, zone)));
  if (name !== null && isWithin(name, zone)) return [];
  const message = name === null ? 'This is not a hostname.' : 'The hostname lies outside the zone.';
  return [{ code: 0, message, pointer: '/hostname' }];
}

/** A name as the API takes it: letters beyond ASCII become A-labels, as the browser itself makes them of an address. */
function ascii(typed: string): string {
  const text = typed.trim();
  if (/^[!-~]*$/.test(text) || /[\s/\\:@?#]/.test(text)) return text;
  const url = `http://${text}`;
  return URL.canParse(url) ? new URL(url).hostname : text;
}

interface ZoneThere extends Pick<Zone, 'id' | 'name'> {
  readonly isNew: boolean;
}

async function zoneOf(name: string): Promise<ZoneThere | Extract<Begun, { kind: 'refused' }>> {
  const found = await ask<readonly Zone[]>({ method: 'GET', path: zonesPath(name) });
  if (found.kind !== 'answer') return refused(found.problems, '/zone');
  const [zone] = found.result;
  if (zone !== undefined) return { ...zone, isNew: false };
  const made = await ask<Zone>({ method: 'POST', path: '/client/v4/zones', body: { name } });
  return made.kind === 'answer' ? { ...made.result, isNew: true } : refused(made.problems, '/zone');
}

// The form has fields of its own: `to` is the one that all of it is about, where there is only one.
function refused(
  problems: readonly ApiProblem[],
  to: string | null,
  made: readonly string[] = [],
): Extract<Begun, { kind: 'refused' }> {
  const placed = problems.map((problem) => {
    if (to !== null) return problem.code === 0 ? problem : { ...problem, pointer: to };
    return problem.pointer === '/name' ? { ...problem, pointer: '/hostname' } : problem;
  });
  const remark = { code: 0, message: `Made already: ${made.join(', ')}. It stays, and is found again.`, pointer: null };
  return { kind: 'refused', problems: made.length === 0 ? placed : [remark, ...placed] };
}

/** What is there already of a zone and a hostname. */
export interface Known {
  /** The zone that the hostname belongs to, where nobody said one: the nearest that is there, or the likely one. */
  readonly home: string;
  readonly zone: 'unknown' | 'there' | 'new';
  /** Where a record leads to, in words; `null` where there is none. */
  readonly record: string | null;
  /** Some that begin or go on like what was typed. */
  readonly zones: readonly string[];
  readonly hostnames: readonly string[];
}

export const NOTHING_KNOWN: Known = { home: '', zone: 'unknown', record: null, zones: [], hostnames: [] };

const MOST_PROPOSED = 10;

interface Row extends Pick<Zone, 'id' | 'name'> {
  readonly content: string;
}

type Asking = (path: string) => Promise<Outcome<readonly Row[]>>;

/** Looks for both. */
export async function known(
  typed: Pick<BeginDraft, 'zone' | 'isZoneSaid' | 'hostname'>,
  asking: Asking,
): Promise<Known> {
  if (typed.isZoneSaid) return knownIn(typed, asking);
  const home = await homeOf(typed.hostname, asking);
  return { ...(await knownIn({ ...typed, zone: home }, asking)), home };
}

async function homeOf(typed: string, asking: Asking): Promise<string> {
  const labels = ascii(typed).toLowerCase().replace(/\.$/, '').split('.');
  if (labels.length < 2 || labels.includes('')) return '';
  const above = labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'));
  for (const name of above.slice(-MOST_ABOVE)) {
    const found = await asking(zonesPath(name));
    if (found.kind === 'answer' && found.result.length > 0) return name;
  }
  return likelyZone(labels);
}

/** More zones above a name are not asked for. */
const MOST_ABOVE = 5;

/** Labels that registries put under the code of a country: nobody's own domain. */
const OF_REGISTRIES: ReadonlySet<string> = new Set(['ac', 'co', 'com', 'edu', 'gov', 'ne', 'net', 'or', 'org']);

/** What somebody registers is usually of two labels, and of three where a registry has put its own between. */
function likelyZone(labels: readonly string[]): string {
  const [second = '', top = ''] = labels.slice(-2);
  const isOfRegistry = top.length === 2 && OF_REGISTRIES.has(second) && labels.length > 2;
  return labels.slice(isOfRegistry ? -3 : -2).join('.');
}

async function knownIn(typed: Pick<BeginDraft, 'zone' | 'hostname'>, asking: Asking): Promise<Known> {
  const name = typed.zone.trim().toLowerCase();
  const alike = name === '' ? '' : `&name=${encodeURIComponent(`contains:${name}`)}`;
  const zones = namesIn(await asking(`/client/v4/zones?per_page=${MOST_PROPOSED}${alike}`));
  if (!name.includes('.')) return { ...NOTHING_KNOWN, zones };
  const exactly = await asking(zonesPath(name));
  if (exactly.kind !== 'answer') return { ...NOTHING_KNOWN, zones };
  const [zone] = exactly.result;
  return zone === undefined
    ? { ...NOTHING_KNOWN, zone: 'new', zones }
    : inZone(zone, typed.hostname, { asking, zones });
}

async function inZone(
  { id, name }: Pick<Zone, 'id' | 'name'>,
  typed: string,
  { asking, zones }: { readonly asking: Asking; readonly zones: readonly string[] },
): Promise<Known> {
  const text = typed.trim().toLowerCase();
  const alike = text === '' ? '' : `&name.contains=${encodeURIComponent(text)}`;
  const hostnames = namesIn(await asking(`/client/v4/zones/${id}/dns_records?per_page=${MOST_PROPOSED}${alike}`));
  const [record] = text === '' ? [] : await recordsOf(id, fullName(text, name), asking);
  const leads = record === undefined ? null : `A record leads to ${record.content}.`;
  return { ...NOTHING_KNOWN, zone: 'there', record: leads, zones, hostnames };
}

function namesIn(outcome: Outcome<readonly Row[]>): readonly string[] {
  return outcome.kind === 'answer' ? [...new Set(outcome.result.map(({ name }) => name))] : [];
}

async function recordsOf(zone: string, name: string, asking: Asking): Promise<readonly Row[]> {
  const path = `/client/v4/zones/${zone}/dns_records?name=${encodeURIComponent(name)}`;
  const records = await asking(path);
  return records.kind === 'answer' ? records.result : [];
}

function zonesPath(name: string): string {
  return `/client/v4/zones?name=${encodeURIComponent(name)}`;
}

/** As records are named: a label below the zone, `@` for the zone itself, or the whole name. */
function fullName(typed: string, zone: string): string {
  const name = typed.trim().toLowerCase().replace(/\.$/, '');
  if (name === '@' || name === '') return zone;
  return name.includes('.') ? name : `${name}.${zone}`;
}
