import type { Responder } from '../http1/responder.ts';
import type { ShownCertificate } from './shown-certificate.ts';
import type { Visit } from './visits.ts';

/** One request of a visitor, and the way to answer it. Its id stands on error pages and at the origin as well. */
export interface Visitor extends Responder {
  readonly visit: Visit;
  readonly scheme: 'http' | 'https';
  /** The name in the TLS handshake: `null` over plain HTTP, empty where there was none. */
  readonly serverName: string | null;
  /** Version of TLS as Node names it; `null` over plain HTTP. */
  readonly tls: string | null;
  /** The certificate shown in the handshake, which nobody has judged yet; `null` where there is none. */
  readonly shown: ShownCertificate | null;
}
