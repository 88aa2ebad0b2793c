import type { Socket } from 'node:net';
import type { Fields } from './fields.ts';
import { CHUNK_END, chunkHead, LAST_CHUNK, lastChunk } from './write.ts';
import { SendBuffer } from './send-buffer.ts';

/** How the end of an answer is told. */
export type AnswerEnd = 'sized' | 'chunked' | 'until_close';

// A small answer goes out at once, head and body in one write: one TLS record, one system call. Larger pieces are gathered.
const SMALL = 8_192;

/** Writes one answer after the other to a connection: the head waits for the first of the body to go out with it. */
export class AnswerWriter {
  readonly #socket: Socket;
  #end: AnswerEnd | null = null;
  #head: string | null = null;
  /** What is gathered of a large answer. */
  #gathered: SendBuffer | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether a part of the present answer may be with the visitor already. */
  get begun(): boolean {
    return this.#end !== null;
  }

  /** Takes a whole head, as latin1 text. */
  begin(head: string, end: AnswerEnd): void {
    this.#end = end;
    this.#head = head;
  }

  /** Takes a piece of the body, which is valid until this returns. False asks to wait for the socket's `drain`. */
  data(chunk: Buffer): boolean {
    const head = this.#takeHead();
    const chunked = this.#end === 'chunked';
    const before = chunked ? head + chunkHead(chunk.length) : head;
    const after = chunked ? CHUNK_END : '';
    const small = before.length + chunk.length + after.length <= SMALL;
    if (small && (this.#gathered?.empty ?? true)) return this.#socket.write(joined(before, chunk, after));
    this.#gathered ??= new SendBuffer(this.#socket);
    return this.#gathered.add(before, chunk, after);
  }

  /** All that has come so far is here: it is sent without waiting for more. */
  flush(): void {
    const head = this.#takeHead();
    if (head !== '') this.#socket.write(head, 'latin1');
    else this.#gathered?.sendSoon();
  }

  finish(trailers: Fields): void {
    const last = this.#end === 'chunked' ? (trailers.names.length === 0 ? LAST_CHUNK : lastChunk(trailers)) : '';
    const text = this.#takeHead() + last;
    this.#gathered?.send();
    this.#gathered = null;
    if (text !== '') this.#socket.write(text, 'latin1');
    this.#end = null;
  }

  #takeHead(): string {
    const head = this.#head ?? '';
    this.#head = null;
    return head;
  }
}

function joined(before: string, chunk: Buffer, after: string): Buffer {
  const whole = Buffer.allocUnsafe(before.length + chunk.length + after.length);
  whole.write(before, 0, 'latin1');
  chunk.copy(whole, before.length);
  if (after !== '') whole.write(after, before.length + chunk.length, 'latin1');
  return whole;
}
