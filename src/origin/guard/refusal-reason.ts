import type { DenialCode } from '../../domain/admit.ts';

/** Why a handshake came to nothing, or somebody was sent away after it. */
export type RefusalReason =
  | DenialCode
  | 'no_name'
  | 'unknown_name'
  | 'another_name'
  | 'old_protocol'
  | 'resumed'
  | 'timeout'
  | 'left'
  | 'protocol'
  | 'no_tls'
  | 'too_many';
