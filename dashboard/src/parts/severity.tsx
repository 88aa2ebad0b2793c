import type { ComponentChildren } from 'preact';

import '../style/severity.css';

type Shown = 'critical' | 'warning' | 'info' | 'good';

const WORDS: Readonly<Record<Shown, string>> = { critical: 'Critical', warning: 'Warning', info: 'Note', good: 'Well' };

// Told apart by shape as well as by colour (WCAG 1.4.1).
const SHAPES: Readonly<Record<Shown, string>> = {
  critical: 'M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1zM7.2 4v5h1.6V4zm0 6.4V12h1.6v-1.6z',
  warning: 'M8 1.2 15 14H1zM7.2 6v4h1.6V6zm0 5.2v1.6h1.6v-1.6z',
  info: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7.2 7v5h1.6V7zm0-3v1.6h1.6V4z',
  good: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7 11.2l5-5L10.9 5 7 8.9 5.1 7 4 8.2z',
};

interface SeverityBadgeProps {
  readonly severity: Shown;
  /** In other words than those of the severity. */
  readonly children?: ComponentChildren;
}

/** How much something matters. */
export function SeverityBadge({ severity, children = WORDS[severity] }: SeverityBadgeProps) {
  return (
    <span class={`severity ${severity}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path fill-rule="evenodd" d={SHAPES[severity]} />
      </svg>
      {children}
    </span>
  );
}
