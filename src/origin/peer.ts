/** From what TLS shows to who is at the door. Node shows only the leaf: the path is built here, from leaf and bundle. */

import type { TLSSocket } from 'node:tls';
import type { Peer, Standing } from '../domain/admit.ts';
import type { X509Facts } from '../domain/certificate.ts';
import { type Fingerprint, type Hostname, hostname, type Instant } from '../domain/ids.ts';
import { verifyPath } from '../pki/chain.ts';
import { PkiError } from '../pki/pki-error.ts';
import { readCertificate, reread } from '../pki/read.ts';
import { standingOf } from '../pki/revocation-lists.ts';
import type { Callers, LockPolicy } from './policy.ts';

interface Proved {
  readonly path: readonly X509Facts[];
  readonly standing: Standing | null;
}

/** What one session showed. It does not change: OpenSSL 3 lets no client renegotiate. */
interface Shown {
  readonly leaf: X509Facts | null;
  readonly resumed: boolean;
  readonly sni: Hostname | null;
}

const NOT_PROVED = { path: null, standing: null } as const;
// Each is a few references: the certificates themselves are shared. Whoever shows more than this pays for each anew.
const MOST_REMEMBERED = 1_000;
const sessions = new WeakMap<TLSSocket, Shown>();
const proved = new WeakMap<LockPolicy, Map<Fingerprint, Proved | null>>();

/**
 * Who is at the other end of a connection whose handshake is over. Never asks `socket.authorized`: it has been true for
 * resumed sessions without any certificate. Cheap from the second time on.
 */
export function peerOf(socket: TLSSocket, policy: LockPolicy, now: Instant): Peer {
  const known = sessions.get(socket);
  const shown = known ?? shownBy(socket);
  if (known === undefined) sessions.set(socket, shown);
  return peer(shown, policy, now);
}

/** The same for a certificate that came another way, such as in a header of a proxy that is believed. */
export function peerOfCertificate(
  der: Uint8Array,
  { policy, sni }: { readonly policy: LockPolicy; readonly sni: Hostname | null },
  now: Instant,
): Peer {
  return peer({ leaf: readLeaf(der), resumed: false, sni }, policy, now);
}

function shownBy(socket: TLSSocket): Shown {
  const leaf = socket.getPeerX509Certificate();
  return {
    leaf: leaf === undefined ? null : readLeaf(leaf.raw),
    resumed: socket.isSessionReused(),
    sni: hostname(socket.servername || ''),
  };
}

// One that OpenSSL took and this does not is as good as none.
function readLeaf(der: Uint8Array): X509Facts | null {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof PkiError) return null;
    throw error;
  }
}

function peer(shown: Shown, policy: LockPolicy, now: Instant): Peer {
  return { ...shown, ...(shown.leaf === null ? NOT_PROVED : (provedFor(shown.leaf, policy, now) ?? NOT_PROVED)) };
}

/** Only what the moment cannot change is remembered; `admit` looks at the validity of a path each time. */
function provedFor(leaf: X509Facts, policy: LockPolicy, now: Instant): Proved | null {
  const remembered = proved.get(policy) ?? new Map<Fingerprint, Proved | null>();
  proved.set(policy, remembered);
  const known = remembered.get(leaf.fingerprint);
  if (known !== undefined) return known;
  const tried = [policy.edge, ...(policy.own === null ? [] : [policy.own])].map((callers) => prove(leaf, callers, now));
  const found = tried.filter((one) => one !== 'untimely').find((one) => one !== null);
  if (found === undefined && tried.includes('untimely')) return null;
  const oldest = remembered.size >= MOST_REMEMBERED ? remembered.keys().next().value : undefined;
  if (oldest !== undefined) remembered.delete(oldest);
  remembered.set(leaf.fingerprint, found ?? null);
  return found ?? null;
}

/**
 * The path to an anchor. One that has ended, or has not begun, is given too where it held at the beginning or the end of the
 * leaf: `admit` then says what is wrong with it. `untimely` for other paths that depend on the moment.
 */
function prove(leaf: X509Facts, { cas, anchors, lists }: Callers, now: Instant): Proved | 'untimely' | null {
  const rules = { offered: leadingUp(leaf, cas, anchors), anchors, purpose: 'client' } as const;
  for (const moment of [now, leaf.notBefore, leaf.notAfter]) {
    const verified = verifyPath(leaf, rules, moment);
    if (verified.kind === 'verified') {
      const { path } = verified;
      return { path, standing: lists === null ? null : standingOf(path, lists) };
    }
    if (verified.because !== 'expired' && verified.because !== 'not_yet_valid') return null;
  }
  return 'untimely';
}

/** The CAs of the bundle that may stand between: of a large bundle a path needs few. */
function leadingUp(leaf: X509Facts, cas: readonly X509Facts[], anchors: readonly X509Facts[]): readonly X509Facts[] {
  const found = new Set<X509Facts>();
  const wanted = [leaf];
  for (let tip = wanted.pop(); tip !== undefined; tip = wanted.pop()) {
    const { issuer } = reread(tip).der;
    for (const ca of cas) {
      if (found.has(ca) || anchors.includes(ca) || !reread(ca).der.subject.equals(issuer)) continue;
      found.add(ca);
      wanted.push(ca);
    }
  }
  return [...found];
}
