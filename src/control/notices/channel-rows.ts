import { z } from 'zod';
import { accountId, channelId, instant, zoneId } from '../../domain/ids.ts';
import { NOTICE_KINDS, type NoticeCode, SEVERITIES } from '../../domain/notice.ts';
import type { NoticeChannel } from '../../domain/notice-channel.ts';
import { Secret } from '../../pki/secret.ts';
import { dropSecrets, openSecret, putSecrets } from '../secrets.ts';
import type { Store } from '../store.ts';
import { damaged, storedList, storedWord } from '../stored.ts';
import type { NoticeChannelRow } from './tables.ts';
import type { Vault } from '../vault.ts';

const CODES = Object.keys(NOTICE_KINDS) as readonly NoticeCode[];

const TARGET = z.discriminatedUnion('kind', [
  // In channels of before the URL stands in the row; then it is sealed when they are read.
  z.object({ kind: z.literal('webhook'), url: z.string().optional(), mayBePrivate: z.boolean() }),
  z.object({ kind: z.literal('email'), to: z.string() }),
]);

/**
 * Stores a channel in place of what was there under its id. The URL of a webhook is sealed: its path may be all that
 * protects it.
 */
export async function writeChannel(store: Store, vault: Vault, channel: NoticeChannel): Promise<void> {
  const { id, name, enabled, target, least, codes, zones, accounts, createdAt, modifiedAt } = channel;
  const row = {
    name,
    enabled: enabled ? 1 : 0,
    target: JSON.stringify(target.kind === 'webhook' ? { ...target, url: undefined } : target),
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
  if (target.kind === 'webhook') {
    await putSecrets(store, vault, [{ purpose: 'webhook_url', id, zone: null, key: new Secret(target.url) }]);
  } else await dropSecrets(store, 'webhook_url', [id]);
}

/** All channels, oldest first. Throws StartError for rows it cannot read. */
export async function loadChannels(store: Store, vault: Vault): Promise<readonly NoticeChannel[]> {
  const rows = await store.selectFrom('notice_channels').selectAll().orderBy('created_at').execute();
  const channels: NoticeChannel[] = [];
  for (const row of rows) {
    const target = TARGET.safeParse(JSON.parse(row.target));
    if (!target.success) return damaged('where a channel leads', row.id);
    channels.push(await loadChannel(row, target.data, { store, vault }));
  }
  return channels;
}

async function loadChannel(
  row: NoticeChannelRow,
  target: z.output<typeof TARGET>,
  { store, vault }: { readonly store: Store; readonly vault: Vault },
): Promise<NoticeChannel> {
  const channel = (to: NoticeChannel['target']): NoticeChannel => ({
    id: channelId(row.id) ?? damaged('the id of a channel', row.id),
    name: row.name,
    enabled: row.enabled === 1,
    target: to,
    least: storedWord(SEVERITIES, row.least),
    codes: storedList(row.codes).map((code) => storedWord(CODES, code)),
    zones: storedScope(row.zones, (id) => zoneId(id) ?? damaged('a zone id', id)),
    accounts: storedScope(row.accounts, (id) => accountId(id) ?? damaged('an account id', id)),
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
  });
  if (target.kind === 'email') return channel(target);
  const { url } = target;
  if (url === undefined) {
    return channel({ ...target, url: (await openSecret(store, vault, 'webhook_url', row.id)).reveal() });
  }
  const clear = channel({ ...target, url });
  await store.transaction().execute((transaction) => writeChannel(transaction, vault, clear));
  return clear;
}

function storedScope<Id>(json: string, parse: (text: string) => Id): 'all' | readonly Id[] {
  return json === '"all"' ? 'all' : storedList(json).map(parse);
}
