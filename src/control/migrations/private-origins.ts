import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../tables.ts';

/**
 * Records remember whether whoever named their origin may name private ones. Those that stand already:
 *
 * - an address was held against that permission when it was written, so it keeps what it has;
 * - a name was not. The log of changes is read again by the rule that holds from now on, with the permissions that its
 *   tokens have. Where the log does not tell, a name may not: writing the record again with the permission mends that.
 */
export async function privateOrigins(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .alterTable('records')
    .addColumn('may_be_private', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.updateTable('records').set({ may_be_private: 1 }).where('type', '!=', 'CNAME').execute();
  for (const id of await namedWithTheRight(db)) {
    await db.updateTable('records').set({ may_be_private: 1 }).where('id', '=', id).execute();
  }
}

/** The records whose origin was named by a token with the right, and led elsewhere by no other since. */
async function namedWithTheRight(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const trusted = await tokensWithTheRight(db);
  const writes = await db
    .selectFrom('revisions')
    .select(['actor_token', 'before', 'after'])
    .where('command', 'in', ['create_record', 'update_record', 'batch_records'])
    .orderBy('revision')
    .execute();
  const found = new Set<string>();
  for (const { actor_token: token, before, after } of writes) {
    const old = recordsIn(before);
    for (const [id, now] of recordsIn(after)) {
      const was = old.get(id);
      if (trusted.has(token)) {
        if (was?.named !== now.named) found.add(id);
      } else if (was?.leads !== now.leads) found.delete(id);
    }
  }
  return found;
}

async function tokensWithTheRight(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const tokens = await db.selectFrom('tokens').select(['id', 'permissions']).execute();
  const holds = (list: string) => /"(?:\*|origins:private)"/.test(list);
  return new Set(tokens.filter(({ permissions }) => holds(permissions)).map(({ id }) => id));
}

const ENTRY = z.object({
  records: z
    .record(
      z.string(),
      z.object({
        name: z.string(),
        type: z.string(),
        content: z.string(),
        proxied: z.boolean(),
        origin: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
});

/** What an entry of the log says of records: the origin's name, and everything that decides where a visit leads. */
function recordsIn(json: string): ReadonlyMap<string, { readonly named: string; readonly leads: string }> {
  const entry = ENTRY.safeParse(JSON.parse(json));
  const records = Object.entries((entry.success ? entry.data.records : undefined) ?? {});
  return new Map(
    records.map(([id, { type, content, ...rest }]) => {
      const named = JSON.stringify([type, content]);
      return [id, { named, leads: JSON.stringify([named, rest]) }];
    }),
  );
}
