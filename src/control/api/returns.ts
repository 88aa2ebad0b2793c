import { z } from 'zod';
import type { View } from '../../wire/answer-fields.ts';
import type { Answer, CursorPage, Document, Download, Outcome, Page, Stream } from './outcome.ts';

/** What a call answers when it succeeds, for its description: one thing, several, or what is outside the envelope. */
export type Shape =
  | { readonly kind: 'one' | 'list' | 'page' | 'cursor'; readonly schema: z.ZodType }
  | { readonly kind: 'file' | 'stream'; readonly media: string; readonly schema: z.ZodType };

/** The same, with the type that a handler must give: what is described and what is answered cannot differ. */
export interface Returns<Told extends Outcome = Outcome> {
  readonly shape: Shape;
  /** Never there; only carries the type. */
  readonly told?: Told;
}

/** One thing. */
export function one<Schema extends z.ZodType>(schema: Schema): Returns<Answer<View<Schema>>> {
  return { shape: { kind: 'one', schema } };
}

/** All of a list at once. */
export function allOf<Schema extends z.ZodType>(item: Schema): Returns<Answer<readonly View<Schema>[]>> {
  return { shape: { kind: 'list', schema: item } };
}

/** One page of a list, with `result_info`. */
export function pageOf<Schema extends z.ZodType>(item: Schema): Returns<Page<View<Schema>>> {
  return { shape: { kind: 'page', schema: item } };
}

/** A part of a list, with a cursor in `result_info` that leads on. */
export function cursorOf<Schema extends z.ZodType>(item: Schema): Returns<CursorPage<View<Schema>>> {
  return { shape: { kind: 'cursor', schema: item } };
}

/** A file of that media type, outside the envelope. */
export function file(media: string, schema: z.ZodType = z.string()): Returns<Document> {
  return { shape: { kind: 'file', media, schema } };
}

/** What a call takes as its body in place of JSON: at most so many bytes of that media type. */
export interface ByteBody {
  readonly media: string;
  readonly most: number;
}

/** The body of such a call. */
export function bytes({ media }: ByteBody) {
  return z.custom<Buffer>((value) => Buffer.isBuffer(value), { error: `must be of the type ${media}` });
}

/** A file of bytes that is made while it is sent. */
export function download(media: string, description: string): Returns<Download> {
  return { shape: { kind: 'file', media, schema: z.string().meta({ format: 'binary', description }) } };
}

/** A stream that goes on until somebody ends it. */
export function stream(media: string, schema: z.ZodType = z.string()): Returns<Stream> {
  return { shape: { kind: 'stream', media, schema } };
}
