import type { Readable } from 'node:stream';
import type { Problem } from '../../domain/problems.ts';
import type { CursorInfo, ResultInfo } from '../../wire/envelope.ts';
import type { Message } from '../../wire/messages.ts';

/** A call that succeeded. */
export interface Answer<Result = unknown> {
  readonly kind: 'answer';
  readonly result: Result;
  readonly messages?: readonly Message[];
  readonly info?: ResultInfo | CursorInfo;
  /** Fields of the answer's head beside those of every answer, such as ETag. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One page of a list. */
export type Page<Item> = Answer<readonly Item[]> & { readonly info: ResultInfo };

/** A part of a list that goes on at a cursor. */
export type CursorPage<Item> = Answer<readonly Item[]> & { readonly info: CursorInfo };

/** A file, outside the envelope. */
export interface Document {
  readonly kind: 'document';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | Buffer;
}

/** A file that is made while it is sent. */
export interface Download {
  readonly kind: 'download';
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Readable;
}

/** Where a stream of text goes. */
export interface StreamSink {
  readonly write: (text: string) => void;
  readonly end: () => void;
}

/** An answer that goes on until somebody ends it. `open` gives the function that is called when it has ended. */
export interface Stream {
  readonly kind: 'stream';
  readonly open: (sink: StreamSink) => (() => void) | Problem;
}

/** What comes of a call that nothing is wrong with. */
export type Outcome = Answer | Document | Download | Stream;
