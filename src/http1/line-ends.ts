import { byteAt, CR, LF } from './byte-classes.ts';
import type { RefusalCode } from './refusals.ts';

/**
 * The first line end or NUL in `start`..`end` that no head may hold: LF without CR, CR without LF, NUL. RFC 9112 §2.2 lets
 * a recipient read LF alone as a line end; two readers in a row that differ there are how requests are smuggled. A CR as
 * the very last byte is not judged: what follows it is not known yet.
 */
export function badLineEnd(bytes: Buffer, start: number, end: number): RefusalCode | null {
  for (let at = start; at < end; at++) {
    const byte = byteAt(bytes, at);
    if (byte > CR) continue;
    if (byte === 0) return 'nul';
    if (byte === LF) return 'bare_lf';
    if (byte === CR && at + 1 < end) {
      if (byteAt(bytes, at + 1) !== LF) return 'bare_cr';
      at++;
    }
  }
  return null;
}
