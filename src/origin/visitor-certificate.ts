/** Both: the edge's certificate on the connection, and the visitor's in a field that only the edge can set. */

import type { X509Facts } from '../domain/certificate.ts';
import { admit } from '../domain/admit.ts';
import { instant } from '../domain/ids.ts';
import { foldedName } from '../http1/sent-on.ts';
import { PkiError } from '../pki/pki-error.ts';
import { readCertificate } from '../pki/read.ts';
import { type NodeRequest, values } from './asked-host.ts';
import { CLIENT_CERT, readClientCert } from './client-cert-field.ts';
import { type Frameworks, frameworks } from './frameworks.ts';
import { KeptCurrent } from './kept-current.ts';
import type { Verdict } from './lock-options.ts';
import type { RefusalReason } from './lock-refusals.ts';
import { type OriginLock, originPullOf } from './origin-lock.ts';
import { peerOfCertificate } from './peer.ts';
import type { LockPolicy } from './policy.ts';
import { type PolicyFiles, policyPaths, readPolicy } from './policy-files.ts';

/** Whose certificates count; those that the edge took where left out. Paths of files. */
export type VisitorPolicy = Pick<PolicyFiles, 'bundle' | 'crl' | 'pins' | 'subjects' | 'uris'>;

const visitors = new WeakMap<NodeRequest, X509Facts>();

/** The certificate that the visitor showed to the edge; `null` where `requireVisitorCertificate` has not let it pass. */
export function visitorCertificateOf(request: NodeRequest): X509Facts | null {
  return visitors.get(request) ?? null;
}

/**
 * To be used behind `lock`: refuses whoever came without a certificate that the edge verified. The edge must be Postern's,
 * which takes the field out of what visitors send. Throws `TypeError` for a lock whose own proxy uses that field.
 */
export function requireVisitorCertificate(lock: OriginLock, policy?: VisitorPolicy): Frameworks & { close(): void } {
  const [options] = lock.options;
  if (lock.options.some((one) => one.from === 'proxy' && isClientCert(one.field ?? CLIENT_CERT))) {
    throw new TypeError(
      'The proxy puts the edge’s certificate where the visitor’s would be: give the lock another field.',
    );
  }
  const clock = () => instant((options?.clock ?? Date.now)());
  const watching = {
    every: options?.reloadEvery ?? 5_000,
    onProblem: options?.onProblem ?? ((text: string) => process.emitWarning(text, { code: 'POSTERN_POLICY' })),
    onReload: () => {},
  };
  const kept =
    policy === undefined ? null : new KeptCurrent(() => readPolicy(policy, clock()), policyPaths(policy), watching);
  const gate = (request: NodeRequest) => judged(request, kept?.value ?? null, clock());
  return { ...frameworks(gate), close: () => kept?.close() };
}

function isClientCert(field: string): boolean {
  return foldedName(field) === foldedName(CLIENT_CERT);
}

function judged(request: NodeRequest, policy: LockPolicy | null, now: ReturnType<typeof instant>): Verdict {
  const pull = originPullOf(request);
  if (pull?.via !== 'edge') return refuse('not_the_edge');
  const [said, ...others] = values(request, CLIENT_CERT.toLowerCase());
  if (said === undefined) return refuse('visitor_unknown');
  const der = others.length > 0 ? null : readClientCert(said.trim());
  const certificate = der === null ? null : facts(der);
  if (der === null || certificate === null) return refuse('visitor_unfit');
  if (policy !== null) {
    const admission = admit(peerOfCertificate(der, { policy, sni: null }, now), policy.admit, now);
    if (admission.kind !== 'admit') return refuse('visitor_unfit');
  }
  visitors.set(request, certificate);
  return { kind: 'pass', pull };
}

function facts(der: Uint8Array): X509Facts | null {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof PkiError) return null;
    throw error;
  }
}

function refuse(because: RefusalReason): Verdict {
  return { kind: 'refuse', because };
}
