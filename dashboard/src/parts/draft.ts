import { useEffect, useState } from 'preact/hooks';

/** What names of drafts in the storage of a tab begin with. */
export const PREFIX = 'postern draft ';

function stored(key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? 'null');
  } catch {
    return null;
  }
}

/**
 * A draft as it was kept, as far as it still is one: an update may have made another kind of value of a field, and a form
 * that fails because of it would fail again after every reload.
 */
export function restored<T extends object>(initial: T, kept: unknown): T {
  if (typeof kept !== 'object' || kept === null) return initial;
  const known = new Map<string, unknown>(Object.entries(initial));
  return {
    ...initial,
    ...Object.fromEntries(Object.entries(kept).filter(([name, value]) => isAlike(known.get(name), value))),
  };
}

function isAlike(known: unknown, value: unknown): boolean {
  if (known === undefined || known === null) return true;
  return value !== null && typeof value === typeof known && Array.isArray(value) === Array.isArray(known);
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
  const [draft, setDraft] = useState<T>(() => restored(initial, stored(key)));
  useEffect(() => {
    const kept = JSON.stringify(shown(draft, secret));
    store(key, kept === JSON.stringify(shown(initial, secret)) ? null : kept);
  }, [draft]);
  const change = (part: Partial<T>) => setDraft((before) => ({ ...before, ...part }));
  const done = () => {
    store(key, null);
    setDraft(initial);
  };
  return [draft, change, done];
}

function shown<T extends object>(draft: T, secret: readonly (keyof T)[]): Partial<T> {
  const kept: Partial<T> = { ...draft };
  for (const name of secret) delete kept[name];
  return kept;
}

function store(key: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, text);
  } catch {
    // A browser without storage keeps it as long as the page is there.
  }
}
