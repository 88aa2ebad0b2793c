import { chainPem } from '../domain/certificate.ts';
import { sameCertificate } from '../domain/certificate-changes.ts';
import { type Command, change } from '../domain/change.ts';
import type { Circumstances } from '../domain/circumstances.ts';
import { compile, difference } from '../domain/compile.ts';
import { type CertificateId, type Instant, type Revision, revision, type ZoneId } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { caPairs } from '../domain/trust.ts';
import type { Zone } from '../domain/zone.ts';
import type { PrivateKey } from '../pki/keys.ts';
import type { FeedMessage } from '../wire/feed.ts';
import { carryOut, type Step } from './carry-out.ts';
import { type ControlState, sharedIdentity, visitorAuthority } from './control-state.ts';
import type { Feed } from './feed.ts';
import type { Actor } from './actor.ts';
import {
  customMessage,
  droppedCertificates,
  droppedCustom,
  dropsBetween,
  keyMessage,
  visitorMessage,
} from './publication.ts';
import type { RevisionStep } from './revision-step.ts';
import { openSecret } from './secrets.ts';
import type { StoredSecret } from './vault.ts';
import {
  issueVisitorCertificate,
  needsAnother,
  type VisitorCertificate,
  visitorNames,
} from './visitor-certificates.ts';
import type { ZoneEntry } from './zones.ts';

/** A command with what belongs to it. `secrets` come along under ids that are already settled. */
export interface CommitRequest {
  readonly zone: ZoneId;
  readonly command: Command;
  readonly actor: Actor;
  /** Key of the certificate that is added: its id is settled only by the change. */
  readonly key?: PrivateKey;
  readonly secrets?: readonly StoredSecret[];
  /** Asked in turn, about the zone as it is then. */
  readonly precondition?: (zone: Zone | null) => Problem | null;
}

/** A change that is durable and on its way to the edges. For a deleted zone, `zone` is what it was. */
export interface Stored {
  readonly kind: 'stored';
  readonly revision: Revision;
  readonly zone: Zone;
}

/**
 * The one path that changes a zone: rule, consequences, transaction, memory, feed. Call it in turn. Whatever fails
 * before the transaction has ended leaves store, memory and edges as they were.
 */
