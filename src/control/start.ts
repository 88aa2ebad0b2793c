import { resolve } from 'node:path';
import type { Account } from '../domain/account.ts';
import type { AccountId, CertificateId, Instant } from '../domain/ids.ts';
import { DEFAULT_LIMITS, type Limits } from '../domain/limits.ts';
import { placeFile } from '../files/whole-file.ts';
import { type AccountAction, AccountRegistry } from './account-registry.ts';
import { loadAccounts } from './account-rows.ts';
import { analyticsStepKeeping } from './analytics/step-rows.ts';
import { type AttestationKeeping, attestationKeeping } from './attest/keeping.ts';
import { readAudit } from './audit-log.ts';
import { createInstallation, newCertificateId } from './authority.ts';
import { Backups } from './backup/backups.ts';
import { removeCopies } from './backup/store-copy.ts';
import { settleRestore } from './backup/staging.ts';
import { callerKeeping } from './callers.ts';
import { type CommitRequest, commitChange } from './commit.ts';
import { type ControlState, loadState } from './control-state.ts';
import { type DataDirectory, takeDirectory } from './data-directory.ts';
import { edgeAddressKeeping } from './edge-addresses.ts';
import { edgeView } from './edge-view.ts';
import { type EdgeVisitKeeping, edgeVisitKeeping } from './edge-visits.ts';
import type { EdgeEvent } from './event-ring.ts';
import { Feed } from './feed.ts';
import { impactKeeping } from './impact-keeping.ts';
import { installationView, writeInstallation } from './installation.ts';
import { defaultKekPath, loadKek } from './kek.ts';
import { errorFields, type Log } from './log.ts';
import { managedIssue } from './managed-issue.ts';
import { noticeKeeping } from './notices/keeping.ts';
import type { MailServer } from './notices/mail.ts';
import { type OriginCertificates, originCertificates } from './origin-certificates.ts';
import { ensureOriginCa, signOrigin } from './origin-ca.ts';
import type { AccountKeeping } from './accounts.ts';
import type { ControlPlane } from './plane.ts';
import type { StoredToken, TokenKeeping, TokenUseKeeping } from './token.ts';
import { greeting } from './greeting.ts';
import { renewDue } from './renewal.ts';
import { publishedTrust } from './published-trust.ts';
import { overviewKeeping, Touches } from './overview/keeping.ts';
import { reseal } from './resealing.ts';
import { putSecrets } from './secrets.ts';
import { SessionRegistry } from './session-registry.ts';
import { loadSessions } from './session-rows.ts';
import type { SessionKeeping, StoredSession } from './sessions.ts';
import { loadSetupIndex, type SetupIndex } from './setup-index.ts';
import { setupKeeping } from './setups.ts';
import { terminalKeeping } from './terminals.ts';
import { StartError } from './start-error.ts';
import { LockWatch } from './lock-watch.ts';
import { lookPlaces } from './look-places.ts';
import { openStore, readMeta, type Store, writeMeta } from './store.ts';
import { TokenRegistry } from './token-registry.ts';
import { loadTokenUses, TokenUses } from './token-uses.ts';
import { createBootstrapToken, loadTokens, writeToken } from './tokens.ts';
import { type InTurn, turns } from './turns.ts';
import { openVault, type Vault } from './vault.ts';
import { rootKeeping } from './root-keys.ts';
import { originReportKeeping } from './origin-reports.ts';
import { rotationKeeping } from './rotation/keeping.ts';
import { zoneCreation } from './zone-creation.ts';

/** What a control plane needs to start. */
export interface ControlPlaneOptions {
  /** The data directory; made where it does not exist. */
  readonly dir: string;
  /** Where the key-encryption key is, as `kekSource` reads it; `null` for the default, the file `<dir>.kek`. */
  readonly kek: string | null;
  /** Where the key is that the store was sealed with so far: its keys are sealed anew with that of `kek`. */
  readonly oldKek?: string | null;
  readonly clock: () => Instant;
  readonly log: Log;
  /** How long a change waits for the edges, in milliseconds; 2000 where left out. */
  readonly inForceWithin?: number;
  /** Milliseconds between two looks at what rotations wait for; 1000 where left out. */
  readonly rotationTick?: number;
  /** Milliseconds between two looks at what time alone makes worth a word; 60000 where left out. */
  readonly noticeTick?: number;
  /** Where mail with notices goes out; none where left out. */
  readonly mail?: MailServer | null;
  /** Milliseconds before a notice that did not arrive is sent again; half a minute where left out. */
  readonly deliveryPause?: number;
  /** How many of each thing it takes; those left out are DEFAULT_LIMITS. */
  readonly limits?: Partial<Limits>;
  /** `http://HOST[:PORT]` where everybody reaches lists and OCSP: new certificates name it. */
  readonly publicUrl?: string | null;
}

