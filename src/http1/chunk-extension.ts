import { BACKSLASH, CR, EQUALS, LF, QUOTE, SEMICOLON, TEXT, TOKEN } from './byte-classes.ts';
import type { RefusalCode } from './refusals.ts';

/** Where a reader stands inside `;name[=value]` (RFC 9112 §7.1.1). */
type Place = 'name-start' | 'name' | 'value-start' | 'token' | 'quoted' | 'escaped' | 'after-quoted';

const MAY_END: ReadonlySet<Place> = new Set(['name', 'token', 'after-quoted']);

/**
 * Checks the extensions of one chunk byte by byte, from just after the first semicolon. They are checked and dropped: no
 * extension has a meaning today, but a byte that is read as one here and as a line end elsewhere would smuggle. The
 * whitespace that the RFC calls bad (BWS) is refused.
 */
export class ChunkExtension {
  #place: Place = 'name-start';

  /** 'end' at the CR that ends the line. */
  step(byte: number): 'more' | 'end' | RefusalCode {
    if (byte === LF) return 'bare_lf';
    if (byte === CR) return MAY_END.has(this.#place) ? 'end' : 'bad_chunk_extension';
    const place = this.#after(byte);
    if (place === null) return 'bad_chunk_extension';
    this.#place = place;
    return 'more';
  }

  #after(byte: number): Place | null {
    const token = TOKEN[byte] === 1;
    const another = byte === SEMICOLON ? 'name-start' : null;
    switch (this.#place) {
      case 'name-start':
        return token ? 'name' : null;
      case 'name':
        if (byte === EQUALS) return 'value-start';
        return token ? 'name' : another;
      case 'value-start':
        if (byte === QUOTE) return 'quoted';
        return token ? 'token' : null;
      case 'token':
        return token ? 'token' : another;
      case 'quoted':
        return afterQuoted(byte);
      case 'escaped':
        return TEXT[byte] === 1 ? 'quoted' : null;
      case 'after-quoted':
        return another;
    }
  }
}

function afterQuoted(byte: number): Place | null {
  if (byte === QUOTE) return 'after-quoted';
  if (byte === BACKSLASH) return 'escaped';
  return TEXT[byte] === 1 ? 'quoted' : null;
}
