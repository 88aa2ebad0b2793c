import type { ComponentChildren } from 'preact';

const MARKS = {
  refused: 'M4 4l8 8M12 4l-8 8',
  answered: 'M3 8.5l3.5 3.5L13 5',
  silent: 'M4 8h8',
  other: 'M8 8h.01',
} as const;

interface SeenMarkProps {
  readonly mark: keyof typeof MARKS;
  readonly judged: 'good' | 'bad' | 'warn' | 'plain';
  readonly children: ComponentChildren;
  /** All of what was seen. */
  readonly title?: string;
}

/** What a server did when it was asked: told by shape and by words, and then by colour (WCAG 1.4.1). */
export function SeenMark({ mark, judged, children, title }: SeenMarkProps) {
  return (
    <span class={`cell ${judged}`} title={title}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path d={MARKS[mark]} />
      </svg>
      <span>{children}</span>
    </span>
  );
}
