/** Upper bounds on what a peer may send before the message is refused. Sizes in bytes. */
export interface Limits {
  /** Start line, fields and the empty line together. */
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  readonly maxTargetBytes: number;
  /** The extensions of one chunk. */
  readonly maxChunkExtensionBytes: number;
  /** All extensions of one body: without it, one-byte chunks with long extensions cost the sender little and us much. */
  readonly maxChunkExtensionBytesPerBody: number;
  readonly maxTrailerBytes: number;
  readonly maxTrailers: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxHeadBytes: 65_536,
  maxFields: 128,
  maxTargetBytes: 16_384,
  maxChunkExtensionBytes: 4_096,
  maxChunkExtensionBytesPerBody: 16_384,
  maxTrailerBytes: 16_384,
  maxTrailers: 64,
};
