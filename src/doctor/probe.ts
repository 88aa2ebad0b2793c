import type { Target } from './target.ts';

/** With what a caller comes. */
export type CredentialKind =
  | 'none'
  | 'self_signed'
  /** Of a private authority that nobody knows. */
  | 'foreign'
  /** Of an authority with the same name as the right one, and another key. */
  | 'same_name'
  | 'right'
  | 'without_intermediate'
  | 'expired'
  | 'not_yet_valid'
  | 'server_only'
  | 'no_purpose'
  | 'neighbour'
  | 'revoked'
  | 'weak_key'
  /** Given as one that must be refused. */
  | 'unwanted'
  /** The right certificate, with a key that is not its own: only what is said of the chain counts. */
  | 'forged'
  /** A self-made certificate, likewise: what a server says that takes any chain. */
  | 'forged_stranger'
  /** The server's own certificate, likewise. */
  | 'forged_server';

/**
 * A name as it is said in the handshake or in Host: that of the target, another of the same server, and so on. A request
 * without Host is HTTP/1.0.
 */
export type NameKind = 'locked' | 'other' | 'none' | 'unknown' | 'address';

/**
 * How the name is spelled in the request. `absolute_form` names the locked host in the request's target, whatever Host
 * says (RFC 9112 §3.2.2: the target wins). `shouted` is upper case in the handshake, where case does not count either
 * (RFC 6066 §3).
 */
export type Spelling = 'plain' | 'upper_case' | 'trailing_dot' | 'with_port' | 'absolute_form' | 'shouted';

/**
 * What the caller makes up that a proxy says: in the verified header that all is well, or that it is not; or that the
 * visitor came over HTTPS.
 */
export type Forgery = 'success' | 'failure' | 'https';

/** A connection whose session is taken up again by a later one. */
export interface Earlier {
  readonly credential: CredentialKind;
  readonly sni: NameKind;
  /** As in the probe. */
  readonly turn: number;
  readonly otherName: string | null;
}

/** One look at a target. Values only: it says what is tried, never what that means. */
export interface Probe {
  readonly target: Target;
  readonly credential: CredentialKind;
  /** null speaks plain HTTP. */
  readonly tls: 'TLSv1.2' | 'TLSv1.3' | null;
  readonly protocol: 'http/1.1' | 'h2';
  readonly sni: NameKind;
  readonly host: NameKind;
  /** The name itself, where one of the two is `other`. */
  readonly otherName: string | null;
  readonly spelling: Spelling;
  /** Resumes the session of a connection made so before; null makes a new one. */
  readonly resumes: Earlier | null;
  /** Sends the verified header, in all its spellings, or X-Forwarded-Proto, with such a value; null sends none. */
  readonly forges: Forgery | null;
  readonly path: string;
  /** Which identity, where a kind stands for several (`--foreign-identity`), in their order. */
  readonly turn: number;
}
