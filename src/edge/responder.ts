import type { Fields } from '../http1/fields.ts';
import type { Framing } from '../http1/framing.ts';
import type { RequestHead } from '../http1/head.ts';

/** The start of a response, as it goes to a visitor. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** Lines of a head, each with its CRLF: end-to-end fields only, framing left out. */
  readonly lines: string;
  readonly framing: Framing;
}

/** Takes the body of a visitor's request as it comes in. */
export interface BodyReceiver {
  readonly data: (chunk: Buffer) => void;
  readonly end: (trailers: Fields) => void;
  /** The visitor is gone: nobody waits for an answer any more. */
  readonly gone: () => void;
  /** The visitor takes more of the answer. */
  readonly drained: () => void;
}

/** One request of a visitor, and the way to answer it. Exactly one of `page`, `end` and `abort` finishes it. */
export interface Visitor {
  readonly head: RequestHead;
  readonly scheme: 'http' | 'https';
  /** The name in the TLS handshake, lower-case; `null` over plain HTTP. */
  readonly serverName: string | null;
  readonly address: string;
  /** 16 hex digits: the request's id in the log, on error pages and at the origin. */
  readonly id: string;
  /** Begins to hand over the request's body. Until then the visitor waits. */
  /** Whether the connection cannot be used after a page of the edge's own: the page must then say so. */
  readonly mustClose: boolean;
  readonly receive: (receiver: BodyReceiver) => void;
  readonly pauseBody: () => void;
  readonly resumeBody: () => void;
  readonly interim: (status: number, reason: string, lines: string) => void;
  readonly answer: (answer: Answer) => void;
  /** False asks to wait for `drained`. */
  readonly data: (chunk: Buffer) => boolean;
  readonly flush: () => void;
  readonly end: (trailers: Fields) => void;
  /** A whole response of the edge itself, as latin1 text. */
  readonly page: (text: string, options: { readonly close: boolean }) => void;
  /** Cuts the connection: the only honest end of an answer that was begun and cannot be finished. */
  readonly abort: () => void;
}
