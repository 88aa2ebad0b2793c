import type { CertificateId, Hostname, ZoneId } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { issueManaged, type MadeLike } from './authority.ts';
import type { CommitRequest } from './commit.ts';
import type { ControlState } from './control-state.ts';
import type { Actor } from './actor.ts';
import type { Committed } from './committed.ts';
import { currentIntermediate } from './rotation/prepare.ts';

/** A certificate that somebody wants the authority of a zone to make for hostnames. */
export interface IssueWish extends MadeLike {
  readonly hostnames: readonly Hostname[];
  /** Whether the hostnames present it from now on. */
  readonly present: boolean;
}

/** A certificate that was made, and the change that brought it. */
export interface IssuedCertificate {
  readonly kind: 'issued';
  readonly id: CertificateId;
  readonly committed: Committed;
}

type Change = (request: CommitRequest) => Promise<Committed | Problem>;

/** Makes certificates for hostnames: a key that never leaves, signed by the authority of the zone. */
export function managedIssue(state: ControlState, change: Change) {
  return async (
    id: ZoneId,
    { present, hostnames, ...made }: IssueWish,
    actor: Actor,
  ): Promise<IssuedCertificate | Problem> => {
    const zone = state.zones.index.get(id);
    if (zone === undefined) return problem('zone_not_found');
    const intermediate = await currentIntermediate(state, zone);
    const now = state.clock();
    const { publicUrl, installation } = state;
    const { draft, key } = await issueManaged(installation.host, {
      zone: id,
      intermediate,
      now,
      publicUrl,
      hostnames,
      ...made,
    });
    const command = { kind: 'issue_certificate', draft, hostnames, present } as const;
    const secrets = [{ purpose: 'client', id: draft.id, zone: id, key }] as const;
    const committed = await change({ zone: id, command, actor, secrets });
    return committed.kind === 'problem' ? committed : { kind: 'issued', id: draft.id, committed };
  };
}
