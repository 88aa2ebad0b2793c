import type { Rate } from './allowance.ts';

/** Bytes of a frame's head (RFC 9113 §4.1). */
export const FRAME_BYTES = 9;
/** Bytes of a whole WINDOW_UPDATE frame (RFC 9113 §6.9). */
export const UPDATE_BYTES = FRAME_BYTES + 4;

/** What a peer may send of frames that cost it nothing. */
export const FRAME_RATES = {
  pings: { burst: 100, perSecond: 5 },
  settings: { burst: 20, perSecond: 1 },
  // Bytes of frames that carry nothing, of which window updates are the most in honest traffic.
  overhead: { burst: 262_144, perSecond: 65_536 },
} as const satisfies Record<string, Rate>;

/** Bytes of a frame with this list of fields, before compression. */
export function listBytes(raw: readonly string[]): number {
  return raw.reduce((sum, text) => sum + text.length, FRAME_BYTES);
}
