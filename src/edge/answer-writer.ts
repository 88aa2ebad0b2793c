import type { Socket } from 'node:net';
import type { Fields } from '../http1/fields.ts';
import { CHUNK_END, chunkHead, LAST_CHUNK, lastChunk } from '../http1/write.ts';

// Head and body of a small answer go out in one write, which is one TLS record and one system call.
const SMALL = 16_384;

/** How the end of an answer is told. */
export type AnswerEnd = 'sized' | 'chunked' | 'until_close';

/** Writes one answer after the other to a connection: the head waits for the first of the body to go out with it. */
export class AnswerWriter {
  readonly #socket: Socket;
  #end: AnswerEnd | null = null;
  #head: string | null = null;

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

  /** False asks to wait for the socket's `drain`. */
  data(chunk: Buffer): boolean {
    const head = this.#takeHead();
    const chunked = this.#end === 'chunked';
    const before = chunked ? head + chunkHead(chunk.length) : head;
    const after = chunked ? CHUNK_END : '';
    if (before === '' && after === '') return this.#socket.write(chunk);
    if (before.length + chunk.length + after.length <= SMALL) return this.#socket.write(joined(before, chunk, after));
    this.#socket.cork();
    if (before !== '') this.#socket.write(before, 'latin1');
    this.#socket.write(chunk);
    const more = after === '' ? !this.#socket.writableNeedDrain : this.#socket.write(after, 'latin1');
    this.#socket.uncork();
    return more;
  }

  /** Sends the head without waiting for a body. */
  flush(): void {
    const head = this.#takeHead();
    if (head !== '') this.#socket.write(head, 'latin1');
  }

  finish(trailers: Fields): void {
    const last = this.#end === 'chunked' ? (trailers.names.length === 0 ? LAST_CHUNK : lastChunk(trailers)) : '';
    const text = this.#takeHead() + last;
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
