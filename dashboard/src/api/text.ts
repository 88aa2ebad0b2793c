import type { ApiProblem, Outcome } from './call.ts';
import type { LiveEvent } from './events.ts';
import { type Resource, useRead } from './resource.ts';

const NOT_THERE: ApiProblem = {
  code: 0,
  message: 'Postern did not answer with this file. Try again, or see whether "postern up" runs.',
  pointer: null,
};

/** A file that anybody may read, such as a trust bundle: asked for without the envelope of the API. */
export function useText(path: string, on: (event: LiveEvent) => boolean): readonly [Resource<string>, () => void] {
  return useRead<string>(path, textAt, { on });
}

/** The same of a file in JSON. */
export function useJson<T>(path: string, on: (event: LiveEvent) => boolean): readonly [Resource<T>, () => void] {
  return useRead<T>(path, jsonAt, { on });
}

async function textAt(path: string, signal: AbortSignal): Promise<Outcome<string>> {
  return fileAt(path, signal, (response) => response.text());
}

async function jsonAt<T>(path: string, signal: AbortSignal): Promise<Outcome<T>> {
  return fileAt<T>(path, signal, (response) => response.json());
}

async function fileAt<T>(
  path: string,
  signal: AbortSignal,
  read: (response: Response) => Promise<T>,
): Promise<Outcome<T>> {
  const unreachable = { kind: 'unreachable', problems: [NOT_THERE] } as const;
  try {
    const response = await fetch(path, { signal });
    if (!response.ok) return unreachable;
    return { kind: 'answer', result: await read(response), info: null, messages: [] };
  } catch {
    return unreachable;
  }
}
