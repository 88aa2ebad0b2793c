import type { Instant, Revision } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import { auditChange } from './audit.ts';
import type { ControlState } from './control-state.ts';
import { type InstallationFacts, writeRenewable } from './installation.ts';
import type { Actor } from './actor.ts';
import { dropSecrets, putSecrets } from './secrets.ts';
import type { Purpose, StoredSecret } from './vault.ts';
import type { VisitorCertificate } from './visitor-certificates.ts';
import { writeVisitorCertificate } from './visitor-rows.ts';
import { writeZone } from './zone-rows.ts';

/** One revision, worked out and not stored yet. */
export interface RevisionStep {
  readonly revision: Revision;
  readonly at: Instant;
  readonly actor: Actor;
  /** Kind of the command, for the audit log. */
  readonly command: string;
  readonly before: Zone | null;
  readonly after: Zone | null;
  /** A new visitor certificate; `null` where the present one stays. */
  readonly visitor: VisitorCertificate | null;
  readonly secrets: readonly StoredSecret[];
  /** The keys that leave the vault. */
  readonly dropped: readonly { readonly purpose: Purpose; readonly id: string }[];
  /** The installation with something of its own renewed; `null` where it stays. */
  readonly installation: InstallationFacts | null;
}

/** Stores a whole step or nothing of it. Rejects with SQLite's error where it could not. */
export async function storeStep({ store, vault }: ControlState, step: RevisionStep): Promise<void> {
  const { revision, before, after, visitor } = step;
  await store.transaction().execute(async (transaction) => {
    await writeZone(transaction, before, after, revision);
    if (after !== null && visitor !== null) await writeVisitorCertificate(transaction, after.id, visitor);
    for (const { purpose, id } of step.dropped) await dropSecrets(transaction, purpose, [id]);
    await putSecrets(transaction, vault, step.secrets);
    if (step.installation !== null) await writeRenewable(transaction, step.installation);
    const audit = auditChange(before, after);
    await transaction
      .insertInto('revisions')
      .values({
        revision,
        zone: after?.id ?? before?.id ?? null,
        account: after?.account ?? before?.account ?? null,
        at: step.at,
        actor_token: step.actor.token,
        actor_from: step.actor.from,
        command: step.command,
        before: JSON.stringify(audit.before),
        after: JSON.stringify(audit.after),
      })
      .execute();
  });
}
