import { chainPem, type Identity, type X509Facts } from '../domain/certificate.ts';
import { compile, difference } from '../domain/compile.ts';
import { type Instant, type Revision, revision } from '../domain/ids.ts';
import type { Authority } from '../pki/issue.ts';
import { createSharedAuthority, createSharedIntermediate } from '../pki/zone-authority.ts';
import { issueShared, newCertificateId } from './authority.ts';
import { carryOutOrThrow } from './carry-out.ts';
import { type ControlState, sharedIdentity } from './control-state.ts';
import type { Feed } from './feed.ts';
import { INSTALLATION, type InstallationFacts } from './installation.ts';
import type { Actor } from './actor.ts';
import { keyMessage } from './publication.ts';
import type { RevisionStep } from './revision-step.ts';
import { openSecret } from './secrets.ts';
import { dueForRenewal } from './validity.ts';
import type { StoredSecret } from './vault.ts';
import { createVisitorCa } from './visitor-certificates.ts';

const ACTOR: Actor = { token: 'postern', from: 'renewal' };
const OWN = { id: INSTALLATION, zone: null } as const;

/** Whether anything of the shared authority has less than a third of its life left. */
export function sharedDue({ installation: { shared } }: ControlState, now: Instant): boolean {
  return [shared.leaf, shared.intermediate, shared.root].some((facts) => dueForRenewal(facts, now));
}

/** Whether the CA of visitor certificates has less than a third of its life left. */
export function visitorCaDue({ installation: { visitorCa } }: ControlState, now: Instant): boolean {
  return dueForRenewal(visitorCa, now);
}

/**
 * Another shared identity, and above it whatever is due as well. In place: origins pin the certificate, so each of these
 * costs their owners a visit anyway. Call it in turn.
 */
export async function renewShared(state: ControlState, feed: Feed): Promise<void> {
  const { installation } = state;
  const at = state.clock();
  const above = await sharedAuthority(state, at);
  const { certificate: leaf, key } = await issueShared(installation.host, above.intermediate, at);
  const certificate = newCertificateId();
  const own = { root: above.root, intermediate: above.intermediate.certificate, leaf, certificate };
  const renewed = { ...installation, shared: own };
  const next = revision(state.revision + 1);
  const row = rowOf(state, { command: 'renew_shared', installation: renewed, at });
  const { entries, zones } = recompileShared(state, sharedIdentity(renewed), next);
  const old = installation.shared.certificate;
  const publication = {
    keys: [keyMessage(certificate, chainPem(leaf, [own.intermediate]), key)],
    zones,
    drops: [{ kind: 'key_dropped', certificate: old } as const],
  };
  const secrets = [...above.secrets, { purpose: 'client', id: certificate, zone: null, key } as const];
  const dropped = [{ purpose: 'client', id: old } as const];
  await carryOutOrThrow(state, feed, { row: { ...row, secrets, dropped }, entries, publication });
  state.log('shared_identity_renewed', { certificate });
}

/** Another CA for visitor certificates; those that it signed before live on to their own end. Call it in turn. */
export async function renewVisitorCa(state: ControlState, feed: Feed): Promise<void> {
  const at = state.clock();
  const { certificate: visitorCa, key } = await createVisitorCa(state.installation.host, at);
  const installation = { ...state.installation, visitorCa };
  const row = rowOf(state, { command: 'renew_visitor_ca', installation, at });
  const secrets = [{ ...OWN, purpose: 'visitor_ca', key } as const];
  await carryOutOrThrow(state, feed, {
    row: { ...row, secrets },
    entries: [],
    publication: { keys: [], zones: [], drops: [] },
  });
  state.log('visitor_ca_renewed', { fingerprint: visitorCa.fingerprint });
}

interface Above {
  readonly root: X509Facts;
  readonly intermediate: Authority;
  readonly secrets: readonly StoredSecret[];
}

/** What is to sign the next shared identity: what is there, or what takes its place because it ends too soon. */
async function sharedAuthority({ store, vault, installation }: ControlState, now: Instant): Promise<Above> {
  const { host, shared } = installation;
  const request = { installation: host, now };
  if (dueForRenewal(shared.root, now)) {
    const { root, intermediate } = await createSharedAuthority(request);
    const secrets = [
      { ...OWN, purpose: 'shared_root', key: root.key } as const,
      { ...OWN, purpose: 'shared_intermediate', key: intermediate.key } as const,
    ];
    return { root: root.certificate, intermediate, secrets };
  }
  if (dueForRenewal(shared.intermediate, now)) {
    const key = await openSecret(store, vault, 'shared_root', INSTALLATION);
    const intermediate = await createSharedIntermediate({ certificate: shared.root, key, chain: [] }, request);
    const secrets = [{ ...OWN, purpose: 'shared_intermediate', key: intermediate.key } as const];
    return { root: shared.root, intermediate, secrets };
  }
  const key = await openSecret(store, vault, 'shared_intermediate', INSTALLATION);
  return { root: shared.root, intermediate: { certificate: shared.intermediate, key, chain: [] }, secrets: [] };
}

function rowOf(
  state: ControlState,
  {
    command,
    installation,
    at,
  }: { readonly command: string; readonly installation: InstallationFacts; readonly at: Instant },
): RevisionStep {
  const nothing = { before: null, after: null, visitor: null, secrets: [], dropped: [] };
  return { revision: revision(state.revision + 1), at, actor: ACTOR, command, ...nothing, installation };
}

// The global level's identity is part of what every zone is compiled to that has it switched on.
function recompileShared({ zones }: ControlState, shared: Identity, since: Revision) {
  const affected = [...zones.entries()].filter(({ zone }) => zone.settings.globalPull);
  const entries = affected.map((entry) => ({ ...entry, edge: compile(entry.zone, shared, entry), since }));
  const deltas = entries.map(({ edge }, index) => difference(affected[index]?.edge ?? null, edge));
  return { entries, zones: deltas.filter((delta) => delta !== null) };
}
