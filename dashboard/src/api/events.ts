import { signal } from '@preact/signals';
import type { LiveEventKind } from '../../../src/wire/live-events.ts';
import { followTogether } from './one-stream.ts';

/** An event of the stream `GET /postern/v1/events`. */
export interface LiveEvent {
  /** `reset`: while nobody listened, anything may have happened; whoever shows something looks again. */
  readonly kind: LiveEventKind | 'reset';
  readonly zone: { readonly id: string; readonly name: string } | null;
  /** Of `callers_reported`: an origin told of other certificates of its own than before. */
  readonly certificates?: boolean;
}

type Listener = (event: LiveEvent) => void;

/** `lost` while the control plane does not answer: what is shown may be old. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** What the stream carries: each kind has to be listened for by its name. */
const KINDS: Readonly<Record<LiveEventKind, true>> = {
  revision_committed: true,
  rotation_moved: true,
  bundle_changed: true,
  lock_seen: true,
  callers_reported: true,
  notice: true,
  account_changed: true,
  edge_connected: true,
  edge_gone: true,
  edge_applied: true,
  edge_rejected: true,
};

const listeners = new Set<Listener>();

/** Hears what happens from now on; answers the function that ends it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(event: LiveEvent): void {
  for (const listener of listeners) listener(event);
}

const RESET: LiveEvent = { kind: 'reset', zone: null };

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
    kinds: Object.keys(KINDS),
    hear: ({ kind, text }) => tell(eventOf(kind, text)),
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

function isKind(kind: string): kind is LiveEventKind {
  return Object.hasOwn(KINDS, kind);
}

/** An event as it came; one that says nothing that is understood may be about anything. */
export function eventOf(kind: string, text: string): LiveEvent {
  const data = parsed(text);
  if (!isKind(kind) || typeof data !== 'object' || data === null) return RESET;
  const zone: unknown = 'zone' in data ? data.zone : null;
  const about = { kind, zone: isZoneName(zone) ? zone : null };
  return 'certificates' in data && data.certificates === true ? { ...about, certificates: true } : about;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isZoneName(found: unknown): found is NonNullable<LiveEvent['zone']> {
  if (typeof found !== 'object' || found === null || !('id' in found) || !('name' in found)) return false;
  return typeof found.id === 'string' && typeof found.name === 'string';
}
