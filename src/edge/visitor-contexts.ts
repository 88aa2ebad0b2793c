import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { EdgeAuthorities, EdgeZoneRules } from '../domain/edge-zone.ts';
import { type CertificateId, type Hostname, hostname, type Instant, type ZoneId } from '../domain/ids.ts';
import type { Secret } from '../pki/secret.ts';

/** A server certificate with its key. */
interface VisitorMaterial {
  readonly zone: ZoneId;
  /** `null` for the one of the installation's own CA. */
  readonly certificate: CertificateId | null;
  /** DNS names it is good for; may begin with `*.`. */
  readonly names: readonly string[];
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** PEM, leaf first. */
  readonly chain: string;
  readonly key: Secret<string>;
}

/** What is known of a visitor while its handshake is under way. */
interface VisitorHello {
  /** The algorithms that it understands as OpenSSL spells them; none where that is not known. */
  readonly signatures: readonly string[];
  /** The version that was agreed on, in Node's words; `null` where that is not known. */
  readonly protocol: string | null;
  readonly address: string;
}

/** The certificates that the edge shows to visitors, found by the name they ask for. */
export interface VisitorContexts {
  readonly put: (material: VisitorMaterial) => void;
  readonly drop: (zone: ZoneId, certificate: CertificateId | null) => void;
  /**
   * The context for a server name; `null` where no zone has it, or where the zone wants a newer TLS than the visitor
   * speaks. The handshake then fails without naming any.
   */
  readonly find: (serverName: string, hello: VisitorHello) => SecureContext | null;
  /** Whether visitors of a server name are asked for certificates. */
  readonly asks: (serverName: string) => boolean;
}

type ZoneRules = Pick<EdgeZoneRules, 'id' | 'customCertificates' | 'visitorTls'>;

/** What the choice among certificates depends on besides themselves. */
export interface VisitorWorld {
  /** The zone that a name lies in: no other zone's certificate is ever shown for it. */
  readonly holder: (name: Hostname) => ZoneRules | undefined;
  /** The CAs whose certificates a name asks of its visitors. */
  readonly asked: (name: Hostname) => EdgeAuthorities | null;
  readonly now: () => Instant;
  readonly log: (event: string, fields: Readonly<Record<string, string>>) => void;
}

interface Entry {
  readonly material: VisitorMaterial;
  /** Node's word for the kind of key, once somebody asked. */
  keyKind: string | null;
  /** `undefined` until it is needed, `null` where OpenSSL does not take the certificate. */
  context: SecureContext | null | undefined;
}

interface Candidate {
  readonly entry: Entry;
  /** The lower, the better: what is valid before what is not, uploads before the local CA's, exact before wildcard. */
  readonly rank: number;
}

/** No certificates yet: every handshake fails until the control plane has sent some. */
export function createVisitorContexts(world: VisitorWorld): VisitorContexts {
  const byName = new Map<string, readonly Entry[]>();
  const byPlace = new Map<string, Entry>();
  const asking = askingContexts();

  const drop = (zone: ZoneId, certificate: CertificateId | null): void => {
    const place = placeOf(zone, certificate);
    const gone = byPlace.get(place);
    byPlace.delete(place);
    asking.forget(place);
    for (const name of gone?.material.names ?? []) {
      const left = (byName.get(name) ?? []).filter((entry) => entry !== gone);
      if (left.length === 0) byName.delete(name);
      else byName.set(name, left);
    }
  };

  const candidates = (name: Hostname, zone: ZoneRules): readonly Candidate[] => {
    // RFC 6125 §6.4.3: a wildcard stands for exactly one label.
    const wildcard = `*${name.slice(name.indexOf('.'))}`;
    const now = world.now();
    return [byName.get(name) ?? [], byName.get(wildcard) ?? []]
      .flatMap((entries, far) =>
        entries.flatMap((entry) => {
          const rank = rankOf(entry.material, zone, now);
          return rank === null ? [] : { entry, rank: rank + far * WILDCARD };
        }),
      )
      .toSorted((a, b) => a.rank - b.rank);
  };

  return {
    put: (material) => {
      const { zone, certificate } = material;
      drop(zone, certificate);
      const names = new Set(material.names);
      const entry: Entry = { material, keyKind: null, context: undefined };
      byPlace.set(placeOf(zone, certificate), entry);
      for (const name of names) byName.set(name, [...(byName.get(name) ?? []), entry]);
    },
    drop,
    find: (serverName, hello) => {
      const name = hostname(serverName);
      const zone = name === null ? undefined : world.holder(name);
      if (name === null || zone === undefined || isTooOld(name, zone, hello, world.log)) return null;
      const found = candidates(name, zone);
      const preferred = found.length < 2 ? found : verifiableFirst(found, hello.signatures);
      const list = world.asked(name);
      for (const { entry } of preferred) {
        const context = list === null ? contextOf(entry, world) : asking.of(entry, list, world);
        if (context !== null) return context;
      }
      return null;
    },
    asks: (serverName) => {
      const name = hostname(serverName);
      return name !== null && world.asked(name) !== null;
    },
  };
}

