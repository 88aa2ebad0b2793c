import { z } from 'zod';
import {
  certificateId,
  hostname,
  hostnamePattern,
  instant,
  revision,
  type RotationId,
  rotationId,
  type ZoneId,
} from '../domain/ids.ts';
import { originKey } from '../domain/proof.ts';
import { CAUSES, ROTATED, type Rotation } from '../domain/rotation.ts';
import type { Store } from './store.ts';
import type { Stretch } from './stretch.ts';
import { damaged } from './stored.ts';
import type { RotationRow } from './tables.ts';

/** A part of the rotations of a zone. */
export interface RotationPage {
  /** How many are kept. */
  readonly total: number;
  readonly rotations: readonly Rotation[];
}

/** Of a zone: each holds what was seen of every origin. Older ones are in the audit log. */
const MOST_KEPT = 200;

/** Writes a rotation as it is now; the `revision` in which it was begun is its place among those of its zone. */
export async function writeRotation(store: Store, zone: ZoneId, rotation: Rotation, born: number): Promise<void> {
  const state = rotationText(rotation);
  await store
    .insertInto('rotations')
    .values({ id: rotation.id, zone, started_at: rotation.startedAt, born, state })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ state }))
    .execute();
  const ofZone = store.selectFrom('rotations').select('born').where('zone', '=', zone).orderBy('born', 'desc');
  await store
    .deleteFrom('rotations')
    .where('zone', '=', zone)
    .where('born', '<', ofZone.limit(1).offset(MOST_KEPT - 1))
    .execute();
}

/** The newest rotation of each zone that ever had one. Throws StartError. */
export async function newestRotations(store: Store): Promise<ReadonlyMap<string, Rotation>> {
  const rows = await store
    .selectFrom('rotations')
    .selectAll()
    .where('born', '=', (query) =>
      query
        .selectFrom('rotations as other')
        .select(({ fn }) => fn.max('other.born').as('born'))
        .whereRef('other.zone', '=', 'rotations.zone'),
    )
    .execute();
  return new Map(rows.map((row) => [row.zone, storedRotation(row)]));
}

/** Some rotations of a zone, the newest first, and how many there are. */
export async function rotationsOf(store: Store, zone: ZoneId, { skip, most }: Stretch): Promise<RotationPage> {
  const ofZone = store.selectFrom('rotations').where('zone', '=', zone);
  const { total } = await ofZone.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await ofZone.selectAll().orderBy('born', 'desc').offset(skip).limit(most).execute();
  return { total: Number(total), rotations: rows.map(storedRotation) };
}

/** One rotation of a zone. */
export async function rotationOf(store: Store, zone: ZoneId, id: RotationId): Promise<Rotation | null> {
  const row = await store
    .selectFrom('rotations')
    .selectAll()
    .where('zone', '=', zone)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : storedRotation(row);
}

function rotationText(rotation: Rotation): string {
  return JSON.stringify({ ...rotation, standings: [...rotation.standings.values()] });
}

function storedRotation({ id, state }: RotationRow): Rotation {
  const read = ROTATION.safeParse(JSON.parse(state));
  if (!read.success) return damaged(`the rotation ${id} (${read.error.issues[0]?.path.join('.')})`, state);
  const { standings, ...rest } = read.data;
  return { ...rest, standings: new Map(standings.map((standing) => [originKey(standing.origin), standing])) };
}

function brand<Id>(parse: (text: string) => Id | null) {
  return z.string().transform((text, context) => {
    const id = parse(text);
    if (id !== null) return id;
    context.issues.push({ code: 'custom', message: 'not an id', input: text });
    return z.NEVER;
  });
}

const AT = z.number().transform(instant);
const CERTIFICATE = brand(certificateId);
const ORIGIN = z.object({
  hostname: brand(hostnamePattern),
  address: z.string(),
  port: z.number(),
  // Rows of before have no names. Origins that do have some are then not these, and are proved under them anew.
  serverName: brand(hostname).nullable().default(null),
  hostHeader: z.string().nullable().default(null),
});

const SIGHT = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered'), status: z.number() }),
  z.object({
    kind: z.literal('refused'),
    how: z.enum(['alert', 'closed', 'page']),
    alert: z.number().nullable(),
  }),
  z.object({ kind: z.literal('failed'), because: z.string() }),
]);

const SEEN = z.object({
  origin: ORIGIN,
  sights: z.array(z.object({ ip: z.string(), from: SIGHT, to: SIGHT, none: SIGHT })),
  fault: z.string().nullable(),
});

const EVIDENCE = z.object({ at: AT, edges: z.array(z.object({ edge: z.string(), seen: SEEN })) }).nullable();

const SINCE = { since: AT };

const PHASE = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['proving', 'canary', 'switching', 'watching', 'draining', 'confirming']), ...SINCE }),
  z.object({ kind: z.literal('retiring'), ...SINCE, until: AT }),
  z.object({ kind: z.literal('undoing'), ...SINCE, because: z.string() }),
  z.object({
    kind: z.literal('ended'),
    at: AT,
    outcome: z.enum(['done', 'undone', 'rehearsed']),
    because: z.string(),
  }),
]);

const STANDING = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('switched'),
    origin: ORIGIN,
    at: AT,
    how: z.enum(['proved', 'forced', 'lapsed']),
    evidence: EVIDENCE,
  }),
  z.object({
    kind: z.literal('reverted'),
    origin: ORIGIN,
    at: AT,
    because: z.string(),
    times: z.number(),
    evidence: EVIDENCE,
  }),
]);

const ROTATION = z.object({
  id: brand(rotationId),
  what: z.enum(ROTATED),
  cause: z.enum(CAUSES),
  rehearsal: z.boolean(),
  startedAt: AT,
  pace: z.object({
    canaryShare: z.number(),
    canaryFor: z.number(),
    watchFor: z.number(),
    drainFor: z.number(),
    noticeFor: z.number(),
    refusals: z.number(),
    retryAfter: z.number(),
  }),
  successions: z.array(z.object({ from: CERTIFICATE, to: CERTIFICATE })),
  phase: PHASE,
  paused: z.object({ at: AT, because: z.string() }).nullable(),
  standings: z.array(STANDING),
  lastly: z.array(z.object({ origin: ORIGIN, evidence: EVIDENCE })),
  history: z.array(
    z.object({ at: AT, did: z.string(), by: z.string(), because: z.string(), origins: z.array(ORIGIN) }),
  ),
  revision: z.number().transform(revision),
});
