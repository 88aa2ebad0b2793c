import type { ClientCertificate } from '../domain/certificate.ts';
import { sameCertificate } from '../domain/certificate-changes.ts';
import { type Command, change } from '../domain/change.ts';
import type { Circumstances } from '../domain/circumstances.ts';
import { compile, difference } from '../domain/compile.ts';
import { type Instant, type Revision, revision, type ZoneId } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { Zone } from '../domain/zone.ts';
import type { PrivateKey } from '../pki/keys.ts';
import type { FeedMessage } from '../wire/feed.ts';
import { chainPem } from './authority.ts';
import { type ControlState, sharedIdentity, visitorAuthority } from './control-state.ts';
import type { Feed } from './feed.ts';
import { errorFields } from './log.ts';
import type { Actor } from './plane.ts';
import { droppedCertificates, dropsBetween, keyMessage, visitorMessage } from './publication.ts';
import { type RevisionStep, storeStep } from './revision-step.ts';
import type { StoredSecret } from './vault.ts';
import {
  issueVisitorCertificate,
  needsAnother,
  type VisitorCertificate,
  visitorNames,
} from './visitor-certificates.ts';

/** A command with what belongs to it. `secrets` come along under ids that are already settled. */
export interface CommitRequest {
  readonly zone: ZoneId;
  readonly command: Command;
  readonly actor: Actor;
  /** Key of the certificate that is added: its id is settled only by the change. */
  readonly key?: PrivateKey;
  readonly secrets?: readonly StoredSecret[];
}

/** A change that is durable and on its way to the edges. For a deleted zone, `zone` is what it was. */
export interface Stored {
  readonly kind: 'stored';
  readonly revision: Revision;
  readonly zone: Zone;
}

/**
 * The one path that changes a zone: rule, transaction, memory, feed. Call it in turn. Whatever fails before the
 * transaction has ended leaves store, memory and edges as they were.
 */
export async function commitChange(state: ControlState, feed: Feed, request: CommitRequest): Promise<Stored | Problem> {
  if (state.closed) return problem('unavailable', 'the control plane is ending');
  const at = state.clock();
  const next = revision(state.revision + 1);
  const entry = state.zones.entry(request.zone);
  const before = entry?.zone ?? null;
  const changed = change(before, request.command, circumstances(state, feed, { now: at, revision: next }));
  if (changed.kind === 'problem') return changed;
  const after = changed.zone;
  const named = after ?? before;
  if (named === null) return problem('zone_not_found');
  if (after === before) return { kind: 'stored', revision: state.revision, zone: named };

  const visitor = after === null ? null : await visitorFor(state, after, { present: entry?.visitor ?? null, now: at });
  const secrets = [...(request.secrets ?? []), ...addedKey(request, after), ...(visitor?.secrets ?? [])];
  const step: RevisionStep = {
    revision: next,
    at,
    actor: request.actor,
    command: request.command.kind,
    before,
    after,
    visitor: visitor?.certificate ?? null,
    secrets,
    // A deleted certificate is never presented again, so its key goes at once; edges drop theirs when told.
    dropped: after === null ? [] : droppedCertificates(before, after).map(({ id }) => id),
    installation: null,
  };
  if (!(await stored(state, step))) return problem('unavailable');
  publishStep(state, feed, step);
  return { kind: 'stored', revision: next, zone: named };
}

/** Stores a step and says whether that went well. The cause of a failure goes to the log, not to the caller. */
export async function stored(state: ControlState, step: RevisionStep): Promise<boolean> {
  try {
    await storeStep(state, step);
    return true;
  } catch (error) {
    const zone = step.after?.id ?? step.before?.id ?? null;
    state.log('commit_failed', { revision: step.revision, zone, command: step.command, ...errorFields(error) });
    return false;
  }
}

/** A visitor certificate for the zone where it needs another one than the present; `null` where it does not. */
export async function visitorFor(
  state: ControlState,
  zone: Zone,
  { present, now }: { readonly present: VisitorCertificate | null; readonly now: Instant },
): Promise<{ readonly certificate: VisitorCertificate; readonly secrets: readonly StoredSecret[] } | null> {
  const names = visitorNames(zone);
  if (present !== null && !needsAnother(present, names, now)) return null;
  const issued = await issueVisitorCertificate(await visitorAuthority(state), { zone: zone.name, names, now });
  const { notBefore, notAfter } = issued.certificate;
  return {
    certificate: { names, chain: chainPem(issued.certificate, issued.chain), notBefore, notAfter },
    secrets: [{ purpose: 'visitor', id: zone.id, zone: zone.id, key: issued.key }],
  };
}

function circumstances(
  { zones }: ControlState,
  feed: Feed,
  { now, revision: next }: { readonly now: Instant; readonly revision: Revision },
): Circumstances {
  return { now, revision: next, applied: feed.applied(), holder: zones.index.holder, below: zones.below, inhabited: zones.inhabited };
}

// A certificate that was deleted comes back under its old id: only the new zone knows which.
function addedKey({ command, key }: CommitRequest, after: Zone | null): readonly StoredSecret[] {
  if (key === undefined || after === null) return [];
  const added =
    command.kind === 'add_certificate' ? sameCertificate(after, command.draft.level, command.draft.leaf) : undefined;
  if (added === undefined) throw new TypeError(`A ${command.kind} takes no key`);
  return [{ purpose: 'client', id: added.id, zone: after.id, key }];
}

function publishStep(state: ControlState, feed: Feed, step: RevisionStep): void {
  const { before, after } = step;
  const entry = before === null ? undefined : state.zones.entry(before.id);
  const previous = entry === undefined ? null : { zone: entry.zone, edge: entry.edge };
  const edge = after === null ? null : compile(after, sharedIdentity(state.installation), previous);
  const visitor = step.visitor ?? entry?.visitor ?? null;
  if (after !== null && edge !== null && visitor !== null) state.zones.put({ zone: after, edge, visitor });
  if (after === null && before !== null) state.zones.drop(before.id);
  state.revision = step.revision;
  const delta = difference(entry?.edge ?? null, edge);
  feed.publish({
    revision: step.revision,
    keys: keysOf(step),
    zones: delta === null ? [] : [delta],
    drops: dropsBetween(before, after),
  });
}

function keysOf({ after, visitor, secrets }: RevisionStep): readonly FeedMessage[] {
  if (after === null) return [];
  return secrets.flatMap(({ purpose, id, key }): FeedMessage[] => {
    if (purpose === 'visitor' && visitor !== null) return [visitorMessage(after.id, visitor, key)];
    const certificate = purpose === 'client' ? certificateById(after, id) : undefined;
    return certificate === undefined
      ? []
      : [keyMessage(certificate.id, chainPem(certificate.leaf, certificate.chain), key)];
  });
}

function certificateById({ certificates }: Zone, id: string): ClientCertificate | undefined {
  return [...certificates.values()].find((certificate) => certificate.id === id);
}
