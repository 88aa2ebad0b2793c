import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Stands beside the title. */
  readonly aside?: ComponentChildren;
  /** One sentence below the title. */
  readonly about?: ComponentChildren;
}

/** A part of a page with a heading of its own. */
export function Panel({ title, children, aside, about }: PanelProps) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="panel-aside">{aside}</div>}
      </header>
      {about !== undefined && <p class="about">{about}</p>}
      {children}
    </section>
  );
}

/** The head of a page: its one `h1`, and what one can do there. */
export function PageHead({ title, children, about }: { title: string; children?: ComponentChildren; about?: string }) {
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {about !== undefined && <p class="about">{about}</p>}
      </div>
      {children !== undefined && <div class="page-acts">{children}</div>}
    </header>
  );
}
