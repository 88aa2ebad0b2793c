import type { VerifiedHeader } from './verified-header.ts';

/** Who was let in: the edge, or a caller of the owner's own CA. */
export type Via = 'edge' | 'own';

/** The request header that tells the application which of the two it was. */
export const VIA_HEADER = 'X-Postern-Via' as VerifiedHeader;
