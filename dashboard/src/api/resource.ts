import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../session.ts';
import type { ApiMessage, ApiProblem, ListInfo, Outcome } from './call.ts';
import { type LiveEvent, listen } from './events.ts';
import { type Looking, looking } from './looking.ts';
import { pace } from './pace.ts';

/** What is shown of something that the API has. */
export type Resource<T> =
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'ready';
      readonly value: T;
      readonly info: ListInfo | null;
      /** What the API says beside it: what has no effect, and why. */
      readonly messages: readonly ApiMessage[];
      /** Why the newest look failed: what is shown is older. */
      readonly stale: readonly ApiProblem[] | null;
    }
  | { readonly kind: 'failed'; readonly problems: readonly ApiProblem[] };

export interface ResourceOptions {
  /** Which events mean that it must be asked for again; a lost and found stream always does. */
  readonly on?: (event: LiveEvent) => boolean;
  /** Also asked for again every so often, in milliseconds, while the page is in sight. */
  readonly every?: number;
  /** How long after an event, in milliseconds: longer for what is about everything, where events never end (`pace`). */
  readonly settle?: number;
}

/** What is read in a way of its own may be known in part already. */
interface ReadOptions<T> extends ResourceOptions {
  /** What is shown until the first look has answered. */
  readonly first?: T;
}

const LOADING: Resource<never> = { kind: 'loading' };
/** Events come in bursts: one look for all of them. */
const SETTLING = 250;

/**
 * Something that the API has, kept up to date while the component is there. `path` null: nothing is asked for. A path
 * that changes starts anew, so nothing of another zone is ever shown as this one's.
 */
export function useResource<T>(
  path: string | null,
  options: ResourceOptions = {},
): readonly [Resource<T>, refresh: () => void] {
  return useRead<T>(path, askFor, options);
}

function askFor<T>(path: string, signal: AbortSignal): Promise<Outcome<T>> {
  return ask<T>({ method: 'GET', path }, signal);
}

/** The same for whatever is read in another way; `read` does not reject. */
export function useRead<T>(
  path: string | null,
  read: (path: string, signal: AbortSignal) => Promise<Outcome<T>>,
  options: ReadOptions<T>,
): readonly [Resource<T>, refresh: () => void] {
  const begin = beginning(options.first);
  const [kept, keep] = useState<{ readonly path: string | null; readonly resource: Resource<T> }>({
    path,
    resource: begin,
  });
  const present = useRef<Looking | null>(null);
  // Not after the next frame, as other effects: whoever waits for the answer would wait for that frame too.
  useLayoutEffect(() => {
    if (path === null) return undefined;
    const seen = (outcome: Outcome<T>) =>
      keep((before) => ({ path, resource: afterLook(before.path === path ? before.resource : begin, outcome) }));
    const begun = looking((signal) => read(path, signal), seen);
    present.current = begun;
    begun.now();
    return () => {
      begun.end();
      present.current = null;
    };
  }, [path]);
  useNews(() => present.current?.again(), path, options);
  return [kept.path === path ? kept.resource : begin, () => present.current?.now()];
}

function beginning<T>(first: T | undefined): Resource<T> {
  return first === undefined ? LOADING : { kind: 'ready', value: first, info: null, messages: [], stale: null };
}

/** What is shown after a look: what was seen before stays where the newest look failed, and says why it is old. */
export function afterLook<T>(before: Resource<T>, outcome: Outcome<T>): Resource<T> {
  if (outcome.kind === 'answer') {
    const { result: value, info, messages } = outcome;
    return { kind: 'ready', value, info, messages, stale: null };
  }
  const { problems } = outcome;
  return before.kind === 'ready' ? { ...before, stale: problems } : { kind: 'failed', problems };
}

/** Calls when something happened that it is about, or enough time has passed. */
function useNews(tell: () => void, path: string | null, options: ResourceOptions): void {
  const newest = useRef({ tell, options });
  newest.current = { tell, options };
  const { every } = options;
  useLayoutEffect(() => {
    if (path === null) return undefined;
    const { due, tick, stop } = pace(() => newest.current.tell(), newest.current.options.settle ?? SETTLING);
    const deafen = listen((event) => {
      if (event.kind === 'reset' || newest.current.options.on?.(event) === true) due();
    });
    const timer = every === undefined ? undefined : setInterval(tick, every);
    return () => {
      deafen();
      stop();
      clearInterval(timer);
    };
  }, [path, every]);
}

/** Events about one zone. */
export function inZone(id: string): (event: LiveEvent) => boolean {
  return (event) => event.zone?.id === id;
}
