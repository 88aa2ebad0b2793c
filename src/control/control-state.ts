import type { Identity, X509Facts } from '../domain/certificate.ts';
import { compile } from '../domain/compile.ts';
import { type Instant, type Revision, revision } from '../domain/ids.ts';
import type { Limits } from '../domain/limits.ts';
import type { Authority } from '../pki/issue.ts';
import { EventRing } from './event-ring.ts';
import { INSTALLATION, type InstallationFacts, installationView, loadInstallation } from './installation.ts';
import type { Log } from './log.ts';
import { loadOriginCa } from './origin-ca.ts';
import { openSecret } from './secrets.ts';
import { newestRevision, type Store } from './store.ts';
import { damaged } from './stored.ts';
import type { Vault } from './vault.ts';
import { loadVisitorCertificates } from './visitor-rows.ts';
import { loadZones } from './zone-load.ts';
import { type ZoneMemory, zoneMemory } from './zones.ts';

/** What the control plane knows, in memory as in the store. Written by the commit path alone, the store first. */
export interface ControlState {
  readonly store: Store;
  readonly vault: Vault;
  /** The root of the Origin CA. */
  readonly originCa: X509Facts;
  readonly zones: ZoneMemory;
  readonly clock: () => Instant;
  readonly limits: Limits;
  readonly log: Log;
  /** Where everybody reaches what is public here; `null` where nobody said. */
  readonly publicUrl: string | null;
  readonly events: EventRing;
  /** Certificates whose keys are lost or cannot be opened: no edge can present them. */
  readonly lostKeys: Set<string>;
  installation: InstallationFacts;
  revision: Revision;
  closed: boolean;
}

/** The state of an initialised store. Throws StartError for what it cannot read. */
export async function loadState(
  parts: Pick<ControlState, 'store' | 'vault' | 'clock' | 'limits' | 'log'> & Partial<Pick<ControlState, 'publicUrl'>>,
): Promise<ControlState> {
  const { store } = parts;
  const installation = await loadInstallation(store);
  const originCa = await loadOriginCa(store);
  const shared = sharedIdentity(installation);
  const visitors = await loadVisitorCertificates(store);
  const zones = zoneMemory();
  const since = revision(await newestRevision(store));
  for (const zone of await loadZones(store)) {
    const visitor = visitors.get(zone.id) ?? damaged('a zone with a visitor certificate', zone.id);
    zones.put({ zone, edge: compile(zone, shared), visitor, since });
  }
  const events = new EventRing(parts.clock);
  return {
    publicUrl: null,
    ...parts,
    events,
    lostKeys: new Set(),
    zones,
    installation,
    originCa,
    revision: since,
    closed: false,
  };
}

/** What the global level presents. */
export function sharedIdentity(installation: InstallationFacts): Identity {
  return installationView(installation).shared.identity;
}

/** The CA for visitor certificates, with its key for as long as the caller holds it. */
export async function visitorAuthority({ store, vault, installation }: ControlState): Promise<Authority> {
  const key = await openSecret(store, vault, 'visitor_ca', INSTALLATION);
  return { certificate: installation.visitorCa, key, chain: [] };
}
