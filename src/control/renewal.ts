import type { ClientCertificate } from '../domain/certificate.ts';
import { type Instant, revision } from '../domain/ids.ts';
import type { Problem } from '../domain/problems.ts';
import { isRunning, type Rotated } from '../domain/rotation.ts';
import { endingWithin, type RenewalWithin } from '../domain/rotation-renewal.ts';
import { managed, presentsManaged, rotationDue } from '../domain/rotation-due.ts';
import type { Zone } from '../domain/zone.ts';
import { issueManaged } from './authority.ts';
import { carryOutOrThrow } from './carry-out.ts';
import { commitChange, type Stored, visitorFor } from './commit.ts';
import type { ControlState } from './control-state.ts';
import type { Feed } from './feed.ts';
import { renewShared, renewVisitorCa, sharedDue, visitorCaDue } from './installation-renewal.ts';
import { errorFields } from './log.ts';
import type { Actor } from './actor.ts';
import { visitorMessage } from './publication.ts';
import { currentIntermediate, signing } from './rotation/prepare.ts';
import type { StoredSecret } from './vault.ts';
import type { RevisionStep } from './revision-step.ts';
import type { InTurn } from './turns.ts';
import { needsAnother, visitorNames } from './visitor-certificates.ts';
import type { ZoneEntry } from './zones.ts';

const RENEWAL: Actor = { token: 'postern', from: 'renewal' };

/** Begins a rotation of what is due. */
type Rotate = (zone: Zone, what: Rotated) => Promise<Stored | Problem>;

interface RenewalParts {
  readonly rotate: Rotate;
  readonly state: ControlState;
  readonly feed: Feed;
  readonly inTurn: InTurn;
}

/**
 * Replaces what the control plane issued itself and what has less than a third of its life left. What origins are shown
 * is rotated, with proof; what nobody is shown yet is replaced at once. A failure is logged and tried again next time.
 */
export async function renewDue({ state, feed, inTurn, rotate }: RenewalParts): Promise<void> {
  const attempt = async (what: string, job: () => Promise<void>) => {
    try {
      await inTurn(async () => {
        if (!state.closed) await job();
      });
    } catch (error) {
      state.log('renewal_failed', { what, ...errorFields(error) });
    }
  };
  const renewOwn = async ({ zone, edge }: Pick<ZoneEntry, 'zone' | 'edge'>, at: Instant) => {
    const missing = ofZone(zone) === undefined;
    const what = missing ? 'leaf' : rotationDue(zone, at);
    if (what === null) return;
    // What nobody is shown needs no proof.
    if (what === 'leaf' && (missing || !presentsManaged(zone, edge)))
      await attempt(zone.id, () => renewManaged(state, feed, zone));
    else await begin(zone, what);
  };
  const begin = async (zone: Zone, what: Rotated) => {
    const begun = await rotate(zone, what);
    if (begun.kind === 'problem')
      state.log('renewal_failed', { what: zone.id, error: `${begun.code} ${begun.detail}` });
  };
  const now = state.clock();
  if (visitorCaDue(state, now)) await attempt('visitor_ca', () => renewVisitorCa(state, feed));
  if (sharedDue(state, now)) await attempt('shared', () => renewShared(state, feed));
  for (const { zone, edge, visitor } of state.zones.entries()) {
    if (!isRunning(zone.rotation)) await renewOwn({ zone, edge }, now);
    else if (endingWithin(zone, now).length > 0) await attempt(zone.id, () => renewEnding(state, feed, zone));
    if (needsAnother(visitor, visitorNames(zone), now)) await attempt(zone.id, () => renewVisitor(state, feed, zone));
  }
}

// Of those for hostnames there may be many.
function ofZone(zone: Zone): ClientCertificate | undefined {
  return managed(zone).find(({ level }) => level === 'zone');
}

async function renewManaged(state: ControlState, feed: Feed, zone: Zone): Promise<void> {
  const { id } = zone;
  if (state.zones.entry(id)?.zone !== zone) return;
  const intermediate = await currentIntermediate(state, zone);
  const like = ofZone(zone);
  const { publicUrl } = state;
  const request = { zone: id, intermediate, now: state.clock(), publicUrl, ...(like === undefined ? {} : { like }) };
  const { draft, key: own } = await issueManaged(state.installation.host, request);
  const command = { kind: 'add_certificate', draft } as const;
  const outcome = await commitChange(state, feed, { zone: id, command, actor: RENEWAL, key: own });
  if (outcome.kind === 'problem') throw new Error(`${outcome.code} ${outcome.detail}`.trimEnd());
  state.log('identity_renewed', { zone: id, certificate: draft.id });
}

// A rotation that waits for its origins must not let what they are shown meanwhile come to its end.
async function renewEnding(state: ControlState, feed: Feed, { id }: Zone): Promise<void> {
  const zone = state.zones.entry(id)?.zone;
  if (zone === undefined || !isRunning(zone.rotation)) return;
  const { publicUrl, installation } = state;
  const renewed: RenewalWithin['renewed'][number][] = [];
  const secrets: StoredSecret[] = [];
  for (const { certificate: like, by } of endingWithin(zone, state.clock())) {
    const intermediate = await signing(state, by);
    const request = { zone: id, intermediate, now: state.clock(), like, publicUrl };
    const { draft, key } = await issueManaged(installation.host, request);
    renewed.push({ from: like.id, draft });
    secrets.push({ purpose: 'client', id: draft.id, zone: id, key });
  }
  const { id: rotation, revision: over } = zone.rotation;
  const command = { kind: 'renew_within_rotation', rotation, over, renewed } as const;
  const outcome = await commitChange(state, feed, { zone: id, command, actor: RENEWAL, secrets });
  if (outcome.kind === 'problem') throw new Error(`${outcome.code} ${outcome.detail}`.trimEnd());
  state.log('identity_renewed', { zone: id, rotation, certificates: renewed.length });
}

async function renewVisitor(state: ControlState, feed: Feed, { id }: Zone): Promise<void> {
  const entry = state.zones.entry(id);
  const made = entry && (await visitorFor(state, entry.zone, { present: entry.visitor, now: state.clock() }));
  if (entry === undefined || !made) return;
  const { certificate, secrets } = made;
  const row: RevisionStep = {
    revision: revision(state.revision + 1),
    at: state.clock(),
    actor: RENEWAL,
    command: 'renew_visitor_certificate',
    before: entry.zone,
    after: entry.zone,
    visitor: certificate,
    secrets,
    dropped: [],
    installation: null,
  };
  const keys = secrets.map(({ key }) => visitorMessage(id, certificate, key));
  const publication = { keys, zones: [], drops: [] };
  await carryOutOrThrow(state, feed, { row, entries: [{ ...entry, visitor: certificate }], publication });
  state.log('visitor_certificate_renewed', { zone: id });
}
