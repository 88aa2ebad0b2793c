import type { BodyDecoder } from './body.ts';

/** How far a connection is with the request that it reads. */
export type RequestPhase =
  /** Between requests, or in the middle of a head. */
  | { readonly kind: 'head' }
  /** A head is parsed, its body waits until somebody takes it. */
  | { readonly kind: 'held'; readonly decoder: BodyDecoder }
  | { readonly kind: 'body'; readonly decoder: BodyDecoder }
  /** The request is complete, its answer is not. */
  | { readonly kind: 'complete' }
  /** Another protocol is spoken from here on. */
  | { readonly kind: 'tunnel' }
  | { readonly kind: 'closing' };
