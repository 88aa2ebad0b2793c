import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { useScrolls } from './scrolling.ts';

const SHOWN = 2000;

interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
  /** What stands on it. */
  readonly title?: string;
}

/** Puts a text into the clipboard, and says that it did. */
export function CopyButton({ text, label = 'Copy', title = 'Copy' }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const copy = async () => {
    const copied = await copyText(text);
    setState(copied ? 'copied' : 'failed');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState('idle'), SHOWN);
  };
  return (
    <span class="copy">
      <Button small kind="quiet" onPress={() => void copy()} label={label === 'Copy' ? undefined : label}>
        {state === 'idle' ? title : state === 'copied' ? 'Copied' : 'Select it by hand'}
      </Button>
      <span class="unseen" role="status">
        {state === 'copied' ? 'Copied' : ''}
      </span>
    </span>
  );
}

// The clipboard of a page is there only over TLS or on loopback; selecting works everywhere.
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** An option of a command: browsers would fold it after its hyphens. */
const OPTION = /(?<=\s)(--?\w[\w-]*)/;

/** The same text, in which no option is folded. */
function whole(text: string): ComponentChildren[] {
  return text.split(OPTION).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <span key={`${index} ${part}`} class="nowrap">
        {part}
      </span>
    ),
  );
}

interface CodeProps {
  readonly text: string;
  readonly label: string;
  /** What it is called where several of the same label stand on a page: for those who do not see where each stands. */
  readonly name?: string;
  /** The label is the path of a file, to be taken along as well. */
  readonly path?: boolean;
  /** What is copied together with the text, before it: a line that is not shown here. */
  readonly before?: { readonly text: string; readonly title: string };
}

/** A text to take along: commands, configurations, certificates. Long lines are folded; what is copied is the text. */
export function Code({ text, label, name = label, path = false, before }: CodeProps) {
  const shown = useRef<HTMLElement>(null);
  const scrolls = useScrolls(shown);
  return (
    <figure class="code-block">
      <figcaption>
        <span>{label}</span>
        <span class="code-copies">
          {before !== undefined && (
            <CopyButton text={`${before.text}\n${text}`} label={`${before.title}: ${name}`} title={before.title} />
          )}
          {path && <CopyButton text={label} label={`Copy path ${label}`} title="Copy path" />}
          <CopyButton text={text} label={`Copy ${name}`} />
        </span>
      </figcaption>
      <section ref={shown} aria-label={name} {...(scrolls ? { tabIndex: 0 } : {})}>
        <pre>
          <code>{whole(text)}</code>
        </pre>
      </section>
    </figure>
  );
}
