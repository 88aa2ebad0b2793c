import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { MARK } from '../paths.ts';
import { inQuery } from '../route.tsx';

/** What a link led to, as the address says it. */
export function markedId(): string | null {
  return inQuery(MARK);
}

/** Brings what a link led to into sight, once, and has those who do not see it hear it: it takes the focus. */
export function useMarked<E extends HTMLElement>(isMarked: boolean): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => {
    if (!isMarked) return;
    element.current?.focus({ preventScroll: true });
    element.current?.scrollIntoView({ block: 'center' });
  }, [isMarked]);
  return element;
}
