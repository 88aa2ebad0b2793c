import type { EdgeMessage } from '../wire/feed.ts';
import { EXIT, Failure } from './failure.ts';

/** Waiting for local edges to have the stored configuration in force. */
export interface EdgeReadiness {
  /** Rejects with a Failure that says why, where they do not get there in time. */
  readonly ready: Promise<void>;
  readonly reached: () => void;
  /** Hears what edges say to the feed. */
  readonly heard: (message: EdgeMessage) => void;
  /** Something went wrong and is tried again. */
  readonly lost: (because: string) => void;
  /** Nobody waits any more. */
  readonly end: () => void;
}

/** Starts to wait. */
export function edgeReadiness(within: number): EdgeReadiness {
  const first = Promise.withResolvers<void>();
  // The failure counts where `ready` is awaited, which may be later or never.
  first.promise.catch(() => undefined);
  let last = 'the control plane sent none';
  const deadline = setTimeout(() => first.reject(notReady(within, last)), within);
  return {
    ready: first.promise,
    reached: () => {
      clearTimeout(deadline);
      first.resolve();
    },
    heard: (message) => {
      if (message.kind === 'rejected') first.reject(rejected(message.because));
    },
    lost: (because) => {
      last = because;
    },
    end: () => clearTimeout(deadline),
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
