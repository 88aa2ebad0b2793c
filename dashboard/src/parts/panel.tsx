import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { markedId, useMarked } from './marked.ts';

interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Stands beside the title. */
  readonly aside?: ComponentChildren;
  /** One sentence below the title. */
  readonly about?: ComponentChildren;
  /** The id of what it is about, where a link may lead to it. */
  readonly mark?: string;
}

/** A part of a page with a heading of its own. */
export function Panel({ title, children, aside, about, mark }: PanelProps) {
  const id = useId();
  const isMarked = mark !== undefined && mark === markedId();
  const panel = useMarked<HTMLElement>(isMarked);
  return (
    <section
      ref={panel}
      class={isMarked ? 'panel marked' : 'panel'}
      aria-labelledby={id}
      {...(isMarked ? { tabIndex: -1 } : {})}
    >
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
