import type { Fingerprint } from '../domain/ids.ts';
import type { Told } from '../http1/responder.ts';
import type { PullFailure, PullFailureCode } from './failure.ts';
import type { Lane } from './lane.ts';

/** What became of a pull. Times in milliseconds. */
export interface PullFacts {
  readonly failure: PullFailure | null;
  /** Status of the answer that reached the edge; 0 where none did. */
  readonly status: number;
  /** Whether the answer came to its end. Neither that nor a failure means: the visitor has left. */
  readonly complete: boolean;
  /** The page with which the visitor's body was refused, where that ended it. */
  readonly told: Told | null;
  /** The connection it was sent on last; `null` where none could be had. */
  readonly connection: Lane | null;
  /** What was shown to the origin that was asked last; `null` for nothing. */
  readonly shown: Fingerprint | null;
  /** How many requests that connection had carried before. */
  readonly earlier: number;
  readonly retries: number;
  readonly waited: number;
  /** From sending the request to the head of the answer; `null` where none came. */
  readonly firstByte: number | null;
  /** Bytes of bodies, without framing. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** On the clock of the edge. */
  readonly endedAt: number;
}

/** How a pull ended, in one word. */
export function outcome({
  failure,
  status,
  complete,
}: PullFacts): PullFailureCode | 'answered' | 'cut' | 'visitor_gone' {
  if (failure !== null) return status === 0 ? failure.code : 'cut';
  return complete ? 'answered' : 'visitor_gone';
}
