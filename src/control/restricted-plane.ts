import type { AccountId, ZoneId } from '../domain/ids.ts';
import type { Notice } from '../domain/notice.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { Zone } from '../domain/zone.ts';
import type { AttestationKeeping } from './attest/keeping.ts';
import type { AccountIndex } from './accounts.ts';
import type { ControlPlane } from './plane.ts';
import type { RotationKeeping } from './rotation/keeping.ts';
import type { Rights } from './token.ts';
import type { ZoneIndex } from './zones.ts';
import type { CallerKeeping } from './callers.ts';
import type { OriginReportKeeping } from './origin-reports.ts';
import type { OverviewKeeping } from './overview/keeping.ts';
import type { RootKeeping } from './root-keys.ts';
import type { SetupKeeping } from './setups.ts';
import type { TerminalKeeping } from './terminals.ts';

/** What somebody may know of: the zones that are among theirs and in one of their accounts. */
export type Sight = Pick<Rights, 'zones' | 'accounts'>;

/** Whether somebody with these rights may know that a zone exists. */
export function maySee(
  { zones, accounts }: Sight,
  zone: { readonly id: ZoneId; readonly account: AccountId },
): boolean {
  return holds(zones, zone.id) && holds(accounts, zone.account);
}

/** Whether somebody with these rights may know that an account exists. */
export function maySeeAccount({ accounts }: Pick<Rights, 'accounts'>, account: AccountId): boolean {
  return holds(accounts, account);
}

/** Whether somebody with these rights may know of a notice. What is about the whole installation is for who sees it all. */
export function maySeeNotice(sight: Sight, { zone }: Pick<Notice, 'zone'>): boolean {
  return zone === null ? sight.zones === 'all' && sight.accounts === 'all' : maySee(sight, zone);
}

/**
 * The control plane as a token sees it: for one that is restricted to zones or accounts, all others do not exist.
 * Whatever a handler does with it, it cannot leak them. What is new would be none of the token's, but for a zone in one
 * of its accounts.
 */
export function restrictedPlane(plane: ControlPlane, { zones, accounts }: Sight): ControlPlane {
  if (zones === 'all' && accounts === 'all') return plane;
  const sight = { zones, accounts };
  const refuse = (what: string) =>
    problem('forbidden', `the token is restricted to ${what}, and a new one would not be among them`);
  const unknown = async () => problem('no_route');
  const restricted: Pick<
    ControlPlane,
    | 'zones'
    | 'edgeZone'
    | 'edgeZoneSince'
    | 'commit'
    | keyof Questions
    | keyof OverviewKeeping
    | 'createZone'
    | 'issueCertificate'
    | 'audit'
    | 'accounts'
    | 'createAccount'
    | 'updateAccount'
    | 'deleteAccount'
    | 'takeBackup'
    | 'setEdgeAddresses'
    | 'notices'
    | keyof RotationKeeping
    | keyof RootKeys
    | keyof OriginReportKeeping
    | keyof CallerKeeping
    | keyof OwnSetups
    | keyof OwnAttestations
  > = {
    zones: ownZones(plane, sight),
    ...ownEdgeZones(plane, sight),
    accounts: ownAccounts(plane, sight),
    audit: (query) =>
      plane.audit({ ...query, zones: both(query.zones, zones), accounts: both(query.accounts, accounts) }),
    commit: (change) => inSight(plane, sight, change.zone, () => plane.commit(change)),
    ...ownQuestions(plane, sight),
    issueCertificate: (zone, wish, actor) =>
      inSight(plane, sight, zone, () => plane.issueCertificate(zone, wish, actor)),
    createZone: async (name, account, actor) => {
      if (zones !== 'all') return refuse('zones');
      if (!holds(accounts, account)) return problem('account_not_found', account, '/account/id');
      return plane.createZone(name, account, actor);
    },
    createAccount: async (draft, actor) =>
      accounts === 'all' ? plane.createAccount(draft, actor) : refuse('accounts'),
    updateAccount: (id, edit, actor) => (holds(accounts, id) ? plane.updateAccount(id, edit, actor) : unknown()),
    deleteAccount: (id, actor) => (holds(accounts, id) ? plane.deleteAccount(id, actor) : unknown()),
    notices: (query) =>
      plane.notices({ ...query, zones: both(query.zones, zones), accounts: both(query.accounts, accounts) }),
    setEdgeAddresses: async () =>
      problem('forbidden', 'the edges serve all zones, and the token is restricted to some'),
    ...ownOverview(plane, sight),
    ...ownRotations(plane, sight),
    ...ownRoots(plane, sight),
    ...ownAttestations(plane, sight),
    ...ownCallers(plane, sight),
    ...ownSetups(plane, sight),
    ...ownReports(plane, sight),
    // Of one zone alone there is none.
    takeBackup: async () => problem('forbidden', 'a backup holds all zones, and the token is restricted to some'),
  };
  return Object.create(plane, Object.getOwnPropertyDescriptors(restricted));
}

