import type { ClientCertificate } from '../domain/certificate.ts';
import { difference } from '../domain/compile.ts';
import type { CustomCertificate } from '../domain/custom-certificate.ts';
import type { CertificateId, ZoneId } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import type { PrivateKey } from '../pki/keys.ts';
import type { FeedMessage } from '../wire/feed.ts';
import { chainPem } from './authority.ts';
import type { ControlState } from './control-state.ts';
import type { Snapshot } from './feed.ts';
import { errorFields } from './log.ts';
import { sealedSecrets } from './secrets.ts';
import type { Purpose } from './vault.ts';
import type { VisitorCertificate } from './visitor-certificates.ts';

/** All that an edge needs to begin: every key it may have to present, and every zone. */
export async function snapshot(state: ControlState): Promise<Snapshot> {
  const client = await sealedSecrets(state.store, 'client');
  const visitor = await sealedSecrets(state.store, 'visitor');
  const custom = await sealedSecrets(state.store, 'custom');
  return {
    revision: state.revision,
    keys: snapshotKeys(state, { client, visitor, custom }),
    zones: [...state.zones.entries()].map(({ edge }) => difference(null, edge)).filter((delta) => delta !== null),
  };
}

type Sealed = ReadonlyMap<string, string>;

// One after the other, as they are sent: opening all keys at once would hold up everything else.
function* snapshotKeys(
  state: ControlState,
  { client, visitor, custom }: Readonly<Record<'client' | 'visitor' | 'custom', Sealed>>,
): Iterable<FeedMessage> {
  yield { kind: 'origin_ca', certificate: state.originCa.pem };
  yield* sharedKey(state, client);
  yield* zoneKeys(state, client, visitor);
  yield* customKeys(state, custom);
}

/** A client certificate with its key, for edges. */
export function keyMessage(id: CertificateId, chain: string, key: PrivateKey): FeedMessage {
  return { kind: 'key', certificate: id, chain, key: key.reveal() };
}

/** The visitor certificate that the local CA issued for a zone, with its key, for edges. */
export function visitorMessage(zone: ZoneId, certificate: VisitorCertificate, key: PrivateKey): FeedMessage {
  return { kind: 'visitor_certificate', zone, certificate: null, ...certificate, key: key.reveal() };
}

/** An uploaded visitor certificate with its key, for edges. */
export function customMessage(zone: ZoneId, { id, leaf, chain }: CustomCertificate, key: PrivateKey): FeedMessage {
  return {
    kind: 'visitor_certificate',
    zone,
    certificate: id,
    names: leaf.dnsNames.map((name) => name.toLowerCase()),
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    chain: chainPem(leaf, chain),
    key: key.reveal(),
  };
}

/** What edges forget once they have `after` in force. */
export function dropsBetween(before: Zone | null, after: Zone | null): readonly FeedMessage[] {
  if (before === null) return [];
  const dropped: FeedMessage[] = droppedCertificates(before, after).map(({ id }) => {
    return { kind: 'key_dropped', certificate: id };
  });
  const zone = before.id;
  for (const { id } of droppedCustom(before, after)) {
    dropped.push({ kind: 'visitor_certificate_dropped', zone, certificate: id });
  }
  if (after === null) dropped.push({ kind: 'visitor_certificate_dropped', zone, certificate: null });
  return dropped;
}

/** Certificates that could be presented before and cannot be after. */
export function droppedCertificates(before: Zone | null, after: Zone | null): readonly ClientCertificate[] {
  if (before === null || before.certificates === after?.certificates) return [];
  return [...before.certificates.values()].filter(
    ({ id, wish }) => wish.kind === 'deploy' && after?.certificates.get(id)?.wish.kind !== 'deploy',
  );
}

/** Uploaded visitor certificates that were there before and are not after. */
export function droppedCustom(before: Zone | null, after: Zone | null): readonly CustomCertificate[] {
  if (before === null || before.customCertificates === after?.customCertificates) return [];
  return [...before.customCertificates.values()].filter(({ id }) => after?.customCertificates.has(id) !== true);
}

function* customKeys(state: ControlState, sealed: Sealed): Iterable<FeedMessage> {
  for (const { zone } of state.zones.entries()) {
    for (const certificate of zone.customCertificates.values()) {
      const key = open(state, 'custom', certificate.id, sealed);
      if (key !== null) yield customMessage(zone.id, certificate, key);
    }
  }
}

function sharedKey(state: ControlState, sealed: Sealed): readonly FeedMessage[] {
  const { certificate, leaf, intermediate } = state.installation.shared;
  const key = open(state, 'client', certificate, sealed);
  return key === null ? [] : [keyMessage(certificate, chainPem(leaf, [intermediate]), key)];
}

function* zoneKeys(state: ControlState, client: Sealed, visitors: Sealed): Iterable<FeedMessage> {
  for (const { zone, visitor } of state.zones.entries()) {
    for (const { id, leaf, chain, wish } of zone.certificates.values()) {
      const key = wish.kind === 'deploy' ? open(state, 'client', id, client) : null;
      if (key !== null) yield keyMessage(id, chainPem(leaf, chain), key);
    }
    const key = open(state, 'visitor', zone.id, visitors);
    if (key !== null) yield visitorMessage(zone.id, visitor, key);
  }
}

// One key that cannot be opened must not keep all others from the edge: its pulls are refused, as `plan` says.
function open({ vault, log, lostKeys }: ControlState, purpose: Purpose, id: string, sealed: Sealed): PrivateKey | null {
  const text = sealed.get(id);
  lostKeys.delete(id);
  try {
    if (text !== undefined) return vault.open(purpose, id, text);
    log('key_missing', { purpose, id });
  } catch (error) {
    log('key_unreadable', { purpose, id, ...errorFields(error) });
  }
  lostKeys.add(id);
  return null;
}
