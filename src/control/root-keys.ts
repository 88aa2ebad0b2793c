import { type Instant, instant, type ZoneId } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { caPairs } from '../domain/trust.ts';
import type { Zone } from '../domain/zone.ts';
import { decryptKey, encryptKey } from '../pki/encrypted-key.ts';
import { keyMatches, type PrivateKey } from '../pki/keys.ts';
import { PkiError } from '../pki/pki-error.ts';
import type { Secret } from '../pki/secret.ts';
import { createZoneIntermediate, issueSignerAhead } from '../pki/zone-authority.ts';
import { writeAuditEvent } from './audit-events.ts';
import { keyTypeLike } from './authority.ts';
import type { CommitRequest } from './commit.ts';
import type { ControlState } from './control-state.ts';
import type { Actor } from './actor.ts';
import type { Committed } from './committed.ts';
import type { RevocationLists } from './revocation-lists.ts';
import { rootOf } from './rotation/prepare.ts';
import type { InTurn } from './turns.ts';

/** A root's key under a passphrase, as it was exported. */
interface SealedRoot {
  readonly encrypted: string;
  readonly passphrase: Secret<string>;
}

/** How a root's key is let go of. */
interface ForgetWish extends SealedRoot {
  /** When its next ceremony is: until then its revocation list must last. */
  readonly until: Instant;
  /** Whether it signs an intermediate ahead, for the next rotation of that. */
  readonly standby: boolean;
  /** Whether it certifies ahead who signs what is said of the zone's bundle. */
  readonly signer: boolean;
}

/** The key of a zone's root, for the ceremonies of its owner. */
export interface RootKeeping {
  /** The key under a passphrase. It is encrypted here: in clear it never leaves. */
  readonly exportRootKey: (
    zone: ZoneId,
    passphrase: Secret<string>,
    actor: Actor,
  ) => Promise<{ readonly kind: 'sealed_root'; readonly encrypted: string } | Problem>;
  /** Lets go of the key, once whoever asks has shown that their copy opens. */
  readonly forgetRootKey: (zone: ZoneId, wish: ForgetWish, actor: Actor) => Promise<Committed | Problem>;
  readonly restoreRootKey: (zone: ZoneId, sealed: SealedRoot, actor: Actor) => Promise<Committed | Problem>;
  /** Until when the list of a root whose key is away lasts; `null` where there is none. */
  readonly rootListUntil: (zone: Zone) => Promise<Instant | null>;
}

interface KeepingParts {
  readonly state: ControlState;
  readonly inTurn: InTurn;
  readonly lists: RevocationLists;
  readonly change: (request: CommitRequest) => Promise<Committed | Problem>;
}

/** So often an hour a root's key is exported, or a text opened for it: a ceremony needs three. */
const MOST = 10;
const HOUR = 3_600_000;

