import { byteAt, CR, LF } from './byte-classes.ts';
import { type HeadRole, judgeStartLine } from './head.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { badLineEnd } from './line-ends.ts';
import { type Refusal, type RefusalCode, refuse } from './refusals.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/** What is known after a feed: the head is not whole yet, or it stands in `bytes` from `start` to `end`. */
export type Scan = 'more' | 'head' | Refusal;

/**
 * Finds the end of one head after the other in the bytes of a connection. A head that arrives in one piece is not
 * copied and its bytes are not looked at here (the parser does that); one that arrives in several is gathered, and is
 * refused as soon as no more bytes could make it valid: bad line ends, a malformed start line, too many bytes. Cutting
 * the same bytes differently never changes the answer.
 */
export class HeadScanner {
  /** Holds the head once `feed` said 'head'; what follows `end` belongs to the body or to the next message. */
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;

  readonly #role: HeadRole;
  readonly #limits: Limits;
  /** End of what `bytes` holds: gathered bytes grow into spare room behind it. */
  #filled = 0;
  /** Bytes up to here are known to be neither a head's end nor a cause to refuse. */
  #scanned = 0;
  #gathering = false;
  #startLineJudged = false;
  #mayBeginEmpty = false;

  constructor(role: HeadRole, limits: Limits = DEFAULT_LIMITS) {
    this.#role = role;
    this.#limits = limits;
  }

  /**
   * Forgets the head found, for the next message on the connection. One empty line may stand before a request that is
   * not the first (RFC 9112 §2.2: some clients end a body with a CRLF that its length does not count).
   */
  next(): void {
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
    this.#filled = 0;
    this.#scanned = 0;
    this.#gathering = false;
    this.#startLineJudged = false;
    this.#mayBeginEmpty = this.#role === 'request';
  }

  /** True between messages: nothing of the next head has arrived, so the connection may be closed without loss. */
  get idle(): boolean {
    return this.#filled === this.start;
  }

  /** Takes the bytes of `chunk` from `from` on. `chunk` may be reused by its owner once this has said 'more'. */
  feed(chunk: Buffer, from = 0): Scan {
    if (this.#gathering) this.#gather(chunk, from);
    else {
      this.bytes = chunk;
      this.start = from;
      this.#scanned = from;
      this.#filled = chunk.length;
    }
    const scan = this.#scan();
    if (scan !== 'more' || this.#gathering || this.#filled === from) return scan;
    this.bytes = EMPTY;
    this.#keep(chunk, from);
    return scan;
  }

  #scan(): Scan {
    if (this.#mayBeginEmpty && !this.#skipEmptyLine()) return 'more';
    const { start } = this;
    // Without the spare room: searching that anew for each byte that arrives would be quadratic work.
    const bytes = this.#gathering ? this.bytes.subarray(0, this.#filled) : this.bytes;
    const first = byteAt(bytes, start);
    if (first === CR || first === LF) return this.#emptyLine();
    const found = bytes.indexOf(HEAD_END, Math.max(start, this.#scanned - HEAD_END.length + 1));
    const end = found + HEAD_END.length;
    if (found !== -1 && end - start <= this.#limits.maxHeadBytes) {
      this.bytes = bytes;
      this.end = end;
      return 'head';
    }
    const code = this.#judge(bytes);
    if (code !== null) return refuse(code);
    this.#scanned = this.#filled;
    return 'more';
  }

  /** Steps over one CRLF; false where it is not whole yet. */
  #skipEmptyLine(): boolean {
    const { bytes, start } = this;
    const held = this.#filled - start;
    if (held === 0 || (held === 1 && byteAt(bytes, start) === CR)) return false;
    this.#mayBeginEmpty = false;
    if (byteAt(bytes, start) === CR && byteAt(bytes, start + 1) === LF) {
      this.start += 2;
      this.#scanned = this.start;
    }
    return true;
  }

  #emptyLine(): Scan {
    const { bytes, start } = this;
    if (byteAt(bytes, start) === LF) return refuse('bare_lf');
    if (start + 1 === this.#filled) return 'more';
    return refuse(byteAt(bytes, start + 1) === LF ? 'empty_line' : 'bare_cr');
  }

  /** Why no bytes that may follow can make this a head; null where they still can. Same order as the parser's. */
  #judge(bytes: Buffer): RefusalCode | null {
    const { start } = this;
    const limits = this.#limits;
    const stop = Math.min(this.#filled, start + limits.maxHeadBytes);
    // A CR at the end of what was scanned is judged only now that its follower is known.
    const pending = this.#scanned > start && byteAt(bytes, this.#scanned - 1) === CR;
    let from = Math.max(start, pending ? this.#scanned - 1 : this.#scanned);
    if (!this.#startLineJudged) {
      const lf = bytes.indexOf(LF, from);
      const whole = lf !== -1 && lf < stop;
      const end = whole ? lf + 1 : stop;
      const code =
        badLineEnd(bytes, from, end) ?? (whole ? judgeStartLine(bytes, { start, end }, this.#role, limits) : null);
      if (code !== null) return code;
      this.#startLineJudged = whole;
      from = end;
    }
    const code = badLineEnd(bytes, from, stop);
    if (code !== null) return code;
    if (this.#filled - start < limits.maxHeadBytes) return null;
    return this.#role === 'request' && !this.#startLineJudged ? 'target_too_long' : 'head_too_large';
  }

  /** Copies what has arrived so far: the chunk's memory is not ours to keep. */
  #keep(chunk: Buffer, from: number): void {
    const skipped = this.start - from;
    this.start = 0;
    this.#scanned = Math.max(0, this.#scanned - from - skipped);
    this.#filled = 0;
    this.#gathering = true;
    this.#gather(chunk, from + skipped);
  }

  #gather(chunk: Buffer, from: number): void {
    const added = chunk.length - from;
    if (this.#filled + added > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, 2 * this.bytes.length, this.#filled + added));
      this.bytes.copy(grown, 0, 0, this.#filled);
      this.bytes = grown;
    }
    chunk.copy(this.bytes, this.#filled, from);
    this.#filled += added;
  }
}
