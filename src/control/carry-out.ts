import { sameBundle } from '../domain/trust.ts';
import type { ControlState } from './control-state.ts';
import type { Feed, Publication } from './feed.ts';
import { errorFields } from './log.ts';
import { type RevisionStep, storeStep } from './revision-step.ts';
import type { ZoneEntry } from './zones.ts';

/** A revision with all that follows from it, worked out before any of it is written. */
export interface Step {
  readonly row: RevisionStep;
  /** The zones as memory holds them then. */
  readonly entries: readonly ZoneEntry[];
  readonly publication: Omit<Publication, 'revision'>;
}

/** As `carryOut`, where there is no caller to answer: throws if it could not be stored. */
export async function carryOutOrThrow(state: ControlState, feed: Feed, step: Step): Promise<void> {
  if (!(await carryOut(state, feed, step))) throw new Error('it could not be stored');
}

/**
 * Store, memory, edges: the one place that writes a revision. Call it in turn. False where it could not be stored, and
 * then nothing has changed anywhere; the cause goes to the log, not to the caller.
 */
export async function carryOut(state: ControlState, feed: Feed, { row, entries, publication }: Step): Promise<boolean> {
  const { revision, before, after, installation } = row;
  try {
    await storeStep(state, row);
  } catch (error) {
    const zone = after?.id ?? before?.id ?? null;
    state.log('commit_failed', { revision, zone, command: row.command, ...errorFields(error) });
    return false;
  }
  // From here on nothing is computed: what could throw would leave memory behind the store.
  for (const entry of entries) state.zones.put(entry);
  if (before !== null && after === null) state.zones.drop(before.id);
  if (installation !== null) state.installation = installation;
  state.revision = revision;
  feed.publish({ ...publication, revision });
  const named = after ?? before;
  const where =
    named === null
      ? { zone: null, account: null, zoneName: null }
      : { zone: named.id, account: named.account, zoneName: named.name };
  state.events.add({ kind: 'revision_committed', revision, action: row.command, ...where });
  if (after !== null && before !== null && !sameBundle(before, after)) {
    const { id: zone, account, name: zoneName } = after;
    state.events.add({ kind: 'bundle_changed', zone, account, zoneName });
  }
  return true;
}
