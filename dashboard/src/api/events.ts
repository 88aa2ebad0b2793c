import { signal } from '@preact/signals';
import type { LiveEventKind } from '../../../src/wire/live-events.ts';

/** An event of the stream `GET /postern/v1/events`. */
export interface LiveEvent {
  /** `reset`: while nobody listened, anything may have happened; whoever shows something looks again. */
  readonly kind: LiveEventKind | 'reset';
  readonly zone: { readonly id: string; readonly name: string } | null;
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

const RETRY = 3000;
/** A browser has six connections to one host over HTTP/1.1, for all its tabs: one that nobody sees lets go of its own. */
const UNSEEN = 30_000;
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

/**
 * Follows the control plane's events until the answered function is called; comes back by itself. `refused` is called each
 * time that somebody answers, and not with a stream: the session may have ended.
 */
export function follow(refused: () => void): () => void {
  const stream = new Stream(refused);
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const turn = (): void => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(() => stream.close(), UNSEEN);
    else stream.open();
  };
  stream.open();
  turn();
  document.addEventListener('visibilitychange', turn);
  return () => {
    document.removeEventListener('visibilitychange', turn);
    clearTimeout(leaving);
    stream.close();
  };
}

/** The stream, as often as it has to be opened. */
class Stream {
  readonly #refused: () => void;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** It was open before: what happened since is not known. */
  #isReturn = false;

  constructor(refused: () => void) {
    this.#refused = refused;
  }

  /** Opens it where it is not open, or about to be. */
  open(): void {
    if (this.#source !== null) return;
    clearTimeout(this.#timer);
    const source = new EventSource('/postern/v1/events');
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#failed(source);
    source.addEventListener('reset', () => tell(RESET));
    for (const kind of Object.keys(KINDS)) source.addEventListener(kind, ({ data }) => tell(eventOf(kind, data)));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.#isReturn = true;
    connection.value = 'connecting';
  }

  #opened(): void {
    connection.value = 'live';
    if (this.#isReturn) tell(RESET);
    this.#isReturn = true;
  }

  #failed(source: EventSource): void {
    connection.value = 'lost';
    this.#isReturn = true;
    // A browser gives up on an answer that is no stream, such as 401 or 502.
    if (source.readyState !== EventSource.CLOSED) return;
    this.#source = null;
    this.#timer = setTimeout(() => this.open(), RETRY);
    this.#refused();
  }
}

function isKind(kind: string): kind is LiveEventKind {
  return Object.hasOwn(KINDS, kind);
}

/** An event as it came; one that says nothing that is understood may be about anything. */
export function eventOf(kind: string, text: string): LiveEvent {
  const data = parsed(text);
  if (!isKind(kind) || typeof data !== 'object' || data === null) return RESET;
  const zone: unknown = 'zone' in data ? data.zone : null;
  return { kind, zone: isZoneName(zone) ? zone : null };
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
