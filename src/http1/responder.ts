import type { Fields } from './fields.ts';
import type { Framing } from './framing.ts';
import type { RequestHead } from './head.ts';
import type { SentOn } from './sent-on.ts';
import type { Tunnel } from './splice.ts';

/** An interim response (1xx) of whoever stands behind, as it goes to the asker. */
export interface Interim {
  readonly status: number;
  readonly reason: string;
  readonly sent: SentOn;
}

/** The start of a response of whoever stands behind, as it goes to the asker. */
export interface Answer extends Interim {
  readonly framing: Framing;
}

/** A whole response of the server itself. What frames it, and what speaks of the connection, is the connection's to add. */
export interface Reply {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Left out where the request was a HEAD. */
  readonly body: string;
  /** The connection takes no other request: the next try shall begin with a handshake. */
  readonly last?: boolean;
}

/** A page of the server itself, by what the log says of it. */
export interface Told {
  readonly status: number;
  readonly code: string;
}

/** Takes the body of a request as it comes in. */
export interface BodyReceiver {
  body(chunk: Buffer): void;
  bodyEnded(trailers: Fields): void;
  /** Nobody waits for an answer any more: the asker is gone, or its body was refused with this page. */
  gone(told: Told | null): void;
  /** The asker takes more of the answer. */
  writable(): void;
}

/** One request, and the way to answer it. Exactly one of `page`, `end`, `tunnel` and `abort` finishes it. */
export interface Responder {
  readonly head: RequestHead;
  /** Version of HTTP that the asker speaks. */
  readonly protocol: '1.0' | '1.1' | '2';
  /** When the first byte of the request was here, on the clock of the server. */
  readonly since: number;
  /** 16 hex digits: the request's id in the log. */
  readonly id: string;
  /** Names who is told what becomes of the asker, from now on. */
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
  /** Whoever stands behind has changed to the protocol that this request asked for: from here on bytes go both ways as they are. */
  tunnel(switching: Interim, protocol: string, behind: Tunnel): void;
  /** Cuts the connection: the only honest end of an answer that was begun and cannot be finished. */
  abort(): void;
}
