import type { ComponentChildren } from 'preact';

const SIGNS = { refuse: '✕', pass: '✓', watch: '○', off: '–' } as const;

/** What a rule does, told apart by its sign as well as by colour (WCAG 1.4.1). */
export function Effect({
  kind,
  children,
}: {
  readonly kind: keyof typeof SIGNS;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`effect ${kind}`}>
      <span aria-hidden="true">{SIGNS[kind]}</span>
      {children}
    </span>
  );
}
