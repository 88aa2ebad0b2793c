import { z } from 'zod';
import { DELIVERY_FAILURES, type Delivery, type DeliveryFailure } from '../../domain/delivery.ts';
import { type ChannelId, channelId, type Instant, instant, noticeId } from '../../domain/ids.ts';
import type { Store } from '../store.ts';
import { damaged, storedList } from '../stored.ts';
import type { NoticeDeliveryRow } from './tables.ts';

const FAILURES = Object.keys(DELIVERY_FAILURES) as [DeliveryFailure, ...DeliveryFailure[]];

const ATTEMPTS = z.array(
  z.object({
    at: z.number().transform(instant),
    failure: z.enum(FAILURES).nullable(),
    status: z.number().nullable(),
  }),
);

/** A delivery with what is sent: the same bytes at each attempt. */
export interface Letter {
  readonly delivery: Delivery;
  readonly body: string;
}

/** Settled deliveries that a channel keeps for who wonders what became of its notices. */
const KEPT = 200;

export async function writeDelivery(store: Store, { delivery, body }: Letter): Promise<void> {
  const { id, channel, createdAt, notices, attempts, nextAt } = delivery;
  const row = {
    attempts: JSON.stringify(attempts),
    next_at: nextAt,
    // What has arrived is in the list of notices.
    body: nextAt === null ? '' : body,
  };
  await store
    .insertInto('notice_deliveries')
    .values({ id, channel, created_at: createdAt, notices: JSON.stringify(notices), ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/** The delivery that has been due for the longest, of channels other than those. */
export async function dueDelivery(store: Store, now: Instant, except: readonly ChannelId[]): Promise<Letter | null> {
  let found = store.selectFrom('notice_deliveries').selectAll().where('next_at', '<=', now);
  if (except.length > 0) found = found.where('channel', 'not in', except);
  const row = await found.orderBy('next_at').orderBy('id').limit(1).executeTakeFirst();
  return row === undefined ? null : { delivery: storedDelivery(row), body: row.body };
}

/** When the next delivery is due; `null` where none waits. */
export async function nextDue(store: Store): Promise<number | null> {
  const row = await store
    .selectFrom('notice_deliveries')
    .select(({ fn }) => fn.min('next_at').as('at'))
    .executeTakeFirst();
  return row === undefined || row.at === null ? null : Number(row.at);
}

/** How many deliveries of each channel wait. */
export async function waitingDeliveries(store: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await store
    .selectFrom('notice_deliveries')
    .select(['channel', ({ fn }) => fn.countAll().as('count')])
    .where('next_at', 'is not', null)
    .groupBy('channel')
    .execute();
  return new Map(rows.map(({ channel, count }) => [channel, Number(count)]));
}

/** Deliveries of a channel, the newest first. */
export async function deliveriesOf(store: Store, channel: ChannelId, most: number): Promise<readonly Delivery[]> {
  const found = store.selectFrom('notice_deliveries').selectAll().where('channel', '=', channel);
  const rows = await found.orderBy('created_at', 'desc').orderBy('id').limit(most).execute();
  return rows.map(storedDelivery);
}

/** Forgets the oldest settled deliveries of a channel where there are many. */
export async function pruneDeliveries(store: Store, channel: ChannelId): Promise<void> {
  const settled = store.selectFrom('notice_deliveries').where('channel', '=', channel).where('next_at', 'is', null);
  const last = await settled
    .select('created_at')
    .orderBy('created_at', 'desc')
    .offset(KEPT)
    .limit(1)
    .executeTakeFirst();
  if (last === undefined) return;
  await store
    .deleteFrom('notice_deliveries')
    .where('channel', '=', channel)
    .where('next_at', 'is', null)
    .where('created_at', '<=', last.created_at)
    .execute();
}

function storedDelivery(row: NoticeDeliveryRow): Delivery {
  const attempts = ATTEMPTS.safeParse(JSON.parse(row.attempts));
  return {
    id: row.id,
    channel: channelId(row.channel) ?? damaged('the id of a channel', row.channel),
    createdAt: instant(row.created_at),
    notices: storedList(row.notices).map((id) => noticeId(id) ?? damaged('the id of a notice', id)),
    attempts: attempts.success ? attempts.data : damaged('the attempts of a delivery', row.attempts),
    nextAt: row.next_at === null ? null : instant(row.next_at),
  };
}
