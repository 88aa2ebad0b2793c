import type { Fields } from '../http1/fields.ts';
import type { Framing } from '../http1/framing.ts';
import type { RequestHead } from '../http1/head.ts';
import type { Tunnel } from '../pull/lane.ts';
import type { SentOn } from './sent-on.ts';
import type { ShownCertificate } from './shown-certificate.ts';
import type { Visit } from './visits.ts';

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

/** A page of the edge itself, by what the log says of it. */
export interface Told {
  readonly status: number;
  readonly code: string;
}

/** Takes the body of a visitor's request as it comes in. */
export interface BodyReceiver {
  body(chunk: Buffer): void;
  bodyEnded(trailers: Fields): void;
  /** Nobody waits for an answer any more: the visitor is gone, or its body was refused with this page. */
  gone(told: Told | null): void;
  /** The visitor takes more of the answer. */
  writable(): void;
}

/** One request of a visitor, and the way to answer it. Exactly one of `page`, `end`, `tunnel` and `abort` finishes it. */
export interface Visitor {
  readonly head: RequestHead;
  readonly visit: Visit;
  readonly scheme: 'http' | 'https';
  /** The name in the TLS handshake: `null` over plain HTTP, empty where there was none. */
  readonly serverName: string | null;
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
  /** Names who is told what becomes of the visitor, from now on. */
  receive(receiver: BodyReceiver): void;
  /** Begins to hand over the request's body, where there is one. Until then it waits. */
  startBody(): void;
  pauseBody(): void;
  resumeBody(): void;
  interim(interim: Interim): void;
  answer(answer: Answer): void;
  /** Takes a piece of the answer, which is valid until this returns. False asks to wait for `writable`. */
  data(chunk: Buffer): boolean;
  flush(): void;
  end(trailers: Fields): void;
  page(reply: Reply): void;
  /** The origin has changed to the protocol that this request asked for: from here on bytes go both ways as they are. */
  tunnel(switching: Interim, protocol: string, origin: Tunnel): void;
  /** Cuts the connection: the only honest end of an answer that was begun and cannot be finished. */
  abort(): void;
}
