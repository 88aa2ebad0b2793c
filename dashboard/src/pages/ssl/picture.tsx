import type { ComponentChildren } from 'preact';
import { type Fact, MODE_WORDS, type Mode, type Picture as Shown } from './mode.ts';

interface PictureProps {
  readonly mode: Mode;
  readonly picture: Shown;
  /** Whether this is how it is, or how it would be. */
  readonly isNow: boolean;
}

/** The way from the visitor to the origin: what is encrypted, verified and authenticated on it. */
export function Picture({ mode, picture, isNow }: PictureProps) {
  const { visitor, pull, verified, authenticated } = picture;
  return (
    <figure class="way" aria-live="polite">
      <figcaption>
        <strong>{MODE_WORDS[mode].title}</strong> – {isNow ? 'how it is now' : 'how it would be'}
      </figcaption>
      <div class="way-line">
        <Stop name="Visitor">
          <circle cx="12" cy="8.5" r="3.75" />
          <path d="M4.5 20.5a7.5 7.5 0 0 1 15 0" />
        </Stop>
        <Link facts={[visitor]} />
        <Stop name="Edge">
          <path d="M5 21V11a7 7 0 0 1 14 0v10M3 21h18M12 13v4" />
        </Stop>
        <Link facts={[pull, verified, authenticated]} />
        <Stop name="Origin">
          <rect x="4" y="4" width="16" height="7" rx="1.5" />
          <rect x="4" y="13" width="16" height="7" rx="1.5" />
          <path d="M7.5 7.5h.01M7.5 16.5h.01" />
        </Stop>
      </div>
    </figure>
  );
}

function Stop({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="way-stop">
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        {children}
      </svg>
      <span>{name}</span>
    </div>
  );
}

// Each is told by its shape and its words as well as by its colour (WCAG 1.4.1).
const MARKS: Readonly<Record<Fact['holds'], string>> = {
  yes: 'M3.5 8.5 6.7 11.7 12.5 5',
  partly: 'M3.5 8h9',
  no: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
};

/** One part of the way; its first fact says how the line looks. */
function Link({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <div class="way-link">
      <span class={`way-wire ${facts[0]?.holds ?? 'no'}`} aria-hidden="true" />
      <ul>
        {facts.map(({ holds, text }) => (
          <li key={text} class={`way-fact ${holds}`}>
            <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
              <path d={MARKS[holds]} />
            </svg>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
