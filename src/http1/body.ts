import { type Fields, NO_FIELDS } from './fields.ts';
import { type Refusal, refuse } from './refusals.ts';

/** Takes payload as it passes: a view into the bytes that were fed, valid until their owner reuses them. */
export type Sink = (data: Buffer) => unknown;

/**
 * What is known after a feed: all bytes are used and more must come; or the body ended just before `next`, where the
 * next message begins; or the rest of the connection cannot be understood.
 */
export type BodyProgress =
  | { readonly kind: 'more' }
  | { readonly kind: 'done'; readonly next: number; readonly trailers: Fields }
  | Refusal;

/** Takes one body out of the bytes of a connection. Not to be fed again after 'done' or a refusal. */
export interface BodyDecoder {
  /** Uses the bytes from `from` on. A body may be done without any byte: feed once, if only with an empty buffer. */
  feed(bytes: Buffer, from: number, sink: Sink): BodyProgress;
  /** What it means that the connection ends here. */
  end(): BodyProgress;
}

export const MORE: BodyProgress = { kind: 'more' };

/** The bytes from `from` to before `to`, without a new view where that is all of them. */
export function view(bytes: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** A body of a known number of bytes (RFC 9112 §6.2); 0 for a message without one. */
export class LengthDecoder implements BodyDecoder {
  #remaining: number;

  constructor(length: number) {
    this.#remaining = length;
  }

  feed(bytes: Buffer, from: number, sink: Sink): BodyProgress {
    const next = Math.min(bytes.length, from + this.#remaining);
    this.#remaining -= next - from;
    if (next > from) sink(view(bytes, from, next));
    return this.#remaining === 0 ? { kind: 'done', next, trailers: NO_FIELDS } : MORE;
  }

  end(): BodyProgress {
    return this.#remaining === 0 ? { kind: 'done', next: 0, trailers: NO_FIELDS } : refuse('truncated_body');
  }
}

/** A response body that lasts until the connection ends, so that a cut one cannot be told from a whole one. */
export class CloseDecoder implements BodyDecoder {
  feed(bytes: Buffer, from: number, sink: Sink): BodyProgress {
    if (from < bytes.length) sink(view(bytes, from, bytes.length));
    return MORE;
  }

  end(): BodyProgress {
    return { kind: 'done', next: 0, trailers: NO_FIELDS };
  }
}

/** What one feed gave: the payload in one piece, or null where there was none. */
export interface Taken {
  readonly progress: BodyProgress;
  readonly payload: Buffer | null;
}

/**
 * Feeds a decoder and hands over its payload at once. A body in chunks of one byte must not cost its receiver a write for
 * each: many small pieces are joined, a single one is passed as it is.
 */
export function take(decoder: BodyDecoder, bytes: Buffer, from: number): Taken {
  const pieces: Buffer[] = [];
  const progress = decoder.feed(bytes, from, (data) => pieces.push(data));
  return { progress, payload: pieces.length > 1 ? Buffer.concat(pieces) : (pieces[0] ?? null) };
}
