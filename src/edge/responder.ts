import type { Socket } from 'node:net';
import type { Hostname } from '../domain/ids.ts';
import type { Fields } from '../http1/fields.ts';
import type { Framing } from '../http1/framing.ts';
import type { RequestHead } from '../http1/head.ts';
import type { SentOn } from './sent-on.ts';
import type { ShownCertificate } from './shown-certificate.ts';

/** An interim response of an origin (1xx), as it goes to a visitor. */
export interface Interim {
  readonly status: number;
  readonly reason: string;
  readonly sent: SentOn;
}

/** The start of an origin's response, as it goes to a visitor. */
export interface Answer extends Interim {
  readonly framing: Framing;
}

/** A whole response of the edge itself. What frames it, and what speaks of the connection, is the visitor's to add. */
export interface Reply {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Left out where the request was a HEAD. */
  readonly body: string;
  /** The connection takes no other request: the next try shall begin with a handshake. */
  readonly last?: boolean;
}

/** Takes the body of a visitor's request as it comes in. */
export interface BodyReceiver {
  body(chunk: Buffer): void;
  bodyEnded(trailers: Fields): void;
  /** The visitor is gone: nobody waits for an answer any more. */
  gone(): void;
  /** The visitor takes more of the answer. */
  writable(): void;
}

/** One request of a visitor, and the way to answer it. Exactly one of `page`, `end`, `tunnel` and `abort` finishes it. */
export interface Visitor {
  readonly head: RequestHead;
  /** The name in Host; `null` where it is an address or no name at all. */
  readonly hostname: Hostname | null;
  readonly scheme: 'http' | 'https';
  /** The name in the TLS handshake: `null` over plain HTTP, empty where there was none. */
  readonly serverName: string | null;
  readonly address: string;
  /** Version of HTTP that the visitor speaks. */
  readonly protocol: '1.0' | '1.1' | '2';
  /** Version of TLS as Node names it; `null` over plain HTTP. */
  readonly tls: string | null;
  /** The certificate shown in the handshake, which nobody has judged yet; `null` where there is none. */
  readonly shown: ShownCertificate | null;
  /** When the first byte of the request was here, on the clock of the edge. */
  readonly since: number;
  /** 16 hex digits: the request's id in the log, on error pages and at the origin. */
  readonly id: string;
  /** Begins to hand over the request's body. Until then the visitor waits. */
  receive(receiver: BodyReceiver): void;
  pauseBody(): void;
  resumeBody(): void;
  interim(interim: Interim): void;
  answer(answer: Answer): void;
  /** False asks to wait for `writable`. */
  data(chunk: Buffer): boolean;
  flush(): void;
  end(trailers: Fields): void;
  page(reply: Reply): void;
  /** The origin has changed to the protocol that this request asked for: from here on bytes go both ways as they are. */
  tunnel(switching: Interim, protocol: string, origin: Socket): void;
  /** Cuts the connection: the only honest end of an answer that was begun and cannot be finished. */
  abort(): void;
  /** The lines that tell an HTTP/1.1 origin about this visitor; the same for all its requests to one host. */
  forwarding(): string;
}
