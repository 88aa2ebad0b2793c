import { signal } from '@preact/signals';

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

const RETRY = 3000;
const listeners = new Set<Listener>();

/** Hears what happens from now on; answers the function that ends it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

// Whoever shows something looks again: while nobody listened, anything may have happened.
const RESET: LiveEvent = { kind: 'reset', zone: null, data: {} };

function tell(event: LiveEvent): void {
  for (const listener of listeners) listener(event);
}

/** Follows the control plane's events until the answered function is called; comes back by itself. */
export function follow(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (isReturn: boolean): void => {
    source = new EventSource('/postern/v1/events');
    source.onopen = () => {
      const wasLost = isReturn || connection.peek() === 'lost';
      connection.value = 'live';
      if (wasLost) tell(RESET);
    };
    source.onerror = () => {
      connection.value = 'lost';
      // A browser gives up on an answer that is no stream, such as 401 or 502.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => open(true), RETRY);
    };
    source.addEventListener('reset', () => tell(RESET));
    for (const kind of KINDS) source.addEventListener(kind, (event) => tell(parsed(kind, event.data)));
  };
  open(false);
  return () => {
    clearTimeout(timer);
    source?.close();
    connection.value = 'connecting';
  };
}

function parsed(kind: string, text: string): LiveEvent {
  const data = JSON.parse(text) as { zone?: LiveEvent['zone'] } & Record<string, unknown>;
  return { kind, zone: data.zone ?? null, data };
}