// A context costs about 0.4 ms and 45 KB: made when first needed, and only the recently used are kept.
const MAX_ASKING = 1_000;

/** Contexts that also say whose certificates are asked for: Node takes CAs and their names from the one of the name. */
function askingContexts() {
  const contexts = new Map<string, SecureContext>();
  return {
    forget: (place: string): void => {
      for (const key of contexts.keys()) if (key.startsWith(`${place}|`)) contexts.delete(key);
    },
    of: (entry: Entry, { certificates }: EdgeAuthorities, world: VisitorWorld): SecureContext | null => {
      const { zone, certificate } = entry.material;
      const key = `${placeOf(zone, certificate)}|${certificates.map(({ fingerprint }) => fingerprint).join(',')}`;
      const made = contexts.get(key) ?? makeContext(entry, world, certificates);
      contexts.delete(key);
      if (made !== null) contexts.set(key, made);
      const oldest = contexts.size > MAX_ASKING ? contexts.keys().next().value : undefined;
      if (oldest !== undefined) contexts.delete(oldest);
      return made;
    },
  };
}

// A context of an SNICallback does not carry `minVersion` in Node, but by then the version is agreed on. Refusing here
// ends the handshake: no certificate is shown, no byte of a request is read. What cannot be told counts as too old.
function isTooOld(
  host: Hostname,
  { visitorTls }: ZoneRules,
  { protocol, address }: VisitorHello,
  log: VisitorWorld['log'],
): boolean {
  if (visitorTls === '1.2' || protocol === 'TLSv1.3') return false;
  log('visitor_tls_too_old', { host, address, protocol: protocol ?? 'unknown', wanted: visitorTls });
  return true;
}

const INVALID = 2 ** 40;
const LOCAL = 2 ** 39;
const WILDCARD = 2 ** 38;

/** `null` for a certificate of another zone, or one that the zone does not use any more. */
function rankOf(
  { zone, certificate, notBefore, notAfter }: VisitorMaterial,
  holder: ZoneRules,
  now: Instant,
): number | null {
  if (zone !== holder.id) return null;
  const position = certificate === null ? LOCAL : holder.customCertificates.indexOf(certificate);
  if (position === -1) return null;
  return position + (now < notBefore || now > notAfter ? INVALID : 0);
}

// An RSA and an ECDSA certificate for one name stand side by side: who cannot verify the preferred one gets the other.
// OpenSSL would choose by itself in a context that holds both, but Node copies only one of them after an SNICallback.
function verifiableFirst(all: readonly Candidate[], signatures: readonly string[]): readonly Candidate[] {
  const fitting = all.filter(({ entry }) => verifiable(entry, signatures));
  return [...fitting, ...all.filter((candidate) => !fitting.includes(candidate))];
}

/** Whether a visitor that understands these signatures can verify a handshake with this key. */
function verifiable(entry: Entry, signatures: readonly string[]): boolean {
  if (signatures.length === 0) return true;
  entry.keyKind ??= new X509Certificate(entry.material.chain).publicKey.asymmetricKeyType ?? 'unknown';
  const wanted = SIGNATURES[entry.keyKind];
  return wanted === undefined || signatures.some((signature) => wanted.test(signature));
}

// As OpenSSL spells them.
const SIGNATURES: Readonly<Record<string, RegExp>> = { rsa: /^(?:RSA|RSA-PSS)\+/, ec: /^ECDSA\+/ };

function contextOf(entry: Entry, world: VisitorWorld): SecureContext | null {
  if (entry.context === undefined) entry.context = makeContext(entry, world, null);
  return entry.context;
}

// What the control plane let through and OpenSSL refuses must cost one certificate, not the process: an exception in
// an SNICallback is nobody's to catch.
function makeContext(
  { material: { zone, certificate, chain, key } }: Entry,
  { log }: VisitorWorld,
  authorities: EdgeAuthorities['certificates'] | null,
): SecureContext | null {
  const server = { cert: chain, key: key.reveal(), minVersion: 'TLSv1.2' } as const;
  // Each CA of a list is believed by itself, as `verifyPath` does. An empty list is no CA at all, where none would be the
  // public ones.
  const asks = authorities && { ca: authorities.map(({ pem }) => pem), allowPartialTrustChain: true };
  try {
    return createSecureContext({ ...server, ...asks });
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    log('visitor_certificate_unusable', { zone, certificate: certificate ?? 'local', because });
    return null;
  }
}

function placeOf(zone: ZoneId, certificate: CertificateId | null): string {
  return `${zone}|${certificate ?? ''}`;
}
