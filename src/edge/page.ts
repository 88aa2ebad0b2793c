import type { Reply } from '../http1/responder.ts';

/** What the edge answers when it does not pull: status, one sentence for people, a code for machines. */
export interface Page {
  readonly status: number;
  readonly code: string;
  readonly text: string;
  /** Fields of the answer beside those of every page. */
  readonly fields?: Reply['fields'];
  /** Whether the connection ends with it. */
  readonly last?: boolean;
}
