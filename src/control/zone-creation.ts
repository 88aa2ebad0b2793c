import type { AccountId, Hostname } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { createZoneBeginnings, newZoneId } from './authority.ts';
import type { CommitRequest } from './commit.ts';
import type { ControlState } from './control-state.ts';
import type { AccountIndex } from './accounts.ts';
import type { Actor } from './actor.ts';
import type { Committed } from './committed.ts';
import type { ControlPlane } from './plane.ts';

interface CreationParts {
  readonly change: (request: CommitRequest) => Promise<Committed | Problem>;
  readonly accounts: AccountIndex;
}

/** Makes zones: an authority and an identity for each, then a commit as every other. */
export function zoneCreation(state: ControlState, { change, accounts }: CreationParts): ControlPlane['createZone'] {
  const refused = (account: AccountId): Problem | null => {
    const { zones: limit } = state.limits;
    if (accounts.get(account) === undefined) return problem('account_not_found', account, '/account/id');
    return state.zones.index.size() >= limit ? problem('too_many_zones', `${limit} are allowed`) : null;
  };
  return async (name: Hostname, account: AccountId, actor: Actor) => {
    if (state.zones.index.named(name) !== undefined) return problem('zone_exists', name, '/name');
    // Now, because keys cost time, and again in turn, because accounts and zones come and go meanwhile.
    const early = refused(account);
    if (early !== null) return early;
    const id = newZoneId();
    const { made, secrets } = await createZoneBeginnings(state.installation.host, {
      id,
      name,
      now: state.clock(),
      publicUrl: state.publicUrl,
    });
    const command = { kind: 'create_zone', id, account, name, ...made } as const;
    return change({ zone: id, command, actor, secrets, precondition: () => refused(account) });
  };
}