type Questions = Pick<ControlPlane, 'impact' | 'originCertificates' | 'visitThroughEdge'>;

function ownQuestions(plane: ControlPlane, sight: Sight): Questions {
  return {
    impact: (zone, act) => inSight(plane, sight, zone, () => plane.impact(zone, act)),
    originCertificates: (zone, hostname) => inSight(plane, sight, zone, () => plane.originCertificates(zone, hostname)),
    visitThroughEdge: (zone, hostname) => inSight(plane, sight, zone, () => plane.visitThroughEdge(zone, hostname)),
  };
}

function ownEdgeZones(plane: ControlPlane, sight: Sight): Pick<ControlPlane, 'edgeZone' | 'edgeZoneSince'> {
  return {
    edgeZone: (id) => (seen(plane, sight, id) === undefined ? undefined : plane.edgeZone(id)),
    edgeZoneSince: (id) => (seen(plane, sight, id) === undefined ? undefined : plane.edgeZoneSince(id)),
  };
}

function ownReports(plane: ControlPlane, sight: Sight): OriginReportKeeping {
  return {
    reportOrigin: (zone, report) => inSight(plane, sight, zone, () => plane.reportOrigin(zone, report)),
    originReports: async (zone) => (seen(plane, sight, zone) === undefined ? [] : plane.originReports(zone)),
  };
}

function ownRotations(plane: ControlPlane, sight: Sight): RotationKeeping {
  return {
    startRotation: (zone, request, actor) =>
      inSight(plane, sight, zone, () => plane.startRotation(zone, request, actor)),
    rotations: async (zone, stretch) =>
      seen(plane, sight, zone) === undefined ? { total: 0, rotations: [] } : plane.rotations(zone, stretch),
    rotation: async (zone, id) => (seen(plane, sight, zone) === undefined ? null : plane.rotation(zone, id)),
    rotationSight: (zone) => (seen(plane, sight, zone) === undefined ? null : plane.rotationSight(zone)),
  };
}

function ownOverview(plane: ControlPlane, sight: Sight): OverviewKeeping {
  return {
    zoneRows: (order) => plane.zoneRows(order).filter((row) => maySee(sight, row)),
    zoneRow: (zone) => (seen(plane, sight, zone) === undefined ? undefined : plane.zoneRow(zone)),
    zoneExpiries: (zone, until) => (seen(plane, sight, zone) === undefined ? [] : plane.zoneExpiries(zone, until)),
    // What belongs to no zone is for who sees it all.
    expiries: (until) =>
      plane.expiries(until).filter(({ zone }) => zone !== null && seen(plane, sight, zone.id) !== undefined),
    sharedConcerns: () => [],
  };
}

type OwnAttestations = Omit<AttestationKeeping, 'attest' | 'attestationFigures'>;

function ownAttestations(plane: ControlPlane, sight: Sight): OwnAttestations {
  const mine = (zone: ZoneId) => seen(plane, sight, zone) !== undefined;
  return {
    attestations: (zone) => (mine(zone) ? plane.attestations(zone) : { attestations: [], unattested: [], pause: null }),
    attestationEvidence: async (zone, origin) => (mine(zone) ? plane.attestationEvidence(zone, origin) : null),
    attestationChanges: async (zone, query) => (mine(zone) ? plane.attestationChanges(zone, query) : []),
    attestationReport: (zone, since) => inSight(plane, sight, zone, () => plane.attestationReport(zone, since)),
    probeCredentials: (zone, request, actor) =>
      inSight(plane, sight, zone, () => plane.probeCredentials(zone, request, actor)),
    glancesUntil: (zone, setup) => (mine(zone) ? plane.glancesUntil(zone, setup) : null),
    attestNow: (zone, hostname) => inSight(plane, sight, zone, () => plane.attestNow(zone, hostname)),
  };
}

