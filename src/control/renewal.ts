import type { ClientCertificate } from '../domain/certificate.ts';
import { compile, difference } from '../domain/compile.ts';
import { revision } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import { chainPem, issueManaged, issueShared, newCertificateId } from './authority.ts';
import { commitChange, stored, visitorFor } from './commit.ts';
import { type ControlState, sharedIdentity } from './control-state.ts';
import type { Feed } from './feed.ts';
import { INSTALLATION } from './installation.ts';
import { errorFields } from './log.ts';
import type { Actor } from './plane.ts';
import { keyMessage, visitorMessage } from './publication.ts';
import { openSecret, putSecrets } from './secrets.ts';
import type { InTurn } from './turns.ts';
import { dueForRenewal } from './validity.ts';
import { needsAnother, visitorNames } from './visitor-certificates.ts';
import { writeVisitorCertificate } from './visitor-rows.ts';

const RENEWAL: Actor = { token: 'postern', from: 'renewal' };

interface RenewalParts {
  readonly state: ControlState;
  readonly feed: Feed;
  readonly inTurn: InTurn;
}

/**
 * Replaces what the control plane issued itself and what has less than a third of its life left. The same authority
 * signs the new leaf, so origins that trust a bundle notice nothing. A failure is logged and tried again next time.
 */
export async function renewDue({ state, feed, inTurn }: RenewalParts): Promise<void> {
  const attempt = async (what: string, job: () => Promise<void>) => {
    try {
      await inTurn(async () => {
        if (!state.closed) await job();
      });
    } catch (error) {
      state.log('renewal_failed', { what, ...errorFields(error) });
    }
  };
  const now = state.clock();
  if (dueForRenewal(state.installation.shared.leaf, now)) await attempt('shared', () => renewShared(state, feed));
  for (const { zone, visitor } of state.zones.entries()) {
    const managed = newestManaged(zone);
    if (managed === null || dueForRenewal(managed.leaf, now)) {
      await attempt(zone.id, () => renewManaged(state, feed, zone));
    }
    if (needsAnother(visitor, visitorNames(zone), now)) await attempt(zone.id, () => renewVisitor(state, feed, zone));
  }
}

function newestManaged(zone: Zone): ClientCertificate | null {
  return [...zone.certificates.values()]
    .filter(({ source, wish }) => source === 'managed' && wish.kind === 'deploy')
    .reduce<ClientCertificate | null>(
      (best, one) => (best === null || one.wish.revision > best.wish.revision ? one : best),
      null,
    );
}

async function renewManaged(state: ControlState, feed: Feed, { id, authority }: Zone): Promise<void> {
  if (state.zones.entry(id) === undefined) return;
  const key = await openSecret(state.store, state.vault, 'zone_intermediate', id);
  const intermediate = { certificate: authority.intermediate, key, chain: [] };
  const { draft, key: own } = await issueManaged(state.installation.host, {
    zone: id,
    intermediate,
    now: state.clock(),
  });
  const request = { zone: id, command: { kind: 'add_certificate', draft }, actor: RENEWAL, key: own } as const;
  const outcome = await commitChange(state, feed, request);
  if (outcome.kind === 'stored') state.log('identity_renewed', { zone: id, certificate: draft.id });
}

async function renewShared(state: ControlState, feed: Feed): Promise<void> {
  const { store, vault, installation } = state;
  const { shared } = installation;
  const at = state.clock();
  const signing = await openSecret(store, vault, 'shared_intermediate', INSTALLATION);
  const authority = { certificate: shared.intermediate, key: signing, chain: [] };
  const { certificate: leaf, key } = await issueShared(installation.host, authority, at);
  const certificate = newCertificateId();
  const renewed = { ...installation, shared: { ...shared, leaf, certificate } };
  const next = revision(state.revision + 1);
  const done = await stored(state, {
    revision: next,
    at,
    actor: RENEWAL,
    command: 'renew_shared',
    before: null,
    after: null,
    visitor: null,
    secrets: [{ purpose: 'client', id: certificate, zone: null, key }],
    dropped: [shared.certificate],
    installation: renewed,
  });
  if (!done) return;
  state.installation = renewed;
  state.revision = next;
  feed.publish({
    revision: next,
    keys: [keyMessage(certificate, chainPem(leaf, [shared.intermediate]), key)],
    zones: recompileShared(state),
    drops: [{ kind: 'key_dropped', certificate: shared.certificate }],
  });
  state.log('shared_identity_renewed', { certificate });
}

// The global level's identity is part of what every zone is compiled to that has it switched on.
function recompileShared({ zones, installation }: ControlState) {
  const shared = sharedIdentity(installation);
  const affected = [...zones.entries()].filter(({ zone }) => zone.settings.globalPull);
  return affected.flatMap((entry) => {
    const edge = compile(entry.zone, shared, entry);
    zones.put({ ...entry, edge });
    return difference(entry.edge, edge) ?? [];
  });
}

async function renewVisitor(state: ControlState, feed: Feed, { id }: Zone): Promise<void> {
  const entry = state.zones.entry(id);
  const made = entry && (await visitorFor(state, entry.zone, { present: entry.visitor, now: state.clock() }));
  if (entry === undefined || !made) return;
  const { certificate, secrets } = made;
  await state.store.transaction().execute(async (transaction) => {
    await writeVisitorCertificate(transaction, id, certificate);
    await putSecrets(transaction, state.vault, secrets);
  });
  state.zones.put({ ...entry, visitor: certificate });
  feed.sendKeys(secrets.map(({ key }) => visitorMessage(id, certificate, key)));
  state.log('visitor_certificate_renewed', { zone: id });
}
