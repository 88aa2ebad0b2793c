import { useRef } from 'preact/hooks';
import type { Resource } from '../api/resource.ts';

/**
 * What was shown before, until what was asked for instead is there: a list that is searched or turned over does not
 * collapse in between. Only for pages of one and the same list.
 */
export function useKept<T>(of: Resource<T>): Resource<T> {
  const last = useRef(of);
  if (of.kind !== 'loading') last.current = of;
  return last.current;
}
