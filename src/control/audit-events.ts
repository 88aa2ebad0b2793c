import type { Actor } from './actor.ts';
import type { Store } from './store.ts';

/** A change that is no revision: edges are not told of it, the audit log is. Holds names and ids, never a secret. */
export interface AuditEvent {
  readonly at: number;
  readonly actor: Actor;
  readonly zone: string | null;
  readonly account: string | null;
  readonly command: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Stores an event as the newest after `revision`. Belongs in the transaction of the change itself, in turn. */
export async function writeAuditEvent(store: Store, revision: number, event: AuditEvent): Promise<void> {
  const newest = await store
    .selectFrom('audit_events')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('revision', '=', revision)
    .executeTakeFirst();
  await store
    .insertInto('audit_events')
    .values({
      revision,
      sequence: Number(newest?.sequence ?? 0) + 1,
      zone: event.zone,
      account: event.account,
      at: event.at,
      actor_token: event.actor.token,
      actor_from: event.actor.from,
      command: event.command,
      before: JSON.stringify(event.before),
      after: JSON.stringify(event.after),
    })
    .execute();
}
