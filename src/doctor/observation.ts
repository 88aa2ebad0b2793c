import type { Probe } from './probe.ts';
import type { Echo } from './probes/echo.ts';

/** An HTTP answer, without its body: evidence is shown to people who may not see what an origin serves. */
export interface Answer {
  readonly status: number;
  /** Product of the Server field without its version, in lower case: `nginx`. */
  readonly server: string | null;
  readonly location: string | null;
  readonly type: string | null;
  /** Of an HTML page, at most 80 characters. */
  readonly title: string | null;
  /** Bytes of the body that were read. */
  readonly bytes: number;
  /** SHA-256 of them, hex. */
  readonly digest: string;
  /** The body was read to its end; else it was too long, or ended too late or too early. */
  readonly complete: boolean;
  /** By which another answer is known to be of the same make (`sketchOf`). */
  readonly sketch: readonly number[];
  /** A page that a server is known to answer refused or misguided callers with. */
  readonly page: KnownPage | null;
  /** Milliseconds since 1970 of its Date field. */
  readonly date: number | null;
  /** Alt-Svc offers HTTP/3 (RFC 7838). */
  readonly http3: boolean;
  /** null where the page does not show what its application was told. */
  readonly echo: Echo | null;
}

export type KnownPage =
  | 'nginx_no_certificate'
  | 'nginx_certificate_error'
  | 'nginx_plain_http'
  | 'apache_plain_http'
  | 'go_plain_http'
  /** A server's own page for an error, by its shape: says who ends TLS, whatever Server says. */
  | 'nginx_error'
  | 'apache_error'
  | 'haproxy_error'
  | 'lighttpd_error'
  /** The page with which a server is delivered. */
  | 'default_page';

/** What came of a probe. */
export type Saw =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** RFC 8446 §6. */
  | { readonly kind: 'alert'; readonly number: number }
  /** The end of the connection, or a reset: which of the two is chance, where a server refuses by closing. */
  | { readonly kind: 'closed' }
  /** `unasked`: it was not even asked, because all the looks at the target had taken too long by then. */
  | { readonly kind: 'silent'; readonly stage: 'connecting' | 'handshake' | 'answer' | 'unasked' }
  | { readonly kind: 'unreachable'; readonly code: string }
  /** Neither TLS nor HTTP, or not a word of either that can be read. */
  | { readonly kind: 'unreadable'; readonly detail: string }
  /** The earlier connection left no session, or it was declined: nothing was asked. */
  | { readonly kind: 'not_resumed'; readonly why: 'no_session' | 'declined' }
  /** HTTP/2 was offered and not chosen: nothing was asked. */
  | { readonly kind: 'no_http2' };

/** What the server said in the handshake, as far as that was seen. */
export interface Handshake {
  /** It came to its end as a client sees it; in TLS 1.3 the server judges the certificate only after that. */
  readonly complete: boolean;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly protocol: 'http/1.1' | 'h2' | null;
  readonly resumed: boolean;
  /** The server asks for a certificate; null where that was not seen. */
  readonly asks: Asking | null;
  /** SHA-256 of the server's own certificate, hex; null where it was not shown. */
  readonly serverCertificate: string | null;
  /** The first DNS names in it; absent where it was not shown. */
  readonly serverNames?: readonly string[];
  /** The server's session tickets allow early data (RFC 8446 §4.2.10); null where no ticket came. */
  readonly earlyData: boolean | null;
}

/** A CertificateRequest (RFC 8446 §4.3.2, RFC 5246 §7.4.4), or its absence. */
export type Asking =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'certificate';
      /** Distinguished names as RFC 4514 writes them, at most 20 of `count`. */
      readonly authorities: readonly string[];
      readonly count: number;
      /** Names or numbers of signature schemes. */
      readonly schemes: readonly string[];
    };

/** One look and what it saw: the doctor's only evidence. */
export interface Observation {
  readonly probe: Probe;
  readonly saw: Saw;
  /** null where TLS was not spoken, or broke off before anything could be seen. */
  readonly handshake: Handshake | null;
  /** Milliseconds since 1970 when it was over. */
  readonly at: number;
}
