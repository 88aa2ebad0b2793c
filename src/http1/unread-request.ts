import type { RefusalCode } from './refusals.ts';
import type { Told } from './responder.ts';

/** Why a request was not read whole: what is wrong with it, or that it did not come in time. */
export type UnreadCode = RefusalCode | 'head_timeout' | 'body_timeout';

/** What a server says about a request that it did not read whole. */
export interface UnreadPage extends Told {
  readonly code: UnreadCode;
  readonly text: string;
}
