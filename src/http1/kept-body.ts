import type { Fields } from './fields.ts';

/** More than this is not kept: a body is meant to pass through. */
const MAX_KEPT = 16_384;
/** Pieces of a byte or two cost a hundred times their length: more than this are joined. */
const MAX_PIECES = 64;

/** A request's body as far as it has come in, kept until an answer begins so that it can be sent once more. */
export class KeptBody {
  #pieces: Buffer[] = [];
  #length = 0;
  #trailers: Fields | null = null;

  /** False where it has become too long to keep. */
  add(piece: Buffer): boolean {
    this.#length += piece.length;
    if (this.#length > MAX_KEPT) return false;
    this.#pieces.push(piece);
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [Buffer.concat(this.#pieces)];
    return true;
  }

  end(trailers: Fields): void {
    this.#trailers = trailers;
  }

  get pieces(): readonly Buffer[] {
    return this.#pieces;
  }

  /** `null` while more is to come. */
  get trailers(): Fields | null {
    return this.#trailers;
  }
}