function ownCallers(plane: ControlPlane, sight: Sight): CallerKeeping {
  return {
    reportCallers: (zone, report) => inSight(plane, sight, zone, () => plane.reportCallers(zone, report)),
    callers: async (zone, hostnames, since) =>
      seen(plane, sight, zone) === undefined ? new Map() : plane.callers(zone, hostnames, since),
    toldCertificates: async (zone, hostname) =>
      seen(plane, sight, zone) === undefined ? [] : plane.toldCertificates(zone, hostname),
  };
}

interface OwnSetups extends SetupKeeping, TerminalKeeping {}

function ownSetups(plane: ControlPlane, sight: Sight): OwnSetups {
  return {
    ...ownTerminals(plane, sight),
    setups: (query) =>
      plane.setups({
        ...query,
        zones: both(query.zones, sight.zones),
        accounts: both(query.accounts, sight.accounts),
      }),
    setup: async (name) => (seen(plane, sight, name.zone) === undefined ? null : plane.setup(name)),
    keepSetup: (name, choices, actor) => inSight(plane, sight, name.zone, () => plane.keepSetup(name, choices, actor)),
    endSetup: (name, proved, actor) => inSight(plane, sight, name.zone, () => plane.endSetup(name, proved, actor)),
  };
}

function ownTerminals(plane: ControlPlane, sight: Sight): TerminalKeeping {
  const mine = (zone: ZoneId) => seen(plane, sight, zone) !== undefined;
  return {
    heardTerminal: (zone, heard) =>
      mine(zone) ? plane.heardTerminal(zone, heard) : { askedOn: null, hasEnforced: false },
    setupTerminal: (zone, setup) => (mine(zone) ? plane.setupTerminal(zone, setup) : null),
  };
}

type RootKeys = Omit<RootKeeping, 'rootListUntil'>;

function ownRoots(plane: ControlPlane, sight: Sight): RootKeys {
  return {
    exportRootKey: (zone, passphrase, actor) =>
      inSight(plane, sight, zone, () => plane.exportRootKey(zone, passphrase, actor)),
    forgetRootKey: (zone, wish, actor) => inSight(plane, sight, zone, () => plane.forgetRootKey(zone, wish, actor)),
    restoreRootKey: (zone, sealed, actor) =>
      inSight(plane, sight, zone, () => plane.restoreRootKey(zone, sealed, actor)),
  };
}

function holds<Id>(scope: 'all' | readonly Id[], id: Id): boolean {
  return scope === 'all' || scope.includes(id);
}

function both(wanted: 'all' | readonly string[], own: 'all' | readonly string[]): 'all' | readonly string[] {
  if (own === 'all') return wanted;
  return wanted === 'all' ? own : own.filter((id) => wanted.includes(id));
}

function seen({ zones }: ControlPlane, sight: Sight, id: ZoneId): Zone | undefined {
  const zone = zones.get(id);
  return zone !== undefined && maySee(sight, zone) ? zone : undefined;
}

/** What is done to a zone, where the token sees it. */
async function inSight<Outcome>(
  plane: ControlPlane,
  sight: Sight,
  zone: ZoneId,
  act: () => Promise<Outcome>,
): Promise<Outcome | Problem> {
  return seen(plane, sight, zone) === undefined ? problem('zone_not_found') : act();
}

function ownZones(plane: ControlPlane, sight: Sight): ZoneIndex {
  return {
    get: (id) => seen(plane, sight, id),
    named: (name) => {
      const zone = plane.zones.named(name);
      return zone !== undefined && maySee(sight, zone) ? zone : undefined;
    },
    holder: (name) => {
      const holder = plane.zones.holder(name);
      return holder !== null && maySee(sight, { id: holder.zone, account: holder.account }) ? holder : null;
    },
    all: () => seenZones(plane, sight),
    size: () => [...seenZones(plane, sight)].length,
  };
}

function ownAccounts({ accounts }: ControlPlane, sight: Sight): AccountIndex {
  return {
    get: (id) => (maySeeAccount(sight, id) ? accounts.get(id) : undefined),
    all: () => [...accounts.all()].filter(({ id }) => maySeeAccount(sight, id)),
  };
}

// A token for a few zones looks at those, not at all that there are.
function* seenZones({ zones }: ControlPlane, sight: Sight): Iterable<Zone> {
  const candidates = sight.zones === 'all' ? zones.all() : sight.zones.map(zones.get);
  for (const zone of candidates) if (zone !== undefined && maySee(sight, zone)) yield zone;
}
