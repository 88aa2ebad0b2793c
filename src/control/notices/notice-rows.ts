import { z } from 'zod';
import {
  accountId,
  hostname,
  hostnamePattern,
  type Instant,
  instant,
  noticeId,
  rotationId,
  zoneId,
} from '../../domain/ids.ts';
import { type Due, NOTICE_KINDS, type Notice, type NoticeCode, SEVERITIES } from '../../domain/notice.ts';
import type { Store } from '../store.ts';
import { damaged, storedWord, listed } from '../stored.ts';
import type { NoticeRow } from './tables.ts';

/** Which notices somebody asks for; what is `null` does not matter. */
export interface NoticeQuery {
  readonly zones: 'all' | readonly string[];
  readonly accounts: 'all' | readonly string[];
  readonly code: string | null;
  /** Any of these. */
  readonly severities: readonly string[];
  readonly since: number | null;
  /** Only what was said before the notice of this number. */
  readonly olderThan: number | null;
  readonly limit: number;
}

/** A notice with its place in the order in which they were said. */
export interface NumberedNotice {
  readonly number: number;
  readonly notice: Notice;
}

/** The newest notices that fit, newest first. */
export async function readNotices(store: Store, query: NoticeQuery): Promise<readonly NumberedNotice[]> {
  const { zones, accounts, code, severities, since, olderThan, limit } = query;
  let found = store.selectFrom('notices').selectAll().orderBy('number', 'desc').limit(limit);
  found = found.where('severity', 'in', listed(severities));
  if (zones !== 'all') found = found.where('zone', 'in', listed(zones));
  if (accounts !== 'all') found = found.where('account', 'in', listed(accounts));
  if (code !== null) found = found.where('code', '=', code);
  if (since !== null) found = found.where('at', '>=', since);
  if (olderThan !== null) found = found.where('number', '<', olderThan);
  return (await found.execute()).map((row) => ({ number: row.number, notice: storedNotice(row) }));
}

/** The number of the newest notice; 0 where there is none. */
export async function newestNotice(store: Store): Promise<number> {
  const row = await store
    .selectFrom('notices')
    .select(({ fn }) => fn.max('number').as('number'))
    .executeTakeFirst();
  return Number(row?.number ?? 0);
}

export async function writeNotice(store: Store, number: number, notice: Notice): Promise<void> {
  const { id, at, code, severity, zone, about, detail } = notice;
  const place = { zone: zone?.id ?? null, account: zone?.account ?? null, zone_name: zone?.name ?? null };
  const row = { number, id, at, code, severity, ...place, about: JSON.stringify(about), detail };
  await store.insertInto('notices').values(row).execute();
}

const KEPT = 10_000;
const KEPT_FOR = 400 * 86_400_000;

/** Forgets notices that are too old, and the oldest where there are too many. What was said of a concern stays. */
export async function pruneNotices(store: Store, newest: number, now: Instant): Promise<void> {
  await store
    .deleteFrom('notices')
    .where((is) => is.or([is('number', '<=', newest - KEPT), is('at', '<', now - KEPT_FOR)]))
    .execute();
}

/** What was said last of each concern, by zone; under the empty text for the whole installation. */
export async function loadMarks(store: Store): Promise<Map<string, Map<string, number>>> {
  const marks = new Map<string, Map<string, number>>();
  for (const { zone, key, stage } of await store.selectFrom('notice_marks').selectAll().execute()) {
    const known = marks.get(zone) ?? new Map<string, number>();
    marks.set(zone, known.set(key, stage));
  }
  return marks;
}

export async function writeMarks(store: Store, zone: string, { put, dropped }: Omit<Due, 'say'>): Promise<void> {
  for (const { key, stage } of put) {
    await store
      .insertInto('notice_marks')
      .values({ zone, key, stage })
      .onConflict((conflict) => conflict.columns(['zone', 'key']).doUpdateSet({ stage }))
      .execute();
  }
  for (const key of dropped) {
    await store.deleteFrom('notice_marks').where('zone', '=', zone).where('key', '=', key).execute();
  }
}

function parsed<Value>(parse: (text: string) => Value | null) {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== null) return value;
    context.issues.push({ code: 'custom', message: 'not an id', input: text });
    return z.NEVER;
  });
}

const NAME = parsed(hostnamePattern);

const ABOUT = z.object({
  certificate: z.string().nullable(),
  fingerprint: z.string().nullable(),
  subject: z.string().nullable(),
  hostnames: z.array(NAME),
  origin: z
    .object({
      hostname: NAME,
      address: z.string(),
      port: z.number(),
      // Notices of before have no names.
      serverName: parsed(hostname).nullable().default(null),
      hostHeader: z.string().nullable().default(null),
    })
    .nullable(),
  rotation: parsed(rotationId).nullable(),
  endsAt: z.number().transform(instant).nullable(),
});

function storedNotice(row: NoticeRow): Notice {
  const about = ABOUT.safeParse(JSON.parse(row.about));
  return {
    id: noticeId(row.id) ?? damaged('the id of a notice', row.id),
    at: instant(row.at),
    code: storedWord(Object.keys(NOTICE_KINDS) as NoticeCode[], row.code),
    severity: storedWord(SEVERITIES, row.severity),
    zone: storedZone(row),
    about: about.success ? about.data : damaged('what a notice is about', row.about),
    detail: row.detail,
  };
}

function storedZone({ zone, account, zone_name }: NoticeRow): Notice['zone'] {
  if (zone === null || account === null || zone_name === null) return null;
  return {
    id: zoneId(zone) ?? damaged('a zone id', zone),
    account: accountId(account) ?? damaged('an account id', account),
    name: hostname(zone_name) ?? damaged('the name of a zone', zone_name),
  };
}
