/** The shapes of a lock: where each learns who makes a request. `admit` judges wherever there is a certificate. */

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type AdmitPolicy, admit, isServed, type Peer } from '../domain/admit.ts';
import type { Hostname, Instant } from '../domain/ids.ts';
import { askedHost, type NodeRequest, requestTarget, values } from './asked-host.ts';
import { removeClaims } from './clean-request.ts';
import { readClientCert } from './client-cert-field.ts';
import type { Verdict } from './lock-options.ts';
import type { RefusalReason } from './lock-refusals.ts';
import { nobody, type OriginPull, originPull } from './origin-pull.ts';
import { peerOf, peerOfCertificate } from './peer.ts';
import type { LockPolicy } from './policy.ts';
import type { ProxyList } from './proxy-list.ts';
import { otherEnd, type ReplayWindow, readSigned } from './signed-pull.ts';

/** What a lock knows whose proxy has judged the caller. */
export interface JudgedNames {
  readonly zone: Hostname | null;
  readonly names: AdmitPolicy['names'];
}

const OLD_PROTOCOLS: readonly (string | null)[] = ['SSLv3', 'TLSv1', 'TLSv1.1'];

/** TLS ends here. The certificate of the session counts, never `socket.authorized`. */
export function judgeTls(request: NodeRequest, policy: LockPolicy, now: Instant): Verdict {
  const socket = connectionOf(request);
  if (!(socket instanceof TLSSocket)) return refuse('not_tls');
  // A context that came from SNICallback does not carry the least version of the server's options.
  if (OLD_PROTOCOLS.includes(socket.getProtocol())) return refuse('old_protocol');
  const host = askedHost(request);
  if (host === null) return refuse('no_host');
  const peer = peerOf(socket, policy, now);
  if (peer.sni !== host) return refuse('other_host');
  return verdictOf(peer, policy, now);
}

/** A proxy sends the certificate that it was shown. */
export function judgeField(
  request: NodeRequest,
  { policy, peers, field }: { readonly policy: LockPolicy; readonly peers: ProxyList; readonly field: string },
  now: Instant,
): Verdict {
  const said = fromProxy(request, peers, field);
  if (said.kind === 'refuse') return said;
  const host = askedHost(request);
  if (host === null) return refuse('no_host');
  if (said.value === null) {
    return verdictOf({ leaf: null, path: null, standing: null, resumed: false, sni: host }, policy, now);
  }
  const der = readClientCert(said.value);
  return der === null
    ? refuse('field_malformed')
    : verdictOf(peerOfCertificate(der, { policy, sni: host }, now), policy, now);
}

/** A proxy says that it has let nobody else through. */
export function judgeVerdict(
  request: NodeRequest,
  { zone, names, peers, field }: JudgedNames & { readonly peers: ProxyList; readonly field: string },
): Verdict {
  const said = fromProxy(request, peers, field);
  if (said.kind === 'refuse') return said;
  const host = askedHost(request);
  if (host === null) return refuse('no_host');
  if (!isServed(host, names)) return refuse('misdirected');
  // nginx writes NONE or FAILED where it only watches, Apache GENEROUS.
  if (said.value !== 'SUCCESS') return refuse(said.value === null ? 'field_missing' : 'not_verified');
  return pass({ ...nobody(zone, host), verified: true, via: 'edge', because: null });
}

/** A proxy says so under a signature. */
export function judgeSigned(
  request: NodeRequest,
  lock: JudgedNames & {
    readonly keys: readonly Uint8Array[];
    readonly peers: ProxyList | null;
    readonly field: string;
    readonly window: ReplayWindow;
    readonly bind: 'connection' | 'request';
  },
  now: number,
): Verdict {
  const said = fromProxy(request, lock.peers, lock.field);
  if (said.kind === 'refuse') return said;
  if (said.value === null) return refuse('field_missing');
  const host = askedHost(request);
  if (host === null) return refuse('no_host');
  const signed = {
    method: request.method ?? '',
    host: values(request, ':authority')[0] ?? values(request, 'host')[0] ?? '',
    target: requestTarget(request),
    connection: lock.bind === 'request' ? null : otherEnd(connectionOf(request)),
  };
  const read = readSigned(said.value, signed, lock.keys, now);
  const because = read.kind === 'refused' ? read.because : lock.window.use(read, now);
  if (because !== null || read.kind === 'refused') return refuse(because ?? 'signature_wrong');
  if (!isServed(host, lock.names)) return refuse('misdirected');
  return pass({ ...read.caller, zone: read.caller.zone ?? lock.zone, hostname: host, verified: true, because: null });
}

/** The connection that a request came on. HTTP/2 has one for many streams. */
export function connectionOf(request: NodeRequest): Socket {
  const { stream } = request as { readonly stream?: { readonly session?: { readonly socket: Socket } } };
  return stream?.session?.socket ?? (request.socket as Socket);
}

/** The one value of a field that counts from these peers only; the application gets to see no copy of it. */
function fromProxy(
  request: NodeRequest,
  peers: ProxyList | null,
  field: string,
): { readonly kind: 'said'; readonly value: string | null } | Extract<Verdict, { kind: 'refuse' }> {
  const found = values(request, field.toLowerCase());
  removeClaims(request, { field });
  if (peers !== null && !peers.has(connectionOf(request))) return refuse('unlisted_proxy');
  // Of two nobody can say which one the proxy wrote and which one it passed on.
  return found.length > 1 ? refuse('field_twice') : { kind: 'said', value: found[0]?.trim() ?? null };
}

function verdictOf(peer: Peer, policy: LockPolicy, now: Instant): Verdict {
  const admission = admit(peer, policy.admit, now);
  return admission.kind === 'admit' ? pass(originPull(admission, peer, policy)) : refuse(admission.because);
}

function pass(pull: OriginPull): Verdict {
  return { kind: 'pass', pull };
}

function refuse(because: RefusalReason): Extract<Verdict, { kind: 'refuse' }> {
  return { kind: 'refuse', because };
}