/** Looks after the keys of roots. */
export function rootKeeping({ state, inTurn, lists, change }: KeepingParts): RootKeeping {
  const budget = new Budget(state.clock);
  const record = (zone: Zone, actor: Actor, command: string) =>
    inTurn(() =>
      state.store.transaction().execute((transaction) => {
        const { id, account, authority } = zone;
        const event = { at: state.clock(), actor, zone: id, account, command, before: {} };
        return writeAuditEvent(transaction, state.revision, { ...event, after: { root: authority.root.fingerprint } });
      }),
    );
  const opened = async (zone: Zone, sealed: SealedRoot): Promise<PrivateKey | Problem> =>
    budget.spend(zone.id) ? openedFor(zone, sealed) : problem('root_key_too_often', zone.name);
  return {
    exportRootKey: async (id, passphrase, actor) => {
      const zone = state.zones.index.get(id);
      if (zone === undefined) return problem('zone_not_found');
      if (zone.authority.rootKey === 'away') return problem('root_key_away', zone.authority.root.subject);
      if (!budget.spend(id)) return problem('root_key_too_often', zone.name);
      const encrypted = await encryptKey(await rootOf(state, zone), passphrase);
      const checked = await openedFor(zone, { encrypted, passphrase });
      if ('code' in checked) return checked;
      // Before it leaves: nobody has the key whom the log does not know of.
      await record(zone, actor, 'export_root_key');
      state.log('root_key_exported', { zone: id, zone_name: zone.name, by: actor.token });
      return { kind: 'sealed_root', encrypted };
    },
    forgetRootKey: async (id, wish, actor) => {
      const zone = state.zones.index.get(id);
      if (zone === undefined) return problem('zone_not_found');
      if (zone.authority.rootKey === 'away') return problem('root_key_away', zone.authority.root.subject);
      const key = await opened(zone, wish);
      if ('code' in key) return key;
      const signed = await lists.signAhead(zone, wish.until);
      if ('code' in signed) return signed;
      const standby = wish.standby ? await standbyBelow(state, zone, key) : null;
      const signer = wish.signer ? await signerBelow(state, zone, { key, until: wish.until }) : null;
      const secrets = [
        ...(standby === null ? [] : [{ purpose: 'zone_standby', id, zone: id, key: standby.key } as const]),
        ...(signer === null ? [] : [{ purpose: 'zone_signer', id, zone: id, key: signer.key } as const]),
      ];
      const ahead = { standby: standby?.certificate ?? null, signer: signer?.certificate ?? null };
      const command = { kind: 'forget_root_key', ...ahead } as const;
      // What was revoked since would be missing from a list that nobody can sign any more.
      const precondition = (now: Zone | null) =>
        now?.authority === zone.authority && now.revocations === zone.revocations
          ? null
          : problem('rotation_moved_on', zone.name);
      return change({ zone: id, command, actor, secrets, precondition });
    },
    restoreRootKey: async (id, sealed, actor) => {
      const zone = state.zones.index.get(id);
      if (zone === undefined) return problem('zone_not_found');
      if (zone.authority.rootKey === 'here') return problem('root_key_here', zone.authority.root.subject);
      const key = await opened(zone, sealed);
      if ('code' in key) return key;
      const { fingerprint } = zone.authority.root;
      const secrets = caPairs(zone)
        .filter(({ root }) => root.fingerprint === fingerprint)
        .map((pair) => ({ purpose: 'zone_root', id: pair.id, zone: id, key }) as const);
      const precondition = (now: Zone | null) =>
        now?.authority === zone.authority ? null : problem('rotation_moved_on', zone.name);
      return change({ zone: id, command: { kind: 'restore_root_key' }, actor, secrets, precondition });
    },
    rootListUntil: (zone) => lists.until(zone.authority.root.fingerprint),
  };
}

async function openedFor(zone: Zone, { encrypted, passphrase }: SealedRoot): Promise<PrivateKey | Problem> {
  try {
    const key = await decryptKey(encrypted, passphrase);
    if (keyMatches(key, zone.authority.root)) return key;
    return problem('key_mismatch', zone.authority.root.subject, '/encrypted_key');
  } catch (error) {
    if (error instanceof PkiError) return problem('root_key_unopened', error.message, '/encrypted_key');
    throw error;
  }
}

function standbyBelow(state: ControlState, zone: Zone, key: PrivateKey) {
  const { root, intermediate } = zone.authority;
  const keyType = keyTypeLike(intermediate.keyType);
  return createZoneIntermediate(
    { certificate: root, key, chain: [] },
    {
      installation: state.installation.host,
      zone: zone.id,
      zoneName: zone.name,
      now: state.clock(),
      ...(keyType === undefined ? {} : { keyType }),
    },
  );
}

function signerBelow(
  { installation, clock }: ControlState,
  { id, authority }: Zone,
  { key, until }: { readonly key: PrivateKey; readonly until: Instant },
) {
  const root = { certificate: authority.root, key, chain: [] };
  return issueSignerAhead(root, { installation: installation.host, zone: id, now: clock(), until });
}

/** Counts what was spent within the last hour, for each zone. */
class Budget {
  readonly #clock: () => Instant;
  readonly #spent = new Map<ZoneId, readonly Instant[]>();

  constructor(clock: () => Instant) {
    this.#clock = clock;
  }

  spend(zone: ZoneId): boolean {
    const now = this.#clock();
    const recent = (this.#spent.get(zone) ?? []).filter((at) => at > instant(now - HOUR));
    if (recent.length >= MOST) return false;
    this.#spent.set(zone, [...recent, now]);
    return true;
  }
}
