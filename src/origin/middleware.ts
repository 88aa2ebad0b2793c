/** `postern/origin`: a lock in front of an application on Node. Nothing at run time but Node itself. */

export type { X509Facts } from '../domain/certificate.ts';
export type { NodeRequest } from './asked-host.ts';
export { clientCertField, readClientCert } from './client-cert-field.ts';
export type { Frameworks } from './frameworks.ts';
export { lockByName } from './lock-by-name.ts';
export { PolicyError } from './kept-current.ts';
export type {
  LockOptions,
  ProxyLock,
  RefusedRequest,
  SignedLock,
  TlsLock,
  Verdict,
  VerdictLock,
} from './lock-options.ts';
export type { RefusalReason } from './lock-refusals.ts';
export {
  type HardenedTls,
  type OriginLock,
  originPullOf,
  originPullServerOptions,
  requireOriginPull,
} from './origin-lock.ts';
export type { OriginPull } from './origin-pull.ts';
export { ownEnd, SIGNED_PULL, type SignedCaller, type SignedRequest, signPull } from './signed-pull.ts';
export { trustForwarded, type Visitor } from './trust-forwarded.ts';
export { requireVisitorCertificate, type VisitorPolicy, visitorCertificateOf } from './visitor-certificate.ts';

import type { OriginPull } from './origin-pull.ts';

declare global {
  // Express's own place for what its middleware adds; without Express an interface that nobody uses.
  namespace Express {
    interface Request {
      readonly originPull?: OriginPull;
    }
  }
}
