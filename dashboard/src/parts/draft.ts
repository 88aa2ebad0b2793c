import { useEffect, useState } from 'preact/hooks';

/** What names of drafts in the storage of a tab begin with. */
export const PREFIX = 'postern draft ';

function stored<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(PREFIX + key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/**
 * What somebody is typing, kept for this tab until it is done: neither an error nor a reload loses it. `secret` fields
 * (private keys, tokens) are kept in memory only, so that no key lies in the browser's storage.
 */
export function useDraft<T extends object>(
  key: string,
  initial: T,
  secret: readonly (keyof T)[] = [],
): readonly [T, (change: Partial<T>) => void, done: () => void] {
  const [draft, setDraft] = useState<T>(() => ({ ...initial, ...stored<Partial<T>>(key) }));
  useEffect(() => {
    const kept = Object.fromEntries(Object.entries(draft).filter(([name]) => !secret.includes(name as keyof T)));
    const isUntouched =
      JSON.stringify(kept) ===
      JSON.stringify({ ...initial, ...Object.fromEntries(secret.map((name) => [name, undefined])) });
    try {
      if (isUntouched) sessionStorage.removeItem(PREFIX + key);
      else sessionStorage.setItem(PREFIX + key, JSON.stringify(kept));
    } catch {
      // A browser without storage keeps it as long as the page is there.
    }
  }, [draft]);
  const change = (part: Partial<T>) => setDraft((before) => ({ ...before, ...part }));
  const done = () => {
    sessionStorage.removeItem(PREFIX + key);
    setDraft(initial);
  };
  return [draft, change, done];
}
