import { z } from 'zod';
import { accountId, channelId, instant, zoneId } from '../../domain/ids.ts';
import { NOTICE_KINDS, type NoticeCode, SEVERITIES } from '../../domain/notice.ts';
import type { NoticeChannel } from '../../domain/notice-channel.ts';
import type { Store } from '../store.ts';
import { damaged, storedList, storedWord } from '../stored.ts';

const CODES = Object.keys(NOTICE_KINDS) as readonly NoticeCode[];

const TARGET = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('webhook'), url: z.string(), mayBePrivate: z.boolean() }),
  z.object({ kind: z.literal('email'), to: z.string() }),
]);

/** Stores a channel in place of what was there under its id. */
export async function writeChannel(store: Store, channel: NoticeChannel): Promise<void> {
  const { id, name, enabled, target, least, codes, zones, accounts, createdAt, modifiedAt } = channel;
  const row = {
    name,
    enabled: enabled ? 1 : 0,
    target: JSON.stringify(target),
    least,
    codes: JSON.stringify(codes),
    zones: JSON.stringify(zones),
    accounts: JSON.stringify(accounts),
    created_at: createdAt,
    modified_at: modifiedAt,
  } as const;
  await store
    .insertInto('notice_channels')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/** All channels, oldest first. Throws StartError for rows it cannot read. */
export async function loadChannels(store: Store): Promise<readonly NoticeChannel[]> {
  const rows = await store.selectFrom('notice_channels').selectAll().orderBy('created_at').execute();
  return rows.map((row) => {
    const target = TARGET.safeParse(JSON.parse(row.target));
    return {
      id: channelId(row.id) ?? damaged('the id of a channel', row.id),
      name: row.name,
      enabled: row.enabled === 1,
      target: target.success ? target.data : damaged('where a channel leads', row.id),
      least: storedWord(SEVERITIES, row.least),
      codes: storedList(row.codes).map((code) => storedWord(CODES, code)),
      zones: storedScope(row.zones, (id) => zoneId(id) ?? damaged('a zone id', id)),
      accounts: storedScope(row.accounts, (id) => accountId(id) ?? damaged('an account id', id)),
      createdAt: instant(row.created_at),
      modifiedAt: instant(row.modified_at),
    };
  });
}

function storedScope<Id>(json: string, parse: (text: string) => Id): 'all' | readonly Id[] {
  return json === '"all"' ? 'all' : storedList(json).map(parse);
}
