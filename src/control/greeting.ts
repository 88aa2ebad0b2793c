import { chainPem } from '../domain/certificate.ts';
import { difference } from '../domain/compile.ts';
import type { CertificateId, ZoneId } from '../domain/ids.ts';
import type { PrivateKey } from '../pki/keys.ts';
import type { FeedMessage } from '../wire/feed.ts';
import type { ControlState } from './control-state.ts';
import type { Greeting, Snapshot } from './feed.ts';
import { errorFields } from './log.ts';
import { customMessage, keyMessage, visitorMessage } from './publication.ts';
import { sealedSecrets } from './secrets.ts';
import type { ZoneEntry } from './zones.ts';

/** All that an edge needs to begin: every key it may have to present, and every zone. */
export function greeting(state: ControlState): Greeting {
  return { keys: keys(state), configuration: () => configuration(state) };
}

function configuration({ revision, zones }: ControlState): Snapshot {
  const deltas = [...zones.entries()].map(({ edge }) => difference(null, edge));
  return { revision, zones: deltas.filter((delta) => delta !== null) };
}

/** A key that an edge should have, and whose it is. */
type Wanted =
  | { readonly purpose: 'client' | 'custom'; readonly id: CertificateId; readonly zone: ZoneId }
  | { readonly purpose: 'visitor'; readonly id: ZoneId; readonly zone: ZoneId };

/** Keys that are opened in one go, in a few milliseconds. */
const AT_ONCE = 100;

async function* keys(state: ControlState): AsyncGenerator<readonly FeedMessage[], void> {
  yield [{ kind: 'origin_ca', certificate: state.originCa.pem }, ...(await sharedKey(state))];
  let piece: Wanted[] = [];
  for (const wanted of wantedKeys(state)) {
    piece.push(wanted);
    if (piece.length < AT_ONCE) continue;
    yield await opened(state, piece);
    piece = [];
  }
  yield await opened(state, piece);
}

// Names only what to ask for: what is sent is what is true when its piece is asked for.
function* wantedKeys({ zones }: ControlState): Iterable<Wanted> {
  for (const { zone } of zones.entries()) {
    for (const { id, wish } of zone.certificates.values()) {
      if (wish.kind === 'deploy') yield { purpose: 'client', id, zone: zone.id };
    }
    for (const id of zone.customCertificates.keys()) yield { purpose: 'custom', id, zone: zone.id };
    yield { purpose: 'visitor', id: zone.id, zone: zone.id };
  }
}

async function opened(state: ControlState, piece: readonly Wanted[]): Promise<readonly FeedMessage[]> {
  const sealed = new Map<string, string>();
  for (const purpose of ['client', 'custom', 'visitor'] as const) {
    const ids = piece.filter((wanted) => wanted.purpose === purpose).map(({ id }) => id);
    for (const [id, text] of await sealedSecrets(state.store, purpose, ids)) sealed.set(`${purpose} ${id}`, text);
  }
  return piece.map((wanted) => message(state, wanted, sealed)).filter((one) => one !== null);
}

/** `null` for what is not wanted any more, and for a key that is lost. */
function message(state: ControlState, wanted: Wanted, sealed: ReadonlyMap<string, string>): FeedMessage | null {
  const entry = state.zones.entry(wanted.zone);
  const make = entry && maker(entry, wanted);
  if (make === undefined) return null;
  const key = open(state, wanted, sealed.get(`${wanted.purpose} ${wanted.id}`));
  return key === null ? null : make(key);
}

function maker({ zone, visitor }: ZoneEntry, { purpose, id }: Wanted): ((key: PrivateKey) => FeedMessage) | undefined {
  switch (purpose) {
    case 'visitor':
      return (key) => visitorMessage(zone.id, visitor, key);
    case 'custom': {
      const certificate = zone.customCertificates.get(id);
      return certificate && ((key) => customMessage(zone.id, certificate, key));
    }
    case 'client': {
      const certificate = zone.certificates.get(id);
      if (certificate?.wish.kind !== 'deploy') return undefined;
      return (key) => keyMessage(id, chainPem(certificate.leaf, certificate.chain), key);
    }
  }
}

async function sharedKey(state: ControlState): Promise<readonly FeedMessage[]> {
  const { certificate: id, leaf, intermediate } = state.installation.shared;
  const sealed = await sealedSecrets(state.store, 'client', [id]);
  const key = open(state, { purpose: 'client', id }, sealed.get(id));
  return key === null ? [] : [keyMessage(id, chainPem(leaf, [intermediate]), key)];
}

// One key that cannot be opened must not keep all others from the edge: its pulls are refused, as `plan` says.
function open(
  { vault, log, lostKeys }: ControlState,
  { purpose, id }: Pick<Wanted, 'purpose' | 'id'>,
  sealed: string | undefined,
): PrivateKey | null {
  lostKeys.delete(id);
  try {
    if (sealed !== undefined) return vault.open(purpose, id, sealed);
    log('key_missing', { purpose, id });
  } catch (error) {
    log('key_unreadable', { purpose, id, ...errorFields(error) });
  }
  lostKeys.add(id);
  return null;
}
