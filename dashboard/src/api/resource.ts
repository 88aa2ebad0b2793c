import { useEffect, useState } from 'preact/hooks';
import { ask } from '../session.ts';
import type { ApiMessage, ApiProblem, ListInfo } from './call.ts';
import { type LiveEvent, listen } from './events.ts';
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

const LOADING: Resource<never> = { kind: 'loading' };
/** Events come in bursts: one look for all of them. */
export const SETTLING = 250;

/**
 * Something that the API has, kept up to date while the component is there. `path` null: nothing is asked for. A path
 * that changes starts anew, so nothing of another zone is ever shown as this one's.
 */
export function useResource<T>(
  path: string | null,
  options: ResourceOptions = {},
): readonly [Resource<T>, refresh: () => void] {
  const [kept, keep] = useState<{ readonly path: string | null; readonly resource: Resource<T> }>({
    path,
    resource: LOADING,
  });
  const [turn, setTurn] = useState(0);
  const refresh = () => setTurn((count) => count + 1);
  useEffect(() => {
    if (path === null) return undefined;
    const ended = new AbortController();
    void ask<T>({ method: 'GET', path }, ended.signal).then((outcome) => {
      if (ended.signal.aborted) return;
      keep((before) => {
        const resource: Resource<T> =
          outcome.kind === 'answer'
            ? {
                kind: 'ready',
                value: outcome.result,
                info: outcome.info,
                messages: outcome.messages,
                stale: null,
              }
            : afterFailure(before.path === path ? before.resource : LOADING, outcome.problems);
        return { path, resource };
      });
    });
    return () => ended.abort();
  }, [path, turn]);
  useRefreshing(refresh, path, options);
  return [kept.path === path ? kept.resource : LOADING, refresh];
}

function afterFailure<T>(before: Resource<T>, problems: readonly ApiProblem[]): Resource<T> {
  return before.kind === 'ready' ? { ...before, stale: problems } : { kind: 'failed', problems };
}

function useRefreshing(
  refresh: () => void,
  path: string | null,
  { on, every, settle = SETTLING }: ResourceOptions,
): void {
  useEffect(() => {
    if (path === null) return undefined;
    const { due, tick, stop } = pace(refresh, settle);
    const deafen = listen((event) => {
      if (event.kind === 'reset' || on?.(event) === true) due();
    });
    const timer = every === undefined ? undefined : setInterval(tick, every);
    return () => {
      deafen();
      stop();
      clearInterval(timer);
    };
    // The predicate is a new function at each turn and says the same thing: what it is about stands in the path.
  }, [path, every]);
}

/** Events about one zone. */
export function inZone(id: string): (event: LiveEvent) => boolean {
  return (event) => event.zone?.id === id;
}
