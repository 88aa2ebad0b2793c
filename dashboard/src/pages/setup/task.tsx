import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isDialogOpen } from '../../parts/dialog.tsx';

/** Where a task stands: what is done is folded away where nobody looks at it, so that what is to be done now is in sight. */
export type TaskState = 'folded' | 'done' | 'now' | 'open';

interface TaskProps {
  readonly title: string;
  readonly state?: TaskState;
  /** Said where it is what is to be done now. */
  readonly mark?: string;
  readonly children: ComponentChildren;
}

/** One of the things that a person does in a step, in their order. */
export function Task({ title, state = 'open', mark = 'Now', children }: TaskProps) {
  if (state === 'folded')
    return (
      <li class="setup-task folded">
        <details>
          <summary>
            <h3>{title}</h3> <span class="setup-task-done">Done</span>
          </summary>
          <div class="setup-task-body">{children}</div>
        </details>
      </li>
    );
  const isNow = state === 'now';
  return (
    <li
      class={`setup-task${isNow ? ' first' : ''}`}
      aria-current={isNow ? 'step' : undefined}
      tabIndex={isNow ? -1 : undefined}
    >
      <h3>
        {title}
        {isNow && <span class="tag worry">{mark}</span>}
        {state === 'done' && <span class="tag good">Done</span>}
      </h3>
      {children}
    </li>
  );
}

interface Following {
  /** Put on the list of tasks. */
  readonly list: RefObject<HTMLOListElement | null>;
  /** What is done is folded. */
  readonly isFolded: boolean;
  /** Folds what is done, and brings the task of now to the top, with the focus. */
  readonly lead: () => void;
}

/**
 * Follows the task that is to be done now. Once what is done may be folded, another task comes into sight by itself for who was
 * at the one before and is not typing or marking a text: whoever looks at something else is not moved, and nothing is folded
 * under his eyes.
 */
export function useTaskOfNow(now: string | null, folds: boolean): Following {
  const list = useRef<HTMLOListElement>(null);
  const before = useRef<{ readonly now: string; readonly item: Element | null } | null>(null);
  const [isFolded, setFolded] = useState(folds);
  const [leading, setLeading] = useState<'no' | 'by_itself' | 'asked'>('no');
  useLayoutEffect(() => {
    if (now === null) return;
    const earlier = before.current;
    before.current = { now, item: itemOfNow(list) };
    if (!folds || earlier === null || earlier.now === now) return;
    if (earlier.item === null || isOccupied() || !isInSight(earlier.item)) return;
    setFolded(true);
    setLeading('by_itself');
  }, [now, folds]);
  // When the page is as it will be.
  useLayoutEffect(() => {
    if (leading === 'no') return;
    setLeading('no');
    const item = itemOfNow(list);
    if (leading === 'asked') item?.focus({ preventScroll: true });
    item?.scrollIntoView({ block: leading === 'asked' ? 'start' : 'nearest' });
  }, [leading]);
  const lead = () => {
    setFolded(folds);
    setLeading('asked');
  };
  return { list, isFolded: isFolded && folds, lead };
}

function itemOfNow({ current }: RefObject<HTMLOListElement | null>): HTMLElement | null {
  return current?.querySelector<HTMLElement>(':scope > [aria-current="step"]') ?? null;
}

/** Somebody types, has a dialog open, or has marked something to be copied. */
function isOccupied(): boolean {
  const { activeElement: at } = document;
  if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement)
    return true;
  return isDialogOpen.peek() || document.getSelection()?.isCollapsed === false;
}

function isInSight(item: Element): boolean {
  const { top, bottom } = item.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}
