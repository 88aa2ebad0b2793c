import { useRef, useState } from 'preact/hooks';
import { Button } from './button.tsx';

const SHOWN = 2000;

/** Puts a text into the clipboard, and says that it did. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
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
        {state === 'idle' ? 'Copy' : state === 'copied' ? 'Copied' : 'Select it by hand'}
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

/** A text to take along: commands, configurations, certificates. */
export function Code({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <figure class="code-block">
      <figcaption>
        <span>{label}</span>
        <CopyButton text={text} label={`Copy ${label}`} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <section tabIndex={0} aria-label={label}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
    </figure>
  );
}
