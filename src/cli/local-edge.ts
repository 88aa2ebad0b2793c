import type { ControlPlane } from '../control/plane.ts';
import type { Edge } from '../edge/start.ts';
import type { EdgeMessage, FeedMessage } from '../wire/feed.ts';
import { EXIT, Failure } from './failure.ts';
import type { Log } from './log.ts';

/** What joins an edge in this process to the control plane in this process. */
export interface LocalEdgeParts {
  /** The name by which the edge says hello. */
  readonly name: string;
  readonly plane: Pick<ControlPlane, 'connect' | 'expect'>;
  readonly edge: Pick<Edge, 'subscribe'>;
  /** Sees every message before the edge does. */
  readonly watch: (message: FeedMessage) => void;
  readonly log: Log;
  /** How long the edge may take until it has its first configuration in force, in milliseconds. */
  readonly readyWithin: number;
}

/** An edge that stays joined until it is closed. */
export interface LocalEdge {
  /** Resolves when the edge acknowledges its first configuration; rejects with a Failure where it does not in time. */
  readonly ready: Promise<void>;
  readonly close: () => void;
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/**
 * Joins the edge to the feed by function calls, in order. Whenever the feed lets it go (the edge threw, or no snapshot
 * could be made) it says hello again after a pause that doubles until an acknowledgement.
 */
export function joinLocalEdge({ name, plane, edge, watch, log, readyWithin }: LocalEdgeParts): LocalEdge {
  const first = Promise.withResolvers<void>();
  // The failure counts where `ready` is awaited, which may be later or never.
  first.promise.catch(() => undefined);
  let pause = FIRST_PAUSE;
  let retry: NodeJS.Timeout | undefined;
  let disconnect = (): void => undefined;
  let last = 'the control plane sent none';
  const deadline = setTimeout(() => first.reject(notReady(readyWithin, last)), readyWithin);

  const heard = (message: EdgeMessage): void => {
    if (message.kind === 'hello') return;
    if (message.kind === 'rejected') return first.reject(rejected(message.because));
    clearTimeout(deadline);
    pause = FIRST_PAUSE;
    first.resolve();
  };
  const ended = (because: string): void => {
    last = because;
    log('local_edge_lost', { edge: name, because, retry_ms: pause });
    retry = setTimeout(join, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  };
  const join = (): void => {
    let answer: (message: EdgeMessage) => void = () => undefined;
    let take: (message: FeedMessage) => void = () => undefined;
    disconnect = plane.connect({
      send: (message) => {
        watch(message);
        take(message);
      },
      receive: (handler) => {
        answer = handler;
      },
      ended,
    });
    // Hello is answered in a later turn, when `take` is there.
    take = edge.subscribe((message) => {
      answer(message);
      heard(message);
    });
  };

  plane.expect(name);
  join();
  return {
    ready: first.promise,
    close: () => {
      clearTimeout(deadline);
      clearTimeout(retry);
      disconnect();
    },
  };
}

const FIX = 'The log above says more; if the data directory was edited by hand or the disk fails, restore a backup.';

function rejected(because: string): Failure {
  return new Failure(
    `The edge rejected the configuration that is stored: ${because.replace(/\.$/, '')}.`,
    FIX,
    EXIT.undetermined,
  );
}

function notReady(within: number, because: string): Failure {
  const text = `The edge did not get its configuration within ${within / 1000} s: ${because.replace(/\.$/, '')}.`;
  return new Failure(text, FIX, EXIT.undetermined);
}