const IN_FORCE_WITHIN = 2000;
// Short, so that each round has few of very many zones to renew.
const RENEWAL_PERIOD = 300_000;

/**
 * Opens the data directory, initialises a new one, and answers the control plane over it. Throws StartError, in one
 * sentence that a person can act on, for whatever stands in the way.
 */
export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const directory = takeDirectory(resolve(options.dir));
  let store: Store | null = null;
  try {
    removeCopies(directory);
    settleRestore(directory);
    store = await openStore(directory);
    const vault = await openSealed(store, directory, options);
    const { clock, log } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { publicUrl = null } = options;
    const state = await loadState({ store, vault, clock, log, limits, publicUrl });
    const [tokens, accounts] = [await loadTokens(store), await loadAccounts(store)];
    const [sessions, uses] = [await loadSessions(store, clock()), await loadTokenUses(store)];
    const setups = await loadSetupIndex(store);
    return await assemble(state, { directory, options, tokens, accounts, sessions, uses, setups });
  } catch (error) {
    await store?.destroy();
    directory.release();
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The store in ${directory.path} cannot be read: ${errorFields(error).error}`,
      'Check the disk, or restore a backup of the data directory.',
      error,
    );
  }
}

async function openSealed(store: Store, directory: DataDirectory, options: ControlPlaneOptions) {
  const { clock, log } = options;
  const needed = await readMeta(store, 'kek_id');
  const vault = await vaultOf(store, directory, options, needed);
  if (needed === null) {
    await initialise(store, { vault, directory, now: clock() });
    log('installation_created', { dir: directory.path, kek: vault.kekId });
  }
  await ensureOriginCa(store, vault, clock());
  return vault;
}

async function vaultOf(store: Store, directory: DataDirectory, options: ControlPlaneOptions, needed: string | null) {
  const { kek, oldKek = null, clock, log } = options;
  const source = kek ?? defaultKekPath(directory.path);
  if (oldKek === null || needed === null) return openVault(loadKek(source, needed));
  const to = openVault(loadKek(source, null));
  // The last start has done it already.
  if (to.kekId === needed) return to;
  const from = openVault(loadKek(oldKek, needed));
  const keys = await reseal(store, { from, to, now: clock() });
  log('keys_resealed', { from: from.kekId, to: to.kekId, keys });
  return to;
}

interface Beginning {
  readonly vault: Vault;
  readonly directory: DataDirectory;
  readonly now: Instant;
}

// The token's file comes first: a token that is stored and in no file could never be used.
async function initialise(store: Store, { vault, directory, now }: Beginning): Promise<void> {
  const { made, secrets } = await createInstallation(now);
  const token = createBootstrapToken(now);
  placeFile(directory.file('bootstrap-token'), `${token.text}\n`, 0o600);
  await store.transaction().execute(async (transaction) => {
    await writeMeta(transaction, 'kek_id', vault.kekId);
    await writeInstallation(transaction, made, now);
    await putSecrets(transaction, vault, secrets);
    await writeToken(transaction, token.stored);
  });
}

interface Assembly {
  readonly directory: DataDirectory;
  readonly options: ControlPlaneOptions;
  readonly tokens: readonly StoredToken[];
  readonly accounts: readonly Account[];
  readonly sessions: readonly StoredSession[];
  /** When each token was used last. */
  readonly uses: ReadonlyMap<string, number>;
  readonly setups: SetupIndex;
}

async function assemble(state: ControlState, assembly: Assembly): Promise<ControlPlane> {
  const { directory, options, setups } = assembly;
  const inTurn = turns();
  const { store, clock, log, events } = state;
  const current = () => state.revision;
  const watch = (event: EdgeEvent) => events.add(event);
  const feed = new Feed({ inTurn, current, greeting: () => greeting(state), log, clock, watch });
  const change = changes(state, { feed, inTurn, within: options.inForceWithin ?? IN_FORCE_WITHIN });
  const accounts = accountRegistry(state, inTurn, assembly);
  const backups = backupsOf(state, inTurn, directory);
  const holdsKey = (id: CertificateId) => !state.lostKeys.has(id);
  const view = edgeView({ zones: state.zones, holdsKey });
  const source = view.planSource;
  const places = lookPlaces();
  const certificates = originCertificates(state, { places, source });
  const locks = new LockWatch({ state, feed, inTurn, places, watch: feed.origins, ...ticks(options) });
  const rotations = rotationKeeping(state, { feed, inTurn, change, places, ...ticks(options) });
  const touches = new Touches();
  const looking = { inTurn, places, touched: touches.touched, source, setups, ...ticks(options) };
  const seen = await attestationKeeping(state, looking);
  const sights = { sight: rotations.keeping.rotationSight, locks: seen.known, touched: touches.touched };
  const notices = await noticeKeeping(state, { ...options, inTurn, setups, ...sights });
  const around = besides(state, inTurn, setups);
  const credentials = credentialKeeping(state, inTurn, assembly);
  const trust = publishedTrust(state, { inTurn, change });
  const renewal = await startRounds({ state, feed, inTurn, rotate: rotations.due }, trust.round, notices.round);
  return {
    get installation() {
      return installationView(state.installation);
    },
    zones: state.zones.index,
    originCa: state.originCa,
    signOrigin: (request) => signOrigin(state, request),
    createZone: zoneCreation(state, { change, accounts: accounts.accounts }),
    commit: change,
    issueCertificate: managedIssue(state, change),
    events,
    edges: () => feed.edges(),
    revision: current,
    applied: () => feed.applied(),
    audit: (query) => readAudit(store, query),
    ...credentials.keeping,
    ...accountKeeping(accounts),
    ...trust.published,
    holdsKey,
    ...view,
    ...overviewKeeping(state, { locks: seen.keeping.attestations, standing: notices.notifier }, touches),
    ...impactKeeping(state, { feed, source, locks: seen.known, certificates, ...around }),
    newCertificateId,
    takeBackup: backups.take,
    ...rotations.keeping,
    ...around,
    ...looksAtOrigins(seen.keeping, certificates, edgeVisitKeeping(state, { source, edges: () => feed.edges() })),
    ...notices.keeping,
    ...rootKeeping({ state, inTurn, lists: trust.lists, change }),
    connect: (link) => feed.connect(link),
    expect: (edge) => feed.expect(edge),
    close: async () => {
      clearInterval(renewal);
      for (const one of [rotations, locks, seen, credentials, notices, backups]) await one.close();
      await inTurn(() => end(state, feed, directory));
    },
  };
}

/** Looks that are kept up, and those that somebody asks for: all go out from the same place. Visits go by the edge. */
function looksAtOrigins(kept: AttestationKeeping, certificates: OriginCertificates, visits: EdgeVisitKeeping) {
  const attest: AttestationKeeping['attest'] = (ground, pace) => {
    certificates.stand(ground);
    kept.attest(ground, pace);
  };
  return { ...kept, ...certificates.keeping, ...visits, attest };
}

/** What is stored, and no edge depends on. */
function besides(state: ControlState, inTurn: InTurn, setups: SetupIndex) {
  state.zones.watch((zone) => {
    if (state.zones.index.get(zone) === undefined) setups.forget(zone);
  });
  return {
    ...edgeAddressKeeping(registryParts(state, inTurn)),
    ...originReportKeeping(state, inTurn),
    ...callerKeeping(state, inTurn),
    ...terminalKeeping(state, setups),
    ...setupKeeping(state, inTurn, setups),
    ...analyticsStepKeeping(state, inTurn),
  };
}

async function end(state: ControlState, feed: Feed, directory: DataDirectory): Promise<void> {
  if (state.closed) return;
  state.closed = true;
  feed.close();
  state.events.close();
  await state.store.destroy();
  directory.release();
}

function ticks({ rotationTick }: ControlPlaneOptions): { readonly every?: number } {
  return rotationTick === undefined ? {} : { every: rotationTick };
}

interface Credentials {
  readonly keeping: TokenKeeping & TokenUseKeeping & SessionKeeping;
  readonly close: () => Promise<void>;
}

/** The tokens, when they are used, and the sessions that end with them. */
function credentialKeeping(state: ControlState, inTurn: InTurn, assembly: Assembly): Credentials {
  const sessions = sessionRegistry(state, inTurn, assembly);
  const tokens = tokenRegistry(state, inTurn, { ...assembly, outlived: (token) => sessions.outlived(token) });
  const uses = new TokenUses(registryParts(state, inTurn), assembly.uses);
  const { tokenUsed, tokenUsedAt } = uses;
  const keeping = { ...tokenKeeping(tokens), ...sessionKeeping(sessions), tokenUsed, tokenUsedAt };
  return { keeping, close: () => uses.close() };
}

function sessionKeeping(registry: SessionRegistry): SessionKeeping {
  const { sessionByHash, openSession, closeSession, sessionUsed, sessionsOf, endSessions } = registry;
  return { sessionByHash, openSession, closeSession, sessionUsed, sessionsOf, endSessions };
}

function tokenKeeping(registry: TokenRegistry): TokenKeeping {
  const { tokenByHash, tokenName, listTokens, createToken, updateToken, rollToken, revokeToken } = registry;
  return { tokenByHash, tokenName, listTokens, createToken, updateToken, rollToken, revokeToken };
}

function accountKeeping({ accounts, createAccount, updateAccount, deleteAccount }: AccountRegistry): AccountKeeping {
  return { accounts, createAccount, updateAccount, deleteAccount };
}

// What both registries need; `revision` is asked for anew each time.
function registryParts(state: ControlState, inTurn: InTurn) {
  const { store, clock, log } = state;
  return { store, inTurn, clock, log, revision: () => state.revision };
}

function backupsOf(state: ControlState, inTurn: InTurn, directory: DataDirectory): Backups {
  const { vault, installation } = state;
  return new Backups({ ...registryParts(state, inTurn), directory, vault, installation: installation.host });
}

interface TokenAssembly extends Assembly {
  readonly outlived: (token: StoredToken) => void;
}

function tokenRegistry(state: ControlState, inTurn: InTurn, { tokens, outlived }: TokenAssembly): TokenRegistry {
  const changed = (token: StoredToken) => {
    outlived(token);
    state.events.add({ kind: 'token_changed', token: token.id });
  };
  return new TokenRegistry({ ...registryParts(state, inTurn), changed, limit: state.limits.tokens }, tokens);
}

function sessionRegistry(state: ControlState, inTurn: InTurn, { sessions }: Assembly): SessionRegistry {
  const ended = (token: string) => state.events.add({ kind: 'session_ended', token });
  return new SessionRegistry({ ...registryParts(state, inTurn), ended }, sessions);
}

function accountRegistry(state: ControlState, inTurn: InTurn, { accounts }: Assembly): AccountRegistry {
  const parts = {
    ...registryParts(state, inTurn),
    changed: ({ id, name }: Account, action: AccountAction) =>
      state.events.add({ kind: 'account_changed', account: id, name, action }),
    hasZones: (account: AccountId) => [...state.zones.index.all()].some((zone) => zone.account === account),
    standing: state.installation.account,
    limit: state.limits.accounts,
  };
  return new AccountRegistry(parts, accounts);
}

/** Does what is due, now and every five minutes: renews, signs revocation lists, says what wants somebody's attention. */
async function startRounds(
  parts: Parameters<typeof renewDue>[0],
  lists: () => Promise<void>,
  say: (sighted: boolean) => Promise<void>,
): Promise<NodeJS.Timeout> {
  // Before the first pause nobody can have looked at origins.
  let sighted = false;
  const round = async () => {
    await renewDue(parts);
    await lists();
    await say(sighted);
    sighted = true;
  };
  let present: Promise<void> | null = null;
  // One that takes longer than the pause is not overtaken by the next.
  const begin = () => {
    present ??= round().finally(() => {
      present = null;
    });
    return present;
  };
  await begin();
  return setInterval(() => void begin(), RENEWAL_PERIOD).unref();
}

interface ChangeParts {
  readonly feed: Feed;
  readonly inTurn: InTurn;
  readonly within: number;
}

// Waiting for the edges happens outside the turn: a slow edge delays its own answer and no other change.
function changes(state: ControlState, { feed, inTurn, within }: ChangeParts) {
  return async (request: CommitRequest) => {
    const outcome = await inTurn(() => commitChange(state, feed, request));
    if (outcome.kind === 'problem') return outcome;
    const inForce = await feed.inForce(outcome.revision, within);
    return { kind: 'committed', revision: outcome.revision, zone: outcome.zone, inForce } as const;
  };
}
