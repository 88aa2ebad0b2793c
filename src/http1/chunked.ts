import { type BodyDecoder, type BodyProgress, MORE, type Sink, view } from './body.ts';
import { byteAt, CR, HEX, LF, SEMICOLON } from './byte-classes.ts';
import { ChunkExtension } from './chunk-extension.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { type RefusalCode, refuse } from './refusals.ts';
import { TrailerSection } from './trailers.ts';

type State = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'done';

/** 16^13 - 1 = 2^52 - 1 is a safe integer. Leading zeros count, so a size line has an end. */
const MAX_SIZE_DIGITS = 13;

/**
 * The chunked coding (RFC 9112 §7.1), strictly: a size is hexadecimal digits and nothing else, every line ends with CRLF,
 * extensions are checked and dropped. Payload is passed on as views; only the few bytes of framing are read one by one.
 */
export class ChunkedDecoder implements BodyDecoder {
  readonly #limits: Limits;
  #state: State = 'size';
  /** The size as read so far, then how much of the chunk is still to come. */
  #remaining = 0;
  #digits = 0;
  #extension = new ChunkExtension();
  #extensionBytes = 0;
  #allExtensionBytes = 0;
  readonly #trailers: TrailerSection;

  constructor(limits: Limits = DEFAULT_LIMITS) {
    this.#limits = limits;
    this.#trailers = new TrailerSection(limits);
  }

  feed(bytes: Buffer, from: number, sink: Sink): BodyProgress {
    let at = from;
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const to = Math.min(bytes.length, at + this.#remaining);
        this.#remaining -= to - at;
        if (this.#remaining === 0) this.#state = 'data-cr';
        sink(view(bytes, at, to));
        at = to;
        continue;
      }
      const code = this.#step(byteAt(bytes, at++));
      if (code !== null) return refuse(code);
      if (this.#state === 'done') return { kind: 'done', next: at, trailers: this.#trailers.fields };
    }
    return MORE;
  }

  end(): BodyProgress {
    return this.#state === 'done'
      ? { kind: 'done', next: 0, trailers: this.#trailers.fields }
      : refuse('truncated_body');
  }

  #step(byte: number): RefusalCode | null {
    switch (this.#state) {
      case 'size':
        return this.#size(byte);
      case 'extension':
        return this.#extend(byte);
      case 'size-lf':
        return byte === LF ? this.#begin() : 'bare_cr';
      case 'data-cr':
        this.#state = 'data-lf';
        return byte === CR ? null : 'bad_chunk_end';
      case 'data-lf':
        this.#state = 'size';
        return byte === LF ? null : 'bad_chunk_end';
      case 'trailers':
        return this.#trailer(byte);
      case 'data':
      case 'done':
        throw new Error('a chunked body was fed after its end');
    }
  }

  #size(byte: number): RefusalCode | null {
    const digit = HEX[byte] ?? 0xff;
    if (digit < 16) {
      this.#remaining = this.#remaining * 16 + digit;
      return ++this.#digits > MAX_SIZE_DIGITS ? 'bad_chunk_size' : null;
    }
    if (this.#digits === 0) return 'bad_chunk_size';
    if (byte === CR) this.#state = 'size-lf';
    else if (byte === SEMICOLON) this.#beginExtension();
    else return byte === LF ? 'bare_lf' : 'bad_chunk_size';
    return null;
  }

  #beginExtension(): void {
    this.#state = 'extension';
    this.#extension = new ChunkExtension();
    this.#extensionBytes = 0;
  }

  #extend(byte: number): RefusalCode | null {
    const step = this.#extension.step(byte);
    if (step === 'end') {
      this.#state = 'size-lf';
      return null;
    }
    if (step !== 'more') return step;
    this.#extensionBytes++;
    this.#allExtensionBytes++;
    const { maxChunkExtensionBytes, maxChunkExtensionBytesPerBody } = this.#limits;
    const fits =
      this.#extensionBytes <= maxChunkExtensionBytes && this.#allExtensionBytes <= maxChunkExtensionBytesPerBody;
    return fits ? null : 'chunk_extension_too_large';
  }

  /** After the size line: a chunk, or the trailers that follow the last one. */
  #begin(): RefusalCode | null {
    this.#state = this.#remaining === 0 ? 'trailers' : 'data';
    this.#digits = 0;
    return null;
  }

  #trailer(byte: number): RefusalCode | null {
    const step = this.#trailers.step(byte);
    if (step === 'end') this.#state = 'done';
    return step === 'more' || step === 'end' ? null : step;
  }
}