export async function commitChange(state: ControlState, feed: Feed, request: CommitRequest): Promise<Stored | Problem> {
  if (state.closed) return problem('unavailable', 'the control plane is ending');
  const at = state.clock();
  const next = revision(state.revision + 1);
  const entry = state.zones.entry(request.zone) ?? null;
  const before = entry?.zone ?? null;
  const refused = request.precondition?.(before) ?? null;
  if (refused !== null) return refused;
  const changed = change(before, request.command, circumstances(state, feed, { now: at, revision: next }));
  if (changed.kind === 'problem') return changed;
  const after = changed.zone;
  const named = after ?? before;
  if (named === null) return problem('zone_not_found');
  if (after === before) return { kind: 'stored', revision: state.revision, zone: named };

  const visitor = after === null ? null : await visitorFor(state, after, { present: entry?.visitor ?? null, now: at });
  const added = [...addedKey(request, after), ...(await keptKey(state, request, after))];
  const secrets = [...(request.secrets ?? []), ...added, ...(visitor?.secrets ?? [])];
  const row: RevisionStep = {
    revision: next,
    at,
    actor: request.actor,
    command: request.command.kind,
    before,
    after,
    visitor: visitor?.certificate ?? null,
    secrets,
    // A deleted certificate is never presented again, so its key goes at once; edges drop theirs when told.
    dropped: after === null ? [] : droppedKeys(before, after),
    installation: null,
  };
  const step = { row, ...consequences(state, row, entry) };
  if (!(await carryOut(state, feed, step))) return problem('unavailable');
  return { kind: 'stored', revision: next, zone: named };
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

/** What the rules of a change may ask about the world outside its zone. */
export function circumstances(
  { zones, limits }: ControlState,
  feed: Feed,
  { now, revision: next }: { readonly now: Instant; readonly revision: Revision },
): Circumstances {
  return {
    now,
    revision: next,
    applied: feed.applied(),
    holder: zones.index.holder,
    below: zones.below,
    inhabited: zones.inhabited,
    limits,
  };
}

// A certificate that was deleted comes back under its old id: only the new zone knows which.
function addedKey({ command, key }: CommitRequest, after: Zone | null): readonly StoredSecret[] {
  if (key === undefined || after === null) return [];
  if (command.kind === 'add_custom_certificate' || command.kind === 'replace_custom_certificate') {
    return [{ purpose: 'custom', id: command.draft.id, zone: after.id, key }];
  }
  if (command.kind === 'request_certificate') {
    return [{ purpose: 'requested', id: command.request.id, zone: after.id, key }];
  }
  const added =
    command.kind === 'add_certificate' ? sameCertificate(after, command.draft.level, command.draft.leaf) : undefined;
  if (added === undefined) throw new TypeError(`A ${command.kind} takes no key`);
  return [{ purpose: 'client', id: added.id, zone: after.id, key }];
}

// A certificate that is renewed with the same key, or that answers a request, comes without it.
async function keptKey(
  { store, vault }: ControlState,
  { command, key: sent }: CommitRequest,
  after: Zone | null,
): Promise<readonly StoredSecret[]> {
  if (command.kind === 'answer_certificate_request' && after !== null) {
    const key = await openSecret(store, vault, 'requested', command.draft.id);
    const { level, leaf } = command.draft;
    const added = sameCertificate(after, level, leaf);
    return added === undefined ? [] : [{ purpose: 'client', id: added.id, zone: after.id, key }];
  }
  if (command.kind !== 'replace_custom_certificate' || sent !== undefined || after === null) return [];
  const key = await openSecret(store, vault, 'custom', command.id);
  return [{ purpose: 'custom', id: command.draft.id, zone: after.id, key }];
}

function droppedKeys(before: Zone | null, after: Zone): RevisionStep['dropped'] {
  return [
    ...droppedCertificates(before, after).map(({ id }) => ({ purpose: 'client', id }) as const),
    ...droppedCustom(before, after).map(({ id }) => ({ purpose: 'custom', id }) as const),
    ...droppedRequests(before, after).map((id) => ({ purpose: 'requested', id }) as const),
    ...droppedCas(before, after),
    ...droppedRootKeys(before, after),
  ];
}

/** The keys of authorities that sign nothing any more, whichever way a rotation went. */
function droppedCas(before: Zone | null, after: Zone): RevisionStep['dropped'] {
  if (before === null || before.authority === after.authority) return [];
  const kept = new Set(caPairs(after).map(({ id }) => id));
  return caPairs(before)
    .filter(({ id }) => !kept.has(id))
    .flatMap(({ id }) => CA_PURPOSES.map((purpose) => ({ purpose, id })));
}

/** The keys of roots that went away, and of what they had signed ahead and is not kept any more. */
function droppedRootKeys(before: Zone | null, after: Zone): RevisionStep['dropped'] {
  if (before === null || before.authority === after.authority) return [];
  const roots = caPairs(after).filter(({ rootKey }) => rootKey === 'away');
  const gone = AHEAD.filter(([what]) => before.authority[what] !== null && after.authority[what] === null);
  return [
    ...roots.map(({ id }) => ({ purpose: 'zone_root', id }) as const),
    ...gone.map(([, purpose]) => ({ purpose, id: after.id })),
  ];
}

const AHEAD = [
  ['standby', 'zone_standby'],
  ['signer', 'zone_signer'],
] as const;

const CA_PURPOSES = ['zone_root', 'zone_intermediate'] as const;

function droppedRequests(before: Zone | null, after: Zone): readonly CertificateId[] {
  return [...(before?.certificateRequests.keys() ?? [])].filter((id) => !after.certificateRequests.has(id));
}

/** What follows from a row: the zone as memory holds it then, and what edges are told. */
function consequences(state: ControlState, row: RevisionStep, entry: ZoneEntry | null): Omit<Step, 'row'> {
  const { before, after } = row;
  const edge = after === null ? null : compile(after, sharedIdentity(state.installation), entry);
  const delta = difference(entry?.edge ?? null, edge);
  return {
    entries:
      after === null || edge === null
        ? []
        : [{ zone: after, edge, visitor: visitorOf(row, entry), since: row.revision }],
    publication: {
      keys: keysOf(row),
      zones: delta === null ? [] : [delta],
      drops: dropsBetween(before, after),
    },
  };
}

function visitorOf({ visitor }: RevisionStep, entry: ZoneEntry | null): VisitorCertificate {
  const present = visitor ?? entry?.visitor;
  if (present === undefined) throw new TypeError('A new zone has a visitor certificate');
  return present;
}

function keysOf({ after, visitor, secrets }: RevisionStep): readonly FeedMessage[] {
  if (after === null) return [];
  return secrets.flatMap(({ purpose, id, key }): FeedMessage[] => {
    if (purpose === 'visitor' && visitor !== null) return [visitorMessage(after.id, visitor, key)];
    const custom = purpose === 'custom' ? certificateById(after.customCertificates, id) : undefined;
    if (custom !== undefined) return [customMessage(after.id, custom, key)];
    const certificate = purpose === 'client' ? certificateById(after.certificates, id) : undefined;
    return certificate === undefined
      ? []
      : [keyMessage(certificate.id, chainPem(certificate.leaf, certificate.chain), key)];
  });
}

function certificateById<One extends { readonly id: CertificateId }>(
  certificates: ReadonlyMap<CertificateId, One>,
  id: string,
): One | undefined {
  return [...certificates.values()].find((certificate) => certificate.id === id);
}
