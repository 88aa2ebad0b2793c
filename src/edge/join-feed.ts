import type { EdgeListening, EdgeMessage, FeedLink, FeedMessage } from '../wire/feed.ts';
import type { Log } from '../wire/log.ts';
import type { Edge } from './start.ts';

/** What joins an edge to a feed in this process. */
export interface FeedJoin {
  /** The name by which the edge says hello. */
  readonly name: string;
  /** Adds the link to the feed; answers the function that takes it away. */
  readonly connect: (link: FeedLink) => () => void;
  readonly edge: Pick<Edge, 'subscribe'> & Pick<FeedLink, 'room'>;
  /** Where it takes visitors: one that listens nowhere itself does not know, and whoever joins it does. */
  readonly listening?: EdgeListening | undefined;
  readonly log: Log;
  /** Hears what the edge says, after the feed. */
  readonly heard: (message: EdgeMessage) => void;
  /** The feed has let the edge go; it is joined again after a pause. */
  readonly lost: (because: string) => void;
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/**
 * Joins the edge to the feed, in order. Whenever the feed lets it go (the edge threw, or no snapshot could be made) it
 * says hello again after a pause that doubles until an acknowledgement. Answers the function that ends it.
 */
export function joinFeed({ name, connect, edge, listening, log, heard, lost }: FeedJoin): () => void {
  let pause = FIRST_PAUSE;
  let retry: NodeJS.Timeout | undefined;
  let disconnect = (): void => undefined;

  const ended = (because: string): void => {
    log('local_edge_lost', { edge: name, because, retry_ms: pause });
    lost(because);
    retry = setTimeout(join, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  };
  const join = (): void => {
    let answer: (message: EdgeMessage) => void = () => undefined;
    let take: (message: FeedMessage) => void = () => undefined;
    disconnect = connect({
      send: (message) => take(message),
      receive: (handler) => {
        answer = handler;
      },
      ended,
      ...(edge.room === undefined ? {} : { room: edge.room }),
    });
    // Hello is answered in a later turn, when `take` is there.
    take = edge.subscribe((message) => {
      if (message.kind === 'applied') pause = FIRST_PAUSE;
      answer(message.kind === 'hello' && listening !== undefined ? { ...message, listening } : message);
      heard(message);
    });
  };

  join();
  return () => {
    clearTimeout(retry);
    disconnect();
  };
}
