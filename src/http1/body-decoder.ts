import { type BodyDecoder, CloseDecoder, LengthDecoder } from './body.ts';
import { ChunkedDecoder } from './chunked.ts';
import type { Framing } from './framing.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

/** The decoder for a framing. */
export function bodyDecoder(framing: Framing, limits: Limits = DEFAULT_LIMITS): BodyDecoder {
  switch (framing.kind) {
    case 'none':
      return new LengthDecoder(0);
    case 'length':
      return new LengthDecoder(framing.length);
    case 'chunked':
      return new ChunkedDecoder(limits);
    case 'close':
      return new CloseDecoder();
  }
}
