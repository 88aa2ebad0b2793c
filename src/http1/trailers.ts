import { CR, LF } from './byte-classes.ts';
import { type Fields, NO_FIELDS, parseFields } from './fields.ts';
import type { Limits } from './limits.ts';
import type { RefusalCode } from './refusals.ts';

/**
 * What may never stand in trailers (RFC 9110 §6.5.1): fields that frame or route the message, modify the request,
 * authorise it, or say how its content is to be read. A recipient that merges trailers into the head would apply them
 * after everybody in front has looked.
 */
const NEVER_TRAILERS: ReadonlySet<string> = new Set(
  `authorization cache-control connection content-encoding content-length content-location content-range content-type
  cookie expect host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive max-forwards
  pragma proxy-authenticate proxy-authorization proxy-connection range set-cookie te trailer transfer-encoding upgrade
  www-authenticate`.split(/\s+/),
);

/** Whether fields that may never stand in trailers are among these. */
export function forbiddenInTrailers({ names }: Fields): boolean {
  return names.some((name) => NEVER_TRAILERS.has(name));
}

/** Gathers a trailer section byte by byte, from just after the line of the last chunk. */
export class TrailerSection {
  fields: Fields = NO_FIELDS;

  readonly #limits: Limits;
  /** Trailers are rare and small: an array that grows is enough. */
  readonly #bytes: number[] = [];
  #lineLength = 0;
  #afterCr = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** 'end' at the LF of the empty line; `fields` then holds what was read. */
  step(byte: number): 'more' | 'end' | RefusalCode {
    if (this.#afterCr) return byte === LF ? this.#line() : 'bare_cr';
    if (byte === LF) return 'bare_lf';
    if (byte === 0) return 'nul';
    if (byte === CR) {
      this.#afterCr = true;
      return 'more';
    }
    this.#lineLength++;
    this.#bytes.push(byte);
    return this.#bytes.length > this.#limits.maxTrailerBytes ? 'trailer_too_large' : 'more';
  }

  #line(): 'more' | 'end' | RefusalCode {
    if (this.#lineLength === 0) return this.#parse();
    this.#afterCr = false;
    this.#lineLength = 0;
    this.#bytes.push(CR, LF);
    return 'more';
  }

  #parse(): 'end' | RefusalCode {
    if (this.#bytes.length === 0) return 'end';
    const bytes = Buffer.from([...this.#bytes, CR, LF]);
    const source = { bytes, text: bytes.toString('latin1'), base: 0, end: bytes.length };
    const section = parseFields(source, 0, this.#limits.maxTrailers);
    if (section === 'too_many_fields') return 'trailer_too_large';
    if (typeof section === 'string') return section;
    if (forbiddenInTrailers(section.fields)) return 'bad_trailer';
    this.fields = section.fields;
    return 'end';
  }
}
