import { effect, signal } from '@preact/signals';

type Theme = 'system' | 'light' | 'dark';

const KEY = 'postern theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];
const WORDS: Readonly<Record<Theme, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' };

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return ORDER.find((theme) => theme === value) ?? 'system';
  } catch {
    return 'system';
  }
}

/** What somebody chose; whoever draws with colours of its own follows it. */
export const theme = signal<Theme>(kept());

/** Has the page follow what somebody chose. */
export function followTheme(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme.value;
  });
}

/** Light, dark, or as the system has it. */
export function ThemeChoice() {
  const choose = (next: Theme) => {
    theme.value = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Without storage it lasts as long as the page.
    }
  };
  return (
    <fieldset class="theme-choice">
      <legend>Theme</legend>
      {ORDER.map((one) => (
        <label key={one}>
          <input type="radio" name="theme" checked={theme.value === one} onChange={() => choose(one)} />
          {WORDS[one]}
        </label>
      ))}
    </fieldset>
  );
}
