import { signal } from '@preact/signals';
import { followTogether } from './one-stream.ts';

/** An event of the stream `GET /postern/v1/events`. */
export interface LiveEvent {
  readonly kind: string;
  readonly zone: { readonly id: string; readonly name: string } | null;
  readonly data: Readonly<Record<string, unknown>>;
}

type Listener = (event: LiveEvent) => void;

/** `lost` while the control plane does not answer: what is shown may be old. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** What the stream carries; one that is not listed here is not heard. */
const KINDS = [
  'revision_committed',
  'rotation_moved',
  'bundle_changed',
  'lock_seen',
  'callers_reported',
  'notice',
  'account_changed',
  'edge_connected',
  'edge_gone',
  'edge_applied',
  'edge_rejected',
] as const;

const listeners = new Set<Listener>();

/** Hears what happens from now on; answers the function that ends it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(event: LiveEvent): void {
  for (const listener of listeners) listener(event);
}

/** Who follows, and what is done where the control plane lets nobody follow any more. */
export interface Following {
  /** The token that has signed in: tabs of the same one share a stream. */
  readonly token: string;
  readonly refused: () => void;
}

/** Follows the control plane's events until the answered function is called; comes back by itself. */
export function follow({ token, refused }: Following): () => void {
  const stop = followTogether({
    scope: token,
    kinds: KINDS,
    hear: ({ kind, text }) => tell(parsed(kind, text)),
    stand: (standing) => {
      connection.value = standing;
    },
    refused,
  });
  return () => {
    stop();
    connection.value = 'connecting';
  };
}

function parsed(kind: string, text: string): LiveEvent {
  const data = JSON.parse(text) as { zone?: LiveEvent['zone'] } & Record<string, unknown>;
  return { kind, zone: data.zone ?? null, data };
}
