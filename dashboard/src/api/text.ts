import { useEffect, useState } from 'preact/hooks';
import type { ApiProblem } from './call.ts';
import { type LiveEvent, listen } from './events.ts';
import { pace } from './pace.ts';
import { type Resource, SETTLING } from './resource.ts';

const NOT_THERE: ApiProblem = {
  code: 0,
  message: 'Postern did not answer with this file. Try again, or see whether "postern up" runs.',
  pointer: null,
};

/** A file that anybody may read, such as a trust bundle: asked for without the envelope of the API. */
export function useText(path: string, on: (event: LiveEvent) => boolean): readonly [Resource<string>, () => void] {
  const [kept, keep] = useState<Resource<string>>({ kind: 'loading' });
  const [turn, setTurn] = useState(0);
  const refresh = () => setTurn((count) => count + 1);
  useEffect(() => {
    const ended = new AbortController();
    void read(path, ended.signal).then((text) => {
      if (ended.signal.aborted) return;
      keep(
        text === null
          ? { kind: 'failed', problems: [NOT_THERE] }
          : { kind: 'ready', value: text, info: null, messages: [], stale: null },
      );
    });
    return () => ended.abort();
  }, [path, turn]);
  useEffect(() => {
    const { due, stop } = pace(refresh, SETTLING);
    const deafen = listen((event) => (event.kind === 'reset' || on(event)) && due());
    return () => {
      deafen();
      stop();
    };
  }, [path]);
  return [kept, refresh];
}

async function read(path: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(path, { signal });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}
