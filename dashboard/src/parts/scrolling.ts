import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

const isNow = (element: HTMLElement) =>
  element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;

/**
 * Whether there is more in an element than it shows at once. What scrolls must be reachable by keyboard (WCAG 2.1.1);
 * what does not would only be one more stop on the way.
 */
export function useScrolls(of: RefObject<HTMLElement | null>): boolean {
  const [scrolls, setScrolls] = useState(false);
  // Each drawing may have brought more, so it is looked at after each.
  useLayoutEffect(() => {
    if (of.current !== null) setScrolls(isNow(of.current));
  });
  useLayoutEffect(() => {
    const element = of.current;
    if (element === null) return undefined;
    const size = new ResizeObserver(() => setScrolls(isNow(element)));
    size.observe(element);
    return () => size.disconnect();
  }, []);
  return scrolls;
}
