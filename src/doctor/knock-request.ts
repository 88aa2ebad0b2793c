import type { SecureContext } from 'node:tls';

/** A client certificate with its chain, and the key: PEM. */
export interface Credential {
  readonly cert: string;
  readonly key: string;
}

/** One look at an origin, with the credential given or none. */
export interface Knock {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** Name in the handshake; `null` for none. */
  readonly serverName: string | null;
  /** Value of Host; the name in the handshake where left out, `null` for a request of HTTP/1.0 without it. */
  readonly host?: string | null;
  /** Authority in the request's target (RFC 9112 §3.2.2); where left out the target is the path alone. */
  readonly targetAuthority?: string;
  /** The only version that is offered; what Node offers where left out. */
  readonly tlsVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** HTTP/1.1 where left out. */
  readonly protocol?: 'http/1.1' | 'h2';
  /** Asks without TLS. */
  readonly plain?: boolean;
  readonly path: string;
  readonly credential: Credential | null;
  /** Made of credential and version by somebody who knocks often. */
  readonly context?: SecureContext;
  /** Asks only where this session is taken up. */
  readonly session?: Buffer;
  /** Also finds out whether the server asks for a certificate. Costs some time. */
  readonly listens?: boolean;
  /** More lines of the request's head. */
  readonly headers: readonly string[];
  /** Spellings of a header that the page may show, where it prints its request. */
  readonly verifiedHeaders?: readonly string[];
  /** Milliseconds until silence counts as an answer of its own, for each of connecting, handshake and answer. */
  readonly timeout: number;
}
